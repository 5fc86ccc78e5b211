//! Who is in a composition, and what the embedder said about it.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::World;

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
}
