//! Where in a value a resource is.

use wasmtime::component::{ResourceAny, Val};

use crate::transfer::placeholder;

/// A resource's place in a value, dynamic or static.
pub(crate) enum ResourcePlace<'v> {
    Dynamic(&'v mut Val),
    Static(&'v mut ResourceAny),
}

impl ResourcePlace<'_> {
    /// The handle that stands there, for one who takes it out of its store.
    pub(crate) fn take(&mut self) -> Option<ResourceAny> {
        match self {
            ResourcePlace::Dynamic(val) => match std::mem::replace(*val, placeholder()) {
                Val::Resource(any) => Some(any),
                _ => None,
            },
            // What stays there is replaced before it is used again.
            ResourcePlace::Static(any) => Some(**any),
        }
    }

    /// Puts a handle of the store there that the value goes into.
    pub(crate) fn put(&mut self, any: ResourceAny) {
        match self {
            ResourcePlace::Dynamic(val) => **val = Val::Resource(any),
            ResourcePlace::Static(place) => **place = any,
        }
    }
}
