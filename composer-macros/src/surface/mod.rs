//! What of the WIT there is in Rust: which interfaces and worlds become
//! modules, what of them is called, and under which names.

mod accessors;
mod identity;
pub(crate) mod names;
mod paths;
pub(crate) mod shape;
mod views;

use std::collections::{HashMap, HashSet};

use composer_plan::{Item, Name, Plan, Source, World};
use proc_macro2::Span;
use wit_parser::{
    Function, FunctionKind, InterfaceId, Resolve, Type, TypeDefKind, TypeId, TypeOwner, WorldId,
    WorldItem,
};

use crate::ast::{Input, text};
use crate::check::{Declared, HostTrait, TraitOf, What, written};
pub(crate) use accessors::{Accessor, METHODS};
use identity::Identities;
use paths::Paths;
use shape::{Shape, Shapes};
use views::Views;

/// All that `compose!` makes of the WIT.
pub(crate) struct Surface {
    /// In the order of their paths.
    pub(crate) modules: Vec<Module>,
    places: HashMap<Owner, usize>,
    /// What the composition's own methods give out.
    pub(crate) accessors: Vec<Accessor>,
    /// What typed calls know of each component, in the order of the input.
    pub(crate) glue: Vec<Glue>,
    shapes: Shapes,
    views: Views,
    /// Types that are the error of a function.
    errors: HashSet<TypeId>,
}

/// What a type or a function of WIT stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Owner {
    Interface(InterfaceId),
    World(WorldId),
}

/// An interface or a world that has a module.
pub(crate) struct Module {
    pub(crate) owner: Owner,
    /// Its path, from the module of the composition on.
    pub(crate) path: Vec<String>,
    /// The interface's name, as functions are looked up by it.
    pub(crate) interface: Option<String>,
    /// The functions that cross, without those that typed calls do not know.
    pub(crate) functions: Vec<Func>,
    /// Which of the user's words made it.
    pub(crate) span: Span,
    /// The places in the plan of those whose functions are called here.
    callees: Vec<usize>,
    /// The one of them that exports it for the whole composition.
    exported_by: Option<usize>,
}

/// A function that crosses.
pub(crate) struct Func {
    pub(crate) function: Function,
    /// Its names in Rust: of the method, and of the constant.
    pub(crate) name: String,
    pub(crate) constant: String,
    /// Its number among the functions that can be called.
    pub(crate) called: Option<usize>,
    /// Whether a part that exports it is told of it.
    pub(crate) is_exported: bool,
    /// Whether a part that imports it is told of it.
    pub(crate) is_imported: bool,
    /// How the embedder implements it, if it does.
    pub(crate) hosted: Option<Hosted>,
}

/// How a function of the embedder is written.
#[derive(Clone, Copy)]
pub(crate) struct Hosted {
    /// Its method is async.
    pub(crate) is_async: bool,
    /// Its method may fail with a trap.
    pub(crate) trappable: bool,
}

/// The modules whose functions cross a component's boundary.
#[derive(Default)]
pub(crate) struct Glue {
    pub(crate) exports: Vec<Owner>,
    pub(crate) imports: Vec<Owner>,
}

impl Module {
    /// Whether handles give out its functions.
    pub(crate) fn is_called(&self) -> bool {
        !self.callees.is_empty()
    }

    /// Whether there is a trait with its functions.
    pub(crate) fn is_hosted(&self) -> bool {
        self.functions.iter().any(|func| func.hosted.is_some())
    }

    /// Whether there is a handle with its functions.
    pub(crate) fn has_handle(&self) -> bool {
        matches!(self.owner, Owner::Interface(_))
            && self.functions.iter().any(|func| func.called.is_some())
    }
}

impl Surface {
    pub(crate) fn new(
        input: &Input,
        resolve: &Resolve,
        components: &[Declared],
        plan: &Plan,
        exports: &World,
        host: &[HostTrait],
    ) -> Self {
        let mut builder = Builder::new(input, resolve, components, plan);
        builder.exports(exports);
        builder.lists();
        builder.links();
        builder.host(host);
        builder.used();
        let glue = builder.glue();
        builder.finish(glue)
    }

    /// The module of a type, if it stands in one.
    pub(crate) fn module_of(&self, resolve: &Resolve, id: TypeId) -> Option<&Module> {
        self.module(owner_of(resolve, id)?)
    }

    pub(crate) fn module(&self, owner: Owner) -> Option<&Module> {
        Some(&self.modules[*self.places.get(&owner)?])
    }

    pub(crate) fn shape(&self, ty: &Type) -> Shape {
        self.shapes.of(ty)
    }

    pub(crate) fn shape_of(&self, function: &Function) -> Shape {
        self.shapes.of_function(function)
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

/// The named types that stand in an interface or a world.
pub(crate) fn types_of(resolve: &Resolve, owner: Owner) -> Vec<(&str, TypeId)> {
    match owner {
        Owner::Interface(id) => {
            let types = &resolve.interfaces[id].types;
            types.iter().map(|(name, id)| (&**name, *id)).collect()
        }
        Owner::World(id) => {
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

/// What a type stands in.
pub(crate) fn owner_of(resolve: &Resolve, id: TypeId) -> Option<Owner> {
    match resolve.types[id].owner {
        TypeOwner::Interface(id) => Some(Owner::Interface(id)),
        TypeOwner::World(id) => Some(Owner::World(id)),
        TypeOwner::None => None,
    }
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

/// What a function is called in the embedder's trait: a method of a resource
/// after that.
pub(crate) fn host_name(resolve: &Resolve, func: &Func) -> String {
    let resource = resource_of(&func.function).filter(|_| is_method(&func.function));
    match resource.and_then(|id| resolve.types[id].name.as_deref()) {
        Some(resource) => names::snake(&format!("{resource}-{}", func.function.item_name())),
        None => func.name.clone(),
    }
}

/// As many parameters as the tuples that cross can have.
pub(crate) const MOST_PARAMS: usize = 16;

/// Whether a function has more parameters than that, so that its arguments are
/// no Rust type. Parts are not told of it.
pub(crate) fn is_long(function: &Function) -> bool {
    function.params.len() > MOST_PARAMS
}

/// What the function is called in Rust, beside the others of its handle: a
/// constructor as its resource, a static after it.
fn function_name(resolve: &Resolve, function: &Function) -> String {
    let resource = resource_of(function).and_then(|id| resolve.types[id].name.as_deref());
    match (&function.kind, resource) {
        (FunctionKind::Constructor(_), Some(resource)) => names::snake(resource),
        (FunctionKind::Static(_) | FunctionKind::AsyncStatic(_), Some(resource)) => {
            names::snake(&format!("{resource}-{}", function.item_name()))
        }
        // What every resource has in Rust.
        (FunctionKind::Method(_) | FunctionKind::AsyncMethod(_), _)
            if function.item_name() == "into-handle" =>
        {
            "into_handle_".to_owned()
        }
        _ => names::snake(function.item_name()),
    }
}

/// What the function's constant is called. WIT has no name with two hyphens in
/// a row, so that a method is never called as a function.
fn constant_name(resolve: &Resolve, function: &Function) -> String {
    let resource = resource_of(function).and_then(|id| resolve.types[id].name.as_deref());
    match (&function.kind, resource) {
        (FunctionKind::Constructor(_), Some(resource)) => names::constant(resource),
        (_, Some(resource)) => format!(
            "{}__{}",
            names::constant(resource),
            names::constant(function.item_name())
        ),
        _ => names::constant(function.item_name()),
    }
}

/// A module in the making.
struct Draft {
    owner: Owner,
    span: Span,
    callees: Vec<usize>,
    exported_by: Option<usize>,
    /// The functions of a world that are called, exported, imported. Of an
    /// interface, they all are or none is.
    called: HashSet<String>,
    exported: HashSet<String>,
    imported: HashSet<String>,
    hosted: HashMap<String, Hosted>,
}

struct Builder<'a> {
    input: &'a Input,
    resolve: &'a Resolve,
    components: &'a [Declared],
    plan: &'a Plan,
    /// The component of the input that stands at each place of the plan.
    nodes: Vec<usize>,
    drafts: Vec<Draft>,
    places: HashMap<Owner, usize>,
    imports: Vec<Vec<Owner>>,
}

impl<'a> Builder<'a> {
    fn new(
        input: &'a Input,
        resolve: &'a Resolve,
        components: &'a [Declared],
        plan: &'a Plan,
    ) -> Self {
        let inputs = input.components.iter().enumerate();
        let inputs: HashMap<String, usize> = inputs.map(|(i, c)| (text(&c.name), i)).collect();
        let nodes = plan.components.iter();
        Builder {
            input,
            resolve,
            components,
            plan,
            // Every component of the plan is one of the input.
            nodes: nodes
                .map(|node| inputs.get(written(&node.name)).copied().unwrap_or_default())
                .collect(),
            drafts: Vec::new(),
            places: HashMap::new(),
            imports: vec![Vec::new(); components.len()],
        }
    }

    fn draft(&mut self, owner: Owner, span: Span) -> &mut Draft {
        let place = *self.places.entry(owner).or_insert(self.drafts.len());
        if place == self.drafts.len() {
            self.drafts.push(Draft {
                owner,
                span,
                callees: Vec::new(),
                exported_by: None,
                called: HashSet::new(),
                exported: HashSet::new(),
                imported: HashSet::new(),
                hosted: HashMap::new(),
            });
        }
        &mut self.drafts[place]
    }

    /// What the composition exports.
    fn exports(&mut self, exports: &World) {
        let owners: HashMap<&Name, &str> = self
            .plan
            .exports
            .iter()
            .filter_map(|export| match export.components.as_slice() {
                [one] => Some((&export.name, &**one)),
                _ => None,
            })
            .collect();
        let places: HashMap<&str, usize> = (0..)
            .zip(&self.plan.components)
            .map(|(place, component)| (&*component.name, place))
            .collect();
        for export in &exports.exports {
            let owner = owners.get(&export.name).and_then(|o| places.get(o));
            let Some(&place) = owner else { continue };
            let component = self.nodes[place];
            let mut asked = self.input.exports.iter();
            let asked = asked.find(|asked| export.name.is_meant_by(&asked.name.value()));
            let Some(asked) = asked else { continue };
            let exported = self.exported_by(component, &export.name);
            let Some(owner) = exported else { continue };
            let is_interface = matches!(export.item, Item::Interface(_));
            let draft = self.draft(owner, asked.name.span());
            draft.callees.push(place);
            if is_interface {
                draft.exported_by = Some(place);
            } else {
                draft.called.insert(export.name.to_string());
            }
        }
    }

    /// What the elements of lists export.
    fn lists(&mut self) {
        for (place, &component) in self.nodes.clone().iter().enumerate() {
            if let What::Many(id) = self.components[component].what {
                let span = self.input.components[component].name.span();
                let draft = self.draft(Owner::Interface(id), span);
                draft.callees.push(place);
            }
        }
    }

    /// What components import from each other.
    fn links(&mut self) {
        for (place, node) in self.plan.components.iter().enumerate() {
            let component = self.nodes[place];
            let span = self.input.components[component].name.span();
            for link in &node.links {
                let Source::Component {
                    index: from,
                    export,
                    ..
                } = &link.source
                else {
                    continue;
                };
                let Some(owner) = self.imported_by(component, &link.import) else {
                    continue;
                };
                let import = link.import.to_string();
                let draft = self.draft(owner, span);
                draft.imported.insert(import);
                if !self.imports[component].contains(&owner) {
                    self.imports[component].push(owner);
                }
                // A function of a world has a constant in both worlds.
                let from = self.nodes[*from];
                if let (Owner::World(_), Some(owner)) = (owner, self.exported_by(from, export)) {
                    self.draft(owner, span);
                }
            }
        }
    }

    /// What the embedder implements.
    fn host(&mut self, host: &[HostTrait]) {
        for import in host {
            let hosted = Hosted {
                is_async: import.is_async,
                trappable: import.trappable,
            };
            match &import.of {
                TraitOf::Interface(id) => {
                    let functions = self.resolve.interfaces[*id].functions.keys();
                    let draft = self.draft(Owner::Interface(*id), import.span);
                    let hosted = functions.map(|name| (name.clone(), hosted));
                    draft.hosted.extend(hosted);
                }
                TraitOf::Function(world) => {
                    let draft = self.draft(Owner::World(*world), import.span);
                    draft.hosted.insert(import.name.clone(), hosted);
                }
            }
        }
    }

    /// What the types of all these use.
    fn used(&mut self) {
        let mut place = 0;
        while let Some(draft) = self.drafts.get(place) {
            let (owner, span) = (draft.owner, draft.span);
            for (_, id) in types_of(self.resolve, owner) {
                if let TypeDefKind::Type(Type::Id(used)) = self.resolve.types[id].kind
                    && let Some(owner) = owner_of(self.resolve, used)
                {
                    self.draft(owner, span);
                }
            }
            place += 1;
        }
    }

    /// Where an export of a component stands in the WIT.
    fn exported_by(&self, component: usize, name: &Name) -> Option<Owner> {
        match self.components[component].what {
            What::Dyn(id) | What::Many(id) => Some(Owner::Interface(id)),
            What::World(id) => self.item(id, &self.resolve.worlds[id].exports, name),
        }
    }

    fn imported_by(&self, component: usize, name: &Name) -> Option<Owner> {
        match self.components[component].what {
            // What these import shows only at run time.
            What::Dyn(_) | What::Many(_) => None,
            What::World(id) => self.item(id, &self.resolve.worlds[id].imports, name),
        }
    }

    fn item(
        &self,
        world: WorldId,
        items: &wit_parser::IndexMap<wit_parser::WorldKey, WorldItem>,
        name: &Name,
    ) -> Option<Owner> {
        let mut items = items.iter();
        let (_, item) = items.find(|(key, _)| self.resolve.name_world_key(key) == name.as_str())?;
        match item {
            WorldItem::Interface { id, .. } => Some(Owner::Interface(*id)),
            WorldItem::Function(_) => Some(Owner::World(world)),
            WorldItem::Type { .. } => None,
        }
    }

    /// What each component exports and imports, of what has a module.
    fn glue(&mut self) -> Vec<Glue> {
        let mut glue: Vec<Glue> = Vec::new();
        for (component, imports) in self.imports.iter().enumerate() {
            let mut exports: Vec<Owner> = Vec::new();
            match self.components[component].what {
                What::Dyn(id) | What::Many(id) => exports.push(Owner::Interface(id)),
                What::World(world) => {
                    for item in self.resolve.worlds[world].exports.values() {
                        match item {
                            WorldItem::Interface { id, .. } => {
                                exports.push(Owner::Interface(*id));
                            }
                            WorldItem::Function(_) if !exports.contains(&Owner::World(world)) => {
                                exports.push(Owner::World(world));
                            }
                            _ => {}
                        }
                    }
                }
            }
            exports.retain(|owner| self.places.contains_key(owner));
            glue.push(Glue {
                exports,
                imports: imports.clone(),
            });
        }
        for glue in &glue {
            for owner in &glue.exports {
                let draft = &mut self.drafts[self.places[owner]];
                if let Owner::World(id) = owner {
                    let exports = &self.resolve.worlds[*id].exports;
                    let names = exports.keys().map(|key| self.resolve.name_world_key(key));
                    draft.exported.extend(names);
                } else {
                    draft.exported.insert(String::new());
                }
            }
        }
        glue
    }

    fn finish(self, mut glue: Vec<Glue>) -> Surface {
        let shapes = Shapes::new(self.resolve);
        let paths = Paths::new(self.resolve);
        let mut modules: Vec<Module> = Vec::new();
        for draft in &self.drafts {
            let (path, interface) = paths.of(draft.owner);
            modules.push(Module {
                owner: draft.owner,
                path,
                interface,
                functions: self.functions(draft, &shapes),
                span: draft.span,
                callees: draft.callees.clone(),
                exported_by: draft.exported_by,
            });
        }
        modules.sort_by(|a, b| a.path.cmp(&b.path));
        let mut number = 0..;
        for module in &mut modules {
            for func in &mut module.functions {
                func.called = func.called.and_then(|_| number.next());
            }
        }
        let places: HashMap<Owner, usize> = (0..)
            .zip(&modules)
            .map(|(place, module)| (module.owner, place))
            .collect();
        // A module without functions has nothing to name.
        let names = |owner: &Owner, wanted: fn(&Func) -> bool| {
            modules[places[owner]].functions.iter().any(wanted)
        };
        for glue in &mut glue {
            glue.exports
                .retain(|owner| names(owner, |func| func.is_exported));
            glue.imports
                .retain(|owner| names(owner, |func| func.is_imported));
        }
        let functions = modules.iter().flat_map(|module| &module.functions);
        let errors = shape::errors(self.resolve, functions.map(|func| &func.function));
        let worlds = self.nodes.iter().map(|&c| &*self.components[c].world);
        let worlds: Vec<&World> = worlds.collect();
        let module_of = |id| Some(*places.get(&owner_of(self.resolve, id)?)?);
        let identities = Identities::new(self.plan, &worlds);
        let views = views::find(self.resolve, &modules, module_of, &shapes, &identities);
        Surface {
            accessors: accessors::find(self.input, self.components, &modules, &places),
            modules,
            places,
            glue,
            shapes,
            views,
            errors,
        }
    }

    fn functions(&self, draft: &Draft, shapes: &Shapes) -> Vec<Func> {
        let func = |function: &Function, key: &str, is_called: bool| Func {
            function: function.clone(),
            name: function_name(self.resolve, function),
            constant: constant_name(self.resolve, function),
            called: is_called.then_some(0),
            is_exported: draft.exported.contains(key) && !is_long(function),
            is_imported: draft.imported.contains(key) && !is_long(function),
            hosted: draft.hosted.get(&function.name).copied(),
        };
        let mut funcs: Vec<Func> = match draft.owner {
            Owner::Interface(id) => {
                let functions = self.resolve.interfaces[id].functions.values();
                functions
                    .map(|function| Func {
                        is_exported: !draft.exported.is_empty() && !is_long(function),
                        is_imported: !draft.imported.is_empty() && !is_long(function),
                        ..func(function, "", !draft.callees.is_empty())
                    })
                    .collect()
            }
            Owner::World(id) => {
                let world = &self.resolve.worlds[id];
                let items = world.exports.iter().chain(&world.imports);
                let functions = items.filter_map(|(key, item)| match item {
                    WorldItem::Function(function) => {
                        let name = self.resolve.name_world_key(key);
                        Some(func(function, &name, draft.called.contains(&name)))
                    }
                    _ => None,
                });
                functions.collect()
            }
        };
        // A world can import what it exports.
        let mut seen = HashSet::new();
        funcs.retain(|func| {
            let linked = func.is_exported || func.is_imported;
            let crosses = func.called.is_some() || linked || func.hosted.is_some();
            let is_confined = shapes.of_function(&func.function).is_confined;
            crosses && !is_confined && seen.insert(func.function.name.clone())
        });
        funcs
    }
}
