//! A group on its way to one component.

use std::sync::Arc;

use composer_plan::{Graph, Item, Plan, World};
use wasmtime::component::Component;

use crate::assembly::fused::owners;
use crate::assembly::sealed::Part;
use crate::assembly::{ComposableComponent, DescribedPart};
use crate::error::PartError;
use crate::load::world::read_world;
use crate::typed::{BindingsFor, TypedBindings};

/// A group that has been planned and written down, and is not compiled yet.
pub(crate) struct EncodedGroup {
    pub(super) plan: Arc<Plan>,
    pub(super) graph: Graph,
    pub(crate) binary: Vec<u8>,
}

impl EncodedGroup {
    /// What others see of the group, which has been compiled.
    pub(crate) fn view(&self, component: &Component) -> GroupView {
        GroupView {
            world: restrict(read_world(component), &self.plan, &self.graph),
            plan: self.plan.clone(),
        }
    }
}

/// What others see of a group: the plan of its members, and a world that may show less
/// than the component has.
#[derive(Clone)]
pub(crate) struct GroupView {
    world: World,
    plan: Arc<Plan>,
}

/// Removes from the world of the whole what the group does not show: filters may hide
/// single functions of an interface.
fn restrict(mut world: World, plan: &Plan, graph: &Graph) -> World {
    let owners = owners(plan, graph);
    let shown = |name: &str| {
        let owner = owners.get(name)?;
        let node = graph.nodes.iter().find(|node| node.name == *owner)?;
        node.world.export(name)
    };
    world.retain_exports(|name, function| match (shown(name.as_str()), function) {
        (Some(export), Some(function)) => match &export.item {
            Item::Interface(interface) => interface.funcs.contains_key(function),
            _ => true,
        },
        (export, _) => export.is_some(),
    });
    // An export that several members have is not shown, but no filter hides it.
    let hidden: Vec<&String> = graph.nodes.iter().flat_map(|n| &n.world.hidden).collect();
    world.hidden.retain(|name| hidden.contains(&name));
    world
}

/// A group that has become one component.
pub(crate) struct FusedGroup<T: 'static> {
    pub(crate) part: ComposableComponent<T>,
    pub(crate) view: GroupView,
}

impl<T: Send + 'static> Part for FusedGroup<T> {
    fn read(self: Box<Self>, _name: &str) -> Result<DescribedPart, PartError> {
        let mut known = self.part.described_with(self.view.world);
        known.fused = Some(self.view.plan);
        Ok(known)
    }

    fn typed(self, name: &str, glue: &impl TypedBindings) -> Result<Box<dyn Part>, PartError> {
        self.typed_part(name, glue)
    }
}

impl<T: Send + 'static> FusedGroup<T> {
    /// As [`ComposableComponent::typed_part`].
    pub(crate) fn typed_part(
        mut self,
        name: &str,
        glue: &dyn BindingsFor<T>,
    ) -> Result<Box<dyn Part>, PartError> {
        self.part.take(name, glue)?;
        Ok(Box::new(self))
    }
}
