//! Handles of a store, and their places in values.

#[cfg(feature = "component-model-async")]
use wasmtime::component::{FutureAny, StreamAny};
use wasmtime::component::{ResourceAny, Val};

use crate::transfer::placeholder;

/// A handle of a store.
#[derive(Clone, Debug)]
pub(crate) enum AnyHandle {
    Resource(ResourceAny),
    #[cfg(feature = "component-model-async")]
    Stream(StreamAny),
    #[cfg(feature = "component-model-async")]
    Future(FutureAny),
}

/// A handle in its place in a value of a Rust type.
pub enum HandleMut<'h> {
    /// Of a resource.
    Resource(&'h mut ResourceAny),
    /// The readable end of a stream.
    #[cfg(feature = "component-model-async")]
    Stream(&'h mut StreamAny),
    /// The readable end of a future.
    #[cfg(feature = "component-model-async")]
    Future(&'h mut FutureAny),
}

/// A handle's place in a value, dynamic or static.
pub(crate) enum HandlePlace<'v> {
    Dynamic(&'v mut Val),
    Static(HandleMut<'v>),
}

#[cfg(feature = "fast-transfer")]
impl AnyHandle {
    pub(crate) fn as_mut(&mut self) -> HandleMut<'_> {
        match self {
            AnyHandle::Resource(any) => HandleMut::Resource(any),
            #[cfg(feature = "component-model-async")]
            AnyHandle::Stream(any) => HandleMut::Stream(any),
            #[cfg(feature = "component-model-async")]
            AnyHandle::Future(any) => HandleMut::Future(any),
        }
    }
}

impl HandlePlace<'_> {
    /// The handle in this place, to be taken out of its store.
    pub(crate) fn take(&mut self) -> Option<AnyHandle> {
        match self {
            HandlePlace::Dynamic(val) => match std::mem::replace(*val, placeholder()) {
                Val::Resource(any) => Some(AnyHandle::Resource(any)),
                #[cfg(feature = "component-model-async")]
                Val::Stream(any) => Some(AnyHandle::Stream(any)),
                #[cfg(feature = "component-model-async")]
                Val::Future(any) => Some(AnyHandle::Future(any)),
                _ => None,
            },
            // The handle that stays here is replaced before it is used again.
            HandlePlace::Static(HandleMut::Resource(any)) => Some(AnyHandle::Resource(**any)),
            #[cfg(feature = "component-model-async")]
            HandlePlace::Static(HandleMut::Stream(any)) => Some(AnyHandle::Stream(any.clone())),
            #[cfg(feature = "component-model-async")]
            HandlePlace::Static(HandleMut::Future(any)) => Some(AnyHandle::Future(any.clone())),
        }
    }

    /// Puts in a handle of the store that the value enters. `None` if this is the place
    /// of a handle of another kind.
    pub(crate) fn put(&mut self, handle: AnyHandle) -> Option<()> {
        match (self, handle) {
            (HandlePlace::Dynamic(val), handle) => {
                **val = match handle {
                    AnyHandle::Resource(any) => Val::Resource(any),
                    #[cfg(feature = "component-model-async")]
                    AnyHandle::Stream(any) => Val::Stream(any),
                    #[cfg(feature = "component-model-async")]
                    AnyHandle::Future(any) => Val::Future(any),
                };
            }
            (HandlePlace::Static(HandleMut::Resource(place)), AnyHandle::Resource(any)) => {
                **place = any;
            }
            #[cfg(feature = "component-model-async")]
            (HandlePlace::Static(HandleMut::Stream(place)), AnyHandle::Stream(any)) => {
                **place = any;
            }
            #[cfg(feature = "component-model-async")]
            (HandlePlace::Static(HandleMut::Future(place)), AnyHandle::Future(any)) => {
                **place = any;
            }
            #[cfg(feature = "component-model-async")]
            _ => return None,
        }
        Some(())
    }
}
