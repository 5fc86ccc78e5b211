//! Imported functions whose values cross in bulk.

use std::sync::Arc;

use wasmtime::component::LinkerInstance;

use crate::adapter::define::{Adapter, AdapterCalls};
use crate::transfer::fast::{FlatLayout, IncomingArgs, OutgoingValues, with_slots};

impl Adapter {
    /// Defines the function with values in bulk, as its type allows.
    pub(crate) fn define_bulk<T: Send + 'static>(
        self: Arc<Self>,
        linker: &mut LinkerInstance<'_, T>,
        name: &str,
        layout: FlatLayout,
    ) -> wasmtime::Result<()> {
        let calls = AdapterCalls::new();
        #[cfg(feature = "component-model-async")]
        if self.is_async {
            return with_slots!(layout.incoming, N => match layout.returns {
                true => self.define_typed_async::<T, IncomingArgs<N>, OutgoingValues<1>>(calls, linker, name),
                false => self.define_typed_async::<T, IncomingArgs<N>, OutgoingValues<0>>(calls, linker, name),
            });
        }
        with_slots!(layout.incoming, N => match layout.returns {
            true => self.define_typed::<T, IncomingArgs<N>, OutgoingValues<1>>(calls, linker, name),
            false => self.define_typed::<T, IncomingArgs<N>, OutgoingValues<0>>(calls, linker, name),
        })
    }
}
