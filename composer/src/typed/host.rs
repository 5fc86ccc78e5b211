//! Resources that the embedder implements.

use std::sync::Arc;

use wasmtime::component::{Resource, ResourceTable, ResourceType};

use crate::boundary::isolated::instance::Instance;
use crate::boundary::resources::host_table::{Lending, TablePlace, ValueTable};
use crate::sync::lock;
use crate::typed::HostInterface;

/// The embedder's values behind the resource handles of one component.
///
/// The table itself belongs to the instance whose component calls, because the linkers
/// that this is used in serve many instances.
///
/// A value is shared while a call borrows it, so that it outlives the call.
#[derive(Clone, Default)]
pub struct HostTable(());

impl HostTable {
    fn with<R>(&self, f: impl FnOnce(&mut ResourceTable) -> R) -> wasmtime::Result<R> {
        let instance = calling_instance()?;
        let mut table = lock(&instance.host);
        Ok(f(&mut table))
    }
}

/// The instance whose component calls a function of the embedder.
pub(super) fn calling_instance() -> wasmtime::Result<Arc<Instance>> {
    let elsewhere = || wasmtime::Error::msg("a host function is called by no component");
    Instance::current().ok_or_else(elsewhere)
}

/// A component's handle to a resource of the embedder.
pub type HostResource<C> = Resource<Arc<C>>;

impl HostTable {
    /// Defines the type of a resource. When a component drops its handle, the value is
    /// dropped.
    ///
    /// # Errors
    ///
    /// As wasmtime's linker.
    pub fn define<T: 'static, C: Send + Sync + 'static>(
        &self,
        linker: &mut HostInterface<'_, T>,
        name: &str,
    ) -> wasmtime::Result<()> {
        let values = ValueTable::<T, Arc<C>>::new(TablePlace::Instance, Lending::clones());
        linker.types.add(values);
        let table = self.clone();
        linker.resource(name, ResourceType::host::<Arc<C>>(), move |_, rep| {
            let dropped = table.with(|table| table.delete(HostResource::<C>::new_own(rep)))??;
            drop(dropped);
            Ok(())
        })
    }

    /// Gives a resource to the component.
    ///
    /// # Errors
    ///
    /// If the component has more of them than its table can hold.
    pub fn give<C: Send + Sync + 'static>(&self, value: C) -> wasmtime::Result<HostResource<C>> {
        self.give_shared(Arc::new(value))
    }

    /// Gives a resource to the component that others may have too.
    ///
    /// # Errors
    ///
    /// As [`give`](HostTable::give).
    pub fn give_shared<C: Send + Sync + 'static>(
        &self,
        value: Arc<C>,
    ) -> wasmtime::Result<HostResource<C>> {
        Ok(self.with(|table| table.push(value))??)
    }

    /// The resource that the component lends for a call.
    ///
    /// # Errors
    ///
    /// If there is no such resource.
    pub fn lent<C: Send + Sync + 'static>(
        &self,
        handle: &HostResource<C>,
    ) -> wasmtime::Result<Arc<C>> {
        Ok(self.with(|table| table.get(handle).cloned())??)
    }

    /// The resource that the component gives back.
    ///
    /// # Errors
    ///
    /// If there is no such resource, or a call still borrows it.
    pub fn taken<C: Send + Sync + 'static>(&self, handle: HostResource<C>) -> wasmtime::Result<C> {
        let value = self.taken_shared(handle)?;
        let in_use = || wasmtime::Error::msg("a resource was given away while a call borrows it");
        Arc::into_inner(value).ok_or_else(in_use)
    }

    /// The resource that the component gives back, which others may have too.
    ///
    /// # Errors
    ///
    /// If there is no such resource.
    pub fn taken_shared<C: Send + Sync + 'static>(
        &self,
        handle: HostResource<C>,
    ) -> wasmtime::Result<Arc<C>> {
        Ok(self.with(|table| table.delete(handle))??)
    }
}
