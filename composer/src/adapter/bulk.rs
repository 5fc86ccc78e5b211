//! Imported functions whose values cross in bulk.

use std::sync::Arc;

use futures::FutureExt;
use wasmtime::component::LinkerInstance;

use crate::adapter::define::{Adapter, other_form};
use crate::transfer::CallValues;
use crate::transfer::fast::{FlatLayout, IncomingArgs, OutgoingValues, with_slots};

impl Adapter {
    /// Defines the function with values in bulk, as its type allows.
    pub(crate) fn define_flow<T: Send + 'static>(
        self: Arc<Self>,
        linker: &mut LinkerInstance<'_, T>,
        name: &str,
        fit: FlatLayout,
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
            return linker.func_wrap_concurrent(name, move |accessor, args: IncomingArgs<N>| {
                let returned = self.clone().call_concurrent(accessor, args.0);
                Box::pin(returned.map(|returned| results::<M>(returned?)))
            });
        }
        linker.func_wrap_async(name, move |store, args: IncomingArgs<N>| {
            let returned = self.start_call(store, args.0);
            Box::new(returned.map(|returned| results::<M>(returned?)))
        })
    }
}

fn results<const M: usize>(returned: CallValues) -> wasmtime::Result<OutgoingValues<M>> {
    OutgoingValues::new(returned).ok_or_else(other_form)
}
