//! Entries of the embedder's own resources, while they are outside of every store.

use std::any::{Any, TypeId, type_name};
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::sync::lock;

/// A value of one of the embedder's types.
pub(crate) type HostValue = Box<dyn Any + Send>;

/// Makes a second value that is lent in place of the first.
pub(crate) type CopyValue = fn(&(dyn Any + Send)) -> Option<HostValue>;

/// Clones a value of type `R`.
pub(crate) fn clone_value<R: Clone + Send + 'static>(
    value: &(dyn Any + Send),
) -> Option<HostValue> {
    let value: &R = value.downcast_ref()?;
    Some(Box::new(value.clone()))
}

/// A type of the embedder's whose values are resources.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HostTypeKey {
    id: TypeId,
    name: &'static str,
}

impl HostTypeKey {
    pub(crate) fn of<R: 'static>() -> Self {
        HostTypeKey {
            id: TypeId::of::<R>(),
            name: type_name::<R>(),
        }
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }
}

impl PartialEq for HostTypeKey {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

/// A resource of the embedder's, outside of every store: the value itself.
///
/// There is exactly one [`OwnedHostEntry`] to an entry, and any number of
/// [`LentHostEntry`]s.
pub(crate) struct HostEntry {
    key: HostTypeKey,
    /// Nothing while the value itself is lent, or after it was given away.
    value: Mutex<Option<HostValue>>,
    copy: Option<CopyValue>,
    lends: AtomicUsize,
}

impl HostEntry {
    pub(crate) fn key(&self) -> HostTypeKey {
        self.key
    }

    pub(crate) fn is_lent(&self) -> bool {
        self.lends.load(Ordering::Acquire) > 0
    }

    /// Whether the value is neither here nor lent: its borrower has died with it.
    pub(crate) fn is_lost(&self) -> bool {
        !self.is_lent() && lock(&self.value).is_none()
    }

    /// A copy of the value, if there can be one.
    pub(crate) fn copied(&self) -> Option<HostValue> {
        lock(&self.value).as_deref().and_then(self.copy?)
    }

    /// Takes the value out.
    pub(crate) fn take(&self) -> Option<HostValue> {
        lock(&self.value).take()
    }
}

impl fmt::Debug for HostEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a `{}` of the program", self.key.name)
    }
}

/// The sole ownership of an entry. Dropping it drops the value.
#[derive(Debug)]
pub(crate) struct OwnedHostEntry(Arc<HostEntry>);

impl OwnedHostEntry {
    pub(crate) fn new(key: HostTypeKey, value: HostValue, copy: Option<CopyValue>) -> Self {
        OwnedHostEntry(Arc::new(HostEntry {
            key,
            value: Mutex::new(Some(value)),
            copy,
            lends: AtomicUsize::new(0),
        }))
    }

    pub(crate) fn entry(&self) -> &Arc<HostEntry> {
        &self.0
    }

    pub(crate) fn lend(&self) -> LentHostEntry {
        LentHostEntry::new(self.0.clone())
    }
}

/// A use of an entry. Uses are counted, so that giving away a lent resource can be
/// refused.
pub(crate) struct LentHostEntry {
    entry: Arc<HostEntry>,
    /// What the borrower gets, once it is taken out for it. The mutex is never locked: it
    /// lets the entry be shared between threads although the value cannot be.
    reserved: Option<Mutex<HostValue>>,
}

impl LentHostEntry {
    fn new(entry: Arc<HostEntry>) -> Self {
        entry.lends.fetch_add(1, Ordering::AcqRel);
        LentHostEntry {
            entry,
            reserved: None,
        }
    }

    pub(crate) fn entry(&self) -> &Arc<HostEntry> {
        &self.entry
    }

    /// Takes out a value for the borrower: a copy, or the value itself until it is
    /// [given back](LentHostEntry::give_back). `false` if another borrower has it.
    #[must_use]
    pub(crate) fn reserve(&mut self) -> bool {
        if self.reserved.is_none() {
            let mut value = lock(&self.entry.value);
            let reserved = match self.entry.copy {
                Some(copy) => value.as_deref().and_then(copy),
                None => value.take(),
            };
            self.reserved = reserved.map(Mutex::new);
        }
        self.reserved.is_some()
    }

    /// The value that was reserved.
    pub(crate) fn take_reserved(&mut self) -> Option<HostValue> {
        let reserved = self.reserved.take()?;
        Some(
            reserved
                .into_inner()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    /// Takes back what the borrower had.
    pub(crate) fn give_back(&self, value: HostValue) {
        if self.entry.copy.is_none() {
            *lock(&self.entry.value) = Some(value);
        }
    }
}

impl Clone for LentHostEntry {
    fn clone(&self) -> Self {
        LentHostEntry::new(self.entry.clone())
    }
}

impl Drop for LentHostEntry {
    fn drop(&mut self) {
        if let Some(value) = self.take_reserved() {
            self.give_back(value);
        }
        self.entry.lends.fetch_sub(1, Ordering::AcqRel);
    }
}

impl fmt::Debug for LentHostEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.entry.fmt(f)
    }
}
