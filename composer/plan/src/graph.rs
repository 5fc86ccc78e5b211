//! The planner's input: components, and the embedder's hints for wiring them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::{Boundary, Hint, HostType, Plan, ResourceId, StreamItems, World};

/// A set of components to be wired together, with the embedder's hints.
///
/// This is only data: build it, then [`resolve`](crate::resolve()) it.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// The components, in any order. Their names must differ.
    pub nodes: Vec<Node>,
    /// `(export, component)`: for a name that several components export, the component
    /// whose export the composition shows.
    pub export_hints: Vec<(String, String)>,
    /// Imports that no component here has to satisfy: the composition itself imports
    /// them, from the composition it is nested in.
    pub open_imports: Vec<String>,
    /// The items that streams and futures may have to cross from one store to another.
    pub stream_items: StreamItems,
    /// Whether a function that would be [refused](crate::RefusedFunction) is an error of
    /// the whole plan.
    pub requires_all_functions: bool,
    /// Whether the composition exports what export hints name, and nothing else.
    pub exports_only_hinted: bool,
}

impl Graph {
    /// Removes a hint, and returns whether it was there.
    pub fn drop_hint(&mut self, hint: &Hint) -> bool {
        fn drop<T: PartialEq>(hints: &mut Vec<(String, T)>, name: &str, to: &T) -> bool {
            let before = hints.len();
            hints.retain(|hint| (hint.0.as_str(), &hint.1) != (name, to));
            hints.len() < before
        }

        let Some(component) = &hint.component else {
            return drop(&mut self.export_hints, &hint.name, &hint.to);
        };
        let mut nodes = self.nodes.iter_mut();
        let node = nodes.find(|node| node.name == *component);
        node.is_some_and(|node| drop(&mut node.import_hints, &hint.name, &hint.target()))
    }
}

/// The store that a component runs in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Placement {
    /// A store of its own.
    #[default]
    OwnStore,
    /// The store that all components of the graph with this placement share: they become
    /// members of one component.
    ///
    /// An import that no component satisfies becomes an import of that component, and so
    /// does an import that the embedder's linker satisfies: the members share it, with its
    /// resources. Every type can cross between them.
    SharedStore,
}

impl Placement {
    /// The boundary that calls from a component to another cross.
    pub fn boundary_to(self, provider: Placement) -> Boundary {
        match (self, provider) {
            (Placement::SharedStore, Placement::SharedStore) => Boundary::Fused,
            _ => Boundary::Isolated,
        }
    }
}

/// One component of a [`Graph`].
#[derive(Clone, Debug)]
pub struct Node {
    /// The embedder's name for it, unique in its graph.
    pub name: String,
    /// What it imports and exports (after the embedder's filters).
    pub world: Arc<World>,
    /// Whether it is one of a list of components, which are called one by one: no import
    /// is satisfied by it without a hint, and the composition does not export what it
    /// exports.
    pub in_list: bool,
    /// The names of those imports that the embedder's linker satisfies.
    pub host: BTreeSet<String>,
    /// Those of `host` that the linker does not have under their own name, but
    /// in another, compatible version.
    pub host_in_other_version: BTreeSet<String>,
    /// Those of `host` that the linker has only a part of, each with the functions and
    /// resources of the import that the linker lacks.
    pub host_lacking: BTreeMap<String, Vec<String>>,
    /// The resources of the embedder's that can leave the component's store, by their
    /// place in [`World::resources`](crate::World::resources). They count where no other
    /// component provides the resource.
    pub host_types: BTreeMap<ResourceId, HostType>,
    /// The embedder's hints: the component that satisfies an import.
    pub import_hints: Vec<(String, HintTarget)>,
    /// The store that it runs in.
    pub placement: Placement,
    /// If it is a group of components in [one store](Placement::SharedStore), the plan
    /// that it was made from.
    pub fused: Option<Arc<Plan>>,
}

/// The target of a hint: a component, and the export of it that is meant, if that is not
/// the one with the import's own name.
///
/// ```
/// # use composer_plan::HintTarget;
/// let storage: HintTarget = ("db", "acme:db/storage@1.0.0").into();
/// assert_eq!(storage.component, "db");
/// assert_eq!(storage.export.as_deref(), Some("acme:db/storage@1.0.0"));
/// assert_eq!(HintTarget::from("db").export, None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HintTarget {
    /// The component.
    pub component: String,
    /// The export's name, matched as an import of that name would be: a compatible
    /// version is accepted, and without a version any that exists.
    pub export: Option<String>,
}

impl From<String> for HintTarget {
    fn from(component: String) -> Self {
        HintTarget {
            component,
            export: None,
        }
    }
}

impl From<&String> for HintTarget {
    fn from(component: &String) -> Self {
        component.clone().into()
    }
}

impl From<&str> for HintTarget {
    fn from(component: &str) -> Self {
        component.to_owned().into()
    }
}

impl<C: Into<String>, E: Into<String>> From<(C, E)> for HintTarget {
    fn from((component, export): (C, E)) -> Self {
        HintTarget {
            component: component.into(),
            export: Some(export.into()),
        }
    }
}
