//! A component that has been linked, and what each of its runs begins with.

use std::sync::{Arc, OnceLock};

use composer_plan::{Interface, Name};
use futures::FutureExt;
use futures::future::BoxFuture;
use wasmtime::component::{
    Component, ComponentExportIndex, Instance as WasmInstance, InstancePre, Linker,
};
use wasmtime::{PoolConcurrencyLimitError, Store};

use crate::assembly::{At, Env, Life, Place, Start, Started};
use crate::boundary::isolated::bound_func::BoundFunc;
#[cfg(feature = "fast-transfer")]
use crate::boundary::isolated::bulk_func::bind_flow;
use crate::boundary::isolated::driver::Driver;
use crate::boundary::isolated::inbox::InboxReceiver;
use crate::boundary::isolated::incarnation::Slot;
use crate::boundary::isolated::instance::Instance;
use crate::boundary::outline::Outline;
use crate::call::current::Driving;
use crate::error::StartError;
use crate::error::death::Death;
use crate::typed::{Bind, Registry};

/// Makes the store of each run.
pub(crate) type StoreFactory<T> = Box<dyn Fn() -> Result<Store<T>, NoStore> + Send + Sync>;

/// Why there is no store for a run.
pub(crate) enum NoStore {
    /// There was one, for an earlier run.
    #[cfg(feature = "wasi")]
    Once(&'static str),
    /// The embedder cannot make it.
    #[cfg(feature = "wasi")]
    Failed(wasmtime::Error),
}

/// A component with all its imports linked.
pub(crate) struct Ready<T: 'static> {
    pub(crate) shape: Shape<T>,
    pub(crate) pre: InstancePre<T>,
    pub(crate) store_factory: StoreFactory<T>,
}

impl<T: Send + 'static> Start for Ready<T> {
    fn start(&self, env: Env) -> BoxFuture<'_, Result<Started, StartError>> {
        async move {
            let vacancy = Vacancy::new(&self.shape, env);
            let name = &self.shape.outline.name;
            let mut store = (self.store_factory)().map_err(|error| error.of(name))?;
            // Code that runs at the start may call imports.
            let start = vacancy
                .instance
                .start(self.pre.instantiate_async(&mut store));
            let wasm = match Driving::new(vacancy.instance.clone(), start).await {
                Ok(wasm) => wasm,
                Err(error) => {
                    let error = vacancy.instance.explain_start(&mut store, error).await;
                    return Err(not_started(name, error));
                }
            };
            vacancy.fill(store, &wasm, &self.shape)
        }
        .boxed()
    }
}

fn not_started(component: &str, error: wasmtime::Error) -> StartError {
    let component = component.to_owned();
    match error.is::<PoolConcurrencyLimitError>() {
        true => StartError::PoolExhausted { component, error },
        false => StartError::Instantiate {
            death: Death::new(&component, error),
            component,
        },
    }
}

impl NoStore {
    fn of(self, component: &str) -> StartError {
        #[cfg(not(feature = "wasi"))]
        let _ = component;
        match self {
            #[cfg(feature = "wasi")]
            NoStore::Once(what) => StartError::Once {
                component: component.to_owned(),
                what,
            },
            #[cfg(feature = "wasi")]
            NoStore::Failed(error) => StartError::Store {
                component: component.to_owned(),
                error,
            },
        }
    }
}

/// What all instances of a component in one place of a composition share.
pub(crate) struct Shape<T: 'static> {
    pub(crate) outline: Arc<Outline>,
    /// How each function of the outline is found and bound.
    funcs: Vec<Export<T>>,
    /// Whether functions of the embedder's that it calls may wait, once that is known.
    host_waits: OnceLock<bool>,
}

struct Export<T: 'static> {
    index: ComponentExportIndex,
    bind: Option<Bind<T>>,
}

impl<T: Send + 'static> Shape<T> {
    pub(crate) fn new(
        place: Place,
        component: &Component,
        is_bare: bool,
        registry: &Registry<T>,
    ) -> Result<Self, StartError> {
        let outline = Outline::new(place, component.engine(), is_bare, registry);
        let find = |index: usize| {
            let func = &outline.funcs[index];
            let (inner, name) = Interface::split_inner(&func.name);
            let mut interface = None;
            for step in func.interface.iter().map(Name::as_str).chain(inner) {
                interface = Some(component.get_export_index(interface.as_ref(), step)?);
            }
            let declared = registry.find_export(func.interface.as_ref(), &func.name);
            Some(Export {
                index: component.get_export_index(interface.as_ref(), name)?,
                bind: declared.map(|declared| declared.bind),
            })
        };
        let find = |index| find(index).ok_or_else(|| missing(&outline, index));
        let funcs = (0..outline.funcs.len())
            .map(find)
            .collect::<Result<_, _>>()?;
        Ok(Shape {
            outline,
            funcs,
            host_waits: OnceLock::new(),
        })
    }

    fn bind(
        &self,
        store: &mut Store<T>,
        wasm: &WasmInstance,
    ) -> Result<Arc<[BoundFunc<T>]>, StartError> {
        let declared = |index, error| StartError::Declared {
            site: self.outline.site(index),
            error,
        };
        let bind = |(index, export): (usize, &Export<T>)| {
            let func = wasm.get_func(&mut *store, export.index);
            let func = func.ok_or_else(|| missing(&self.outline, index))?;
            let fixed = export.bind.map(|bind| bind(&func, store));
            let fixed = fixed.transpose().map_err(|error| declared(index, error))?;
            #[cfg(feature = "fast-transfer")]
            let flow = bind_flow(&func, store, &self.outline.funcs[index].ty)
                .map_err(|error| declared(index, error))?;
            Ok(BoundFunc {
                func,
                fixed,
                #[cfg(feature = "fast-transfer")]
                flow,
            })
        };
        self.funcs.iter().enumerate().map(bind).collect()
    }
}

/// Whether code in a store can be called in `async` ways only, since a function that
/// it may call is one that waits.
///
/// wasmtime keeps that to itself, but for what it refuses. So it is asked to make an
/// instance of nothing.
fn is_entered_async<T: 'static>(store: &mut Store<T>) -> bool {
    let engine = store.engine().clone();
    let empty = Component::new(&engine, b"\0asm\x0d\0\x01\0");
    empty.is_ok_and(|empty| {
        Linker::<T>::new(&engine)
            .instantiate(store, &empty)
            .is_err()
    })
}

fn missing(outline: &Outline, func: usize) -> StartError {
    StartError::MissingExport {
        component: outline.name.clone(),
        export: outline.site(func).to_string(),
    }
}

/// A slot with nobody in it yet.
pub(crate) struct Vacancy {
    instance: Arc<Instance>,
    requests: InboxReceiver,
}

impl Vacancy {
    pub(crate) fn new<T: 'static>(shape: &Shape<T>, env: Env) -> Self {
        let (slot, requests) = Slot::new(shape.outline.clone(), env.imports);
        Vacancy {
            instance: Instance::new(slot),
            requests,
        }
    }

    /// Moves an instance and its store in and starts its driver.
    pub(crate) fn fill<T: Send + 'static>(
        self,
        mut store: Store<T>,
        wasm: &WasmInstance,
        shape: &Shape<T>,
    ) -> Result<Started, StartError> {
        let slot = self.instance.slot.clone();
        slot.allow_direct_calls(|| {
            *shape
                .host_waits
                .get_or_init(|| is_entered_async(&mut store))
        });
        let driver = Driver {
            instance: self.instance.clone(),
            funcs: shape.bind(&mut store, wasm)?,
            store,
            requests: self.requests,
        };
        Ok(Started {
            at: At::Slot(slot.clone()),
            life: Life::Driver {
                task: driver.spawn(),
                instance: self.instance,
                slot,
            },
        })
    }
}
