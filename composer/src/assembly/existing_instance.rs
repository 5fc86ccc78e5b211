//! Instances that the embedder made.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use futures::FutureExt;
use futures::future::BoxFuture;
use wasmtime::Store;
use wasmtime::component::Instance as WasmInstance;

use crate::assembly::host_imports::HostImports;
use crate::assembly::linked_component::{ExportTable, PendingInstance};
use crate::assembly::sealed::Part;
use crate::assembly::{
    Composable, DescribedPart, LinkPart, LinkedPart, PartSettings, StartContext, StartPart,
    StartedPart,
};
use crate::boundary::binding::ExportOffers;
use crate::boundary::link_context::LinkContext;
use crate::boundary::resources::host_types::HostResources;
use crate::error::{PartError, StartError};
use crate::load::world::read_world;
use crate::sync::lock;
use crate::typed::{TypedBindings, TypedRegistry};

/// An instance that already runs in a store of its own.
///
/// Its imports were bound when it was instantiated, so it can only offer exports to a
/// composition. Resources that its own imports define cannot leave its store: make a
/// [`ComposableComponent`](crate::ComposableComponent) of its component for that.
///
/// There is only one such instance, so a
/// [`PreparedComposition`](crate::PreparedComposition) that contains it can be composed
/// only once.
pub struct ComposableInstance<T: 'static> {
    instance: WasmInstance,
    store: Store<T>,
    registry: TypedRegistry<T>,
}

impl<T: Send + 'static> ComposableInstance<T> {
    /// Takes over an instance together with its store.
    ///
    /// # Panics
    ///
    /// Not here; but wasmtime panics later if `instance` belongs to another store.
    pub fn from_existing(instance: WasmInstance, store: Store<T>) -> Self {
        ComposableInstance {
            instance,
            store,
            registry: TypedRegistry::default(),
        }
    }
}

impl<T: Send + 'static> Composable for ComposableInstance<T> {}

impl<T: Send + 'static> Part for ComposableInstance<T> {
    fn read(self: Box<Self>, _name: &str) -> Result<DescribedPart, PartError> {
        let world = read_world(self.instance.instance_pre(&self.store).component());
        Ok(DescribedPart {
            host: HostImports::all_of(&world),
            world: Arc::new(world),
            host_types: BTreeMap::new(),
            fused: None,
            settings: PartSettings::default(),
            link: self,
        })
    }

    fn typed(mut self, _name: &str, glue: &impl TypedBindings) -> Result<Box<dyn Part>, PartError> {
        self.registry = TypedRegistry::new(glue);
        Ok(Box::new(self))
    }
}

impl<T: Send + 'static> LinkPart for ComposableInstance<T> {
    fn link(self: Box<Self>, place: LinkContext) -> Result<LinkedPart, StartError> {
        let pre = self.instance.instance_pre(&self.store);
        let export_table = ExportTable::new(
            place,
            pre.component(),
            false,
            &self.registry,
            &HostResources::default(),
        )?;
        Ok(LinkedPart {
            offers: ExportOffers::of(&export_table.outline),
            start: Box::new(ExistingInstanceStart {
                export_table,
                instance: self.instance,
                store: Mutex::new(Some(self.store)),
            }),
        })
    }
}

/// An instance until it is started.
struct ExistingInstanceStart<T: 'static> {
    export_table: ExportTable<T>,
    instance: WasmInstance,
    store: Mutex<Option<Store<T>>>,
}

impl<T: Send + 'static> StartPart for ExistingInstanceStart<T> {
    fn start(&self, context: StartContext) -> BoxFuture<'_, Result<StartedPart, StartError>> {
        let store = lock(&self.store).take();
        async move {
            let store = store.ok_or_else(|| StartError::Once {
                component: self.export_table.outline.name.clone(),
                what: "it is an instance that was made elsewhere; add its component instead",
            })?;
            PendingInstance::new(&self.export_table, context).fill(
                store,
                &self.instance,
                &self.export_table,
            )
        }
        .boxed()
    }
}
