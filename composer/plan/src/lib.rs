//! Decides how WebAssembly components fit together, before anything runs.
//!
//! A [`Graph`] describes a composition: each component with its [`World`] (what it
//! imports and exports, with full types), the embedder's hints, and the imports that the
//! embedder's own linker satisfies. [`resolve`] turns it into a [`Plan`], in which every
//! import has exactly one source, or into [`PlanErrors`]: every mistake of the first
//! stage that found one.
//!
//! Nothing here touches a store, an executor, a clock or a file, and nothing
//! depends on the order of a hash map: the same graph gives the same plan,
//! byte for byte, in whatever order its components were added.

mod graph;
mod name;
mod plan;
mod resolve;
mod similar;
mod words;
mod world;

// Unit tests write worlds with the helpers of the integration tests.
#[cfg(test)]
extern crate self as composer_plan;
#[cfg(test)]
#[path = "../tests/all/support/mod.rs"]
mod support;

pub use graph::{Graph, HintTarget, Node, Placement};
pub use name::{Name, NameMatch};
pub use plan::{
    Boundary, ConfinedType, Export, ExportError, ExportKind, ExportOwner, HostType, Identity, Link,
    OpenImport, Plan, PlannedComponent, RefusedFunction, Source, StreamItems, find_export,
};
pub use resolve::{
    Candidate, CycleStep, Dialect, Hint, NearMiss, PlanError, PlanErrors, ResourceUser, RustApi,
    Satisfied, Subject, Untransferable, resolve,
};
pub use similar::similar_names;
pub use world::{
    Difference, ExportPattern, Extern, FuncType, Interface, Item, Misfit, Place, Resource,
    ResourceId, Side, Type, UnknownExports, World,
};
