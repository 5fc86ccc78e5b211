//! The embedder's own resources that leave an instance's store or enter it.

use wasmtime::component::ResourceAny;
use wasmtime::{AsContextMut, StoreContextMut};

use composer_plan::ResourceId;

use crate::boundary::isolated::instance::Instance;
use crate::boundary::resources::host_table::{HostSide, HostValueTable};
use crate::boundary::resources::{
    CallScope, LentResource, LentValue, OwnedResource, TransferredHandle,
};
use crate::error::transfer::TransferError;
use crate::sync::lock;
use crate::transfer::Ownership;

impl Instance {
    /// Moves a value out of the store, or lends it.
    pub(super) fn lift_host<T: 'static>(
        &self,
        table: &dyn HostValueTable<T>,
        store: StoreContextMut<'_, T>,
        (ownership, resource): (Ownership, ResourceId),
        any: ResourceAny,
    ) -> Result<TransferredHandle, TransferError> {
        let side = HostSide {
            store,
            instance: self,
        };
        match ownership {
            Ownership::Own => {
                let owned = table.take(side, any)?;
                Ok(TransferredHandle::Own(OwnedResource::Host(owned)))
            }
            Ownership::Borrow => {
                let (lent, place) = table.lend(side, any)?;
                if let Some(place) = place {
                    let entry = lent.entry().clone();
                    lock(&self.tables).lend_value(LentValue {
                        resource,
                        place,
                        entry,
                    });
                }
                Ok(TransferredHandle::Borrow(LentResource::Host(lent)))
            }
        }
    }

    /// Moves a value into the store, for good or for a call.
    pub(super) fn lower_host<T: 'static>(
        &self,
        table: &dyn HostValueTable<T>,
        store: StoreContextMut<'_, T>,
        (ownership, resource): (Ownership, ResourceId),
        transferred: TransferredHandle,
        scope: &mut CallScope,
    ) -> Result<ResourceAny, TransferError> {
        let side = HostSide {
            store,
            instance: self,
        };
        match (ownership, transferred) {
            (Ownership::Own, TransferredHandle::Own(OwnedResource::Host(owned))) => {
                let value = owned.entry().take().ok_or(TransferError::Nothing)?;
                table.put(side, value)
            }
            (Ownership::Borrow, TransferredHandle::Borrow(LentResource::Host(mut lent))) => {
                let value = lent.take_reserved().ok_or(TransferError::Nothing)?;
                let any = table.put(side, value)?;
                scope.lend_value(resource, any, lent);
                Ok(any)
            }
            (_, transferred) => Err(TransferError::Foreign(format!("{transferred:?}"))),
        }
    }

    /// Takes back the values that were lent to a call which has ended.
    pub(super) fn take_back_values<T: 'static>(
        &self,
        mut store: StoreContextMut<'_, T>,
        scope: &mut CallScope,
    ) -> Result<(), TransferError> {
        for (resource, any, lent) in scope.take_values() {
            if let Some(table) = self.incarnation.outline.host_table(resource) {
                let side = HostSide {
                    store: store.as_context_mut(),
                    instance: self,
                };
                lent.give_back(table.take_back(side, any)?);
            }
        }
        Ok(())
    }

    /// Puts the values back that the component has lent to calls which have ended.
    pub(super) fn restore_values<T: 'static>(&self, mut store: StoreContextMut<'_, T>) {
        let returned = lock(&self.tables).take_returned();
        for value in returned {
            let table = self.incarnation.outline.host_table(value.resource);
            // A borrower that died has taken the value with it.
            if let (Some(table), Some(lent)) = (table, value.entry.take()) {
                let side = HostSide {
                    store: store.as_context_mut(),
                    instance: self,
                };
                table.restore(side, value.place, lent);
            }
        }
    }
}
