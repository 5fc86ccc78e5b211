//! The values of a call on the importer's side: the arguments leave its store, and the
//! results enter it.

use wasmtime::{AsContextMut, StoreContextMut};

use crate::adapter::define::Adapter;
use crate::boundary::isolated::instance::Instance;
use crate::boundary::transferred_values::TransferredValues;
use crate::error::transfer::TransferError;
use crate::error::{CallError, Site};
use crate::sync::lock;
use crate::transfer::CallValues;

impl Adapter {
    /// Moves the arguments out of the caller's store.
    pub(super) fn lift_args<T: 'static>(
        &self,
        caller: &Instance,
        site: impl FnOnce() -> Site,
        mut store: StoreContextMut<'_, T>,
        mut args: CallValues,
    ) -> Result<TransferredValues, CallError> {
        let mut handles = Vec::new();
        if self.resource_paths.has_resources() {
            let mut tables = lock(&caller.tables);
            self.resource_paths
                .visit_args(&mut args, &mut |_, id, place| {
                    let store = store.as_context_mut();
                    handles.push(tables.lift(store, &caller.incarnation, id, place)?);
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
        caller: &Instance,
        mut store: StoreContextMut<'_, T>,
        returned: TransferredValues,
    ) -> wasmtime::Result<CallValues> {
        let TransferredValues {
            mut values,
            handles,
        } = returned;
        if self.resource_paths.has_resources() {
            let mut handles = handles.into_iter();
            let mut scope = Default::default();
            let mut tables = lock(&caller.tables);
            let incarnation = &caller.incarnation;
            self.resource_paths
                .visit_results(&mut values, &mut |ownership, id, place| {
                    let crossing = handles.next().ok_or(TransferError::Nothing)?;
                    let store = store.as_context_mut();
                    tables.lower(
                        store,
                        incarnation,
                        (ownership, id),
                        crossing,
                        &mut scope,
                        place,
                    )
                })
                .map_err(TransferError::into_fatal)?;
        }
        Ok(values)
    }
}
