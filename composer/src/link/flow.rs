//! Imported functions whose values cross in bulk.

use std::sync::Arc;

use futures::future::BoxFuture;
use futures::{FutureExt, TryFutureExt};
#[cfg(feature = "component-model-async")]
use wasmtime::component::Accessor;
use wasmtime::component::LinkerInstance;
use wasmtime::{AsContextMut, StoreContextMut};

use super::adapter::Adapter;
use crate::transfer::fast::{Fit, Incoming, Outgoing, with_slots};
use crate::transfer::{Flow, Values};

impl Adapter {
    /// Defines the function with values in bulk, as its type allows.
    pub(super) fn define_flow<T: Send + 'static>(
        self: Arc<Self>,
        linker: &mut LinkerInstance<'_, T>,
        name: &str,
        fit: Fit,
    ) -> wasmtime::Result<()> {
        with_slots!(fit.incoming, N => match fit.returns {
            true => self.define_slots::<T, N, 1>(linker, name),
            false => self.define_slots::<T, N, 0>(linker, name),
        })
    }

    fn define_slots<T: Send + 'static, const N: usize, const M: usize>(
        self: Arc<Self>,
        linker: &mut LinkerInstance<'_, T>,
        name: &str,
    ) -> wasmtime::Result<()> {
        #[cfg(feature = "component-model-async")]
        if self.is_async {
            return linker.func_wrap_concurrent(name, move |accessor, args: Incoming<N>| {
                let results = self.clone().carry_concurrent(accessor, args.0);
                Box::pin(results.map_ok(Outgoing::<M>::new))
            });
        }
        linker.func_wrap_async(name, move |store, args: Incoming<N>| {
            let results = self.clone().carry(store, args.0);
            Box::new(results.map_ok(Outgoing::<M>::new))
        })
    }

    /// Makes the call. It is boxed so that it is not compiled once more for
    /// every number of slots.
    fn carry<T: Send + 'static>(
        self: Arc<Self>,
        mut store: StoreContextMut<'_, T>,
        args: Flow,
    ) -> BoxFuture<'_, wasmtime::Result<Flow>> {
        async move {
            let (frame, args) = self.depart(store.as_context_mut(), Values::Flow(args))?;
            let returned = self.cross(frame, args).await?;
            flow(self.arrive(store, returned)?)
        }
        .boxed()
    }

    /// Makes the call of an `async` function.
    #[cfg(feature = "component-model-async")]
    fn carry_concurrent<T: Send + 'static>(
        self: Arc<Self>,
        accessor: &Accessor<T>,
        args: Flow,
    ) -> BoxFuture<'_, wasmtime::Result<Flow>> {
        async move {
            let args = Values::Flow(args);
            let (frame, args) = accessor.with(|mut s| self.depart(s.as_context_mut(), args))?;
            let returned = self.cross(frame, args).await?;
            flow(accessor.with(|mut s| self.arrive(s.as_context_mut(), returned))?)
        }
        .boxed()
    }
}

/// A call is answered in the form in which it was made.
fn flow(returned: Values) -> wasmtime::Result<Flow> {
    let other = || wasmtime::Error::msg("the results are of another form");
    returned.into_flow().ok_or_else(other)
}
