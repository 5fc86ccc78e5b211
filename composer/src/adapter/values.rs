//! The values of a call on the importer's side: the arguments leave its store, and the
//! results enter it.

use std::sync::Arc;

use wasmtime::StoreContextMut;

use crate::adapter::define::Adapter;
use crate::boundary::isolated::instance::Instance;
use crate::boundary::transferred_values::TransferredValues;
use crate::error::{CallError, Site};
use crate::transfer::CallValues;

impl Adapter {
    /// Moves the arguments out of the caller's store.
    pub(super) fn lift_args<T: 'static>(
        &self,
        caller: &Arc<Instance>,
        site: impl FnOnce() -> Site,
        store: StoreContextMut<'_, T>,
        args: CallValues,
    ) -> Result<TransferredValues, CallError> {
        caller
            .lift_imported_args(store, &self.handle_paths, args)
            .map_err(|error| CallError::transfer(site(), error))
    }

    /// Moves the results into the caller's store.
    pub(super) fn lower_results<T: 'static>(
        &self,
        caller: &Arc<Instance>,
        store: StoreContextMut<'_, T>,
        returned: TransferredValues,
    ) -> wasmtime::Result<CallValues> {
        caller.lower_imported_results(store, &self.handle_paths, returned)
    }
}
