//! The resources on one store's side of its boundaries.

use std::collections::HashMap;
use std::sync::Arc;

use composer_plan::{ResourceId, Side};
use wasmtime::AsContextMut;
use wasmtime::component::{ResourceAny, ResourceDynamic};

use crate::boundary::endpoint::Endpoint;
use crate::boundary::isolated::incarnation::Incarnation;
use crate::boundary::resources::host_entry::{HostEntry, LentHostEntry};
use crate::boundary::resources::{
    LentEntry, LentResource, OwnedEntry, OwnedResource, TransferredHandle,
};
use crate::error::transfer::TransferError;
use crate::transfer::Ownership;

/// One store's resources: those it gave out and those it holds of others.
///
/// Only that store's driver and import adapters use it, so its lock is never
/// waited for.
#[derive(Debug, Default)]
pub(crate) struct ResourceTables {
    /// Handles of this component's own resources that others hold, by key.
    given: HashMap<u64, ResourceAny>,
    next_key: u64,
    /// The resource behind each proxy in this store, by the proxy's representation.
    held: Vec<Option<HeldResource>>,
    free: Vec<u32>,
    /// Values of the embedder's that the component has lent, and that come back.
    lent_values: Vec<LentValue>,
}

/// A value of the embedder's that a component has lent.
#[derive(Debug)]
pub(crate) struct LentValue {
    pub(crate) resource: ResourceId,
    /// Where it was in the store's own table.
    pub(crate) place: u32,
    pub(crate) entry: Arc<HostEntry>,
}

#[derive(Debug)]
pub(crate) enum HeldResource {
    Own(OwnedEntry),
    Borrow(LentEntry),
}

/// What lowering put into the store for the length of one call.
#[derive(Debug, Default)]
pub(crate) struct CallScope {
    /// Keeps the lent resources alive and marked as lent.
    lends: Vec<LentEntry>,
    /// Host-side handles of lent proxies, to be taken back.
    proxies: Vec<ResourceAny>,
    /// The same for lent values of the embedder's.
    values: Vec<(ResourceId, ResourceAny, LentHostEntry)>,
}

impl CallScope {
    /// Has a value of the embedder's taken back when the call ends.
    pub(crate) fn lend_value(&mut self, id: ResourceId, any: ResourceAny, lend: LentHostEntry) {
        self.values.push((id, any, lend));
    }

    /// The values of the embedder's that are to be taken back.
    pub(crate) fn take_values(&mut self) -> Vec<(ResourceId, ResourceAny, LentHostEntry)> {
        std::mem::take(&mut self.values)
    }
}

impl ResourceTables {
    /// How many resources of this component others hold.
    pub(crate) fn given(&self) -> usize {
        self.given.len()
    }

    /// How many resources of others this store holds.
    pub(crate) fn held(&self) -> usize {
        self.held.len() - self.free.len()
    }

    /// Empties the tables. Dropping the returned tables releases the resources of others,
    /// so the caller must do this outside of its lock.
    #[must_use]
    pub(crate) fn clear(&mut self) -> ResourceTables {
        std::mem::take(self)
    }

    /// Takes the handle whose last outside holder let go.
    pub(crate) fn take_given(&mut self, key: u64) -> Option<ResourceAny> {
        self.given.remove(&key)
    }

    /// Moves a resource out of the store.
    pub(crate) fn lift(
        &mut self,
        mut store: impl AsContextMut,
        incarnation: &Arc<Incarnation>,
        id: ResourceId,
        any: ResourceAny,
    ) -> Result<TransferredHandle, TransferError> {
        match incarnation.world().resource(id).side {
            Side::Export => {
                let key = self.next_key;
                self.next_key += 1;
                self.given.insert(key, any);
                let origin = Endpoint::Isolated(incarnation.clone());
                let owned = OwnedEntry::new(origin, id, key);
                Ok(TransferredHandle::Own(OwnedResource::Component(owned)))
            }
            Side::Import => {
                let rep = any.try_into_resource_dynamic(store.as_context_mut())?.rep();
                self.unwrap_proxy(rep, any.owned())
            }
        }
    }

    fn unwrap_proxy(&mut self, rep: u32, owned: bool) -> Result<TransferredHandle, TransferError> {
        let foreign = || TransferError::Foreign(format!("proxy {rep}"));
        if owned {
            match self.remove(rep).ok_or_else(foreign)? {
                HeldResource::Own(owned) => {
                    Ok(TransferredHandle::Own(OwnedResource::Component(owned)))
                }
                HeldResource::Borrow(lend) => {
                    Err(TransferError::Lent(format!("{:?}", lend.entry())))
                }
            }
        } else {
            let lend = match self.held.get(rep as usize).and_then(Option::as_ref) {
                Some(HeldResource::Own(owned)) => owned.lend(),
                Some(HeldResource::Borrow(lend)) => lend.clone(),
                None => return Err(foreign()),
            };
            Ok(TransferredHandle::Borrow(LentResource::Component(lend)))
        }
    }

    /// Moves a resource into the store.
    pub(crate) fn lower(
        &mut self,
        mut store: impl AsContextMut,
        incarnation: &Arc<Incarnation>,
        (ownership, id): (Ownership, ResourceId),
        crossing: TransferredHandle,
        scope: &mut CallScope,
    ) -> Result<ResourceAny, TransferError> {
        let home = crossing
            .entry()
            .is_some_and(|entry| entry.origin().is(incarnation));
        let any = match (ownership, crossing) {
            (Ownership::Own, TransferredHandle::Own(OwnedResource::Component(owned))) if home => {
                let entry = owned.entry();
                if entry.is_lent() {
                    return Err(TransferError::Lent(format!("{entry:?}")));
                }
                let any = self
                    .take_given(entry.key())
                    .ok_or_else(|| TransferError::Foreign(format!("{entry:?}")))?;
                owned.went_home();
                any
            }
            (Ownership::Borrow, TransferredHandle::Borrow(LentResource::Component(lend)))
                if home =>
            {
                let any = *self
                    .given
                    .get(&lend.entry().key())
                    .ok_or_else(|| TransferError::Foreign(format!("{:?}", lend.entry())))?;
                scope.lends.push(lend);
                any
            }
            (Ownership::Own, TransferredHandle::Own(OwnedResource::Component(owned))) => {
                if owned.entry().is_lent() {
                    return Err(TransferError::Lent(format!("{:?}", owned.entry())));
                }
                self.has_room(store.as_context_mut().max_component_handles())?;
                let rep = self.insert(HeldResource::Own(owned));
                ResourceDynamic::new_own(rep, id.0).try_into_resource_any(store.as_context_mut())?
            }
            (Ownership::Borrow, TransferredHandle::Borrow(LentResource::Component(lend))) => {
                let rep = self.insert(HeldResource::Borrow(lend));
                // An own handle on the host's side, lent to the guest for the
                // call: it needs no call scope to be made in, and `close`
                // takes it back.
                let any = ResourceDynamic::new_own(rep, id.0)
                    .try_into_resource_any(store.as_context_mut())?;
                scope.proxies.push(any);
                any
            }
            (_, crossing) => return Err(TransferError::Foreign(format!("{crossing:?}"))),
        };
        Ok(any)
    }

    /// Takes back what was lent to a call that has ended.
    pub(crate) fn close(
        &mut self,
        mut store: impl AsContextMut,
        scope: CallScope,
    ) -> Result<(), TransferError> {
        for any in scope.proxies {
            let rep = any.try_into_resource_dynamic(store.as_context_mut())?.rep();
            self.remove(rep);
        }
        Ok(())
    }

    /// Every resource held here is also a handle in its owner's store. A holder gets half
    /// of the limit that both have by default, so that a component that leaks resources
    /// ends before its provider does.
    fn has_room(&self, limit: usize) -> Result<(), TransferError> {
        match self.held() {
            held if held >= limit / 2 => Err(TransferError::TooMany { held, limit }),
            _ => Ok(()),
        }
    }

    /// Notes that a value of the embedder's is lent until its call ends.
    pub(crate) fn lend_value(&mut self, value: LentValue) {
        self.lent_values.push(value);
    }

    /// The lent values that no call uses any more.
    pub(crate) fn take_returned(&mut self) -> Vec<LentValue> {
        if self.lent_values.is_empty() {
            return Vec::new();
        }
        let lent = std::mem::take(&mut self.lent_values).into_iter();
        let (still_lent, returned) = lent.partition(|value| value.entry.is_lent());
        self.lent_values = still_lent;
        returned
    }

    fn insert(&mut self, held: HeldResource) -> u32 {
        match self.free.pop() {
            Some(rep) => {
                self.held[rep as usize] = Some(held);
                rep
            }
            None => {
                self.held.push(Some(held));
                (self.held.len() - 1) as u32
            }
        }
    }

    /// Takes out the resource behind a proxy, for the caller to drop.
    pub(crate) fn remove(&mut self, rep: u32) -> Option<HeldResource> {
        let held = self.held.get_mut(rep as usize)?.take()?;
        self.free.push(rep);
        Some(held)
    }
}
