//! The places of resources in values.

use wasmtime::component::{ResourceAny, Val};

use crate::transfer::placeholder;

/// A resource's place in a value, dynamic or static.
pub(crate) enum ResourcePlace<'v> {
    Dynamic(&'v mut Val),
    Static(&'v mut ResourceAny),
}

impl ResourcePlace<'_> {
    /// The handle in this place, to be taken out of its store.
    pub(crate) fn take(&mut self) -> Option<ResourceAny> {
        match self {
            ResourcePlace::Dynamic(val) => match std::mem::replace(*val, placeholder()) {
                Val::Resource(any) => Some(any),
                _ => None,
            },
            // The handle that stays here is replaced before it is used again.
            ResourcePlace::Static(any) => Some(**any),
        }
    }

    /// Puts in a handle of the store that the value enters.
    pub(crate) fn put(&mut self, any: ResourceAny) {
        match self {
            ResourcePlace::Dynamic(val) => **val = Val::Resource(any),
            ResourcePlace::Static(place) => **place = any,
        }
    }
}
