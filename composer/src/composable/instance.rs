//! An instance that the embedder made.

use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use wasmtime::Store;
use wasmtime::component::Instance as WasmInstance;

use crate::composable::component::Place;
use crate::composable::sealed::Part;
use crate::composable::{Composable, Env, Prepared, Start, Started};
use crate::error::{PartError, StartError};
use crate::link::HostImports;
use crate::typed::{Glue, Registry};
use crate::world::read_world;

/// An instance that already runs in a store of its own.
///
/// Its imports are whatever it was instantiated with, so it can only offer
/// things to a composition. Resources that its own imports define cannot leave
/// its store.
pub struct ComposableInstance<T: 'static> {
    instance: WasmInstance,
    store: Store<T>,
    registry: Registry<T>,
}

impl<T: Send + 'static> ComposableInstance<T> {
    /// Takes over an instance together with its store.
    ///
    /// # Panics
    ///
    /// None here; but wasmtime panics later if `instance` is of another store.
    pub fn from_existing(instance: WasmInstance, store: Store<T>) -> Self {
        ComposableInstance {
            instance,
            store,
            registry: Registry::default(),
        }
    }
}

impl<T: Send + 'static> Composable for ComposableInstance<T> {}

impl<T: Send + 'static> Part for ComposableInstance<T> {
    fn prepare(self: Box<Self>, _name: &str) -> Result<Prepared, PartError> {
        let world = read_world(self.instance.instance_pre(&self.store).component());
        Ok(Prepared {
            host: HostImports::all_of(&world),
            world: Arc::new(world),
            fused: None,
            start: self,
        })
    }

    fn typed(mut self, _name: &str, glue: &impl Glue) -> Result<Box<dyn Part>, PartError> {
        self.registry = Registry::new(glue);
        Ok(Box::new(self))
    }
}

impl<T: Send + 'static> Start for ComposableInstance<T> {
    fn start(self: Box<Self>, env: Env) -> BoxFuture<'static, Result<Started, StartError>> {
        async move {
            let place = Place::new(&env, self.store.engine(), &self.registry);
            place.run(self.store, &self.instance, &self.registry)
        }
        .boxed()
    }
}
