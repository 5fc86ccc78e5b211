//! Who is in a composition, and what the embedder said about it.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::{Boundary, Plan, World};

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
    /// `(import, component)`: who satisfies an import of this component.
    pub import_hints: Vec<(String, String)>,
    /// What it was fused from, if it is a group of components: the plan of a
    /// [fused](Boundary::Fused) graph.
    pub fused: Option<Arc<Plan>>,
}
