//! Handles by which the embedder holds resources.

use std::sync::Arc;

use crate::boundary::resources::{LentEntry, OwnedEntry};

/// A resource of a component, owned by the embedder.
///
/// It comes out of a call as [`Value::Own`](crate::Value::Own) and can be passed back
/// into calls of the same composition: whole, as `Value::Own`, which gives it away, or as
/// [`Value::Borrow`](crate::Value::Borrow) through [`ResourceHandle::borrow`]. It cannot
/// be made in any other way, so a handle that was never given out cannot be used.
///
/// Dropping it runs the destructor in the store of the component that defines
/// it: soon, not at once, since that store may be busy. While it is lent to a
/// running call the destructor waits for the call to end.
#[derive(Debug)]
pub struct ResourceHandle(pub(crate) OwnedEntry);

impl ResourceHandle {
    /// The component that defines the resource.
    pub fn component(&self) -> &str {
        self.0.entry().origin().name()
    }

    /// The interface that introduces the resource and its name there, as
    /// `package:name/interface.resource`.
    pub fn resource(&self) -> String {
        let entry = self.0.entry();
        let world = entry.origin().world();
        world.resource(entry.resource()).to_string()
    }

    /// Lends the resource, to be passed where a function takes `borrow`.
    ///
    /// While the borrow or a call that uses it lives, the handle cannot be
    /// given away: passing it as `Value::Own` is refused with
    /// [`CallError::Lent`](crate::CallError::Lent).
    pub fn borrow(&self) -> ResourceBorrow {
        ResourceBorrow(self.0.lend())
    }
}

/// Two handles are equal when they are the same resource.
impl PartialEq for ResourceHandle {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(self.0.entry(), other.0.entry())
    }
}

/// A lent [`ResourceHandle`].
#[derive(Clone, Debug)]
pub struct ResourceBorrow(pub(crate) LentEntry);

/// Two borrows are equal when they are of the same resource.
impl PartialEq for ResourceBorrow {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(self.0.entry(), other.0.entry())
    }
}
