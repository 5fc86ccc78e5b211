//! The Rust bindings of the WIT: which interfaces and worlds become modules, which of
//! their functions are called, and under which names.

mod accessors;
mod builder;
mod identity;
pub(crate) mod names;
mod paths;
pub(crate) mod shape;
mod views;

use std::collections::{HashMap, HashSet};

use composer_plan::{Plan, World};
use proc_macro2::Span;
use wit_parser::{
    Function, FunctionKind, InterfaceId, Resolve, Type, TypeId, TypeOwner, WorldId, WorldItem,
};

use crate::ast::ComposeInput;
use crate::bindings::builder::BindingsBuilder;
use crate::bindings::shape::{TypeShape, TypeShapes};
use crate::bindings::views::ResourceViews;
use crate::check::{DeclaredComponent, HostTrait, RustTypes};
pub(crate) use accessors::{AccessorMethod, METHODS};

/// The modules and methods that `compose!` generates from the WIT.
pub(crate) struct Bindings {
    /// Sorted by path.
    pub(crate) modules: Vec<BindingsModule>,
    places: HashMap<ItemOwner, usize>,
    /// The composition's own methods, which return handles.
    pub(crate) accessors: Vec<AccessorMethod>,
    /// For each component, in the order of the input, the modules that its typed calls
    /// use.
    pub(crate) glue: Vec<BoundaryModules>,
    shapes: TypeShapes,
    views: ResourceViews,
    /// The types that are the error of a function.
    errors: HashSet<TypeId>,
    /// The resources whose Rust types the input tells, each with the index of its entry.
    rust_types: RustTypes,
}

/// The interface or world that a type or a function belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum ItemOwner {
    Interface(InterfaceId),
    World(WorldId),
}

/// The module of an interface or a world.
pub(crate) struct BindingsModule {
    pub(crate) owner: ItemOwner,
    /// Its path, relative to the module of the composition.
    pub(crate) path: Vec<String>,
    /// The interface's name, by which its functions are looked up.
    pub(crate) interface: Option<String>,
    /// The functions that cross a boundary, except those that typed calls do not support.
    pub(crate) functions: Vec<BoundFunction>,
    /// The resources that the embedder implements.
    pub(crate) hosted_resources: Vec<TypeId>,
    /// The token of the input that it comes from.
    pub(crate) span: Span,
    /// The indices in the plan of the components whose functions are called here.
    callees: Vec<usize>,
    /// The one among them that exports it for the whole composition.
    exported_by: Option<usize>,
}

/// A function that crosses a boundary.
pub(crate) struct BoundFunction {
    pub(crate) function: Function,
    /// Its Rust names: the method's here, the constant's below.
    pub(crate) name: String,
    pub(crate) constant: String,
    /// Its number among the functions that can be called.
    pub(crate) called: Option<usize>,
    /// Whether it is registered with a part that exports it.
    pub(crate) is_exported: bool,
    /// Whether it is registered with a part that imports it.
    pub(crate) is_imported: bool,
    /// How the embedder implements it, if it does.
    pub(crate) hosted: Option<HostFunction>,
}

/// The form of a function that the embedder implements.
#[derive(Clone, Copy)]
pub(crate) struct HostFunction {
    /// Its method is async.
    pub(crate) is_async: bool,
    /// Its method may fail with a trap.
    pub(crate) trappable: bool,
}

/// The modules whose functions cross a component's boundary.
#[derive(Default)]
pub(crate) struct BoundaryModules {
    pub(crate) exports: Vec<ItemOwner>,
    pub(crate) imports: Vec<ItemOwner>,
}

impl BindingsModule {
    /// Whether handles have its functions.
    pub(crate) fn is_called(&self) -> bool {
        !self.callees.is_empty()
    }

    /// Whether the composition exports it.
    pub(crate) fn is_exported(&self) -> bool {
        self.exported_by.is_some()
    }

    /// Whether it has anything that the embedder implements.
    pub(crate) fn is_hosted(&self) -> bool {
        let mut functions = self.functions.iter();
        !self.hosted_resources.is_empty() || functions.any(|func| func.hosted.is_some())
    }

    /// Whether it has a handle.
    pub(crate) fn has_handle(&self) -> bool {
        matches!(self.owner, ItemOwner::Interface(_))
            && self.functions.iter().any(|func| func.called.is_some())
    }
}

impl Bindings {
    pub(crate) fn new(
        input: &ComposeInput,
        resolve: &Resolve,
        components: &[DeclaredComponent],
        plan: &Plan,
        exports: &World,
        host: &[HostTrait],
    ) -> Self {
        let mut builder = BindingsBuilder::new(input, resolve, components, plan);
        builder.exports(exports);
        builder.lists();
        builder.links();
        builder.host(host);
        builder.used();
        let glue = builder.glue();
        builder.finish(glue)
    }

    pub(crate) fn with_rust_types(mut self, rust_types: RustTypes) -> Self {
        self.rust_types = rust_types;
        self
    }

    /// The index of the entry that tells the Rust type of a resource.
    pub(crate) fn rust_type(&self, resource: TypeId) -> Option<usize> {
        self.rust_types.get(&resource).copied()
    }

    /// Whether a module has a trait that the embedder implements. One is not needed for
    /// resources without functions whose Rust types are told.
    pub(crate) fn has_trait(&self, module: &BindingsModule) -> bool {
        let mut functions = module.functions.iter();
        let mut resources = module.hosted_resources.iter();
        functions.any(|func| func.hosted.is_some())
            || resources.any(|resource| self.rust_type(*resource).is_none())
    }

    /// Whether the input tells the Rust types of all resources in a type.
    pub(crate) fn has_rust_types(&self, shape: &TypeShape) -> bool {
        let mut resources = shape.resources.iter();
        resources.all(|resource| self.rust_types.contains_key(resource))
    }

    /// The module of the interface or world that a type belongs to, if it has one.
    pub(crate) fn module_of(&self, resolve: &Resolve, id: TypeId) -> Option<&BindingsModule> {
        self.module(owner_of(resolve, id)?)
    }

    pub(crate) fn module(&self, owner: ItemOwner) -> Option<&BindingsModule> {
        Some(&self.modules[*self.places.get(&owner)?])
    }

    pub(crate) fn shape(&self, ty: &Type) -> TypeShape {
        self.shapes.of(ty)
    }

    pub(crate) fn shape_of(&self, function: &Function) -> TypeShape {
        self.shapes.of_function(function)
    }

    /// The functions of a module that typed calls do not support, each with the type that is
    /// the reason.
    pub(crate) fn without_method<'r>(
        &self,
        module: &BindingsModule,
        resolve: &'r Resolve,
    ) -> Vec<(&'r Function, &'static str)> {
        let ItemOwner::Interface(id) = module.owner else {
            return Vec::new();
        };
        let functions = resolve.interfaces[id].functions.values();
        let left_out =
            functions.filter_map(|function| Some((function, self.shape_of(function).unsupported?)));
        left_out.collect()
    }

    pub(crate) fn is_error(&self, id: TypeId) -> bool {
        self.errors.contains(&id)
    }

    /// All functions that can be called, by their numbers.
    pub(crate) fn called(&self) -> Vec<(Option<&str>, &str)> {
        let mut called: Vec<(usize, Option<&str>, &str)> = Vec::new();
        for module in &self.modules {
            for func in &module.functions {
                let interface = module.interface.as_deref();
                called.extend(func.called.map(|n| (n, interface, &*func.function.name)));
            }
        }
        called.sort();
        called.into_iter().map(|(_, i, name)| (i, name)).collect()
    }
}

/// The named types of an interface or a world.
pub(crate) fn types_of(resolve: &Resolve, owner: ItemOwner) -> Vec<(&str, TypeId)> {
    match owner {
        ItemOwner::Interface(id) => {
            let types = &resolve.interfaces[id].types;
            types.iter().map(|(name, id)| (&**name, *id)).collect()
        }
        ItemOwner::World(id) => {
            let world = &resolve.worlds[id];
            let items = world.imports.values().chain(world.exports.values());
            let types = items.filter_map(|item| match item {
                WorldItem::Type { id, .. } => Some(*id),
                _ => None,
            });
            types
                .filter_map(|id| Some((resolve.types[id].name.as_deref()?, id)))
                .collect()
        }
    }
}

/// The interface or world that a type belongs to.
pub(crate) fn owner_of(resolve: &Resolve, id: TypeId) -> Option<ItemOwner> {
    match resolve.types[id].owner {
        TypeOwner::Interface(id) => Some(ItemOwner::Interface(id)),
        TypeOwner::World(id) => Some(ItemOwner::World(id)),
        TypeOwner::None => None,
    }
}

/// The full name of a world, which no other world has; `None` if it is in no package.
pub(crate) fn world_name(resolve: &Resolve, id: WorldId) -> Option<String> {
    let world = &resolve.worlds[id];
    Some(resolve.id_of_name(world.package?, &world.name))
}

/// The resource whose method, static or constructor a function is.
pub(crate) fn resource_of(function: &Function) -> Option<TypeId> {
    match function.kind {
        FunctionKind::Freestanding | FunctionKind::AsyncFreestanding => None,
        FunctionKind::Method(id)
        | FunctionKind::AsyncMethod(id)
        | FunctionKind::Static(id)
        | FunctionKind::AsyncStatic(id)
        | FunctionKind::Constructor(id) => Some(id),
    }
}

/// Whether a function is called on a resource.
pub(crate) fn is_method(function: &Function) -> bool {
    matches!(
        function.kind,
        FunctionKind::Method(_) | FunctionKind::AsyncMethod(_)
    )
}

/// The function's name in the embedder's trait: for a method of a resource, the
/// resource's name comes first.
pub(crate) fn host_name(resolve: &Resolve, func: &BoundFunction) -> String {
    let resource = resource_of(&func.function).filter(|_| is_method(&func.function));
    match resource.and_then(|id| resolve.types[id].name.as_deref()) {
        Some(resource) => names::snake(&format!("{resource}-{}", func.function.item_name())),
        None => func.name.clone(),
    }
}

/// The longest tuple of parameters that typed calls support.
pub(crate) const MOST_PARAMS: usize = 16;

/// Whether a function has more parameters than that, so that its arguments have no Rust
/// type. Such functions are not registered with parts.
pub(crate) fn is_long(function: &Function) -> bool {
    function.params.len() > MOST_PARAMS
}

/// The function's Rust name within its handle: a constructor takes the name of its
/// resource, a static function is preceded by it.
fn function_name(resolve: &Resolve, function: &Function) -> String {
    let resource = resource_of(function).and_then(|id| resolve.types[id].name.as_deref());
    match (&function.kind, resource) {
        (FunctionKind::Constructor(_), Some(resource)) => names::snake(resource),
        (FunctionKind::Static(_) | FunctionKind::AsyncStatic(_), Some(resource)) => {
            names::snake(&format!("{resource}-{}", function.item_name()))
        }
        // Every generated resource has this method.
        (FunctionKind::Method(_) | FunctionKind::AsyncMethod(_), _)
            if function.item_name() == "into-handle" =>
        {
            "into_handle_".to_owned()
        }
        _ => names::snake(function.item_name()),
    }
}

/// The name of the function's constant. WIT has no name with two hyphens in a row, so a
/// method's constant never collides with a function's.
fn constant_name(resolve: &Resolve, function: &Function) -> String {
    let resource = resource_of(function).and_then(|id| resolve.types[id].name.as_deref());
    let mut name = match (&function.kind, resource) {
        (FunctionKind::Constructor(_), Some(resource)) => names::constant(resource),
        (_, Some(resource)) => format!(
            "{}__{}",
            names::constant(resource),
            names::constant(function.item_name())
        ),
        _ => names::constant(function.item_name()),
    };
    // The module has a constant of that name.
    if name == "INTERFACE" {
        name.push('_');
    }
    name
}
