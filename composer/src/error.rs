//! What can go wrong, one enum per stage.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use composer_plan::{ExportError, Misfit, PlanErrors, UnknownExports};
use thiserror::Error;

use crate::instance::Death;
use crate::resource::TransferError;

/// Anything that can go wrong with a composition.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CompositionError {
    /// A component could not be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// What was added cannot be used as it is.
    #[error(transparent)]
    Parts(#[from] PartErrors),
    /// The components do not fit together.
    #[error(transparent)]
    Plan(#[from] PlanErrors),
    /// The components fit, but one of them did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// There is no such function.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// A call failed.
    #[error(transparent)]
    Call(#[from] CallError),
}

/// Why a file or a piece of memory is not a component to compose.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The file cannot be read.
    #[error("cannot read {}: {error}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// It is a core WebAssembly module.
    #[error(
        "{origin} is a core WebAssembly module, not a component; make a component of it, \
         for example with `wasm-tools component new`"
    )]
    CoreModule {
        /// The file, or what the embedder called the bytes.
        origin: String,
    },
    /// It is the output of an ahead-of-time compilation, perhaps of another
    /// version of wasmtime. Running such a file means trusting it as much as
    /// the program itself, so it is not loaded.
    #[error(
        "{origin} was compiled ahead of time, perhaps by another version of wasmtime; \
         give the original .wasm component"
    )]
    Precompiled {
        /// The file, or what the embedder called the bytes.
        origin: String,
    },
    /// It is a component in a version of the binary format that this version
    /// of wasmtime does not know.
    #[error(
        "{origin} is a component in version {found:#x} of the binary format; \
         this version of wasmtime reads version {expected:#x}"
    )]
    Version {
        /// The file, or what the embedder called the bytes.
        origin: String,
        /// The version it has.
        found: u16,
        /// The version that can be read.
        expected: u16,
    },
    /// There is no engine to compile it with.
    #[error("cannot make an engine: {error:#}")]
    Engine {
        /// What wasmtime says.
        error: wasmtime::Error,
    },
    /// It is damaged, or uses something that the engine does not allow.
    #[error("{origin} is not a valid component: {error:#}")]
    Invalid {
        /// The file, or what the embedder called the bytes.
        origin: String,
        /// What wasmtime says.
        error: wasmtime::Error,
    },
    /// It is in the text format, and is to be part of another component.
    #[cfg(feature = "fused")]
    #[error(
        "{origin} is WebAssembly text, of which no component can be fused; translate it, \
         for example with `wasm-tools parse`"
    )]
    Text {
        /// The file, or what the embedder called the bytes.
        origin: String,
    },
}

/// Why a part of a composition cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PartError {
    /// A filter names something that the component does not export.
    #[error("component `{component}`: {unknown}")]
    Filter {
        /// The component.
        component: String,
        /// What the filter says, and what comes near.
        unknown: UnknownExports,
    },
    /// A nested composition does not fit together.
    #[error("the nested composition `{component}` does not fit together:\n{errors}")]
    Nested {
        /// The nested composition.
        component: String,
        /// Its own errors.
        errors: String,
    },
    /// A group of components cannot become one.
    #[cfg(feature = "fused")]
    #[error("the components of the group `{component}` cannot be fused:\n{error}")]
    Fused {
        /// The group.
        component: String,
        /// Why.
        error: Box<crate::fused::FuseError>,
    },
    /// What the embedder implements cannot be linked to a component.
    #[error("component `{component}` cannot be given what the host implements: {reason}")]
    Host {
        /// The component.
        component: String,
        /// What wasmtime says.
        reason: String,
    },
    /// A component is not what it was declared to be.
    #[error("component `{component}` does not fit its declaration: {misfit}")]
    Misfit {
        /// The component.
        component: String,
        /// What does not fit.
        misfit: Box<Misfit>,
    },
    /// A component cannot have the WASI that it imports. That happens to one
    /// that imports WASI 0.3, on an engine without concurrency support.
    #[cfg(feature = "wasi")]
    #[error("component `{component}` cannot have WASI {version}: {reason}")]
    Wasi {
        /// The component.
        component: String,
        /// The version: `0.2` or `0.3`.
        version: &'static str,
        /// What wasmtime says.
        reason: String,
    },
}

/// Every part that cannot be used, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartErrors {
    pub(crate) errors: Vec<PartError>,
}

impl PartErrors {
    /// The errors, in the order in which the parts were added.
    pub fn errors(&self) -> &[PartError] {
        &self.errors
    }
}

impl std::error::Error for PartErrors {}

impl fmt::Display for PartErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, error) in self.errors.iter().enumerate() {
            if i > 0 {
                f.write_str("\n\n")?;
            }
            write!(f, "{error}")?;
        }
        Ok(())
    }
}

/// Why a component did not start.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StartError {
    /// The embedder's linker lacks something the component imports, or has it
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
    /// The pool of the component's engine has no room for another instance:
    /// there are as many memories, tables, instances or stacks in use as its
    /// [configuration](wasmtime::PoolingAllocationConfig) allows. There is room
    /// again when other compositions have ended.
    #[error("there is no room for component `{component}` in its engine's pool: {error:#}")]
    PoolExhausted {
        /// The component.
        component: String,
        /// What wasmtime says.
        error: wasmtime::Error,
    },
    /// What the embedder gave to make a component's store from has failed.
    #[error("component `{component}` has no store to run in: {error:#}")]
    Store {
        /// The component.
        component: String,
        /// Why.
        error: wasmtime::Error,
    },
    /// There is no tokio runtime to run components on.
    #[error("a composition runs on tokio: call `compose` from within a tokio runtime")]
    NoRuntime,
}

/// Why a function cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LookupError {
    /// The name does not lead to one export.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// There is no such component in the composition.
    #[error("the composition has no component `{name}`{}", suggest(similar))]
    Component {
        /// What was asked for.
        name: String,
        /// Components with similar names.
        similar: Vec<String>,
    },
    /// The component exports no such function, or a filter hides it.
    #[error(
        "component `{component}` exports no function {name}{}",
        suggest(similar)
    )]
    Function {
        /// The component.
        component: String,
        /// What was asked for, with its interface.
        name: String,
        /// Functions with similar names in the same place.
        similar: Vec<String>,
    },
    /// The function's values cannot leave a store.
    #[error("{site} cannot be called from outside: {reason}")]
    Untransferable {
        /// The function.
        site: Site,
        /// Why.
        reason: String,
    },
}

/// Why a call failed.
///
/// An error that the function itself returns is not among these: it is a
/// value of the function's own `result`.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum CallError {
    /// The component died while this call was in it.
    #[error("call of {site} failed: {death}")]
    Failed {
        /// The function that was called.
        site: Site,
        /// What happened.
        death: Arc<Death>,
    },
    /// The component, or one whose resource was passed, had died before.
    #[error("call of {site} refused: {death}")]
    Dead {
        /// The function that was called.
        site: Site,
        /// What had happened.
        death: Arc<Death>,
    },
    /// The composition has been shut down.
    #[error("call of {site} refused: the composition has been shut down")]
    Stopped {
        /// The function that was called.
        site: Site,
    },
    /// The call would wait for itself.
    #[error("call of {site} would wait for itself: {}", path.join(" → "))]
    Cycle {
        /// The function that was called.
        site: Site,
        /// The components that would wait for each other.
        path: Vec<String>,
    },
    /// Too many calls stand in one chain.
    #[error("call of {site} refused: it would be the {limit}th in a chain of calls")]
    TooDeep {
        /// The function that was called.
        site: Site,
        /// How many may stand in one chain.
        limit: u32,
    },
    /// The number of arguments or results is wrong.
    #[error("{site} has {expected} {what}, not {found}")]
    Arity {
        /// The function.
        site: Site,
        /// `parameters` or `results`.
        what: &'static str,
        /// How many it has.
        expected: usize,
        /// How many were given.
        found: usize,
    },
    /// An argument has the wrong type.
    #[error("{site}: {path} must be {expected}, not {found}")]
    Type {
        /// The function.
        site: Site,
        /// The way from the parameter to the wrong value.
        path: String,
        /// The type it must have.
        expected: String,
        /// What it is.
        found: String,
    },
    /// A resource was to be given away while a call still uses it.
    #[error("{site}: the resource {resource} is lent; it can be given away when no call uses it")]
    Lent {
        /// The function.
        site: Site,
        /// The resource.
        resource: String,
    },
    /// The function takes or returns resources, which `Val` cannot carry
    /// outside of a store.
    #[error("{site} has resources in its signature: call it with `call_owned`")]
    NeedsOwned {
        /// The function.
        site: Site,
    },
    /// An import that the composition leaves open has not been bound.
    #[error(
        "`{import}` is an open import that nothing satisfies: nest the composition in one that does"
    )]
    Unbound {
        /// The import.
        import: String,
    },
    /// A value could not be moved into or out of a store.
    #[error("{site}: {reason}")]
    Transfer {
        /// The function.
        site: Site,
        /// What went wrong.
        reason: String,
    },
}

impl CallError {
    pub(crate) fn transfer(site: Site, error: TransferError) -> Self {
        CallError::Transfer {
            site,
            reason: error.to_string(),
        }
    }

    /// The error this began with: where components failed because a call they
    /// made had failed, the innermost of those calls' errors.
    pub fn root(&self) -> &CallError {
        let (CallError::Failed { death, .. } | CallError::Dead { death, .. }) = self else {
            return self;
        };
        match &death.cause {
            crate::DeathCause::Import(call) => call.root(),
            _ => self,
        }
    }

    /// The death that caused this, followed to its origin through the
    /// components that failed because of it.
    pub fn death(&self) -> Option<&Arc<Death>> {
        let (CallError::Failed { death, .. } | CallError::Dead { death, .. }) = self else {
            return None;
        };
        Some(match &death.cause {
            crate::DeathCause::Import(call) => call.death().unwrap_or(death),
            _ => death,
        })
    }
}

/// A function of a component.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Site {
    /// The component.
    pub component: String,
    /// The interface; `None` for a function directly in the component's world.
    pub interface: Option<String>,
    /// The function.
    pub function: String,
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Site {
            component,
            interface,
            function,
        } = self;
        match interface {
            Some(interface) => write!(f, "`{interface}#{function}` of component `{component}`"),
            None => write!(f, "`{function}` of component `{component}`"),
        }
    }
}

fn suggest(similar: &[String]) -> String {
    if similar.is_empty() {
        return String::new();
    }
    let quoted: Vec<_> = similar.iter().map(|name| format!("`{name}`")).collect();
    format!("; did you mean {}?", quoted.join(" or "))
}
