//! Handles by which the embedder holds resources.

use crate::boundary::resources::host_entry::{HostTypeKey, OwnedHostEntry, clone_value};
use crate::boundary::resources::{LentResource, OwnedResource};

/// A resource that the embedder owns: of a component, or of its own.
///
/// A resource of a component comes out of a call as [`Value::Own`](crate::Value::Own). It
/// cannot be made in any other way, so a handle that was never given out cannot be used.
/// A resource of the embedder's is [made of a value](ResourceHandle::from_host).
///
/// Both can be passed into calls of a composition: whole, as `Value::Own`, which gives
/// them away, or as [`Value::Borrow`](crate::Value::Borrow) through
/// [`ResourceHandle::borrow`].
///
/// Dropping the handle of a component's resource runs the destructor in the store of the
/// component that defines it: soon, not at once, since that store may be busy. While it
/// is lent to a running call the destructor waits for the call to end. A value of the
/// embedder's is dropped at once.
#[derive(Debug)]
pub struct ResourceHandle(pub(crate) OwnedResource);

impl ResourceHandle {
    /// A resource of the embedder's, for functions of components that take one.
    ///
    /// `R` must be the type behind the resource in the linker of the component that gets
    /// it, and be known to the part: see
    /// [`ComposableComponent::with_host_resource`](crate::ComposableComponent::with_host_resource).
    /// A component that borrows the resource gets a clone, so what all of them should
    /// share belongs in an [`Arc`](std::sync::Arc).
    pub fn from_host<R: Clone + Send + 'static>(value: R) -> Self {
        let entry = OwnedHostEntry::new(
            HostTypeKey::of::<R>(),
            Box::new(value),
            Some(clone_value::<R>),
        );
        ResourceHandle(OwnedResource::Host(entry))
    }

    /// The same of a value that is lent itself, since it cannot be cloned.
    #[cfg(feature = "http")]
    pub(crate) fn of_value<R: Send + 'static>(value: R) -> Self {
        let entry = OwnedHostEntry::new(HostTypeKey::of::<R>(), Box::new(value), None);
        ResourceHandle(OwnedResource::Host(entry))
    }

    /// The value of a resource of the embedder's.
    ///
    /// # Errors
    ///
    /// The handle itself, if it is a resource of a component or a value of another type.
    pub fn into_host<R: 'static>(self) -> Result<R, Self> {
        match self.0 {
            OwnedResource::Host(owned) => {
                if owned.entry().key() == HostTypeKey::of::<R>()
                    && let Some(value) = owned.entry().take()
                    && let Ok(value) = value.downcast()
                {
                    return Ok(*value);
                }
                Err(ResourceHandle(OwnedResource::Host(owned)))
            }
            other => Err(ResourceHandle(other)),
        }
    }

    /// The component that defines the resource; `None` for a resource of the embedder's.
    pub fn component(&self) -> Option<&str> {
        match &self.0 {
            OwnedResource::Component(owned) => Some(owned.entry().origin().name()),
            OwnedResource::Host(_) => None,
        }
    }

    /// The interface that introduces the resource and its name there, as
    /// `package:name/interface.resource`, or the type of the embedder's.
    pub fn resource(&self) -> String {
        match &self.0 {
            OwnedResource::Component(owned) => {
                let entry = owned.entry();
                let world = entry.origin().world();
                world.resource(entry.resource()).to_string()
            }
            OwnedResource::Host(owned) => owned.entry().key().name().to_owned(),
        }
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
        self.0.about() == other.0.about()
    }
}

/// A lent [`ResourceHandle`].
#[derive(Clone, Debug)]
pub struct ResourceBorrow(pub(crate) LentResource);

/// Two borrows are equal when they are of the same resource.
impl PartialEq for ResourceBorrow {
    fn eq(&self, other: &Self) -> bool {
        self.0.about() == other.0.about()
    }
}
