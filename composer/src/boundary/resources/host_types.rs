//! The embedder's types whose values can leave the stores of a part.

use std::collections::BTreeMap;
use std::sync::Arc;

use composer_plan::{HostType, ResourceId, World};
use wasmtime::component::ResourceType;

use crate::boundary::outline::HostResource;
use crate::boundary::resources::host_table::HostValueTable;

/// Where the stores of a part have the values of each type.
pub(crate) struct HostTypes<T: 'static> {
    tables: Vec<Arc<dyn HostValueTable<T>>>,
}

impl<T> Default for HostTypes<T> {
    fn default() -> Self {
        HostTypes { tables: Vec::new() }
    }
}

impl<T: 'static> HostTypes<T> {
    /// Adds a type; one that was added before is replaced.
    pub(crate) fn add(&mut self, table: impl HostValueTable<T> + 'static) {
        self.tables.retain(|known| known.key() != table.key());
        self.tables.push(Arc::new(table));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }

    /// The table of a type, by wasmtime's name for it.
    pub(crate) fn table(&self, ty: ResourceType) -> Option<&Arc<dyn HostValueTable<T>>> {
        let mut tables = self.tables.iter();
        tables.find(|table| table.resource_type() == ty)
    }
}

/// The resources of a component that are such values.
pub(crate) struct HostResources<T: 'static> {
    tables: BTreeMap<ResourceId, Arc<dyn HostValueTable<T>>>,
}

impl<T> Default for HostResources<T> {
    fn default() -> Self {
        HostResources {
            tables: BTreeMap::new(),
        }
    }
}

impl<T: 'static> HostResources<T> {
    pub(crate) fn insert(&mut self, id: ResourceId, table: Arc<dyn HostValueTable<T>>) {
        self.tables.insert(id, table);
    }

    /// What the planner needs to know of them.
    pub(crate) fn planned(&self, world: &World) -> BTreeMap<ResourceId, HostType> {
        let planned = self.tables.iter().map(|(id, table)| {
            let ty = table.key().name();
            (*id, HostType::new(world.resource(*id), ty))
        });
        planned.collect()
    }

    /// Leaves out those that come from another component after all.
    pub(crate) fn retain(&mut self, mut is_host: impl FnMut(ResourceId) -> bool) {
        self.tables.retain(|id, _| is_host(*id));
    }

    pub(crate) fn table(&self, id: ResourceId) -> Option<&Arc<dyn HostValueTable<T>>> {
        self.tables.get(&id)
    }

    /// The resource, for the stores of the part.
    pub(crate) fn get(&self, id: ResourceId) -> Option<HostResource> {
        Some(HostResource::new(self.table(id)?.clone()))
    }
}
