//! Pools of running compositions of one plan, each lent to one caller at a time.

mod builder;
mod close;
mod failure_window;
mod lease;
mod member;
mod scheduler;
mod state;
mod task;
mod ticket;
mod typed;

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::time::timeout;

pub use builder::{PoolBuilder, Reset};
pub(super) use close::ClosingPools;
pub use close::PoolClosed;
pub use lease::Lease;
pub(super) use scheduler::PoolScheduler;
pub use typed::{TypedLease, TypedPool, TypedPoolBuilder};

use crate::assembly::prepared::PreparedComposition;
use crate::error::LeaseError;
use crate::runtime::pool::member::LendHooks;
use crate::runtime::pool::state::PoolState;
use crate::runtime::pool::ticket::{QueueTicket, TicketOutcome};

/// A pool of running compositions, all made of one
/// [`PreparedComposition`], each lent to one caller at a time.
///
/// ```
/// use composer::runtime::{Pool, Reset};
/// use composer::{ComposableDescriptor, Composer, Runtime, Value};
///
/// # const COUNT: &[u8] = br#"(component
/// #     (core module $m
/// #         (global $n (mut i32) (i32.const 0))
/// #         (func (export "count") (result i32)
/// #             (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n)))
/// #     (core instance $i (instantiate $m))
/// #     (func (export "count") (result u32) (canon lift (core func $i "count"))))"#;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let runtime = Runtime::builder().max_instances(1_000).build()?;
/// let counter = runtime.load_bytes("counter", COUNT).await?;
/// let mut composer = Composer::new();
/// composer.add(ComposableDescriptor::new("counter", runtime.part(&counter)));
///
/// let pool = runtime.pool(&composer.prepare()?).name("counters").max(8).warm(2).build()?;
/// for _ in 0..3 {
///     let lease = pool.lease().await?;
///     // It starts from the beginning each time: no lease sees what another one left.
///     let count = lease.get_func(None, "count")?.call_owned([]).await?;
///     assert_eq!(count, Some(Value::U32(1)));
/// }
/// # Ok(())
/// # }
/// ```
///
/// A pool is a handle that is cheap to clone and can be used from any task or thread.
/// When the last handle is dropped, idle compositions end at once, and those that are
/// lent end when they come back; [`Pool::close`] waits for that. Everything runs on the
/// tokio runtime in which the pool was built.
///
/// # Order
///
/// Callers are served in the order in which they came. This holds in each pool, and also
/// between the pools of a [`Runtime`](crate::Runtime) if callers have to wait for its
/// [`max_instances`](crate::runtime::RuntimeBuilder::max_instances). While a caller waits
/// for that, idle compositions of other pools are ended to make room, warm or not.
#[derive(Clone)]
pub struct Pool {
    held: Arc<PoolHandles>,
}

/// The status of a [`Pool`]: numbers at one moment, and counts since it was built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolStatus {
    /// Compositions that are not lent.
    pub idle: usize,
    /// Compositions that are lent.
    pub leased: usize,
    /// Compositions that are being started.
    pub starting: usize,
    /// Compositions that are being ended, or have come back and finish a call.
    pub leaving: usize,
    /// Callers that wait.
    pub waiting: usize,
    /// Compositions that have started.
    pub started: u64,
    /// Starts that have failed, or were refused by the function that
    /// [prepares](PoolBuilder::on_start) compositions.
    pub failed: u64,
    /// Compositions that failed after they were lent: one of their components died, or
    /// the caller [discarded](Lease::discard) them. They are counted when they come back,
    /// or when they die after that.
    pub crashed: u64,
    /// Compositions that were lent and not kept afterwards: all of them with
    /// [`Reset::Fresh`].
    pub replaced: u64,
    /// How long the pool will start nothing, because
    /// [too many](PoolBuilder::max_failures) compositions have failed.
    pub rests: Option<Duration>,
}

/// The state that a pool, its leases and its tasks share.
struct PoolShared {
    scheduler: Arc<PoolScheduler>,
    key: OnceLock<usize>,
    name: String,
    prepared: PreparedComposition,
    reset: Reset,
    hooks: Option<LendHooks>,
    /// How long calls may continue that still run when a lease is dropped.
    drain: Duration,
    runtime: Handle,
    emptied: Notify,
}

/// The state that only the handles of a pool share; dropping it closes the pool.
struct PoolHandles(Arc<PoolShared>);

impl Pool {
    /// A builder of a pool that has only its own maximum. For a pool that also counts
    /// against the maximum of a runtime, use [`Runtime::pool`](crate::Runtime::pool).
    pub fn builder(prepared: &PreparedComposition) -> PoolBuilder {
        PoolBuilder::new(prepared.clone(), PoolScheduler::new(None))
    }

    /// Leases a composition for the caller alone. This waits as long as it takes, behind
    /// callers that came earlier.
    ///
    /// # Errors
    ///
    /// [`LeaseError::Closed`] if the pool was closed. If a composition had to be started:
    /// [`LeaseError::Start`] if the start failed, or [`LeaseError::Setup`] if the
    /// composition was [refused](PoolBuilder::on_start), which are tried again for the
    /// next caller; or [`LeaseError::Resting`] if too many
    /// [have failed](PoolBuilder::max_failures).
    ///
    /// # Panics
    ///
    /// Panics if a function of the embedder that makes stores or prepares compositions
    /// panics.
    ///
    /// # Cancellation
    ///
    /// Dropping the future leaves the queue. A composition that was being started goes to
    /// the next caller, or ends if it is not to be kept.
    pub async fn lease(&self) -> Result<Lease, LeaseError> {
        self.take(false).await
    }

    /// Like [`lease`](Pool::lease), but waits for at most `time`, including a start.
    ///
    /// # Errors
    ///
    /// The same as [`lease`](Pool::lease), and [`LeaseError::Timeout`].
    ///
    /// # Panics
    ///
    /// The same as [`lease`](Pool::lease), and in a tokio runtime without timers.
    ///
    /// # Cancellation
    ///
    /// The same as [`lease`](Pool::lease).
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use composer::LeaseError;
    /// use composer::runtime::Pool;
    /// # use composer::Composer;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let prepared = Composer::new().prepare()?;
    /// let pool = Pool::builder(&prepared).max(1).build()?;
    /// let only = pool.lease().await?;
    /// let error = pool.lease_within(Duration::from_millis(1)).await.unwrap_err();
    /// assert!(matches!(error, LeaseError::Timeout { max: 1, .. }));
    /// # drop(only);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn lease_within(&self, time: Duration) -> Result<Lease, LeaseError> {
        match timeout(time, self.lease()).await {
            Ok(lease) => lease,
            Err(_) => {
                let shared = self.shared();
                Err(shared.look(|room, _| LeaseError::Timeout {
                    pool: shared.name.clone(),
                    waited: time,
                    leased: room.leased.len(),
                    max: room.max,
                }))
            }
        }
    }

    /// Like [`lease`](Pool::lease), but does not wait for other leases to end: if no
    /// composition is idle and none may be started, this fails. If one may be started,
    /// this waits for the start, and before it, if necessary, for idle compositions of
    /// other pools to end.
    ///
    /// # Errors
    ///
    /// The same as [`lease`](Pool::lease), and [`LeaseError::Exhausted`] or
    /// [`LeaseError::RuntimeExhausted`].
    ///
    /// # Panics
    ///
    /// The same as [`lease`](Pool::lease).
    ///
    /// # Cancellation
    ///
    /// The same as [`lease`](Pool::lease).
    pub async fn try_lease(&self) -> Result<Lease, LeaseError> {
        self.take(true).await
    }

    async fn take(&self, at_once: bool) -> Result<Lease, LeaseError> {
        let shared = self.shared();
        let (mut number, mut ended) = (None, 0);
        loop {
            let mut ticket = QueueTicket::take(shared, number);
            if at_once && !ticket.is_served() {
                return Err(shared.exhausted());
            }
            let lease = match (&mut ticket).await {
                TicketOutcome::Granted(lease, member) => Lease::new(shared.clone(), lease, member),
                TicketOutcome::Failed(error) => {
                    return Err(LeaseError::Start {
                        pool: shared.name.clone(),
                        error,
                    });
                }
                TicketOutcome::Refused(error) => {
                    return Err(LeaseError::Setup {
                        pool: shared.name.clone(),
                        error,
                    });
                }
                TicketOutcome::Resting(rest) => return Err(shared.resting(rest)),
                TicketOutcome::Panicked(panic) => std::panic::resume_unwind(panic),
                TicketOutcome::Closed => {
                    return Err(LeaseError::Closed {
                        pool: shared.name.clone(),
                    });
                }
            };
            // The composition may have died while it was idle; then another one is tried.
            // But after as many as the pool may have, the caller gets a dead one and sees
            // why it died.
            if lease.is_healthy() || ended == shared.look(|room, _| room.max) {
                return Ok(lease);
            }
            number = Some(ticket.number());
            ended += 1;
        }
    }

    /// The status of the pool.
    pub fn status(&self) -> PoolStatus {
        self.shared().look(|room, _| PoolStatus {
            idle: room.idle.len(),
            leased: room.leased.len(),
            starting: room.starting,
            leaving: room.leaving,
            waiting: room.waiting.len(),
            started: room.started,
            failed: room.failed,
            crashed: room.crashed,
            replaced: room.replaced,
            rests: room.rests(),
        })
    }

    /// The name of the pool in errors.
    pub fn name(&self) -> &str {
        &self.shared().name
    }

    fn shared(&self) -> &Arc<PoolShared> {
        &self.held.0
    }
}

impl PoolShared {
    /// The pool's key in the scheduler. It is set before the pool is used.
    fn key(&self) -> usize {
        self.key.get().copied().unwrap_or(usize::MAX)
    }

    /// Reads the state of the pool, and the number of instances in all pools.
    fn look<R>(&self, look: impl FnOnce(&PoolState, usize) -> R) -> R {
        self.scheduler.look(self.key(), look)
    }

    fn resting(&self, rest: Duration) -> LeaseError {
        let rule = self.look(|room, _| room.rest.as_ref().map(failure_window::FailureWindow::rule));
        let (failures, within) = rule.unwrap_or_default();
        LeaseError::Resting {
            pool: self.name.clone(),
            failures,
            within,
            rest,
        }
    }

    /// The error if no composition is available at once.
    fn exhausted(&self) -> LeaseError {
        let pool = self.name.clone();
        self.look(|room, used| match self.scheduler.max {
            Some(max) if room.alive() < room.max => LeaseError::RuntimeExhausted {
                pool,
                wanted: room.weight,
                used,
                max,
            },
            _ => LeaseError::Exhausted {
                pool,
                leased: room.leased.len(),
                max: room.max,
            },
        })
    }
}

impl Drop for PoolShared {
    fn drop(&mut self) {
        if let Some(key) = self.key.get() {
            self.scheduler.remove(*key);
        }
    }
}

impl Drop for PoolHandles {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pool({:?}, {:?})", self.name(), self.status())
    }
}
