//! What keeps a pool from lending.

use std::error::Error as StdError;
use std::time::Duration;

use thiserror::Error;

use crate::error::StartError;

/// Why there is no [`Pool`](crate::runtime::Pool).
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PoolError {
    /// There is no tokio runtime to run compositions on.
    #[error("a pool runs on tokio: build it from within a tokio runtime")]
    NoRuntime,
    /// There would never be room for a single composition.
    #[error(
        "a composition of pool `{pool}` has {needed} instances, but all pools of its runtime \
         may have {max} (`max_instances`)"
    )]
    TooLarge {
        /// The pool.
        pool: String,
        /// How many instances one composition has.
        needed: usize,
        /// How many the runtime's pools may have.
        max: usize,
    },
    /// The [`Runtime`](crate::Runtime) has been shut down.
    #[error("pool `{pool}` is not built: the runtime has been shut down")]
    RuntimeClosed {
        /// The pool.
        pool: String,
    },
}

/// Why there is no [`Lease`](crate::runtime::Lease).
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LeaseError {
    /// The pool has as many compositions as it may, and none is idle.
    #[error("pool `{pool}` has no composition to spare: {leased} of at most {max} are lent")]
    Exhausted {
        /// The pool.
        pool: String,
        /// How many compositions are lent. Others may be starting or ending.
        leased: usize,
        /// How many there may be.
        max: usize,
    },
    /// All pools of the runtime together have as many instances as they may, or
    /// somebody who came before waits for what is left.
    #[error(
        "there is no room for a composition of pool `{pool}`: it has {wanted} instances, and of \
         at most {max} in all pools there are {used}"
    )]
    RuntimeExhausted {
        /// The pool.
        pool: String,
        /// How many instances one composition has.
        wanted: usize,
        /// How many instances there are in all pools.
        used: usize,
        /// How many there may be.
        max: usize,
    },
    /// There was none in time.
    #[error(
        "pool `{pool}` had no composition to lend within {waited:?}: {leased} of at most {max} \
         are lent"
    )]
    Timeout {
        /// The pool.
        pool: String,
        /// How long the caller was ready to wait.
        waited: Duration,
        /// How many compositions are lent.
        leased: usize,
        /// How many there may be.
        max: usize,
    },
    /// One had to be started, and did not.
    #[error("pool `{pool}` could not start a composition: {error}")]
    Start {
        /// The pool.
        pool: String,
        /// Why.
        error: StartError,
    },
    /// One was started, and refused by what prepares it
    /// ([`PoolBuilder::on_start`](crate::runtime::PoolBuilder::on_start)). It has
    /// been ended.
    #[error("pool `{pool}` could not prepare a composition: {error}")]
    Setup {
        /// The pool.
        pool: String,
        /// What was said. It can be had back in its own type by `downcast`.
        error: Box<dyn StdError + Send + Sync>,
    },
    /// One would have to be started, and too many have failed of late
    /// ([`PoolBuilder::max_failures`](crate::runtime::PoolBuilder::max_failures)).
    #[error(
        "pool `{pool}` rests for {rest:?}: more than {failures} of its compositions failed \
         within {within:?}"
    )]
    Resting {
        /// The pool.
        pool: String,
        /// How many may fail.
        failures: u32,
        /// In what time.
        within: Duration,
        /// How long it will be, if nothing else fails, until one is started again.
        rest: Duration,
    },
    /// The pool was closed.
    #[error("pool `{pool}` is closed")]
    Closed {
        /// The pool.
        pool: String,
    },
}
