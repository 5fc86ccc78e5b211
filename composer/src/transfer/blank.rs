//! Handles that stand where one is needed that is not known yet.
//!
//! wasmtime makes handles only in stores, so these belong to a store that is gone; no
//! other store accepts them.

use std::sync::OnceLock;

#[cfg(feature = "component-model-async")]
use wasmtime::component::{FutureAny, FutureReader, StreamAny, StreamReader};
use wasmtime::component::{Resource, ResourceAny};
use wasmtime::{Engine, Store};

pub(crate) fn resource() -> ResourceAny {
    static BLANK: OnceLock<ResourceAny> = OnceLock::new();
    *BLANK.get_or_init(|| {
        let mut store = Store::new(&Engine::default(), ());
        let resource: Resource<()> = Resource::new_own(0);
        let any = resource.try_into_resource_any(&mut store);
        any.expect("an empty store has room for a resource")
    })
}

#[cfg(feature = "component-model-async")]
pub(crate) fn stream() -> StreamAny {
    static BLANK: OnceLock<StreamAny> = OnceLock::new();
    let make = || {
        let mut store = Store::new(&Engine::default(), ());
        let reader = StreamReader::<u8>::new(&mut store, std::iter::empty());
        let any = reader.and_then(|reader| reader.try_into_stream_any(&mut store));
        any.expect("an empty store has room for a stream")
    };
    BLANK.get_or_init(make).clone()
}

#[cfg(feature = "component-model-async")]
pub(crate) fn future() -> FutureAny {
    static BLANK: OnceLock<FutureAny> = OnceLock::new();
    let make = || {
        let mut store = Store::new(&Engine::default(), ());
        let never = std::future::pending::<wasmtime::Result<u8>>();
        let reader = FutureReader::<u8>::new(&mut store, never);
        let any = reader.and_then(|reader| reader.try_into_future_any(&mut store));
        any.expect("an empty store has room for a future")
    };
    BLANK.get_or_init(make).clone()
}
