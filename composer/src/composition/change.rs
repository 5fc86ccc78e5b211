//! What all changes of a running composition have in common: they are planned like the
//! composition itself, and leave the links of all other components as they are.

use std::sync::Arc;

use composer_plan::{Graph, Name, Plan, PlanError, PlanErrors, Source, resolve};

use crate::boundary::binding::{ExportOffers, OpenImportCell};
use crate::composition::{CompositionLayout, CurrentParts, RunningPart};

/// Why the composition with the change cannot be planned.
pub(super) enum ChangeRefusal {
    /// It does not fit together.
    Misfit(PlanErrors),
    /// It would change the links of others, as the text says.
    Rewired(String),
}

/// Plans the composition with one component changed, added or removed. The links of all
/// others must stay as they are.
pub(super) fn plan_changed(
    graph: &Graph,
    old: &Plan,
    changed: &str,
) -> Result<Plan, ChangeRefusal> {
    let plan = resolve_applicable(graph).map_err(ChangeRefusal::Misfit)?;
    for new in plan.components.iter().filter(|new| new.name != changed) {
        let old = old.components.iter().find(|old| old.name == new.name);
        let links = old
            .into_iter()
            .flat_map(|old| old.links.iter().zip(&new.links));
        for (old, new_link) in links {
            let (before, after) = (words(&old.source), words(&new_link.source));
            if before != after {
                return Err(ChangeRefusal::Rewired(format!(
                    "`{}` of `{}` would come from {after} and not from {before}",
                    old.import, new.name,
                )));
            }
        }
    }
    Ok(plan)
}

/// Resolves a graph with what the embedder wrote about the components that are there. What
/// is about others was checked when they were there, and applies again once they are back.
fn resolve_applicable(graph: &Graph) -> Result<Plan, PlanErrors> {
    let mut graph = graph.clone();
    let nodes = std::mem::take(&mut graph.nodes);
    let is_there = |name: &str| nodes.iter().any(|node| node.name == name);
    graph
        .export_hints
        .retain(|(_, component)| is_there(component));
    graph.nodes = nodes;
    let errors = match resolve(&graph) {
        Ok(plan) => return Ok(plan),
        Err(errors) => errors,
    };
    let idle = errors.errors().iter().filter_map(|error| match error {
        PlanError::OpenImportUnknown { import, .. }
        | PlanError::OpenImportUseless { import, .. } => Some(import),
        _ => None,
    });
    let idle: Vec<&String> = idle.collect();
    if idle.is_empty() {
        return Err(errors);
    }
    graph.open_imports.retain(|open| !idle.contains(&open));
    resolve(&graph)
}

/// Where an import comes from, in words.
fn words(source: &Source) -> String {
    match source {
        Source::Component { component, .. } => format!("`{component}`"),
        Source::Host => "the linker".to_owned(),
        Source::Open { .. } => "outside".to_owned(),
        _ => "nobody".to_owned(),
    }
}

/// The cells of the imports that a plan leaves open. They are those that the composition
/// began with, since what is outside of it has been bound to them.
///
/// What is bound was compared with the import of a component that asked for it then. So it
/// may be asked for only while such a component is there, whose types the planner compares,
/// and in no higher version.
pub(super) fn open_import_cells(
    plan: &Plan,
    old: &Plan,
    known: &[Arc<OpenImportCell>],
) -> Result<Vec<Arc<OpenImportCell>>, ChangeRefusal> {
    let rewired = |name: &Name, why: &str| {
        ChangeRefusal::Rewired(format!("the composition would leave `{name}` open, {why}"))
    };
    let cell = |name: &Name| {
        let exact = known.iter().find(|cell| cell.name() == name.as_str());
        // Who asked for a higher version may be away.
        let same = || {
            let mut known = known.iter();
            known.find(|cell| Name::new(cell.name()).matches(name).is_some())
        };
        let cell = exact.or_else(same).cloned();
        let cell = cell.ok_or_else(|| rewired(name, "too"))?;
        let bound_as = Name::new(cell.name());
        let mut before = old.open_imports.iter();
        let is_compared = before.any(|open| open.name.matches(&bound_as).is_some());
        if cell.is_bound() && !is_compared {
            return Err(rewired(
                name,
                "which an outer one was given for another component",
            ));
        }
        if cell.is_bound() && name.version() > bound_as.version() {
            return Err(rewired(
                name,
                "in a higher version than an outer one provides",
            ));
        }
        Ok(cell)
    };
    let open = plan.open_imports.iter();
    open.map(|open| cell(&open.name)).collect()
}

/// The parts of a composition in the order of another plan, with what they offer. Parts
/// that the plan has not are left out, and a new one is not in it yet.
pub(super) struct PartsInPlanOrder {
    pub(super) parts: Vec<Arc<RunningPart>>,
    pub(super) offers: Vec<Arc<ExportOffers>>,
}

impl PartsInPlanOrder {
    pub(super) fn new(present: &CurrentParts, plan: &Plan) -> Self {
        let mut in_order = PartsInPlanOrder {
            parts: Vec::new(),
            offers: Vec::new(),
        };
        for planned in &plan.components {
            if let Some(index) = present.layout.index(&planned.name) {
                in_order.parts.push(present.parts[index].clone());
                in_order.offers.push(present.layout.offers[index].clone());
            }
        }
        in_order
    }
}

impl CompositionLayout {
    /// The layout with another plan.
    pub(super) fn changed(&self, plan: Plan, graph: Graph, offers: Vec<Arc<ExportOffers>>) -> Self {
        CompositionLayout {
            plan: Arc::new(plan),
            graph,
            offers,
            typed: self.typed.clone(),
        }
    }
}
