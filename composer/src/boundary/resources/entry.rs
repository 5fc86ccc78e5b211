//! Entries: resources as they are held outside of their origin.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use composer_plan::ResourceId;

use crate::boundary::endpoint::Endpoint;
#[cfg(feature = "component-model-async")]
use crate::boundary::streams::read_end::ReadEnd;
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

/// What a handle among transferred values stands for.
#[derive(Debug)]
pub(crate) enum TransferredHandle {
    Own(OwnedEntry),
    Borrow(LentEntry),
    #[cfg(feature = "component-model-async")]
    Stream(ReadEnd),
    #[cfg(feature = "component-model-async")]
    Future(ReadEnd),
}

impl TransferredHandle {
    /// The resource, if it is one.
    pub(crate) fn resource(&self) -> Option<&Arc<ResourceEntry>> {
        match self {
            TransferredHandle::Own(owned) => Some(owned.entry()),
            TransferredHandle::Borrow(lend) => Some(lend.entry()),
            #[cfg(feature = "component-model-async")]
            TransferredHandle::Stream(_) | TransferredHandle::Future(_) => None,
        }
    }

    /// The resource that it gives away although it is lent, if it does.
    pub(crate) fn lent(&self) -> Option<&Arc<ResourceEntry>> {
        match self {
            TransferredHandle::Own(owned) if owned.entry().is_lent() => Some(owned.entry()),
            _ => None,
        }
    }

    /// The resource, if its origin is gone.
    pub(crate) fn lost(&self) -> Option<&Arc<ResourceEntry>> {
        self.resource().filter(|entry| !entry.is_alive())
    }
}
