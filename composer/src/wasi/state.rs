//! The data of a store with WASI.

use std::any::{Any, TypeId};
use std::collections::hash_map::{Entry, HashMap};

use wasmtime::StoreLimits;
use wasmtime::component::ResourceTable;
#[cfg(feature = "runtime")]
use wasmtime::{ResourceLimiter, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

#[cfg(feature = "http")]
use crate::http::HttpContext;
#[cfg(feature = "runtime")]
use crate::runtime::Sandbox;

/// The data in the store of a [`WasiComponent`](crate::wasi::WasiComponent).
///
/// Components of a [`Runtime`](crate::Runtime) have the same, so that the functions of
/// WASI are compiled for one type only.
pub struct State {
    /// Limits for [`Store::limiter`](wasmtime::Store::limiter); they apply only if that is
    /// called with them.
    pub limits: StoreLimits,
    ctx: WasiCtx,
    table: ResourceTable,
    /// The embedder's own values.
    values: HashMap<TypeId, Box<dyn Any + Send>>,
    #[cfg(feature = "http")]
    http: HttpContext,
    #[cfg(feature = "runtime")]
    sandbox: Option<Sandbox>,
}

impl State {
    pub(crate) fn new(ctx: WasiCtx, #[cfg(feature = "http")] http: HttpContext) -> Self {
        State {
            limits: StoreLimits::default(),
            ctx,
            table: ResourceTable::new(),
            values: HashMap::new(),
            #[cfg(feature = "http")]
            http,
            #[cfg(feature = "runtime")]
            sandbox: None,
        }
    }

    /// The store's table of resources, those of WASI among them.
    pub fn table(&mut self) -> &mut ResourceTable {
        &mut self.table
    }

    /// The store's value of a type of the program's, which `make` makes when it is first
    /// asked for.
    ///
    /// This is where the functions in a linker keep what they need for one instance. For
    /// the traits that `bindgen!` makes:
    ///
    /// ```
    /// use composer::wasi::State;
    ///
    /// #[derive(Default)]
    /// struct Counter {
    ///     calls: u32,
    /// }
    ///
    /// fn counter(state: &mut State) -> &mut Counter {
    ///     state.get_or_insert_with(Counter::default)
    /// }
    /// ```
    pub fn get_or_insert_with<D: Send + 'static>(&mut self, make: impl FnOnce() -> D) -> &mut D {
        let slot = self.values.entry(TypeId::of::<D>());
        let value = match slot {
            Entry::Occupied(slot) => slot.into_mut(),
            Entry::Vacant(slot) => slot.insert(Box::new(make())),
        };
        // The key is the type of the value.
        match value.downcast_mut() {
            Some(value) => value,
            None => unreachable!("a value stands under another type"),
        }
    }
}

#[cfg(feature = "runtime")]
impl State {
    pub(crate) fn with_sandbox(mut self, sandbox: Sandbox) -> Self {
        self.sandbox = Some(sandbox);
        self
    }

    pub(crate) fn sandbox(&self) -> Option<&Sandbox> {
        self.sandbox.as_ref()
    }

    /// Lets the sandbox decide about the store's memory, if there is one.
    pub(crate) fn limit(store: &mut Store<Self>) {
        store.limiter(|state| -> &mut dyn ResourceLimiter {
            match &mut state.sandbox {
                Some(sandbox) => &mut sandbox.budget,
                None => &mut state.limits,
            }
        });
    }
}

#[cfg(feature = "http")]
impl wasmtime_wasi_http::WasiHttpView for State {
    fn http(&mut self) -> wasmtime_wasi_http::WasiHttpCtxView<'_> {
        self.http.view(&mut self.table)
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.ctx,
            table: &mut self.table,
        }
    }
}
