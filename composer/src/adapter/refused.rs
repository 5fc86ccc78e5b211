//! Imported functions that are refused: a call of one fails, and says why.

use std::sync::Arc;

use composer_plan::RefusedFunction;
#[cfg(feature = "component-model-async")]
use futures::FutureExt;
use wasmtime::component::LinkerInstance;
use wasmtime::{AsContextMut, StoreContextMut};

use crate::adapter::define::current_instance;
use crate::error::CallError;
use crate::observe::call_record::CallOrigin;

/// One imported function that cannot be called, because a type in it does not cross.
pub(super) struct RefusedImport {
    /// The index in the world of the import that the function belongs to.
    pub(super) import: usize,
    pub(super) name: String,
    /// Its index among its provider's functions, if that is known.
    pub(super) func: Option<usize>,
    pub(super) refused: RefusedFunction,
}

impl RefusedImport {
    /// Defines the function, so that the rest of the import can be linked. WIT has no way
    /// to report the failure, so a component that calls the function ends.
    pub(super) fn define<T: Send + 'static>(
        self: Arc<Self>,
        linker: &mut LinkerInstance<'_, T>,
        name: &str,
        is_async: bool,
    ) -> wasmtime::Result<()> {
        #[cfg(not(feature = "component-model-async"))]
        let _ = is_async;
        #[cfg(feature = "component-model-async")]
        if is_async {
            return linker.func_new_concurrent(name, move |accessor, _, _, _| {
                let import = self.clone();
                let refuse =
                    async move { accessor.with(|mut s| import.refuse(s.as_context_mut())) };
                refuse.boxed()
            });
        }
        linker.func_new(name, move |store, _, _, _| self.refuse(store))
    }

    /// Reports a call of the function as one that was refused. Never `Ok`.
    fn refuse<T: 'static>(&self, mut store: StoreContextMut<'_, T>) -> wasmtime::Result<()> {
        let caller = current_instance()?;
        let parent = caller.current_frame(store.as_context_mut());
        let by = CallOrigin::Import {
            caller: &caller.incarnation,
            parent: &|| parent.clone(),
        };
        let source = caller.incarnation.import(self.import);
        let (site, caller_record) = source.refused_call(&self.name, self.func, by)?;
        let refusal = CallError::Refused {
            site,
            path: self.refused.path.clone(),
            ty: self.refused.ty.clone(),
        };
        caller_record.end(Err(refusal)).map_err(Into::into)
    }
}
