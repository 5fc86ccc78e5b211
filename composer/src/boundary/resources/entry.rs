//! Entries: resources as they are held outside of their origin.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use composer_plan::ResourceId;

use crate::boundary::endpoint::Endpoint;
use crate::boundary::resources::host_entry::{HostEntry, LentHostEntry, OwnedHostEntry};
#[cfg(feature = "component-model-async")]
use crate::boundary::streams::read_end::ReadEnd;
use crate::error::transfer::TransferError;
use crate::error::{CallError, Site};

/// A resource outside its origin's store.
///
/// There is exactly one [`OwnedEntry`] to an entry, and any number of [`LentEntry`]s. The
/// destructor runs when all of them are gone, so that an owner that lets go of a lent
/// resource does not pull it away from the borrower.
pub(crate) struct ResourceEntry {
    origin: Endpoint,
    resource: ResourceId,
    /// The key of the origin's own handle in the origin's table.
    key: u64,
    lends: AtomicUsize,
    /// Set when the resource went home: there is nothing left to destroy.
    home: AtomicBool,
}

impl ResourceEntry {
    pub(crate) fn origin(&self) -> &Endpoint {
        &self.origin
    }

    /// Which resource of the origin's world this is.
    pub(crate) fn resource(&self) -> ResourceId {
        self.resource
    }

    pub(crate) fn key(&self) -> u64 {
        self.key
    }

    /// Whether the store that has the resource is still there.
    pub(crate) fn is_alive(&self) -> bool {
        self.origin.is_running()
    }

    /// The error for a call with a resource that is not alive.
    pub(crate) fn refusal(&self, site: Site) -> CallError {
        let death = self.origin.death();
        match death {
            _ if self.origin.is_superseded() => CallError::Stale {
                site,
                resource: format!("{self:?}"),
                component: self.origin.name().to_owned(),
                death,
            },
            Some(death) => CallError::Dead { site, death },
            None => CallError::Stopped { site },
        }
    }

    pub(crate) fn is_lent(&self) -> bool {
        self.lends.load(Ordering::Acquire) > 0
    }
}

impl Drop for ResourceEntry {
    fn drop(&mut self) {
        if !*self.home.get_mut() {
            self.origin.queue_drop(self.key);
        }
    }
}

impl fmt::Debug for ResourceEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let resource = self.origin.world().resource(self.resource);
        write!(f, "{resource} #{} of `{}`", self.key, self.origin.name())
    }
}

/// The sole ownership of an entry. Dropping it lets the destructor run.
#[derive(Debug)]
pub(crate) struct OwnedEntry(Arc<ResourceEntry>);

impl OwnedEntry {
    pub(crate) fn new(origin: Endpoint, resource: ResourceId, key: u64) -> Self {
        OwnedEntry(Arc::new(ResourceEntry {
            origin,
            resource,
            key,
            lends: AtomicUsize::new(0),
            home: AtomicBool::new(false),
        }))
    }

    pub(crate) fn entry(&self) -> &Arc<ResourceEntry> {
        &self.0
    }

    pub(crate) fn lend(&self) -> LentEntry {
        LentEntry::new(self.0.clone())
    }

    /// Ends the entry because its origin has the resource back.
    pub(crate) fn went_home(self) {
        self.0.home.store(true, Ordering::Release);
    }
}

/// A use of an entry that its owner must outlive. Uses are counted, so that moving a lent
/// resource can be refused.
#[derive(Debug)]
pub(crate) struct LentEntry(Arc<ResourceEntry>);

impl LentEntry {
    fn new(entry: Arc<ResourceEntry>) -> Self {
        entry.lends.fetch_add(1, Ordering::AcqRel);
        LentEntry(entry)
    }

    pub(crate) fn entry(&self) -> &Arc<ResourceEntry> {
        &self.0
    }
}

impl Clone for LentEntry {
    fn clone(&self) -> Self {
        LentEntry::new(self.0.clone())
    }
}

impl Drop for LentEntry {
    fn drop(&mut self) {
        self.0.lends.fetch_sub(1, Ordering::AcqRel);
    }
}

/// A resource of a component's or of the embedder's, whose owner is outside of its store.
#[derive(Debug)]
pub(crate) enum OwnedResource {
    Component(OwnedEntry),
    Host(OwnedHostEntry),
}

impl OwnedResource {
    pub(crate) fn lend(&self) -> LentResource {
        match self {
            OwnedResource::Component(entry) => LentResource::Component(entry.lend()),
            OwnedResource::Host(entry) => LentResource::Host(entry.lend()),
        }
    }
}

/// A use of such a resource.
#[derive(Clone, Debug)]
pub(crate) enum LentResource {
    Component(LentEntry),
    Host(LentHostEntry),
}

/// What a resource outside of its store is, owned or lent.
pub(crate) enum AboutResource<'r> {
    Component(&'r Arc<ResourceEntry>),
    Host(&'r Arc<HostEntry>),
}

impl OwnedResource {
    pub(crate) fn about(&self) -> AboutResource<'_> {
        match self {
            OwnedResource::Component(owned) => AboutResource::Component(owned.entry()),
            OwnedResource::Host(owned) => AboutResource::Host(owned.entry()),
        }
    }
}

impl LentResource {
    pub(crate) fn about(&self) -> AboutResource<'_> {
        match self {
            LentResource::Component(lent) => AboutResource::Component(lent.entry()),
            LentResource::Host(lent) => AboutResource::Host(lent.entry()),
        }
    }
}

impl AboutResource<'_> {
    fn is_lent(&self) -> bool {
        match self {
            AboutResource::Component(entry) => entry.is_lent(),
            AboutResource::Host(entry) => entry.is_lent(),
        }
    }
}

impl PartialEq for AboutResource<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (AboutResource::Component(a), AboutResource::Component(b)) => Arc::ptr_eq(a, b),
            (AboutResource::Host(a), AboutResource::Host(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

impl fmt::Debug for AboutResource<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AboutResource::Component(entry) => entry.fmt(f),
            AboutResource::Host(entry) => entry.fmt(f),
        }
    }
}

/// What a handle among transferred values stands for.
#[derive(Debug)]
pub(crate) enum TransferredHandle {
    Own(OwnedResource),
    Borrow(LentResource),
    #[cfg(feature = "component-model-async")]
    Stream(ReadEnd),
    #[cfg(feature = "component-model-async")]
    Future(ReadEnd),
}

impl TransferredHandle {
    /// Whether it is of a stream or a future.
    #[cfg(feature = "component-model-async")]
    pub(crate) fn is_stream(&self) -> bool {
        matches!(
            self,
            TransferredHandle::Stream(_) | TransferredHandle::Future(_)
        )
    }

    /// The resource of a component, if it is one.
    pub(crate) fn entry(&self) -> Option<&Arc<ResourceEntry>> {
        match self {
            TransferredHandle::Own(OwnedResource::Component(owned)) => Some(owned.entry()),
            TransferredHandle::Borrow(LentResource::Component(lend)) => Some(lend.entry()),
            _ => None,
        }
    }

    /// The resource that it gives away although it is lent, if it does.
    pub(crate) fn lent(&self) -> Option<AboutResource<'_>> {
        match self {
            TransferredHandle::Own(owned) => Some(owned.about()).filter(AboutResource::is_lent),
            _ => None,
        }
    }

    /// Takes out the value that a borrower gets, if it is one of the embedder's, and checks
    /// that one which is given away is there.
    pub(crate) fn reserve(&mut self) -> Result<(), TransferError> {
        let (is_there, key) = match self {
            TransferredHandle::Own(OwnedResource::Host(owned)) => {
                (!owned.entry().is_lost(), owned.entry().key())
            }
            TransferredHandle::Borrow(LentResource::Host(lent)) => {
                (lent.reserve(), lent.entry().key())
            }
            _ => return Ok(()),
        };
        match is_there {
            true => Ok(()),
            false => Err(TransferError::InUse(key.name())),
        }
    }

    /// The resource, if its origin is gone.
    pub(crate) fn lost(&self) -> Option<&Arc<ResourceEntry>> {
        self.entry().filter(|entry| !entry.is_alive())
    }
}
