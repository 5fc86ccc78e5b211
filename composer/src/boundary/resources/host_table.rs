//! The tables in which the embedder keeps the values behind its resources.

use std::mem;

use wasmtime::component::{Resource, ResourceAny, ResourceTable, ResourceTableError, ResourceType};
use wasmtime::{AsContextMut, StoreContextMut};

use crate::boundary::isolated::instance::Instance;
use crate::boundary::resources::host_entry::{
    CopyValue, HostTypeKey, HostValue, LentHostEntry, OwnedHostEntry, clone_value,
};
use crate::error::transfer::TransferError;
use crate::sync::lock;

/// Moves values of one type of the embedder's out of stores with data `T` and into them.
pub(crate) trait HostValueTable<T: 'static>: Send + Sync {
    fn key(&self) -> HostTypeKey;

    /// wasmtime's name for the type.
    fn resource_type(&self) -> ResourceType;

    /// Takes a value that a component gives away out of its store.
    fn take(
        &self,
        from: HostSide<'_, T>,
        any: ResourceAny,
    ) -> Result<OwnedHostEntry, TransferError>;

    /// Takes out a value that a component lends: a copy of it, or the value itself. With
    /// the value itself comes the place that it goes back to.
    fn lend(
        &self,
        from: HostSide<'_, T>,
        any: ResourceAny,
    ) -> Result<(LentHostEntry, Option<u32>), TransferError>;

    /// Puts a lent value back into its place.
    fn restore(&self, to: HostSide<'_, T>, place: u32, value: HostValue);

    /// Drops a value that a component lets go of.
    fn discard(&self, from: HostSide<'_, T>, place: u32) -> Result<(), TransferError>;

    /// Puts a value into a store.
    fn put(&self, to: HostSide<'_, T>, value: HostValue) -> Result<ResourceAny, TransferError>;

    /// Takes a value out again that was put into a store for a call.
    fn take_back(
        &self,
        from: HostSide<'_, T>,
        any: ResourceAny,
    ) -> Result<HostValue, TransferError>;
}

/// A store and its instance.
pub(crate) struct HostSide<'s, T: 'static> {
    pub(crate) store: StoreContextMut<'s, T>,
    pub(crate) instance: &'s Instance,
}

/// The table of a store that holds values of type `R`.
pub(crate) struct ValueTable<T: 'static, R> {
    place: TablePlace<T>,
    lending: Lending<R>,
    detach: Option<Detach<T, R>>,
}

/// Makes a value that stands on its own of one that has something in its store. Such
/// values are not lent: each time, another part of them would be left behind.
type Detach<T, R> = fn(HostSide<'_, T>, R) -> Result<R, TransferError>;

/// Where a table is.
pub(crate) enum TablePlace<T: 'static> {
    /// In the store's data.
    Data(fn(&mut T) -> &mut ResourceTable),
    /// In the instance; the values belong to the traits that `compose!` generates.
    Instance,
}

/// What a borrower gets.
pub(crate) enum Lending<R> {
    /// A copy.
    Copy(CopyValue),
    /// The value itself. Its owner has what this function makes until the call ends.
    #[cfg_attr(
        not(feature = "wasi"),
        expect(dead_code, reason = "only WASI's streams have one")
    )]
    StandIn(fn() -> R),
    /// The value itself, while its owner has nothing: uses of it fail until the call ends.
    /// This is for types of which nothing else can be made. What has children in its
    /// table cannot be lent so.
    Extract,
}

/// Keeps the place of a value that is lent.
struct LentPlace;

impl<R: Clone + Send + 'static> Lending<R> {
    /// A copy is a clone.
    pub(crate) fn clones() -> Self {
        Lending::Copy(clone_value::<R>)
    }
}

/// Puts a value where another one was deleted just before: a table uses the place that
/// became free last.
fn put_at<V: Send + 'static>(
    table: &mut ResourceTable,
    place: u32,
    value: V,
) -> Result<(), ResourceTableError> {
    let put = table.push(value)?;
    if put.rep() == place {
        return Ok(());
    }
    table.delete(put)?;
    Err(ResourceTableError::NotPresent)
}

impl<T: 'static, R: Send + 'static> ValueTable<T, R> {
    pub(crate) fn new(place: TablePlace<T>, lending: Lending<R>) -> Self {
        ValueTable {
            place,
            lending,
            detach: None,
        }
    }

    /// Has values pass through this function when they leave a store.
    #[cfg(all(feature = "http", feature = "wasi-p3"))]
    pub(crate) fn detached_by(mut self, detach: Detach<T, R>) -> Self {
        self.detach = Some(detach);
        self
    }

    fn detached(&self, from: &mut HostSide<'_, T>, value: R) -> Result<R, TransferError> {
        let Some(detach) = self.detach else {
            return Ok(value);
        };
        let side = HostSide {
            store: from.store.as_context_mut(),
            instance: from.instance,
        };
        detach(side, value)
    }

    fn with<X>(&self, side: &mut HostSide<'_, T>, f: impl FnOnce(&mut ResourceTable) -> X) -> X {
        match self.place {
            TablePlace::Data(table) => f(table(side.store.data_mut())),
            TablePlace::Instance => f(&mut lock(&side.instance.host)),
        }
    }

    fn copy(&self) -> Option<CopyValue> {
        match self.lending {
            Lending::Copy(copy) => Some(copy),
            Lending::StandIn(_) | Lending::Extract => None,
        }
    }

    /// Takes a value out of the table of its store.
    fn delete(&self, from: &mut HostSide<'_, T>, any: ResourceAny) -> Result<R, TransferError> {
        let resource: Resource<R> = any.try_into_resource(from.store.as_context_mut())?;
        let value = self.with(from, |table| table.delete(resource));
        value.map_err(|error| self.refused(error))
    }

    fn refused(&self, error: ResourceTableError) -> TransferError {
        let resource = self.key().name();
        match error {
            ResourceTableError::HasChildren => TransferError::HasChildren(resource),
            error => TransferError::Store(error.into()),
        }
    }
}

impl<T: 'static, R: Send + 'static> HostValueTable<T> for ValueTable<T, R> {
    fn key(&self) -> HostTypeKey {
        HostTypeKey::of::<R>()
    }

    fn resource_type(&self) -> ResourceType {
        ResourceType::host::<R>()
    }

    fn take(
        &self,
        mut from: HostSide<'_, T>,
        any: ResourceAny,
    ) -> Result<OwnedHostEntry, TransferError> {
        let value = self.delete(&mut from, any)?;
        let value = self.detached(&mut from, value)?;
        Ok(OwnedHostEntry::new(
            self.key(),
            Box::new(value),
            self.copy(),
        ))
    }

    fn lend(
        &self,
        mut from: HostSide<'_, T>,
        any: ResourceAny,
    ) -> Result<(LentHostEntry, Option<u32>), TransferError> {
        if self.detach.is_some() {
            return Err(TransferError::OnlyGiven(self.key().name()));
        }
        let resource: Resource<R> = any.try_into_resource(from.store.as_context_mut())?;
        let place = resource.rep();
        let lent = self.with(&mut from, |table| match &self.lending {
            Lending::Copy(copy) => Ok((copy(table.get(&resource)?), None)),
            Lending::StandIn(stand_in) => {
                let value = mem::replace(table.get_mut(&resource)?, stand_in());
                let value: HostValue = Box::new(value);
                Ok((Some(value), Some(place)))
            }
            Lending::Extract => {
                let value: HostValue = Box::new(table.delete(Resource::<R>::new_own(place))?);
                put_at(table, place, LentPlace)?;
                Ok((Some(value), Some(place)))
            }
        });
        let (value, place) = lent.map_err(|error| self.refused(error))?;
        let value = value.ok_or(TransferError::Nothing)?;
        // The borrower is the only one who knows this entry.
        let entry = OwnedHostEntry::new(self.key(), value, self.copy());
        Ok((entry.lend(), place))
    }

    fn restore(&self, mut to: HostSide<'_, T>, place: u32, value: HostValue) {
        let Ok(value) = value.downcast::<R>() else {
            return;
        };
        self.with(&mut to, |table| match self.lending {
            Lending::Extract => {
                if table.delete(Resource::<LentPlace>::new_own(place)).is_ok() {
                    // The place is free, so this succeeds.
                    let _ = put_at(table, place, *value);
                }
            }
            _ => {
                // The owner may have dropped it in the meantime.
                if let Ok(stand_in) = table.get_mut(&Resource::<R>::new_borrow(place)) {
                    *stand_in = *value;
                }
            }
        });
    }

    fn discard(&self, mut from: HostSide<'_, T>, place: u32) -> Result<(), TransferError> {
        let dropped = self.with(&mut from, |table| {
            table.delete(Resource::<R>::new_own(place))
        });
        let dropped = dropped.map_err(|error| self.refused(error))?;
        self.detached(&mut from, dropped).map(drop)
    }

    fn put(&self, mut to: HostSide<'_, T>, value: HostValue) -> Result<ResourceAny, TransferError> {
        let value = value.downcast::<R>().map_err(|_| TransferError::Nothing)?;
        let pushed = self.with(&mut to, |table| table.push(*value));
        let resource = pushed.map_err(|error| self.refused(error))?;
        Ok(resource.try_into_resource_any(to.store.as_context_mut())?)
    }

    fn take_back(
        &self,
        mut from: HostSide<'_, T>,
        any: ResourceAny,
    ) -> Result<HostValue, TransferError> {
        Ok(Box::new(self.delete(&mut from, any)?))
    }
}
