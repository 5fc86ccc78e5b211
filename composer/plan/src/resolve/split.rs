//! Resources that one component would get from two sides: from another component by one
//! import, and from its linker by another.
//!
//! All imports that use a resource have to come from where it belongs. So an interface can
//! be replaced only together with everything that hangs on its resources.

use std::collections::BTreeSet;

use crate::resolve::candidate::SourceChoice;
use crate::resolve::error::PlanError;
use crate::resolve::identity::ResourceIdentities;
use crate::resolve::offers::{ExportOffer, ExportOffers, SortedComponents};
use crate::resolve::report::ResourceUser;
use crate::{FuncType, Identity, Item, ResourceId, Type};

/// The resources that come from two sides, by component and resource: what else is wrong
/// with them follows from that.
pub(super) type SplitResources = BTreeSet<(usize, ResourceId)>;

/// Looks for resources that come from two sides.
pub(super) struct SplitSearch<'a, 'g> {
    pub(super) members: &'a SortedComponents<'g>,
    pub(super) offers: &'a ExportOffers<'g>,
    pub(super) identities: &'a ResourceIdentities<'a, 'g>,
    pub(super) choices: &'a [Vec<SourceChoice>],
}

impl SplitSearch<'_, '_> {
    /// Reports them all, one error for each component and provider.
    pub(super) fn find(&self, errors: &mut Vec<PlanError>) -> SplitResources {
        let mut found = SplitResources::new();
        for node in 0..self.members.nodes.len() {
            for (resource, owner) in self.split(node) {
                if !found.contains(&(node, resource)) {
                    let together = self.together(node, resource, owner);
                    errors.push(self.error(node, resource, owner, &together));
                    found.extend(together.into_iter().map(|resource| (node, resource)));
                }
            }
        }
        found
    }

    /// The resources of a component that come from two sides, with the component that one
    /// of these is.
    fn split(&self, node: usize) -> Vec<(ResourceId, usize)> {
        let mut found = Vec::new();
        for (import, choice) in self.choices[node].iter().enumerate() {
            let item = &self.members.import(node, import).item;
            match *choice {
                SourceChoice::Provider(offer) => {
                    let own = self.replaced(node, import, offer).into_iter();
                    found.extend(own.map(|resource| (resource, offer.node)));
                }
                SourceChoice::Host => {
                    for resource in mentioned(item) {
                        if let Some(owner) = self.given_up(node, resource) {
                            found.push((resource, owner));
                        }
                    }
                }
                SourceChoice::Open | SourceChoice::Nothing => {}
            }
        }
        found
    }

    /// The resources of the component's linker in an import, for which this offer has
    /// resources of a component.
    fn replaced(&self, node: usize, import: usize, offer: ExportOffer) -> Vec<ResourceId> {
        let mut found = Vec::new();
        let wanted = &self.members.import(node, import).item;
        let provided = &self.members.export(offer).item;
        for (wanted, provided) in same_functions(wanted, provided) {
            let (wanted, provided) = (in_order(wanted), in_order(provided));
            if wanted.len() != provided.len() {
                // The types differ in more than this.
                continue;
            }
            for (id, other) in wanted.into_iter().zip(provided) {
                let of_linker = matches!(
                    self.identities.of(node, id),
                    Some(Identity::Host | Identity::HostType(_))
                );
                let identity = self.identities.of(offer.node, other);
                if of_linker && matches!(identity, Some(Identity::Component { .. })) {
                    found.push(id);
                }
            }
        }
        found
    }

    /// The component that provides a resource which the linker has as well, with functions
    /// that use it.
    fn given_up(&self, node: usize, resource: ResourceId) -> Option<usize> {
        let member = self.members.nodes[node];
        if !member.host_types.contains_key(&resource) {
            return None;
        }
        let interface = member.world.resource(resource).interface.as_ref()?;
        let mut imports = member.world.imports.iter();
        let import = imports.position(|import| import.name == *interface)?;
        match self.choices[node][import] {
            SourceChoice::Provider(offer) => Some(offer.node),
            _ => None,
        }
    }

    /// The resources that have to come from the same side as this one, which is among
    /// them.
    fn together(&self, node: usize, first: ResourceId, owner: usize) -> BTreeSet<ResourceId> {
        let mut together = BTreeSet::from([first]);
        loop {
            let before = together.len();
            for import in self.users(node, &together) {
                let wanted = self.members.import(node, import);
                if let Some(offer) = self.offers.best(owner, wanted) {
                    together.extend(self.replaced(node, import, offer));
                }
            }
            if together.len() == before {
                return together;
            }
        }
    }

    /// The imports of a component that define or use some of these resources.
    fn users(&self, node: usize, resources: &BTreeSet<ResourceId>) -> Vec<usize> {
        let world = &self.members.nodes[node].world;
        let uses = |import: &usize| {
            let import = self.members.import(node, *import);
            let defines = |id: &ResourceId| {
                let resource = world.resource(*id);
                match &resource.interface {
                    Some(interface) => *interface == import.name,
                    None => resource.name == import.name.as_str(),
                }
            };
            resources.iter().any(defines)
                || mentioned(&import.item)
                    .iter()
                    .any(|id| resources.contains(id))
        };
        (0..world.imports.len()).filter(uses).collect()
    }

    fn error(
        &self,
        node: usize,
        resource: ResourceId,
        owner: usize,
        together: &BTreeSet<ResourceId>,
    ) -> PlanError {
        let of_world = self.members.nodes[node].world.resource(resource);
        let user = |import: usize| {
            let wanted = self.members.import(node, import);
            ResourceUser {
                import: wanted.name.clone(),
                provider: match self.choices[node][import] {
                    SourceChoice::Provider(offer) => Some(self.members.name(offer.node).to_owned()),
                    _ => None,
                },
                offered: self.offers.best(owner, wanted).is_some(),
            }
        };
        let users = self.users(node, together);
        // What needs no source, such as an interface of types, comes from nowhere.
        let users = users
            .into_iter()
            .filter(|import| self.choices[node][*import] != SourceChoice::Nothing);
        PlanError::SplitResource {
            component: self.members.name(node).to_owned(),
            resource: of_world.name.clone(),
            interface: of_world.interface.clone(),
            provider: self.members.name(owner).to_owned(),
            users: users.map(user).collect(),
        }
    }
}

/// The functions that both sides of a link have.
fn same_functions<'t>(wanted: &'t Item, found: &'t Item) -> Vec<(&'t FuncType, &'t FuncType)> {
    match (wanted, found) {
        (Item::Func(wanted), Item::Func(found)) => vec![(wanted, found)],
        (Item::Interface(wanted), Item::Interface(found)) => {
            let funcs = wanted.funcs.iter();
            let both = funcs.filter_map(|(name, func)| Some((&**func, &**found.funcs.get(name)?)));
            both.collect()
        }
        _ => Vec::new(),
    }
}

/// The resources in the functions of an item.
fn mentioned(item: &Item) -> BTreeSet<ResourceId> {
    match item {
        Item::Func(func) => resources(func),
        Item::Interface(interface) => {
            let funcs = interface.funcs.values();
            funcs.flat_map(|func| resources(func)).collect()
        }
        _ => BTreeSet::new(),
    }
}

fn resources(func: &FuncType) -> BTreeSet<ResourceId> {
    in_order(func).into_iter().collect()
}

/// The same, as they stand in the function's type. Two functions of one type have their
/// resources in the same places.
fn in_order(func: &FuncType) -> Vec<ResourceId> {
    let mut found = Vec::new();
    for ty in func.types() {
        ty.any(&mut |ty| {
            if let Type::Own(id) | Type::Borrow(id) = ty {
                found.push(*id);
            }
            false
        });
    }
    found
}
