//! The world of a composition, as a component of another composition.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::plan::{ExportKind, Identity, Plan, Source};
use crate::{
    Extern, FuncType, Graph, Interface, Item, Name, Node, Resource, ResourceId, Side, Type, World,
};

impl Plan {
    /// What the composition imports and exports as a whole, so that it can be
    /// a component of another composition.
    ///
    /// Its imports are the open ones, each with all that its users need. Its exports are
    /// those of [`Plan::exports`] that belong to one component; functions that use a
    /// resource of some component's linker are left out, since such a resource cannot
    /// leave that component's store.
    ///
    /// `graph` must be the graph that this plan was made from; items of a component that
    /// is not in it are left out.
    pub fn world(&self, graph: &Graph) -> World {
        self.world_with_identities(graph).0
    }

    /// Like [`Plan::world`], with the identity of each of its [`World::resources`] inside
    /// this composition.
    pub fn world_with_identities(&self, graph: &Graph) -> (World, Vec<Identity>) {
        let nodes: HashMap<&str, &Node> = graph
            .nodes
            .iter()
            .map(|node| (node.name.as_str(), node))
            .collect();
        let components = self.components.iter();
        let worlds = components.map(|c| nodes.get(c.name.as_str()).map(|node| &*node.world));
        let mut outside = WorldBuilder {
            plan: self,
            worlds: worlds.collect(),
            bare: vec![false; self.open_imports.len()],
            ids: HashMap::new(),
            identities: Vec::new(),
            resources: Vec::new(),
        };
        let imports = outside.imports();
        let exports = outside.exports();
        let world = World {
            imports,
            exports,
            resources: outside.resources,
            types: Vec::new(),
            hidden: Vec::new(),
        };
        (world, outside.identities)
    }
}

/// A world under construction.
struct WorldBuilder<'a> {
    plan: &'a Plan,
    /// The worlds of the components, by position in the plan.
    worlds: Vec<Option<&'a World>>,
    /// For each open import, whether it is itself a resource and not an interface with
    /// some.
    bare: Vec<bool>,
    ids: HashMap<Identity, ResourceId>,
    identities: Vec<Identity>,
    resources: Vec<Resource>,
}

impl WorldBuilder<'_> {
    fn imports(&mut self) -> Vec<Extern> {
        let mut users: Vec<Vec<(usize, &Extern)>> = vec![Vec::new(); self.plan.open_imports.len()];
        for (index, component) in self.plan.components.iter().enumerate() {
            let imports = self.worlds[index].map_or(&[][..], |world| &world.imports);
            for (link, import) in component.links.iter().zip(imports) {
                if let Source::Open { index: open } = link.source
                    && let Some(users) = users.get_mut(open)
                {
                    users.push((index, import));
                    self.bare[open] |= matches!(import.item, Item::Resource(_));
                }
            }
        }
        let open = self.plan.open_imports.iter().zip(users);
        open.filter_map(|(open, users)| self.import(&open.name, &users))
            .collect()
    }

    /// An open import with everything that its users need of it. The planner has checked
    /// that they agree about what they share.
    fn import(&mut self, name: &Name, users: &[(usize, &Extern)]) -> Option<Extern> {
        let mut joined: Option<Item> = None;
        for &(index, import) in users {
            let Some(item) = self.item(index, &import.item) else {
                continue;
            };
            match (&mut joined, item) {
                (Some(Item::Interface(all)), Item::Interface(more)) => {
                    all.funcs.extend(more.funcs);
                    all.resources.extend(more.resources);
                }
                (Some(_), _) => {}
                (joined @ None, item) => *joined = Some(item),
            }
        }
        let implements = users.iter().find_map(|(_, user)| user.implements.clone());
        Some(Extern {
            name: name.clone(),
            implements,
            item: joined?,
        })
    }

    fn exports(&mut self) -> Vec<Extern> {
        let mut owned: Vec<(&Name, ExportKind, usize, &Extern)> = Vec::new();
        for (index, (component, world)) in self.plan.components.iter().zip(&self.worlds).enumerate()
        {
            for export in world.map_or(&[][..], |world| &world.exports) {
                let Some(kind) = ExportKind::of(&export.item) else {
                    continue;
                };
                let key = (&export.name, kind);
                let exports = &self.plan.exports;
                let listed = exports.binary_search_by(|e| (&e.name, e.kind).cmp(&key));
                if let Ok(listed) = listed
                    && exports[listed].components == [component.name.as_str()]
                {
                    owned.push((&export.name, kind, index, export));
                }
            }
        }
        owned.sort_by_key(|(name, kind, ..)| (*name, *kind));
        // A name that is a function of one component and an interface of
        // another is as ambiguous as one that both export.
        let unique = owned
            .chunk_by(|a, b| a.0 == b.0)
            .filter(|same| same.len() == 1);
        unique
            .flatten()
            .filter_map(|&(name, _, index, export)| {
                Some(Extern {
                    name: name.clone(),
                    implements: export.implements.clone(),
                    item: self.item(index, &export.item)?,
                })
            })
            .collect()
    }

    /// An item of one component, with its resources renumbered; `None` if nothing of it
    /// can cross.
    fn item(&mut self, index: usize, item: &Item) -> Option<Item> {
        Some(match item {
            Item::Func(func) => Item::Func(self.func(index, func)?),
            Item::Resource(id) => Item::Resource(self.resource(index, *id)?),
            Item::Interface(interface) => {
                let funcs: BTreeMap<String, Arc<FuncType>> = interface
                    .funcs
                    .iter()
                    .filter_map(|(name, func)| Some((name.clone(), self.func(index, func)?)))
                    .collect();
                if funcs.is_empty() && !interface.funcs.is_empty() {
                    return None;
                }
                let resources = interface.resources.iter();
                Item::Interface(Interface {
                    funcs,
                    resources: resources
                        .filter_map(|(name, &id)| Some((name.clone(), self.resource(index, id)?)))
                        .collect(),
                    ..Interface::default()
                })
            }
            Item::Unsupported(_) => return None,
        })
    }

    fn func(&mut self, index: usize, func: &Arc<FuncType>) -> Option<Arc<FuncType>> {
        let is_resource = &mut |ty: &Type| matches!(ty, Type::Own(_) | Type::Borrow(_));
        if !func.types().any(|ty| ty.any(is_resource)) {
            return Some(func.clone());
        }
        let params = func.params.iter();
        Some(Arc::new(FuncType {
            is_async: func.is_async,
            params: params
                .map(|(name, ty)| Some((name.clone(), self.ty(index, ty)?)))
                .collect::<Option<_>>()?,
            result: self.optional(index, func.result.as_ref())?,
        }))
    }

    fn ty(&mut self, index: usize, ty: &Type) -> Option<Type> {
        Some(match ty {
            Type::Own(id) => Type::Own(self.resource(index, *id)?),
            Type::Borrow(id) => Type::Borrow(self.resource(index, *id)?),
            Type::List(t) => Type::List(self.shared(index, t)?),
            Type::FixedLengthList(t, n) => Type::FixedLengthList(self.shared(index, t)?, *n),
            Type::Map(k, v) => Type::Map(self.shared(index, k)?, self.shared(index, v)?),
            Type::Option(t) => Type::Option(self.shared(index, t)?),
            Type::Record(fields) => Type::Record(
                fields
                    .iter()
                    .map(|(name, t)| Some((name.clone(), self.ty(index, t)?)))
                    .collect::<Option<_>>()?,
            ),
            Type::Tuple(types) => {
                let types = types.iter().map(|t| self.ty(index, t));
                Type::Tuple(types.collect::<Option<_>>()?)
            }
            Type::Variant(cases) => Type::Variant(
                cases
                    .iter()
                    .map(|(name, t)| Some((name.clone(), self.optional(index, t.as_ref())?)))
                    .collect::<Option<_>>()?,
            ),
            Type::Result(sides) => {
                let (ok, err) = &**sides;
                let ok = self.optional(index, ok.as_ref())?;
                Type::Result(Arc::new((ok, self.optional(index, err.as_ref())?)))
            }
            Type::Future(t) => Type::Future(self.optional(index, t.as_deref())?.map(Arc::new)),
            Type::Stream(t) => Type::Stream(self.optional(index, t.as_deref())?.map(Arc::new)),
            leaf => leaf.clone(),
        })
    }

    fn shared(&mut self, index: usize, ty: &Type) -> Option<Arc<Type>> {
        self.ty(index, ty).map(Arc::new)
    }

    fn optional(&mut self, index: usize, ty: Option<&Type>) -> Option<Option<Type>> {
        match ty {
            Some(ty) => self.ty(index, ty).map(Some),
            None => Some(None),
        }
    }

    /// The number of a resource in the composition's world: one for each identity.
    fn resource(&mut self, index: usize, id: ResourceId) -> Option<ResourceId> {
        let identity = self.plan.components[index].resources.get(id.0 as usize)?;
        if let Some(&known) = self.ids.get(identity) {
            return Some(known);
        }
        let resource = match identity {
            Identity::Host => return None,
            Identity::HostType(_) => {
                let named = (*self.worlds.get(index)?)?.resources.get(id.0 as usize)?;
                Resource {
                    side: Side::Import,
                    ..named.clone()
                }
            }
            Identity::Component { index, resource } => {
                let defined = (*self.worlds.get(*index)?)?
                    .resources
                    .get(resource.0 as usize)?;
                Resource {
                    side: Side::Export,
                    ..defined.clone()
                }
            }
            Identity::Open {
                index: open,
                resource,
            } => {
                let interface = &self.plan.open_imports.get(*open)?.name;
                Resource {
                    side: Side::Import,
                    interface: (!self.bare[*open]).then(|| interface.clone()),
                    name: resource.clone(),
                }
            }
        };
        let id = ResourceId(u32::try_from(self.resources.len()).ok()?);
        self.resources.push(resource);
        self.identities.push(identity.clone());
        self.ids.insert(identity.clone(), id);
        Some(id)
    }
}
