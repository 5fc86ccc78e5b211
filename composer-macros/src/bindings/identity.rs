//! Whose a resource is that a component's world mentions.
//!
//! A resource of WIT can be several: each component that exports its interface
//! has one of its own. The planner tells them apart.

use std::collections::HashMap;

use composer_plan::{Identity, Item, Name, Plan, Side, World};
use wit_parser::{Resolve, TypeId, TypeOwner};

/// A resource as a world tells it from others: its side, interface and name.
type ResourceKey = (Side, Option<String>, String);

/// The resources of every component.
pub(crate) struct ResourceIdentities {
    components: Vec<HashMap<ResourceKey, Identity>>,
    exported: Vec<Vec<String>>,
}

impl ResourceIdentities {
    /// Of the components of a plan, which have these worlds.
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

    /// Whose the resource is when the component at this place in the plan
    /// mentions it in its exports.
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
