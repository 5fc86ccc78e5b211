//! The owner of each resource that a component's world mentions.
//!
//! One resource of the WIT can stand for several: each component that exports its
//! interface has one of its own. The planner tells them apart.

use std::collections::HashMap;

use composer_plan::{Identity, Item, Name, Plan, Side, World};
use wit_parser::{Resolve, TypeId, TypeOwner};

/// A resource's key within a world: its side, interface and name.
type ResourceKey = (Side, Option<String>, String);

/// The identities of the resources of every component.
pub(crate) struct ResourceIdentities {
    components: Vec<HashMap<ResourceKey, Identity>>,
    exported: Vec<Vec<String>>,
}

impl ResourceIdentities {
    /// The resources of the components of `plan`, which have these worlds.
    pub(crate) fn new(plan: &Plan, worlds: &[&World]) -> Self {
        let components = plan.components.iter().zip(worlds);
        ResourceIdentities {
            components: components
                .map(|(component, world)| {
                    let named = world.resources.iter().map(|resource| {
                        let interface = resource.interface.as_ref().map(Name::to_string);
                        (resource.side, interface, resource.name.clone())
                    });
                    named.zip(component.resources.iter().cloned()).collect()
                })
                .collect(),
            exported: worlds
                .iter()
                .map(|world| {
                    let exports = world.exports.iter();
                    let interfaces = exports.filter(|e| matches!(e.item, Item::Interface(_)));
                    interfaces.map(|e| e.name.to_string()).collect()
                })
                .collect(),
        }
    }

    /// The owner of the resource when the component at this index of the plan mentions it
    /// in its exports.
    pub(crate) fn find(
        &self,
        component: usize,
        resolve: &Resolve,
        resource: TypeId,
    ) -> Option<&Identity> {
        let ty = &resolve.types[resource];
        let interface = match ty.owner {
            TypeOwner::Interface(owner) => resolve.id_of(owner),
            _ => None,
        };
        let exported = self.exported.get(component)?;
        let is_exported = interface.as_ref().is_some_and(|i| exported.contains(i));
        let side = if is_exported {
            Side::Export
        } else {
            Side::Import
        };
        self.components
            .get(component)?
            .get(&(side, interface, ty.name.clone()?))
    }
}
