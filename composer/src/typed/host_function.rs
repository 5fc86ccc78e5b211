//! Functions with streams or futures that the embedder implements.
//!
//! The handle of a stream belongs to the store of the component that calls, and the
//! embedder's function gets a reader instead. So such a function is like another
//! component: its arguments leave the store before it runs, and its results enter the
//! store after that.

use std::marker::PhantomData;
use std::sync::Arc;

use wasmtime::{AsContextMut, StoreContextMut};

use crate::boundary::isolated::instance::Instance;
use crate::error::transfer::TransferError;
use crate::handles::{FromWire, InboundResources, IntoWire, OutboundResources};
use crate::transfer::{CallValues, FuncHandlePaths};
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
        let paths = linker.handle_paths(self.name);
        linker.func_wrap(self.name, move |mut store, args: P::Wire| {
            let call = HostCall::new(&paths)?;
            let args = call.lift(store.as_context_mut(), args)?;
            call.lower(store, host(args)?)
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
        let paths = linker.handle_paths(self.name);
        linker.func_wrap_async(self.name, move |mut store, args: P::Wire| {
            let lifted = HostCall::new(&paths)
                .and_then(|call| Ok((call.lift(store.as_context_mut(), args)?, call)));
            let answer = lifted.map(|(args, call)| (host(args), call));
            Box::new(async move {
                let (answer, call) = answer?;
                let result = answer.await?;
                call.lower(store, result)
            })
        })
    }

    /// Defines the function, an `async func`, by a host function that runs while the
    /// component continues.
    ///
    /// # Errors
    ///
    /// As wasmtime's `func_wrap_concurrent`: the engine must support it.
    pub fn define_concurrent<T: Send + 'static, F>(
        &self,
        linker: &mut HostInterface<'_, T>,
        host: impl Fn(P) -> F + Send + Sync + 'static,
    ) -> wasmtime::Result<()>
    where
        F: Future<Output = wasmtime::Result<R>> + Send + 'static,
    {
        let paths = linker.handle_paths(self.name);
        linker.func_wrap_concurrent(self.name, move |accessor, args: P::Wire| {
            let lifted = HostCall::new(&paths).and_then(|call| {
                let args = accessor.with(|mut store| call.lift(store.as_context_mut(), args))?;
                Ok((args, call))
            });
            let answer = lifted.map(|(args, call)| (host(args), call));
            Box::pin(async move {
                let (answer, call) = answer?;
                let result = answer.await?;
                accessor.with(|mut store| call.lower(store.as_context_mut(), result))
            })
        })
    }
}

impl HostCall {
    fn new(paths: &Arc<FuncHandlePaths>) -> wasmtime::Result<Self> {
        let elsewhere = || wasmtime::Error::msg("a host function is called by no component");
        Ok(HostCall {
            instance: Instance::current().ok_or_else(elsewhere)?,
            paths: paths.clone(),
        })
    }

    /// Moves the arguments out of the store.
    fn lift<T: 'static, P: FromWire>(
        &self,
        mut store: StoreContextMut<'_, T>,
        args: P::Wire,
    ) -> wasmtime::Result<P> {
        let mut values = CallValues::fixed(args);
        let mut handles = Vec::new();
        self.paths
            .visit_args(&mut values, &mut |ty, place| {
                handles.push(
                    self.instance
                        .lift_handle(store.as_context_mut(), ty, place)?,
                );
                Ok(())
            })
            .map_err(TransferError::into_fatal)?;
        let wire = values.into_static().ok_or_else(other_types)?;
        Ok(P::from_wire(
            wire,
            &mut InboundResources::without_source(handles),
        )?)
    }

    /// Moves the results into the store.
    fn lower<T: 'static, R: IntoWire>(
        &self,
        mut store: StoreContextMut<'_, T>,
        results: R,
    ) -> wasmtime::Result<R::Wire> {
        let mut outbound = OutboundResources::new();
        let mut values = CallValues::fixed(results.into_wire(&mut outbound));
        let mut handles = outbound.handles.into_iter();
        let mut scope = Default::default();
        self.paths
            .visit_results(&mut values, &mut |ty, place| {
                let handle = handles.next().ok_or(TransferError::Nothing)?;
                self.instance
                    .lower_handle(store.as_context_mut(), ty, handle, &mut scope, place)
            })
            .map_err(TransferError::into_fatal)?;
        values.into_static().ok_or_else(other_types)
    }
}

/// Cannot happen: the values keep their type.
fn other_types() -> wasmtime::Error {
    wasmtime::Error::msg("the values of a host function are of another type than it says")
}
