//! The owner of each resource, traced through every import and re-export.

use std::collections::HashMap;

use crate::resolve::candidate::SourceChoice;
use crate::resolve::error::PlanError;
use crate::resolve::offers::{ExportOffer, SortedComponents};
use crate::resolve::open::OpenImports;
use crate::resolve::report::Untransferable;
use crate::{HostType, Identity, Item, ResourceId, Side, World};

/// The identity of every resource of every component.
pub(super) struct ResourceIdentities<'a, 'g> {
    members: &'a SortedComponents<'g>,
    /// The start order, and each component's place in it.
    order: &'a [usize],
    /// By node and resource; `None` where an error has been reported.
    known: Vec<Vec<Option<Identity>>>,
}

impl<'a, 'g> ResourceIdentities<'a, 'g> {
    /// Identities are passed on along the links from providers to users, in
    /// start order, so that a provider's are known before they are asked for.
    pub(super) fn new(
        members: &'a SortedComponents<'g>,
        choices: &[Vec<SourceChoice>],
        open: &OpenImports,
        order: &'a [usize],
        errors: &mut Vec<PlanError>,
    ) -> Self {
        let mut identities = ResourceIdentities {
            members,
            order,
            known: vec![Vec::new(); members.nodes.len()],
        };
        for (index, &node) in order.iter().enumerate() {
            let world = &*members.nodes[node].world;
            let imports: HashMap<&str, usize> = if world.resources.is_empty() {
                HashMap::new()
            } else {
                let names = world.imports.iter().map(|import| import.name.as_str());
                names.zip(0..).collect()
            };
            let mut known = Vec::with_capacity(world.resources.len());
            for (id, resource) in (0..).map(ResourceId).zip(&world.resources) {
                if resource.side == Side::Export {
                    let resource = id;
                    known.push(Some(Identity::Component { index, resource }));
                    continue;
                }
                let import = match &resource.interface {
                    Some(interface) => interface.as_str(),
                    None => &resource.name,
                };
                // A world that mentions a resource of an import it does not have is
                // broken. The safe answer is the host's resource, since no other
                // component has that.
                let import = imports.get(import).copied();
                let choice = import.map(|import| (import, choices[node][import]));
                known.push(match choice {
                    Some((import, SourceChoice::Provider(offer))) => {
                        let link = (node, import, offer);
                        identities.provided(link, &resource.name, errors)
                    }
                    Some((import, SourceChoice::Open)) => {
                        open.index(node, import).map(|index| Identity::Open {
                            index,
                            resource: resource.name.clone(),
                        })
                    }
                    Some((_, SourceChoice::Host | SourceChoice::Nothing)) | None => {
                        let host_type = members.nodes[node].host_types.get(&id);
                        Some(
                            host_type
                                .cloned()
                                .map_or(Identity::Host, Identity::HostType),
                        )
                    }
                });
            }
            identities.known[node] = known;
        }
        identities
    }

    /// The identity that a provider's export gives to a resource.
    fn provided(
        &self,
        (node, import, offer): (usize, usize, ExportOffer),
        resource: &str,
        errors: &mut Vec<PlanError>,
    ) -> Option<Identity> {
        let import = self.members.import(node, import);
        let export = self.members.export(offer);
        let component = || self.members.name(node).to_owned();
        let provider = || self.members.name(offer.node).to_owned();
        let id = match (&import.item, &export.item) {
            (Item::Interface(_), Item::Interface(interface)) => interface.resources.get(resource),
            (Item::Resource(_), Item::Resource(id)) => Some(id),
            // Reported as a mismatch of kinds.
            (Item::Interface(_) | Item::Resource(_), _) => return None,
            // Broken as well: the import that is to have the resource is a function.
            _ => return Some(Identity::Host),
        };
        let Some(&id) = id else {
            errors.push(PlanError::MissingResource {
                component: component(),
                import: import.name.clone(),
                provider: provider(),
                export: export.name.clone(),
                resource: resource.to_owned(),
            });
            return None;
        };
        let identity = self.of(offer.node, id)?;
        if *identity == Identity::Host {
            errors.push(PlanError::Untransferable {
                component: component(),
                import: import.name.clone(),
                provider: Some(provider()),
                function: None,
                path: format!("resource {resource:?}"),
                what: self.host_resource(offer.node, id),
            });
            return None;
        }
        Some(identity.clone())
    }

    /// The identity of one resource, unless an error about it was reported.
    pub(super) fn of(&self, node: usize, id: ResourceId) -> Option<&Identity> {
        self.known[node].get(id.0 as usize)?.as_ref()
    }

    /// The error for a resource that comes from the linker of `node` and therefore cannot
    /// cross.
    pub(super) fn host_resource(&self, node: usize, id: ResourceId) -> Untransferable {
        let resource = self.members.nodes[node].world.resource(id);
        Untransferable::HostResource {
            resource: resource.name.clone(),
            interface: resource.interface.clone(),
            component: self.members.name(node).to_owned(),
        }
    }

    /// Names a resource as one component sees it, with its owner.
    pub(super) fn name(&self, node: usize, id: ResourceId) -> String {
        let own = self.world(node).resource(id);
        match self.of(node, id) {
            Some(Identity::Component { index, resource }) => {
                let owner = self.order[*index];
                let resource = self.world(owner).resource(*resource);
                format!(
                    "{} of component `{}`",
                    name_resource(resource),
                    self.members.name(owner)
                )
            }
            Some(Identity::Host) => {
                let component = self.members.name(node);
                format!(
                    "{} from the linker of component `{component}`",
                    name_resource(own)
                )
            }
            Some(Identity::HostType(HostType { ty, .. })) => {
                let component = self.members.name(node);
                format!(
                    "{}, which is a `{ty}` from the linker of component `{component}`",
                    name_resource(own)
                )
            }
            Some(Identity::Open { .. }) | None => {
                format!("{} from outside the composition", name_resource(own))
            }
        }
    }

    /// Takes all identities of one component, for its entry in the plan.
    pub(super) fn take(&mut self, node: usize) -> Vec<Identity> {
        let known = std::mem::take(&mut self.known[node]);
        known.into_iter().flatten().collect()
    }

    fn world(&self, node: usize) -> &'g World {
        &self.members.nodes[node].world
    }
}

fn name_resource(resource: &crate::Resource) -> String {
    match &resource.interface {
        Some(interface) => format!("the resource `{}` of `{interface}`", resource.name),
        None => format!("the resource `{}`", resource.name),
    }
}
