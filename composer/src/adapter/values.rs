//! The values of a call on the importer's side: the arguments leave its store, and the
//! results enter it.

use std::sync::Arc;

use wasmtime::{AsContextMut, StoreContextMut};

use crate::adapter::define::Adapter;
use crate::boundary::isolated::instance::Instance;
use crate::boundary::transferred_values::TransferredValues;
use crate::error::transfer::TransferError;
use crate::error::{CallError, Site};
use crate::transfer::CallValues;

impl Adapter {
    /// Moves the arguments out of the caller's store.
    pub(super) fn lift_args<T: 'static>(
        &self,
        caller: &Arc<Instance>,
        site: impl FnOnce() -> Site,
        mut store: StoreContextMut<'_, T>,
        mut args: CallValues,
    ) -> Result<TransferredValues, CallError> {
        let mut handles = Vec::new();
        if self.handle_paths.has_handles() {
            self.handle_paths
                .visit_args(&mut args, &mut |ty, place| {
                    handles.push(caller.lift_handle(store.as_context_mut(), ty, place)?);
                    Ok(())
                })
                .map_err(|error| CallError::transfer(site(), error))?;
        }
        Ok(TransferredValues {
            values: args,
            handles,
        })
    }

    /// Moves the results into the caller's store.
    pub(super) fn lower_results<T: 'static>(
        &self,
        caller: &Arc<Instance>,
        mut store: StoreContextMut<'_, T>,
        returned: TransferredValues,
    ) -> wasmtime::Result<CallValues> {
        let TransferredValues {
            mut values,
            handles,
        } = returned;
        if self.handle_paths.has_handles() {
            let mut handles = handles.into_iter();
            let mut scope = Default::default();
            self.handle_paths
                .visit_results(&mut values, &mut |ty, place| {
                    let handle = handles.next().ok_or(TransferError::Nothing)?;
                    caller.lower_handle(store.as_context_mut(), ty, handle, &mut scope, place)
                })
                .map_err(TransferError::into_fatal)?;
        }
        Ok(values)
    }
}
