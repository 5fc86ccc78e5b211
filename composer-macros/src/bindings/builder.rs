//! The builder of the bindings.

use std::collections::{HashMap, HashSet};

use composer_plan::{Item, Name, Plan, Source, World};
use proc_macro2::Span;
use wit_parser::{Function, Resolve, Type, TypeDefKind, TypeId, WorldId, WorldItem};

use crate::ast::{ComposeInput, text};
use crate::bindings::identity::ResourceIdentities;
use crate::bindings::paths::ModulePaths;
use crate::bindings::shape::TypeShapes;
use crate::bindings::{
    Bindings, BindingsModule, BoundFunction, BoundaryModules, HostFunction, ItemOwner, accessors,
    constant_name, function_name, is_long, owner_of, shape, types_of, views,
};
use crate::check::{Declaration, DeclaredComponent, HostTrait, TraitOf, written};

/// A module under construction.
struct ModuleDraft {
    owner: ItemOwner,
    span: Span,
    callees: Vec<usize>,
    exported_by: Option<usize>,
    /// The functions of a world that are called; below, those that are exported and
    /// imported. For an interface, either all of its functions are or none is.
    called: HashSet<String>,
    exported: HashSet<String>,
    imported: HashSet<String>,
    hosted: HashMap<String, HostFunction>,
    /// The resources that the embedder implements.
    hosted_resources: Vec<TypeId>,
}

pub(super) struct BindingsBuilder<'a> {
    input: &'a ComposeInput,
    resolve: &'a Resolve,
    components: &'a [DeclaredComponent],
    plan: &'a Plan,
    /// For each component of the plan, its index in the input.
    nodes: Vec<usize>,
    drafts: Vec<ModuleDraft>,
    places: HashMap<ItemOwner, usize>,
    imports: Vec<Vec<ItemOwner>>,
}

impl<'a> BindingsBuilder<'a> {
    pub(super) fn new(
        input: &'a ComposeInput,
        resolve: &'a Resolve,
        components: &'a [DeclaredComponent],
        plan: &'a Plan,
    ) -> Self {
        let inputs = input.components.iter().enumerate();
        let inputs: HashMap<String, usize> = inputs.map(|(i, c)| (text(&c.name), i)).collect();
        let nodes = plan.components.iter();
        BindingsBuilder {
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

    fn draft(&mut self, owner: ItemOwner, span: Span) -> &mut ModuleDraft {
        let place = *self.places.entry(owner).or_insert(self.drafts.len());
        if place == self.drafts.len() {
            self.drafts.push(ModuleDraft {
                owner,
                span,
                callees: Vec::new(),
                exported_by: None,
                called: HashSet::new(),
                exported: HashSet::new(),
                imported: HashSet::new(),
                hosted: HashMap::new(),
                hosted_resources: Vec::new(),
            });
        }
        &mut self.drafts[place]
    }

    /// Adds what the composition exports.
    pub(super) fn exports(&mut self, exports: &World) {
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

    /// Adds what the elements of lists export.
    pub(super) fn lists(&mut self) {
        for (place, &component) in self.nodes.clone().iter().enumerate() {
            if let Declaration::Many(id) = self.components[component].what {
                let span = self.input.components[component].name.span();
                let draft = self.draft(ItemOwner::Interface(id), span);
                draft.callees.push(place);
            }
        }
    }

    /// Adds what components import from each other.
    pub(super) fn links(&mut self) {
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
                // A world's function has a constant in both worlds.
                let from = self.nodes[*from];
                if let (ItemOwner::World(_), Some(owner)) = (owner, self.exported_by(from, export))
                {
                    self.draft(owner, span);
                }
            }
        }
    }

    /// Adds what the embedder implements.
    pub(super) fn host(&mut self, host: &[HostTrait]) {
        for import in host {
            let hosted = HostFunction {
                is_async: import.is_async,
                trappable: import.trappable,
            };
            let resources = import.resources(self.resolve);
            let draft = match &import.of {
                TraitOf::Interface(id) => {
                    let functions = self.resolve.interfaces[*id].functions.keys();
                    let draft = self.draft(ItemOwner::Interface(*id), import.span);
                    let of_function = |name: &String| {
                        let mut forms = import.functions.iter();
                        let own = forms.find(|(function, _)| function == name);
                        own.map_or(hosted, |(_, form)| *form)
                    };
                    let hosted = functions.map(|name| (name.clone(), of_function(name)));
                    draft.hosted.extend(hosted);
                    draft
                }
                TraitOf::Function(world) => {
                    let draft = self.draft(ItemOwner::World(*world), import.span);
                    draft.hosted.insert(import.name.clone(), hosted);
                    draft
                }
                TraitOf::Resource(world, _) => self.draft(ItemOwner::World(*world), import.span),
            };
            draft.hosted_resources.extend(resources);
        }
    }

    /// Adds the interfaces and worlds that the types of these modules use.
    pub(super) fn used(&mut self) {
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

    /// The interface or world of the WIT that has an export of a component.
    fn exported_by(&self, component: usize, name: &Name) -> Option<ItemOwner> {
        match self.components[component].what {
            Declaration::Dyn(id) | Declaration::Many(id) => Some(ItemOwner::Interface(id)),
            Declaration::World(id) => self.item(id, &self.resolve.worlds[id].exports, name),
        }
    }

    fn imported_by(&self, component: usize, name: &Name) -> Option<ItemOwner> {
        match self.components[component].what {
            // The imports of these are known only at run time.
            Declaration::Dyn(_) | Declaration::Many(_) => None,
            Declaration::World(id) => self.item(id, &self.resolve.worlds[id].imports, name),
        }
    }

    fn item(
        &self,
        world: WorldId,
        items: &wit_parser::IndexMap<wit_parser::WorldKey, WorldItem>,
        name: &Name,
    ) -> Option<ItemOwner> {
        let mut items = items.iter();
        let (_, item) = items.find(|(key, _)| self.resolve.name_world_key(key) == name.as_str())?;
        match item {
            WorldItem::Interface { id, .. } => Some(ItemOwner::Interface(*id)),
            WorldItem::Function(_) => Some(ItemOwner::World(world)),
            WorldItem::Type { .. } => None,
        }
    }

    /// For each component, the modules of its exports and imports.
    pub(super) fn glue(&mut self) -> Vec<BoundaryModules> {
        let mut glue: Vec<BoundaryModules> = Vec::new();
        for (component, imports) in self.imports.iter().enumerate() {
            let mut exports: Vec<ItemOwner> = Vec::new();
            match self.components[component].what {
                Declaration::Dyn(id) | Declaration::Many(id) => {
                    exports.push(ItemOwner::Interface(id))
                }
                Declaration::World(world) => {
                    for item in self.resolve.worlds[world].exports.values() {
                        match item {
                            WorldItem::Interface { id, .. } => {
                                exports.push(ItemOwner::Interface(*id));
                            }
                            WorldItem::Function(_)
                                if !exports.contains(&ItemOwner::World(world)) =>
                            {
                                exports.push(ItemOwner::World(world));
                            }
                            _ => {}
                        }
                    }
                }
            }
            exports.retain(|owner| self.places.contains_key(owner));
            glue.push(BoundaryModules {
                exports,
                imports: imports.clone(),
            });
        }
        for glue in &glue {
            for owner in &glue.exports {
                let draft = &mut self.drafts[self.places[owner]];
                if let ItemOwner::World(id) = owner {
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

    pub(super) fn finish(self, mut glue: Vec<BoundaryModules>) -> Bindings {
        let shapes = TypeShapes::new(self.resolve);
        let paths = ModulePaths::new(self.resolve);
        let mut modules: Vec<BindingsModule> = Vec::new();
        for draft in &self.drafts {
            let (path, interface) = paths.of(draft.owner);
            modules.push(BindingsModule {
                owner: draft.owner,
                path,
                interface,
                functions: self.functions(draft, &shapes),
                hosted_resources: draft.hosted_resources.clone(),
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
        let places: HashMap<ItemOwner, usize> = (0..)
            .zip(&modules)
            .map(|(place, module)| (module.owner, place))
            .collect();
        // A module without functions has nothing to register.
        let names = |owner: &ItemOwner, wanted: fn(&BoundFunction) -> bool| {
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
        let identities = ResourceIdentities::new(self.plan, &worlds);
        let views = views::find(self.resolve, &modules, module_of, &shapes, &identities);
        Bindings {
            accessors: accessors::find(self.input, self.components, &modules, &places),
            modules,
            places,
            glue,
            shapes,
            views,
            errors,
            rust_types: HashMap::new(),
        }
    }

    fn functions(&self, draft: &ModuleDraft, shapes: &TypeShapes) -> Vec<BoundFunction> {
        let func = |function: &Function, key: &str, is_called: bool| BoundFunction {
            function: function.clone(),
            name: function_name(self.resolve, function),
            constant: constant_name(self.resolve, function),
            called: is_called.then_some(0),
            is_exported: draft.exported.contains(key) && !is_long(function),
            is_imported: draft.imported.contains(key) && !is_long(function),
            hosted: draft.hosted.get(&function.name).copied(),
        };
        let mut funcs: Vec<BoundFunction> = match draft.owner {
            ItemOwner::Interface(id) => {
                let functions = self.resolve.interfaces[id].functions.values();
                functions
                    .map(|function| BoundFunction {
                        is_exported: !draft.exported.is_empty() && !is_long(function),
                        is_imported: !draft.imported.is_empty() && !is_long(function),
                        ..func(function, "", !draft.callees.is_empty())
                    })
                    .collect()
            }
            ItemOwner::World(id) => {
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
            let is_supported = shapes.of_function(&func.function).unsupported.is_none();
            crosses && is_supported && seen.insert(func.function.name.clone())
        });
        funcs
    }
}
