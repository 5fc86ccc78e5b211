//! Who is in a composition, and what the embedder said about it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::{Boundary, Hint, Plan, World};

/// A set of components to be wired together, and the embedder's wishes.
///
/// This is only data: build it, then [`resolve`](crate::resolve()) it.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// The components, in any order. Their names must differ.
    pub nodes: Vec<Node>,
    /// `(export, component)`: whose export the composition shows under a name
    /// that several components export.
    pub export_hints: Vec<(String, String)>,
    /// Imports that no component here has to satisfy: the composition itself
    /// imports them from whatever it is nested in.
    pub open_imports: Vec<String>,
    /// How calls cross between these components.
    ///
    /// The components of a [fused](Boundary::Fused) graph become one. What none
    /// of them exports is an import of the whole, and so is what the embedder's
    /// linker satisfies: they share it, with its resources. And anything can
    /// cross between them, since they share a store.
    pub boundary: Boundary,
}

impl Graph {
    /// Takes a hint away. Says whether it was there.
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

/// One component of a [`Graph`].
#[derive(Clone, Debug)]
pub struct Node {
    /// The embedder's name for it, unique in its graph.
    pub name: String,
    /// What it imports and exports (after the embedder's filters).
    pub world: Arc<World>,
    /// The names of those imports that the embedder's linker satisfies.
    pub host: BTreeSet<String>,
    /// Those of `host` that the linker does not have under their own name, but
    /// in another, compatible version.
    pub host_in_other_version: BTreeSet<String>,
    /// Those of `host` that the linker has only a part of, with the functions and
    /// resources of the import that it lacks.
    pub host_lacking: BTreeMap<String, Vec<String>>,
    /// Who satisfies which import of this component.
    pub import_hints: Vec<(String, HintTarget)>,
    /// What it was fused from, if it is a group of components: the plan of a
    /// [fused](Boundary::Fused) graph.
    pub fused: Option<Arc<Plan>>,
}

/// Where a hint leads: to a component, and to the export of it that is meant, if
/// that is not the one of the import's own name.
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
    /// The export, as an import of that name would be met: a compatible version of
    /// it will do, and without a version any that there is.
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
