//! Linked components, and the start of their runs.

use std::sync::{Arc, OnceLock};

use composer_plan::{Interface, Name};
use futures::FutureExt;
use futures::future::BoxFuture;
use wasmtime::component::{
    Component, ComponentExportIndex, Instance as WasmInstance, InstancePre, Linker,
};
use wasmtime::{PoolConcurrencyLimitError, Store};

use crate::assembly::{PartLocation, PartRunner, StartContext, StartPart, StartedPart};
use crate::boundary::isolated::bound_func::BoundFunc;
#[cfg(feature = "fast-transfer")]
use crate::boundary::isolated::bulk_func::bind_bulk;
use crate::boundary::isolated::driver::Driver;
use crate::boundary::isolated::host_panic::without_panic;
use crate::boundary::isolated::inbox::InboxReceiver;
use crate::boundary::isolated::incarnation::Incarnation;
use crate::boundary::isolated::instance::Instance;
use crate::boundary::link_context::LinkContext;
use crate::boundary::outline::ComponentOutline;
use crate::boundary::resources::host_types::HostResources;
use crate::call::current::DrivenFuture;
use crate::error::StartError;
use crate::error::death::Death;
use crate::typed::{BindTyped, TypedRegistry};

/// Makes the store of each run.
pub(crate) type StoreFactory<T> = Box<dyn Fn() -> Result<Store<T>, NoStore> + Send + Sync>;

/// Why there is no store for a run.
pub(crate) enum NoStore {
    /// The only store was used by an earlier run.
    #[cfg(feature = "wasi")]
    Once(&'static str),
    /// The embedder cannot make it.
    #[cfg(feature = "wasi")]
    Failed(wasmtime::Error),
}

/// A component with all its imports linked.
pub(crate) struct LinkedComponent<T: 'static> {
    pub(crate) export_table: ExportTable<T>,
    pub(crate) pre: InstancePre<T>,
    pub(crate) store_factory: StoreFactory<T>,
}

impl<T: Send + 'static> StartPart for LinkedComponent<T> {
    fn start(&self, context: StartContext) -> BoxFuture<'_, Result<StartedPart, StartError>> {
        async move {
            let pending = PendingInstance::new(&self.export_table, context);
            let name = &self.export_table.outline.name;
            let mut store = (self.store_factory)().map_err(|error| error.of(name))?;
            // Code that runs at the start may call imports.
            let start = without_panic(self.pre.instantiate_async(&mut store));
            let start = pending.instance.start(start);
            let wasm = match DrivenFuture::new(pending.instance.clone(), start).await {
                Ok(wasm) => wasm,
                Err(error) => {
                    let error = pending.instance.explain_start(&mut store, error).await;
                    return Err(not_started(&pending.instance.incarnation, error));
                }
            };
            pending.fill(store, &wasm, &self.export_table)
        }
        .boxed()
    }
}

fn not_started(incarnation: &Incarnation, error: wasmtime::Error) -> StartError {
    let component = incarnation.name().to_owned();
    match error.is::<PoolConcurrencyLimitError>() {
        true => StartError::PoolExhausted { component, error },
        false => StartError::Instantiate {
            death: Death::new(&component, incarnation.stderr.lines(), error),
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

/// The outline of a component and the bindings of its exports, which all its instances in
/// one place of a composition share.
pub(crate) struct ExportTable<T: 'static> {
    pub(crate) outline: Arc<ComponentOutline>,
    /// How each function of the outline is found and bound.
    funcs: Vec<ExportEntry<T>>,
    /// Whether host functions that it calls may wait, once that is known.
    host_waits: OnceLock<bool>,
}

struct ExportEntry<T: 'static> {
    index: ComponentExportIndex,
    bind: Option<BindTyped<T>>,
}

impl<T: Send + 'static> ExportTable<T> {
    pub(crate) fn new(
        context: LinkContext,
        component: &Component,
        is_bare: bool,
        registry: &TypedRegistry<T>,
        host_resources: &HostResources<T>,
    ) -> Result<Self, StartError> {
        let outline = ComponentOutline::new(
            context,
            component.engine(),
            is_bare,
            &|interface, name| Some(registry.find_export(interface, name)?.signature),
            &|id| host_resources.get(id),
        );
        let find = |index: usize| {
            let func = &outline.funcs[index];
            let (inner, name) = Interface::split_inner(&func.name);
            let mut interface = None;
            for step in func.interface.iter().map(Name::as_str).chain(inner) {
                interface = Some(component.get_export_index(interface.as_ref(), step)?);
            }
            let declared = registry.find_export(func.interface.as_ref(), &func.name);
            Some(ExportEntry {
                index: component.get_export_index(interface.as_ref(), name)?,
                bind: declared.map(|declared| declared.bind),
            })
        };
        let find = |index| find(index).ok_or_else(|| missing(&outline, index));
        let funcs = (0..outline.funcs.len())
            .map(find)
            .collect::<Result<_, _>>()?;
        Ok(ExportTable {
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
        let bind = |(index, export): (usize, &ExportEntry<T>)| {
            let func = wasm.get_func(&mut *store, export.index);
            let func = func.ok_or_else(|| missing(&self.outline, index))?;
            let typed = export.bind.map(|bind| bind(&func, store));
            let typed = typed.transpose().map_err(|error| declared(index, error))?;
            #[cfg(feature = "fast-transfer")]
            let bulk = bind_bulk(&func, store, &self.outline.funcs[index].ty)
                .map_err(|error| declared(index, error))?;
            Ok(BoundFunc {
                func,
                typed,
                #[cfg(feature = "fast-transfer")]
                bulk,
            })
        };
        self.funcs.iter().enumerate().map(bind).collect()
    }
}

/// Whether code in a store can be called only asynchronously, because a host function
/// that it may call can wait.
///
/// wasmtime does not expose this, but it refuses synchronous calls then. So this tries to
/// instantiate an empty component.
fn is_entered_async<T: 'static>(store: &mut Store<T>) -> bool {
    let engine = store.engine().clone();
    let empty = Component::new(&engine, b"\0asm\x0d\0\x01\0");
    empty.is_ok_and(|empty| {
        Linker::<T>::new(&engine)
            .instantiate(store, &empty)
            .is_err()
    })
}

fn missing(outline: &ComponentOutline, func: usize) -> StartError {
    StartError::MissingExport {
        component: outline.name.clone(),
        export: outline.site(func).to_string(),
    }
}

/// An incarnation whose component has not been instantiated yet.
pub(crate) struct PendingInstance {
    instance: Arc<Instance>,
    requests: InboxReceiver,
}

impl PendingInstance {
    pub(crate) fn new<T: 'static>(export_table: &ExportTable<T>, context: StartContext) -> Self {
        let (incarnation, requests) =
            Incarnation::new(export_table.outline.clone(), context.imports);
        PendingInstance {
            instance: Instance::new(incarnation),
            requests,
        }
    }

    /// Moves an instance and its store in and starts its driver.
    pub(crate) fn fill<T: Send + 'static>(
        self,
        mut store: Store<T>,
        wasm: &WasmInstance,
        export_table: &ExportTable<T>,
    ) -> Result<StartedPart, StartError> {
        let incarnation = self.instance.incarnation.clone();
        incarnation.allow_direct_calls(|| {
            *export_table
                .host_waits
                .get_or_init(|| is_entered_async(&mut store))
        });
        let driver = Driver {
            instance: self.instance.clone(),
            funcs: export_table.bind(&mut store, wasm)?,
            store,
            requests: self.requests,
        };
        Ok(StartedPart {
            at: PartLocation::Incarnation(incarnation.clone()),
            runner: PartRunner::Driver {
                task: driver.spawn().map(drop).boxed().shared(),
                instance: self.instance,
                incarnation,
            },
        })
    }
}
