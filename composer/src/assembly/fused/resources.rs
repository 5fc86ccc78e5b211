//! Resources that would have to leave a group before it exists.

use composer_plan::{Graph, Identity, Item, Plan, ResourceId, Source, Type, World};

use crate::error::fuse::{Entangled, FuseError};

/// Reports imports of the group that use resources of its members. A component that
/// exports such an interface imports the resource from the group, so the group would have
/// to start first; but the group imports that interface.
pub(super) fn check(plan: &Plan, graph: &Graph) -> Result<(), FuseError> {
    let mut entangled = Vec::new();
    for component in &plan.components {
        let Some(node) = graph.nodes.iter().find(|node| node.name == component.name) else {
            continue;
        };
        for (link, import) in component.links.iter().zip(&node.world.imports) {
            if !matches!(link.source, Source::Open { .. }) {
                continue;
            }
            let inside = used(&import.item).into_iter().find_map(|id| {
                match component.resources.get(id.0 as usize)? {
                    Identity::Component { index, .. } => Some((id, plan.components.get(*index)?)),
                    _ => None,
                }
            });
            if let Some((id, owner)) = inside {
                entangled.push(Entangled {
                    member: component.name.clone(),
                    import: import.name.clone(),
                    resource: name(&node.world, id),
                    owner: owner.name.clone(),
                });
            }
        }
    }
    match entangled.is_empty() {
        true => Ok(()),
        false => Err(FuseError::Entangled(entangled)),
    }
}

fn name(world: &World, id: ResourceId) -> String {
    let resource = world.resources.get(id.0 as usize);
    resource.map(ToString::to_string).unwrap_or_default()
}

/// The resources that an import mentions, in its own order.
fn used(item: &Item) -> Vec<ResourceId> {
    let mut used = Vec::new();
    let mut find = |ty: &Type| {
        if let Type::Own(id) | Type::Borrow(id) = ty {
            used.push(*id);
        }
        false
    };
    match item {
        Item::Func(func) => func.types().for_each(|ty| {
            ty.any(&mut find);
        }),
        Item::Interface(interface) => {
            for ty in interface.funcs.values().flat_map(|func| func.types()) {
                ty.any(&mut find);
            }
            used.extend(interface.resources.values());
        }
        Item::Resource(id) => used.push(*id),
        _ => {}
    }
    used
}
