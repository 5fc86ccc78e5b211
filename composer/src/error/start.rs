//! Errors of starting a composition.

use std::sync::Arc;

use thiserror::Error;

use crate::error::Site;
use crate::error::death::Death;

/// Why a component did not start.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StartError {
    /// The embedder's linker lacks something that the component imports, or has it
    /// with another type.
    #[error("component `{component}` does not fit the linker it was given: {error:#}")]
    Linker {
        /// The component.
        component: String,
        /// What wasmtime says.
        error: wasmtime::Error,
    },
    /// The component failed while it was instantiated.
    #[error("component `{component}` failed to start: {death}")]
    Instantiate {
        /// The component.
        component: String,
        /// What happened.
        death: Arc<Death>,
    },
    /// An instance that was made elsewhere does not have an export that its
    /// own component declares.
    #[error("component `{component}` has no export `{export}` although its type declares one")]
    MissingExport {
        /// The component.
        component: String,
        /// The export.
        export: String,
    },
    /// An exported function does not have the Rust types that the program was
    /// compiled with.
    #[error("{site} does not have the type it was declared with: {error:#}")]
    Declared {
        /// The function.
        site: Site,
        /// What wasmtime says.
        error: wasmtime::Error,
    },
    /// A running composition lost a component after the outer one was planned.
    #[error(
        "the nested composition `{component}` has changed since it was planned: its component \
         `{removed}` was removed; plan again"
    )]
    Changed {
        /// The nested composition.
        component: String,
        /// The component of its that is gone.
        removed: String,
    },
    /// A running composition is nested a second time, but each of its open
    /// imports can be satisfied only once.
    #[error(
        "the nested composition `{component}` already has its open import `{import}` satisfied \
         elsewhere; compose another one for this place"
    )]
    AlreadyNested {
        /// The nested composition.
        component: String,
        /// The import.
        import: String,
    },
    /// A [`PreparedComposition`](crate::PreparedComposition) is composed again,
    /// but a part of it can be started only once.
    #[error("component `{component}` cannot be composed a second time: {what}")]
    Once {
        /// The component.
        component: String,
        /// Why, and what to add instead.
        what: &'static str,
    },
    /// The pool of the component's engine has no room for another instance: as many
    /// memories, tables, instances or stacks are in use as its
    /// [configuration](wasmtime::PoolingAllocationConfig) allows. There is room
    /// again when other compositions have ended.
    #[error("there is no room for component `{component}` in its engine's pool: {error:#}")]
    PoolExhausted {
        /// The component.
        component: String,
        /// What wasmtime says.
        error: wasmtime::Error,
    },
    /// The embedder's function that makes a component's store has failed.
    #[error("component `{component}` has no store to run in: {error:#}")]
    Store {
        /// The component.
        component: String,
        /// The reason.
        error: wasmtime::Error,
    },
    /// The component was started and reports that it cannot do its work: its
    /// `start` of `composer:lifecycle/lifecycle` returned an error, or failed.
    #[error("component `{component}` refuses to start: {reason}")]
    Refused {
        /// The component.
        component: String,
        /// The reason.
        reason: String,
    },
    /// A function of `composer:lifecycle/lifecycle` does not have the type that the
    /// interface declares.
    #[error(
        "{site} is not of the type that `wit/lifecycle` declares; build the component against it"
    )]
    Lifecycle {
        /// The function.
        site: Site,
    },
    /// The [`Runtime`](crate::Runtime) has been shut down.
    #[cfg(feature = "runtime")]
    #[error("nothing is composed any more: the runtime has been shut down")]
    RuntimeClosed,
    /// There is no tokio runtime to run components on.
    #[error("a composition runs on tokio: call `compose` from within a tokio runtime")]
    NoRuntime,
}
