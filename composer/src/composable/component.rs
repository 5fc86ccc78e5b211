//! A component that is instantiated by the composition.

use std::path::Path;
use std::sync::Arc;

use composer_plan::{Side, World};
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::mpsc;
use wasmtime::component::{Component, Instance as WasmInstance, Linker};
use wasmtime::{AsContextMut, Engine, Store};

use crate::composable::sealed::Part;
use crate::composable::{Composable, Env, Life, Prepared, Start, Started};
use crate::error::{LoadError, PartError, StartError};
#[cfg(feature = "fast-transfer")]
use crate::instance::bind_flow;
use crate::instance::{BoundFunc, Death, Driver, ExportedFunc, Instance, Request, Slot};
use crate::link::{HostImports, Origin, define_import, exports};
use crate::typed::{Glue, HostLinker, Registry};
use crate::world::read_world;

/// A component, the embedder's own imports for it, and a way to make its store.
///
/// The composition makes one store from `store_factory` and instantiates the
/// component in it. Whatever the embedder sets on that store (fuel, an epoch
/// deadline, a limiter) holds for this component and no other. Imports that
/// `linker` defines stay the embedder's; the others are resolved among the
/// components of the composition.
///
/// ```
/// use composer::ComposableComponent;
/// use wasmtime::component::{Component, Linker};
/// use wasmtime::{Engine, Store};
///
/// # fn main() -> wasmtime::Result<()> {
/// let engine = Engine::default();
/// let component = Component::new(&engine, b"\0asm\x0d\0\x01\0")?;
/// let linker: Linker<()> = Linker::new(&engine);
/// let part = ComposableComponent::new(component, linker, move || Store::new(&engine, ()));
/// # let _ = part;
/// # Ok(())
/// # }
/// ```
pub struct ComposableComponent<T: 'static> {
    component: Component,
    linker: Linker<T>,
    store_factory: Box<dyn FnOnce() -> Store<T> + Send>,
    registry: Registry<T>,
}

impl<T: Send + 'static> ComposableComponent<T> {
    /// Puts a component together with its linker and the store it will run in.
    ///
    /// All three must be of one [`Engine`](wasmtime::Engine).
    pub fn new(
        component: Component,
        linker: Linker<T>,
        store_factory: impl FnOnce() -> Store<T> + Send + 'static,
    ) -> Self {
        ComposableComponent {
            component,
            linker,
            store_factory: Box::new(store_factory),
            registry: Registry::default(),
        }
    }

    /// Loads a component from a file, for the engine of `linker`.
    ///
    /// # Errors
    ///
    /// See [`load_component`](crate::load_component).
    pub fn from_file(
        path: impl AsRef<Path>,
        linker: Linker<T>,
        store_factory: impl FnOnce() -> Store<T> + Send + 'static,
    ) -> Result<Self, LoadError> {
        let component = crate::load_component(linker.engine(), path)?;
        Ok(ComposableComponent::new(component, linker, store_factory))
    }
}

/// A component with nothing of its embedder's: an empty linker, and an empty
/// store of its own engine. All its imports come from other components.
///
/// ```
/// use composer::{ComposableDescriptor, Composer};
/// use wasmtime::Engine;
/// use wasmtime::component::Component;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let component = Component::new(&Engine::default(), b"\0asm\x0d\0\x01\0")?;
/// let mut composer = Composer::new();
/// composer.add(ComposableDescriptor::new("alone", component));
/// assert_eq!(composer.plan()?.components[0].name, "alone");
/// # Ok(())
/// # }
/// ```
impl Composable for Component {}

impl Part for Component {
    fn prepare(self: Box<Self>, name: &str) -> Result<Prepared, PartError> {
        Box::new(bare(*self)).prepare(name)
    }

    fn typed(self, name: &str, glue: &impl Glue) -> Result<Box<dyn Part>, PartError> {
        bare(self).typed(name, glue)
    }
}

fn bare(component: Component) -> ComposableComponent<()> {
    let engine = component.engine().clone();
    let linker = Linker::new(&engine);
    ComposableComponent::new(component, linker, move || Store::new(&engine, ()))
}

impl<T: Send + 'static> Composable for ComposableComponent<T> {}

impl<T: Send + 'static> Part for ComposableComponent<T> {
    fn prepare(self: Box<Self>, _name: &str) -> Result<Prepared, PartError> {
        let full = read_world(&self.component);
        Ok(self.prepare_with(full))
    }

    fn typed(mut self, name: &str, glue: &impl Glue) -> Result<Box<dyn Part>, PartError> {
        self.take(name, glue)?;
        Ok(Box::new(self))
    }
}

impl<T: Send + 'static> ComposableComponent<T> {
    /// Prepares it with a world that shows all of its exports, or fewer.
    pub(super) fn prepare_with(self, world: World) -> Prepared {
        Prepared {
            host: HostImports::of(&self.linker, &world),
            world: Arc::new(world),
            fused: None,
            start: Box::new(self),
        }
    }

    /// Takes in what is known of its functions in Rust types.
    pub(super) fn take(&mut self, name: &str, glue: &impl Glue) -> Result<(), PartError> {
        self.registry = Registry::new(glue);
        let world = read_world(&self.component);
        let linked = glue.link(&mut HostLinker::new(&mut self.linker, &world));
        linked.map_err(|error| PartError::Host {
            component: name.to_owned(),
            reason: format!("{error:#}"),
        })
    }
}

impl<T: Send + 'static> Start for ComposableComponent<T> {
    fn start(self: Box<Self>, env: Env) -> BoxFuture<'static, Result<Started, StartError>> {
        start_component(*self, env).boxed()
    }
}

async fn start_component<T: Send + 'static>(
    part: ComposableComponent<T>,
    env: Env,
) -> Result<Started, StartError> {
    let ComposableComponent {
        component,
        mut linker,
        store_factory,
        registry,
    } = part;
    let place = Place::new(&env, component.engine(), &registry);
    let does_not_fit = |error| StartError::Linker {
        component: env.name.clone(),
        error,
    };
    // A hint may send an import to a component although the embedder's linker
    // has something of that name.
    linker.allow_shadowing(true);
    for import in &env.world.imports {
        if let Some(source) = env.imports.get(import.name.as_str()) {
            define_import(&mut linker, &place.instance, import, source, &registry)
                .map_err(does_not_fit)?;
        }
    }
    let pre = linker.instantiate_pre(&component).map_err(does_not_fit)?;
    let mut store = store_factory();
    let wasm = match pre.instantiate_async(&mut store).await {
        Ok(wasm) => wasm,
        Err(error) => {
            let death = Death::new(&env.name, error);
            return Err(StartError::Instantiate {
                component: env.name,
                death,
            });
        }
    };
    place.run(store, &wasm, &registry)
}

/// A slot with nobody in it yet.
pub(super) struct Place {
    pub(super) instance: Arc<Instance>,
    requests: mpsc::Receiver<Box<Request>>,
}

impl Place {
    pub(super) fn new<T: 'static>(env: &Env, engine: &Engine, registry: &Registry<T>) -> Self {
        let (slot, requests) = Slot::new(
            env.name.clone(),
            env.world.clone(),
            env.activity.clone(),
            env.inbox,
            origins(env),
            &|interface, name| Some(registry.find_export(interface, name)?.signature),
        );
        Place {
            instance: Instance::new(slot, engine),
            requests,
        }
    }

    /// Moves an instance and its store in and starts its driver.
    pub(super) fn run<T: Send + 'static>(
        self,
        mut store: Store<T>,
        wasm: &WasmInstance,
        registry: &Registry<T>,
    ) -> Result<Started, StartError> {
        let slot = self.instance.slot.clone();
        let funcs = find_funcs(&mut store, wasm, &slot, registry)?;
        let driver = Driver {
            instance: self.instance.clone(),
            store,
            funcs,
            requests: self.requests,
        };
        Ok(Started {
            exports: exports(&slot),
            life: Life::Driver {
                task: driver.spawn(),
                instance: self.instance,
                slot,
            },
        })
    }
}

fn find_funcs<T: Send + 'static>(
    store: &mut Store<T>,
    wasm: &WasmInstance,
    slot: &Slot,
    registry: &Registry<T>,
) -> Result<Arc<[BoundFunc<T>]>, StartError> {
    let find = |func: &ExportedFunc, store: &mut Store<T>| {
        let interface = match &func.interface {
            Some(interface) => {
                Some(wasm.get_export_index(store.as_context_mut(), None, interface.as_str())?)
            }
            None => None,
        };
        let index =
            wasm.get_export_index(store.as_context_mut(), interface.as_ref(), &func.name)?;
        wasm.get_func(store.as_context_mut(), index)
    };
    let mut bind = |index: usize, exported: &ExportedFunc| {
        let func = find(exported, store).ok_or_else(|| StartError::MissingExport {
            component: slot.name().to_owned(),
            export: slot.site(index).to_string(),
        })?;
        let declared = registry.find_export(exported.interface.as_ref(), &exported.name);
        let fixed = declared.map(|declared| (declared.bind)(&func, store));
        let fixed = fixed.transpose().map_err(|error| StartError::Declared {
            site: slot.site(index),
            error,
        })?;
        #[cfg(feature = "fast-transfer")]
        let flow = bind_flow(&func, store, &exported.ty).map_err(|error| StartError::Declared {
            site: slot.site(index),
            error,
        })?;
        Ok(BoundFunc {
            func,
            fixed,
            #[cfg(feature = "fast-transfer")]
            flow,
        })
    };
    let funcs = slot.funcs().iter().enumerate();
    funcs.map(|(index, func)| bind(index, func)).collect()
}

fn origins(env: &Env) -> Vec<Origin> {
    let of = |resource: &composer_plan::Resource| {
        if resource.side == Side::Export {
            return Origin::Here;
        }
        let import = resource
            .interface
            .as_ref()
            .map_or(resource.name.as_str(), |i| i.as_str());
        let source = env.imports.get(import);
        source.map_or(Origin::Nobody, |source| source.origin(&resource.name))
    };
    env.world.resources.iter().map(of).collect()
}
