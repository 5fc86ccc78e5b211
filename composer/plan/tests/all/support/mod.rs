//! Worlds from a few words that look like WIT, so that a case is a few lines.
//!
//! ```text
//! import x:y/z@1.0.0                          an interface with `run: func()`
//! import x:y/z { ping(n: u32) -> string; }    an interface with these functions
//! import add(a: u32, b: u32) -> u32           a function of the world
//! import x:y/z { resource r; f(a: r); }       a resource that the interface has
//! import x:y/w { use import x:y/z r; }        the same resource, used elsewhere
//! import lib is core module                   something that cannot be wired
//! import x:y/z { lib is core module; }        the same within an interface
//! import main of x:y/z { f(); }               the interface under a label
//! ```
//!
//! `async` before a function's name makes it an `async func`.

#![allow(clippy::unwrap_used)]
#![allow(
    dead_code,
    unused_imports,
    unreachable_patterns,
    reason = "unit tests use a part of it, and are inside the crate"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

mod reader;

use composer_plan::{
    ExportPattern, Graph, HintTarget, HostType, Node, Placement, Plan, PlanError, ResourceId, Side,
    resolve,
};
pub(crate) use reader::{func, world};

/// A component with the world that `text` describes.
pub(crate) fn component(name: &str, text: &str) -> Node {
    Node {
        name: name.to_owned(),
        world: Arc::new(world(text)),
        host: BTreeSet::new(),
        host_in_other_version: BTreeSet::new(),
        host_lacking: BTreeMap::new(),
        host_types: BTreeMap::new(),
        import_hints: Vec::new(),
        in_list: false,
        placement: Placement::default(),
        fused: None,
    }
}

pub(crate) fn graph(nodes: impl IntoIterator<Item = Node>) -> Graph {
    Graph {
        nodes: nodes.into_iter().collect(),
        ..Graph::default()
    }
}

/// What tests add to components.
pub(crate) trait NodeExt: Sized {
    fn hint(self, import: &str, to: impl Into<HintTarget>) -> Self;
    fn host(self, import: &str) -> Self;
    fn host_in_other_version(self, import: &str) -> Self;
    /// All imported resources are values of one type.
    fn host_type(self, import: &str, ty: &str) -> Self;
    fn lacking(self, import: &str, items: &[&str]) -> Self;
    fn hide(self, patterns: &[&str]) -> Self;
    fn expose(self, patterns: &[&str]) -> Self;
}

impl NodeExt for Node {
    fn hint(mut self, import: &str, to: impl Into<HintTarget>) -> Self {
        self.import_hints.push((import.into(), to.into()));
        self
    }

    fn host(mut self, import: &str) -> Self {
        self.host.insert(import.into());
        self
    }

    fn host_in_other_version(mut self, import: &str) -> Self {
        self.host_in_other_version.insert(import.into());
        self.host(import)
    }

    fn host_type(mut self, import: &str, ty: &str) -> Self {
        for (id, resource) in (0..).map(ResourceId).zip(&self.world.resources) {
            if resource.side == Side::Import {
                self.host_types.insert(id, HostType::new(resource, ty));
            }
        }
        self.host(import)
    }

    fn lacking(mut self, import: &str, items: &[&str]) -> Self {
        let items = items.iter().map(|item| (*item).to_owned()).collect();
        self.host_lacking.insert(import.into(), items);
        self.host(import)
    }

    fn hide(mut self, patterns: &[&str]) -> Self {
        Arc::make_mut(&mut self.world)
            .hide(&parse(patterns))
            .unwrap();
        self
    }

    fn expose(mut self, patterns: &[&str]) -> Self {
        Arc::make_mut(&mut self.world)
            .expose(&parse(patterns))
            .unwrap();
        self
    }
}

pub(crate) fn parse(patterns: &[&str]) -> Vec<ExportPattern> {
    patterns
        .iter()
        .map(|text| ExportPattern::new(text))
        .collect()
}

/// What tests add to graphs.
pub(crate) trait GraphExt: Sized {
    fn hint(self, export: &str, to: &str) -> Self;
    fn open(self, import: &str) -> Self;
}

impl GraphExt for Graph {
    fn hint(mut self, export: &str, to: &str) -> Self {
        self.export_hints.push((export.into(), to.into()));
        self
    }

    fn open(mut self, import: &str) -> Self {
        self.open_imports.push(import.into());
        self
    }
}

/// The plan, or a panic with the errors.
pub(crate) fn plan(graph: &Graph) -> Plan {
    resolve(graph).unwrap_or_else(|errors| panic!("{errors}"))
}

/// The plan of these components.
pub(crate) fn plan_of(nodes: impl IntoIterator<Item = Node>) -> Plan {
    plan(&graph(nodes))
}

/// The errors that a graph must have.
pub(crate) fn errors(graph: &Graph) -> Vec<PlanError> {
    resolve(graph)
        .expect_err("should not resolve")
        .into_iter()
        .collect()
}

/// The errors that these components must have.
pub(crate) fn errors_of(nodes: impl IntoIterator<Item = Node>) -> Vec<PlanError> {
    errors(&graph(nodes))
}

/// The one error that these components must have, as people read it.
pub(crate) fn message(graph: &Graph) -> String {
    let errors = errors(graph);
    assert_eq!(errors.len(), 1, "{errors:#?}");
    errors[0].to_string()
}

/// The one error that these components must have, as people read it.
pub(crate) fn message_of(nodes: impl IntoIterator<Item = Node>) -> String {
    message(&graph(nodes))
}

/// Where an import of a component comes from: `b x:y/z`, `host`, `open 0`.
pub(crate) fn source(plan: &Plan, component: &str, import: &str) -> String {
    use composer_plan::Source;
    let component = plan.component(component).unwrap();
    let mut links = component.links.iter();
    let link = links.find(|link| link.import.as_str() == import).unwrap();
    match &link.source {
        Source::Component {
            component,
            export,
            index,
            ..
        } => {
            assert_eq!(plan.components[*index].name, *component);
            format!("{component} {export}")
        }
        Source::Host => "host".into(),
        Source::Open { index } => format!("open {}", plan.open_imports[*index].name),
        Source::Nothing => "nothing".into(),
        other => panic!("{other:?}"),
    }
}

/// The names in start order.
pub(crate) fn order(plan: &Plan) -> Vec<&str> {
    plan.components.iter().map(|c| c.name.as_str()).collect()
}
