//! Errors of components that cannot be loaded, and of parts that cannot be used.

use std::fmt;
use std::path::PathBuf;

use composer_plan::{Misfit, UnknownExports};
use thiserror::Error;

#[cfg(feature = "runtime")]
use crate::error::{Limit, LimitExceeded};

/// Why a file or a piece of memory cannot be loaded as a component.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The file cannot be read.
    #[error("cannot read {}: {error}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The reason.
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
    /// It is a WIT package in binary form, which describes interfaces and contains
    /// nothing that could run.
    #[error(
        "{origin} is a WIT package, which describes components and is none; \
         give a component that was built from it"
    )]
    WitPackage {
        /// The file, or what the embedder called the bytes.
        origin: String,
    },
    /// It passes values through a 64-bit memory. wasmtime does not support that yet: it
    /// would read them from the wrong places.
    #[error(
        "{origin} passes values by a 64-bit memory, which wasmtime cannot do yet; \
         build it for `wasm32`"
    )]
    Memory64 {
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
    /// of wasmtime does not support.
    #[error(
        "{origin} is a component in version {found:#x} of the binary format; \
         this version of wasmtime reads version {expected:#x}"
    )]
    Version {
        /// The file, or what the embedder called the bytes.
        origin: String,
        /// The version of the component.
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
    /// It is larger than the runtime's limit on components to compile.
    #[cfg(feature = "runtime")]
    #[error(
        "{origin} has {size} bytes, and components may have {limit}; \
         raise it with `RuntimeBuilder::max_component_size`"
    )]
    TooLarge {
        /// The file, or what the embedder called the bytes.
        origin: String,
        /// Its size in bytes; for a file that grows while it is read, the number of bytes
        /// that were read.
        size: u64,
        /// The largest size that is compiled, in bytes.
        limit: u64,
    },
    /// Compiling was interrupted: the program's tokio runtime shut down, or the
    /// compiler panicked.
    #[cfg(feature = "runtime")]
    #[error("{origin} was not loaded to the end: {reason}")]
    Interrupted {
        /// The file, or what the embedder called the bytes.
        origin: String,
        /// What tokio says.
        reason: String,
    },
    /// There is no tokio runtime to compile on.
    #[cfg(feature = "runtime")]
    #[error(
        "components are compiled on tokio's threads: load {origin} from within a tokio runtime"
    )]
    NoRuntime {
        /// The file, or what the embedder called the bytes.
        origin: String,
    },
    /// It is in the text format, and cannot be fused with other components.
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
    /// A part has a name that no component can have.
    #[error("a component cannot be called {name:?}: {reason}")]
    Name {
        /// The name.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A filter names something that the component does not export.
    #[error("component `{component}`: {unknown}")]
    Filter {
        /// The component.
        component: String,
        /// The names that the filter gives, and similar ones that exist.
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
        /// The reason.
        error: Box<crate::error::fuse::FuseError>,
    },
    /// The embedder's implementation of an import cannot be linked to a component.
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
        /// The difference.
        misfit: Box<Misfit>,
    },
    /// A component cannot have the WASI that it imports. This happens to a component
    /// that imports WASI 0.3 on an engine without concurrency support.
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
    /// A component needs more than its limits allow, even before it runs.
    #[cfg(feature = "runtime")]
    #[error("component `{component}` cannot start within its limits: {exceeded}")]
    Limit {
        /// The component.
        component: String,
        /// The limit, and what the component needs.
        exceeded: LimitExceeded,
    },
    /// A part has a limit that its runtime's engines are not built to enforce.
    #[cfg(feature = "runtime")]
    #[error(
        "component `{component}` has a limit of {limit} that its runtime does not watch: give the \
         runtime itself limits that have one, or build it with `RuntimeBuilder::{setting}(true)`"
    )]
    Unwatched {
        /// The component.
        component: String,
        /// The limit: [`Limit::Fuel`], [`Limit::Time`] or [`Limit::Deadline`].
        limit: Limit,
        /// The method that turns it on: `count_fuel` or `count_time`.
        setting: &'static str,
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
