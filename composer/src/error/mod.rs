//! The errors of this crate, one enum for each stage.

mod call;
mod change;
pub(crate) mod death;
#[cfg(feature = "fused")]
pub(crate) mod fuse;
mod limit;
mod parts;
#[cfg(feature = "runtime")]
mod pool;
mod replace;
#[cfg(feature = "runtime")]
mod runtime;
mod start;
mod stream;
pub(crate) mod transfer;

use thiserror::Error;

use composer_plan::PlanErrors;

pub use call::{CallError, LookupError, Site};
pub use change::{AddError, RemoveError};
pub use limit::{Limit, LimitExceeded};
pub use parts::{LoadError, PartError, PartErrors};
#[cfg(feature = "runtime")]
pub use pool::{LeaseError, PoolError};
pub use replace::ReplaceError;
#[cfg(feature = "runtime")]
pub use runtime::RuntimeError;
pub use start::StartError;
pub use stream::StreamError;

/// Anything that can go wrong with a composition.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CompositionError {
    /// A runtime could not be made.
    #[cfg(feature = "runtime")]
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// A component could not be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// A part that was added cannot be used.
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
