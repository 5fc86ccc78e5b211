//! Functions that the embedder implements and whose values are other ones outside of the
//! store: those with streams or futures, or with resources in records or variants.
//!
//! The handle of a stream belongs to the store of the component that calls, and the
//! embedder's function gets a reader instead. So such a function is like another
//! component: its arguments leave the store before it runs, and its results enter the
//! store after that.

use std::marker::PhantomData;
use std::sync::Arc;

use wasmtime::{AsContextMut, StoreContextMut};

use crate::boundary::isolated::bound_func::unknown_types;
use crate::boundary::isolated::instance::Instance;
use crate::boundary::transferred_values::TransferredValues;
use crate::error::transfer::TransferError;
use crate::handles::{FromWire, InboundResources, IntoWire, OutboundResources};
use crate::transfer::{CallValues, FuncHandlePaths};
use crate::typed::host::calling_instance;
use crate::typed::{HostInterface, TypedValues};

/// A WIT function with arguments `P` and results `R`, each a tuple of the embedder's types.
pub struct HostFunction<P, R> {
    name: &'static str,
    types: PhantomData<fn(P) -> R>,
}

/// A call of such a function.
struct HostCall {
    /// The instance whose component calls.
    instance: Arc<Instance>,
    paths: Arc<FuncHandlePaths>,
}

impl<P, R> HostFunction<P, R> {
    /// The function `name`.
    pub const fn new(name: &'static str) -> Self {
        HostFunction {
            name,
            types: PhantomData,
        }
    }
}

impl<P, R> HostFunction<P, R>
where
    P: FromWire<Wire: TypedValues> + Send + 'static,
    R: IntoWire<Wire: TypedValues> + Send + 'static,
{
    /// Defines the function by a host function that returns at once.
    ///
    /// # Errors
    ///
    /// As wasmtime's `func_wrap`.
    pub fn define<T: 'static>(
        &self,
        linker: &mut HostInterface<'_, T>,
        host: impl Fn(P) -> wasmtime::Result<R> + Send + Sync + 'static,
    ) -> wasmtime::Result<()> {
        let (site, paths) = (linker.site(self.name), linker.handle_paths(self.name));
        linker.func_wrap(self.name, move |mut store, args: P::Wire| {
            let host = |args| site.run(|| host(args));
            let (call, answer) = HostCall::begin(store.as_context_mut(), &paths, args, host)?;
            call.lower(store, answer?)
        })
    }

    /// Defines the function by a host function that the whole component waits for.
    /// Meanwhile nothing moves in the component's own streams.
    ///
    /// # Errors
    ///
    /// As wasmtime's `func_wrap_async`.
    pub fn define_async<T: Send + 'static, F>(
        &self,
        linker: &mut HostInterface<'_, T>,
        host: impl Fn(P) -> F + Send + Sync + 'static,
    ) -> wasmtime::Result<()>
    where
        F: Future<Output = wasmtime::Result<R>> + Send + 'static,
    {
        let (site, paths) = (linker.site(self.name), linker.handle_paths(self.name));
        linker.func_wrap_async(self.name, move |mut store, args: P::Wire| {
            let host = |args| site.run(|| Ok(host(args)));
            let site = site.clone();
            let begun = HostCall::begin(store.as_context_mut(), &paths, args, host);
            Box::new(async move {
                let (call, answer) = begun?;
                call.lower(store, site.finish(answer).await?)
            })
        })
    }

    /// Defines the function, an `async func`, by a host function that runs while the
    /// component continues.
    ///
    /// # Errors
    ///
    /// As wasmtime's `func_wrap_concurrent`: the engine must support it.
    #[cfg(feature = "component-model-async")]
    pub fn define_concurrent<T: Send + 'static, F>(
        &self,
        linker: &mut HostInterface<'_, T>,
        host: impl Fn(P) -> F + Send + Sync + 'static,
    ) -> wasmtime::Result<()>
    where
        F: Future<Output = wasmtime::Result<R>> + Send + 'static,
    {
        let (site, paths) = (linker.site(self.name), linker.handle_paths(self.name));
        linker.func_wrap_concurrent(self.name, move |accessor, args: P::Wire| {
            let host = |args| site.run(|| Ok(host(args)));
            let site = site.clone();
            let begun = accessor
                .with(|mut store| HostCall::begin(store.as_context_mut(), &paths, args, host));
            Box::pin(async move {
                let (call, answer) = begun?;
                let results = site.finish(answer).await?;
                accessor.with(|mut store| call.lower(store.as_context_mut(), results))
            })
        })
    }
}

impl HostCall {
    /// Moves the arguments out of the store, and passes them to the host function.
    fn begin<T: 'static, P: FromWire, A>(
        store: StoreContextMut<'_, T>,
        paths: &Arc<FuncHandlePaths>,
        args: P::Wire,
        host: impl FnOnce(P) -> A,
    ) -> wasmtime::Result<(Self, A)> {
        let instance = calling_instance()?;
        let TransferredValues { values, handles } = instance
            .lift_imported_args(store, paths, CallValues::fixed(args))
            .map_err(TransferError::into_fatal)?;
        let args = values.into_static().ok_or_else(unknown_types)?;
        let args = P::from_wire(args, &mut InboundResources::without_source(handles))?;
        let paths = paths.clone();
        Ok((HostCall { instance, paths }, host(args)))
    }

    /// Moves the results into the store.
    fn lower<T: 'static, R: IntoWire>(
        &self,
        store: StoreContextMut<'_, T>,
        results: R,
    ) -> wasmtime::Result<R::Wire> {
        let mut outbound = OutboundResources::new();
        let results = CallValues::fixed(results.into_wire(&mut outbound));
        let returned = TransferredValues {
            values: results,
            handles: outbound.handles,
        };
        let lowered = self
            .instance
            .lower_imported_results(store, &self.paths, returned)?;
        lowered.into_static().ok_or_else(unknown_types)
    }
}
