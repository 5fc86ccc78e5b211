//! What everybody but the origin holds of a resource.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use composer_plan::ResourceId;

use crate::boundary::isolated::incarnation::Slot;
use crate::error::{CallError, Site};

/// A resource outside its origin's store.
///
/// There is exactly one [`Owned`] to an entry, and any number of [`Lend`]s.
/// The destructor runs when all of them are gone, so that an owner who lets go
/// while the resource is lent does not pull it away from the borrower.
pub(crate) struct Entry {
    origin: Arc<Slot>,
    resource: ResourceId,
    /// The key of the origin's own handle in the origin's table.
    key: u64,
    lends: AtomicUsize,
    /// Set when the resource went home: there is nothing left to destroy.
    home: AtomicBool,
}

impl Entry {
    pub(crate) fn origin(&self) -> &Arc<Slot> {
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

    /// Why a call with a resource that is not alive cannot be made.
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

impl Drop for Entry {
    fn drop(&mut self) {
        if !*self.home.get_mut() {
            self.origin.queue_drop(self.key);
        }
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let resource = self.origin.world().resource(self.resource);
        write!(f, "{resource} #{} of `{}`", self.key, self.origin.name())
    }
}

/// The one ownership of an entry. Dropping it lets the destructor run.
#[derive(Debug)]
pub(crate) struct Owned(Arc<Entry>);

impl Owned {
    pub(crate) fn new(origin: Arc<Slot>, resource: ResourceId, key: u64) -> Self {
        Owned(Arc::new(Entry {
            origin,
            resource,
            key,
            lends: AtomicUsize::new(0),
            home: AtomicBool::new(false),
        }))
    }

    pub(crate) fn entry(&self) -> &Arc<Entry> {
        &self.0
    }

    pub(crate) fn lend(&self) -> Lend {
        Lend::new(self.0.clone())
    }

    /// Ends the entry because its origin has the resource back.
    pub(crate) fn went_home(self) {
        self.0.home.store(true, Ordering::Release);
    }
}

/// A use of an entry that its owner must outlive. Counted, so that moving a
/// lent resource can be refused.
#[derive(Debug)]
pub(crate) struct Lend(Arc<Entry>);

impl Lend {
    fn new(entry: Arc<Entry>) -> Self {
        entry.lends.fetch_add(1, Ordering::AcqRel);
        Lend(entry)
    }

    pub(crate) fn entry(&self) -> &Arc<Entry> {
        &self.0
    }
}

impl Clone for Lend {
    fn clone(&self) -> Self {
        Lend::new(self.0.clone())
    }
}

impl Drop for Lend {
    fn drop(&mut self) {
        self.0.lends.fetch_sub(1, Ordering::AcqRel);
    }
}

/// A resource in a parcel.
#[derive(Debug)]
pub(crate) enum Crossing {
    Own(Owned),
    Borrow(Lend),
}

impl Crossing {
    pub(crate) fn entry(&self) -> &Arc<Entry> {
        match self {
            Crossing::Own(owned) => owned.entry(),
            Crossing::Borrow(lend) => lend.entry(),
        }
    }
}
