//! Errors of building a pool, and of leasing from it.

use std::error::Error as StdError;
use std::time::Duration;

use thiserror::Error;

use crate::error::StartError;

/// Why a [`Pool`](crate::runtime::Pool) was not built.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PoolError {
    /// There is no tokio runtime to run compositions on.
    #[error("a pool runs on tokio: build it from within a tokio runtime")]
    NoRuntime,
    /// The runtime's limit leaves no room for even a single composition.
    #[error(
        "a composition of pool `{pool}` has {needed} instances, but all pools of its runtime \
         may have {max} (`max_instances`)"
    )]
    TooLarge {
        /// The pool.
        pool: String,
        /// The number of instances of one composition.
        needed: usize,
        /// The number of instances that the runtime's pools may have.
        max: usize,
    },
    /// The [`Runtime`](crate::Runtime) has been shut down.
    #[error("pool `{pool}` is not built: the runtime has been shut down")]
    RuntimeClosed {
        /// The pool.
        pool: String,
    },
}

/// Why a pool gave no [`Lease`](crate::runtime::Lease).
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LeaseError {
    /// The pool has as many compositions as it may, and none is idle.
    #[error("pool `{pool}` has no composition to spare: {leased} of at most {max} are lent")]
    Exhausted {
        /// The pool.
        pool: String,
        /// The number of compositions that are lent. Others may be starting or ending.
        leased: usize,
        /// The most compositions that the pool may have.
        max: usize,
    },
    /// All pools of the runtime together have as many instances as they may, or an
    /// earlier caller waits for those that are left.
    #[error(
        "there is no room for a composition of pool `{pool}`: it has {wanted} instances, and of \
         at most {max} in all pools there are {used}"
    )]
    RuntimeExhausted {
        /// The pool.
        pool: String,
        /// The number of instances of one composition.
        wanted: usize,
        /// The number of instances in all pools.
        used: usize,
        /// The most instances that all pools may have.
        max: usize,
    },
    /// No composition was available in time.
    #[error(
        "pool `{pool}` had no composition to lend within {waited:?}: {leased} of at most {max} \
         are lent"
    )]
    Timeout {
        /// The pool.
        pool: String,
        /// How long the caller was ready to wait.
        waited: Duration,
        /// The number of compositions that are lent.
        leased: usize,
        /// The most compositions that the pool may have.
        max: usize,
    },
    /// A composition had to be started, and failed to start.
    #[error("pool `{pool}` could not start a composition: {error}")]
    Start {
        /// The pool.
        pool: String,
        /// The reason.
        error: StartError,
    },
    /// A composition was started, but the function that prepares it
    /// ([`PoolBuilder::on_start`](crate::runtime::PoolBuilder::on_start)) returned an
    /// error. The composition has been ended.
    #[error("pool `{pool}` could not prepare a composition: {error}")]
    Setup {
        /// The pool.
        pool: String,
        /// The error of that function. `downcast` returns it in its own type.
        error: Box<dyn StdError + Send + Sync>,
    },
    /// A composition would have to be started, and too many have failed recently
    /// ([`PoolBuilder::max_failures`](crate::runtime::PoolBuilder::max_failures)).
    #[error(
        "pool `{pool}` rests for {rest:?}: more than {failures} of its compositions failed \
         within {within:?}"
    )]
    Resting {
        /// The pool.
        pool: String,
        /// The number of failures that are tolerated.
        failures: u32,
        /// The period in which they are counted.
        within: Duration,
        /// The time until the pool starts a composition again, if nothing else fails.
        rest: Duration,
    },
    /// The pool was closed.
    #[error("pool `{pool}` is closed")]
    Closed {
        /// The pool.
        pool: String,
    },
}
