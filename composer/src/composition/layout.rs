//! What all runs of one plan share.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use composer_plan::{Graph, HostType, Identity, Plan, ResourceId, World};

use crate::boundary::binding::ExportOffers;

/// What is the same in all runs of one plan.
pub(crate) struct CompositionLayout {
    pub(crate) plan: Arc<Plan>,
    pub(crate) graph: Graph,
    /// What each component of the plan offers.
    pub(crate) offers: Vec<Arc<ExportOffers>>,
    /// The components that typed handles lead to, and that therefore stay.
    pub(crate) typed: Arc<BTreeSet<String>>,
}

impl CompositionLayout {
    /// What the composition imports and exports as a whole, and its resources that are
    /// values of the embedder's.
    pub(crate) fn world_with_host_types(&self) -> (World, BTreeMap<ResourceId, HostType>) {
        world_with_host_types(&self.plan, &self.graph)
    }

    /// The component behind an export of the whole, and the export's index among that
    /// component's offers. Ambiguous names have no component.
    pub(crate) fn find_export(&self, name: &str) -> Option<(usize, usize)> {
        let mut exports = self.plan.exports.iter();
        let export = exports.find(|export| export.name.as_str() == name)?;
        let [component] = export.components.as_slice() else {
            return None;
        };
        let part = self.index(component)?;
        Some((part, self.offers[part].find(name)?))
    }

    pub(super) fn index(&self, component: &str) -> Option<usize> {
        let mut components = self.plan.components.iter();
        components.position(|known| known.name == component)
    }
}

/// What a composition imports and exports as a whole, and its resources that are values
/// of the embedder's.
pub(crate) fn world_with_host_types(
    plan: &Plan,
    graph: &Graph,
) -> (World, BTreeMap<ResourceId, HostType>) {
    let (world, identities) = plan.world_with_identities(graph);
    let identities = (0..).map(ResourceId).zip(identities);
    let host_types = identities.filter_map(|(id, identity)| match identity {
        Identity::HostType(host_type) => Some((id, host_type)),
        _ => None,
    });
    (world, host_types.collect())
}
