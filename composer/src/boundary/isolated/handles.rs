//! Handles that leave an instance's store or enter it.

use std::sync::Arc;

use wasmtime::StoreContextMut;

use crate::boundary::isolated::instance::Instance;
use crate::boundary::resources::{CallScope, TransferredHandle};
use crate::error::transfer::TransferError;
use crate::sync::lock;
use crate::transfer::{AnyHandle, HandlePlace, HandleType};

impl Instance {
    /// Moves what a handle stands for out of the store.
    pub(crate) fn lift_handle<T: 'static>(
        self: &Arc<Self>,
        store: StoreContextMut<'_, T>,
        ty: &HandleType,
        mut place: HandlePlace<'_>,
    ) -> Result<TransferredHandle, TransferError> {
        let handle = place.take().ok_or(TransferError::Nothing)?;
        match (ty, handle) {
            (HandleType::Resource(ownership, id), AnyHandle::Resource(any)) => {
                match self.incarnation.outline.host_table(*id) {
                    Some(table) => self.lift_host(table, store, (*ownership, *id), any),
                    None => lock(&self.tables).lift(store, &self.incarnation, *id, any),
                }
            }
            #[cfg(feature = "component-model-async")]
            (HandleType::Stream(payload), AnyHandle::Stream(any)) => {
                let end = self.lift_stream(store, payload, any)?;
                Ok(TransferredHandle::Stream(end))
            }
            #[cfg(feature = "component-model-async")]
            (HandleType::Future(payload), AnyHandle::Future(any)) => {
                let end = self.park(AnyHandle::Future(any), payload.clone())?;
                Ok(TransferredHandle::Future(end))
            }
            #[cfg(feature = "component-model-async")]
            _ => Err(TransferError::Nothing),
        }
    }

    /// Moves what a handle stands for into the store, to its place.
    pub(crate) fn lower_handle<T: 'static>(
        self: &Arc<Self>,
        store: StoreContextMut<'_, T>,
        ty: &HandleType,
        transferred: TransferredHandle,
        scope: &mut CallScope,
        mut place: HandlePlace<'_>,
    ) -> Result<(), TransferError> {
        let handle = match (ty, transferred) {
            (HandleType::Resource(ownership, id), transferred) => {
                let of = (*ownership, *id);
                let any = match self.incarnation.outline.host_table(*id) {
                    Some(table) => self.lower_host(table, store, of, transferred, scope)?,
                    None => {
                        let mut tables = lock(&self.tables);
                        tables.lower(store, &self.incarnation, of, transferred, scope)?
                    }
                };
                AnyHandle::Resource(any)
            }
            #[cfg(feature = "component-model-async")]
            (HandleType::Stream(payload), TransferredHandle::Stream(end)) => {
                self.lower_end(store, payload, end, true)?
            }
            #[cfg(feature = "component-model-async")]
            (HandleType::Future(payload), TransferredHandle::Future(end)) => {
                self.lower_end(store, payload, end, false)?
            }
            #[cfg(feature = "component-model-async")]
            _ => return Err(TransferError::Nothing),
        };
        place.put(handle).ok_or(TransferError::Nothing)
    }
}
