//! Component outlines: what is known of a component before it runs, and holds for every
//! run of its composition.

use std::any::Any;
use std::sync::Arc;

use composer_plan::{FuncType, Item, Name, ResourceId, Side, Type, World};
use wasmtime::Engine;

use crate::assembly::PartData;
use crate::boundary::binding::PlannedSource;
use crate::boundary::isolated::poll_cell::ComputeQueue;
use crate::boundary::link_context::LinkContext;
use crate::boundary::resources::host_entry::HostTypeKey;
use crate::boundary::resources::host_table::HostValueTable;
use crate::error::Site;
use crate::limits::meter::LimitRules;
use crate::observe::metrics::ComponentMetrics;
use crate::transfer::{CallValues, FuncHandlePaths, TypeSignature};

/// How many calls wait in a component's inbox before callers have to wait for room in it.
const DEFAULT_INBOX: usize = 64;

/// A component of a composition, before it runs.
pub(crate) struct ComponentOutline {
    pub(crate) name: String,
    /// What it imports and what it lets others see.
    pub(crate) world: Arc<World>,
    pub(crate) funcs: Vec<ExportedFunc>,
    /// The functions, as errors and metrics name them.
    sites: Arc<[Site]>,
    pub(crate) metrics: ComponentMetrics,
    /// The owner of each resource of the world.
    pub(crate) owners: Vec<ResourceOwner>,
    /// How many calls wait in its inbox at most.
    pub(crate) inbox: usize,
    /// The embedder's value that belongs to the part.
    pub(crate) data: Option<PartData>,
    /// The limits that its drivers enforce.
    pub(crate) rules: Option<Arc<LimitRules>>,
    /// What its code can call.
    pub(crate) calls: CodeCalls,
    /// How much stack its code gets, in bytes, if nothing ever interrupts the code and
    /// the size is known.
    pub(crate) stack: Option<usize>,
    /// Whether any of its functions, imported or exported, has a stream or a future in
    /// its type.
    pub(crate) has_streams: bool,
    /// Whether calls run concurrently in its store.
    #[cfg(feature = "component-model-async")]
    pub(crate) concurrent: bool,
}

/// What the code of a component can call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CodeCalls {
    Nothing,
    /// Functions of the embedder or of WASI.
    Host,
    /// Functions or resources of other components.
    Components,
}

/// The owner of a resource, as a component's world names it.
pub(crate) enum ResourceOwner {
    /// The component itself.
    Here,
    /// The provider of the import with this index, where the resource has this name.
    Import(usize, String),
    /// The embedder, whose values of this type can leave the store.
    Host(HostResource),
    /// No import has the resource.
    Unknown,
}

/// A resource of the embedder's whose values can leave the component's stores.
pub(crate) struct HostResource {
    pub(crate) key: HostTypeKey,
    /// Where the stores have the values: an `Arc<dyn HostValueTable<T>>`, for the type of
    /// their data.
    table: Box<dyn Any + Send + Sync>,
}

impl HostResource {
    pub(crate) fn new<T: 'static>(table: Arc<dyn HostValueTable<T>>) -> Self {
        HostResource {
            key: table.key(),
            table: Box::new(table),
        }
    }
}

/// A function that a component exports.
pub(crate) struct ExportedFunc {
    pub(crate) interface: Option<Name>,
    pub(crate) name: String,
    pub(crate) ty: Arc<FuncType>,
    pub(crate) handle_paths: FuncHandlePaths,
    /// The Rust types in which it can be called, where they are known: see
    /// [`TypeSignature`].
    pub(crate) signature: Option<TypeSignature>,
}

impl ExportedFunc {
    fn site(&self, component: &str) -> Site {
        Site {
            component: component.to_owned(),
            interface: self.interface.as_ref().map(|name| name.to_string()),
            function: self.name.clone(),
        }
    }

    /// Whether it is `run` of `wasi:cli/run`, with its type: the name alone promises nothing.
    pub(crate) fn is_command(&self) -> bool {
        let interface = self.interface.as_ref().map(Name::base);
        let returns = match &self.ty.result {
            Some(Type::Result(sides)) => matches!(&**sides, (None, None)),
            _ => false,
        };
        let is_named = interface == Some("wasi:cli/run") && self.name == "run";
        is_named && returns && self.ty.params.is_empty()
    }

    /// Converts arguments to a form that the function takes.
    pub(crate) fn takes(&self, args: CallValues) -> CallValues {
        match self.signature {
            Some(_) => args,
            // The link may have been made with a component that `compose!` knew and that
            // another one has replaced since.
            None => args.without_type(),
        }
    }
}

impl ComponentOutline {
    /// `signature` finds the Rust types of an exported function, by its interface and
    /// name, where they are known.
    pub(crate) fn new(
        context: LinkContext,
        engine: &Engine,
        is_bare: bool,
        signature: &dyn Fn(Option<&Name>, &str) -> Option<TypeSignature>,
        host_resource: &dyn Fn(ResourceId) -> Option<HostResource>,
    ) -> Arc<Self> {
        let LinkContext {
            name,
            world,
            inbox,
            data,
            rules,
            sources,
            // They are in the linker.
            refused: _,
        } = context;
        let owners = owners(&world, &sources, host_resource);
        let calls = CodeCalls::of(&world, sources.iter().map(PlannedSource::is_linked));
        let interrupted = match &rules {
            Some(rules) => rules.counts_time(),
            // The embedder may have set the store up to interrupt its code.
            None => !is_bare,
        };
        let funcs = exported_funcs(&world, signature);
        Arc::new(ComponentOutline {
            metrics: ComponentMetrics::new(&name, &funcs),
            sites: funcs.iter().map(|func| func.site(&name)).collect(),
            funcs,
            owners,
            has_streams: has_streams(&world),
            name,
            world,
            inbox: inbox
                .or_else(|| rules.as_ref().map(|rules| rules.inbox()))
                .unwrap_or(DEFAULT_INBOX),
            data,
            rules,
            calls,
            stack: (!interrupted)
                .then(|| crate::load::stack::of(engine))
                .flatten(),
            #[cfg(feature = "component-model-async")]
            concurrent: engine.get_concurrency_support(),
        })
    }

    /// The table where stores with data `T` have the values behind a resource of the
    /// embedder's, if it is one that can leave them.
    #[inline]
    pub(crate) fn host_table<T: 'static>(&self, id: ResourceId) -> Option<&dyn HostValueTable<T>> {
        match &self.owners[id.0 as usize] {
            ResourceOwner::Host(resource) => {
                let table = resource.table.downcast_ref::<Arc<dyn HostValueTable<T>>>();
                table.map(|table| &**table)
            }
            _ => None,
        }
    }

    /// Whether an instance that waits for too long is ended.
    pub(crate) fn has_deadline(&self) -> bool {
        self.rules
            .as_ref()
            .is_some_and(|rules| rules.has_deadline())
    }

    /// The queue where its code continues when it has computed for a tick.
    pub(crate) fn compute(&self) -> Option<Arc<dyn ComputeQueue>> {
        self.rules.as_ref()?.compute()
    }

    /// Whether calls run concurrently in its stores.
    pub(crate) fn is_concurrent(&self) -> bool {
        #[cfg(feature = "component-model-async")]
        return self.concurrent;
        #[cfg(not(feature = "component-model-async"))]
        false
    }

    /// The site of the function at this index of [`ComponentOutline::funcs`].
    pub(crate) fn site(&self, func: usize) -> Site {
        self.sites[func].clone()
    }

    /// The sites of all functions, in the order of [`ComponentOutline::funcs`].
    pub(crate) fn sites(&self) -> &Arc<[Site]> {
        &self.sites
    }
}

impl CodeCalls {
    /// What the imports of a world allow to call. `linked` says of each import whether it
    /// comes from another component.
    fn of(world: &World, linked: impl IntoIterator<Item = bool>) -> Self {
        let mut calls = CodeCalls::Nothing;
        for (import, linked) in world.imports.iter().zip(linked) {
            let runs = match &import.item {
                Item::Interface(interface) => {
                    !interface.funcs.is_empty() || !interface.resources.is_empty()
                }
                _ => true,
            };
            match (runs, linked) {
                (true, true) => return CodeCalls::Components,
                (true, false) => calls = CodeCalls::Host,
                (false, _) => {}
            }
        }
        calls
    }
}

fn has_streams(world: &World) -> bool {
    let flows = |ty: &Type| matches!(ty, Type::Stream(_) | Type::Future(_));
    let in_func = |func: &FuncType| func.types().any(|ty| ty.any(&mut |ty| flows(ty)));
    let mut items = world.imports.iter().chain(&world.exports);
    items.any(|item| match &item.item {
        Item::Func(func) => in_func(func),
        Item::Interface(interface) => interface.funcs.values().any(|func| in_func(func)),
        _ => false,
    })
}

fn owners(
    world: &World,
    sources: &[PlannedSource],
    host_resource: &dyn Fn(ResourceId) -> Option<HostResource>,
) -> Vec<ResourceOwner> {
    let of = |(id, resource): (ResourceId, &composer_plan::Resource)| {
        if resource.side == Side::Export {
            return ResourceOwner::Here;
        }
        match (provider(world, sources, id), host_resource(id)) {
            (Some(index), _) => ResourceOwner::Import(index, resource.name.clone()),
            (None, Some(resource)) => ResourceOwner::Host(resource),
            (None, None) => ResourceOwner::Unknown,
        }
    };
    (0..)
        .map(ResourceId)
        .zip(&world.resources)
        .map(of)
        .collect()
}

/// The import from which a world has a resource, if another component provides it.
pub(crate) fn provider(
    world: &World,
    sources: &[PlannedSource],
    resource: ResourceId,
) -> Option<usize> {
    let resource = world.resource(resource);
    let interface = resource.interface.as_ref();
    let import = interface.map_or(resource.name.as_str(), |i| i.as_str());
    let mut imports = world.imports.iter();
    let index = imports.position(|known| known.name.as_str() == import)?;
    sources[index].is_linked().then_some(index)
}

fn exported_funcs(
    world: &World,
    signature: &dyn Fn(Option<&Name>, &str) -> Option<TypeSignature>,
) -> Vec<ExportedFunc> {
    let exported = |interface: Option<&Name>, name: &str, ty: &Arc<FuncType>| ExportedFunc {
        interface: interface.cloned(),
        name: name.to_owned(),
        handle_paths: FuncHandlePaths::new(ty),
        signature: signature(interface, name),
        ty: ty.clone(),
    };
    let mut funcs = Vec::new();
    for export in &world.exports {
        match &export.item {
            Item::Func(ty) => funcs.push(exported(None, export.name.as_str(), ty)),
            Item::Interface(interface) => {
                let name = Some(&export.name);
                funcs.extend(interface.funcs.iter().map(|(f, ty)| exported(name, f, ty)));
            }
            _ => {}
        }
    }
    funcs
}
