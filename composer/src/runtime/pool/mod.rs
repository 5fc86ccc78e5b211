//! Running compositions of one plan, lent to one caller at a time.

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
///     // It starts from the beginning each time: nobody sees what others left.
///     let count = lease.get_func(None, "count")?.call_owned([]).await?;
///     assert_eq!(count, Some(Value::U32(1)));
/// }
/// # Ok(())
/// # }
/// ```
///
/// It is a handle that is cheap to clone and can be used from any task or thread.
/// Dropping the last one ends what is idle at once, and what is lent when it comes
/// back; [`Pool::close`] waits for that. Everything runs on the tokio runtime in
/// which the pool was built.
///
/// # Who is next
///
/// Who comes first is served first, in each pool, and of the pools of a
/// [`Runtime`](crate::Runtime) that have to wait for its
/// [`max_instances`](crate::runtime::RuntimeBuilder::max_instances). While somebody waits
/// for that, what is idle in other pools is ended for them, warm or not.
#[derive(Clone)]
pub struct Pool {
    held: Arc<PoolHandles>,
}

/// How a [`Pool`] fares: figures of one moment, and counts since it was built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolStatus {
    /// Compositions that wait for a caller.
    pub idle: usize,
    /// Compositions that are lent.
    pub leased: usize,
    /// Compositions that are being started.
    pub starting: usize,
    /// Compositions that came back and are being ended, or finish a call.
    pub leaving: usize,
    /// Callers who wait.
    pub waiting: usize,
    /// Compositions that have started.
    pub started: u64,
    /// Starts that have failed, or were refused by what
    /// [prepares](PoolBuilder::on_start) them.
    pub failed: u64,
    /// Compositions that were lent and failed: a component of them died, or
    /// whoever had them [gave them up](Lease::discard). It is counted when they
    /// come back, or when they die after that.
    pub crashed: u64,
    /// Compositions that were lent and were not kept: all of them with
    /// [`Reset::Fresh`].
    pub replaced: u64,
    /// How long no other will be started, because
    /// [too many](PoolBuilder::max_failures) have failed.
    pub rests: Option<Duration>,
}

/// What a pool, its leases and its tasks share.
struct PoolShared {
    places: Arc<PoolScheduler>,
    key: OnceLock<usize>,
    name: String,
    prepared: PreparedComposition,
    reset: Reset,
    hooks: Option<LendHooks>,
    /// How long a call may go on that nobody waits for any more.
    drain: Duration,
    runtime: Handle,
    emptied: Notify,
}

/// What only the handles of a pool have.
struct PoolHandles(Arc<PoolShared>);

impl Pool {
    /// A pool that has no maximum but its own. One with that of a runtime too is
    /// made by [`Runtime::pool`](crate::Runtime::pool).
    pub fn builder(prepared: &PreparedComposition) -> PoolBuilder {
        PoolBuilder::new(prepared.clone(), PoolScheduler::new(None))
    }

    /// A composition for the caller alone. Waits as long as it takes, behind those
    /// who came before.
    ///
    /// # Errors
    ///
    /// If one had to be started: [`LeaseError::Start`] if it did not, and
    /// [`LeaseError::Setup`] if it was [refused](PoolBuilder::on_start), which is
    /// tried again for the next caller; or [`LeaseError::Resting`] if too many
    /// [have failed](PoolBuilder::max_failures). And [`LeaseError::Closed`].
    ///
    /// # Panics
    ///
    /// If what the embedder gave to make stores from, or to prepare compositions,
    /// panics.
    ///
    /// # Cancellation
    ///
    /// Dropping the future leaves the queue. What was being started goes to the
    /// next caller, or ends if it is not to be kept.
    pub async fn lease(&self) -> Result<Lease, LeaseError> {
        self.take(false).await
    }

    /// The same, but waits for so long at most, also for a start.
    ///
    /// # Errors
    ///
    /// As [`lease`](Pool::lease), and [`LeaseError::Timeout`].
    ///
    /// # Panics
    ///
    /// As [`lease`](Pool::lease), and in a tokio runtime without timers.
    ///
    /// # Cancellation
    ///
    /// As [`lease`](Pool::lease).
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

    /// The same, but waits for nobody who has a lease: if none is idle and none may
    /// be started, it is refused. If one may be, this waits for the start, and
    /// before it for the end of what is idle in other pools, if it takes that.
    ///
    /// # Errors
    ///
    /// As [`lease`](Pool::lease), and [`LeaseError::Exhausted`] or
    /// [`LeaseError::RuntimeExhausted`].
    ///
    /// # Panics
    ///
    /// As [`lease`](Pool::lease).
    ///
    /// # Cancellation
    ///
    /// As [`lease`](Pool::lease).
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
            // It may have died while it was idle. But if all of them do that, the
            // caller may as well see why.
            if lease.is_well() || ended == shared.look(|room, _| room.max) {
                return Ok(lease);
            }
            number = Some(ticket.number());
            ended += 1;
        }
    }

    /// How it fares.
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

    /// What errors call it.
    pub fn name(&self) -> &str {
        &self.shared().name
    }

    fn shared(&self) -> &Arc<PoolShared> {
        &self.held.0
    }
}

impl PoolShared {
    /// Its number among the pools. It has one before anybody sees it.
    fn key(&self) -> usize {
        self.key.get().copied().unwrap_or(usize::MAX)
    }

    /// Looks at the pool, and at how many instances there are in all.
    fn look<R>(&self, look: impl FnOnce(&PoolState, usize) -> R) -> R {
        self.places.look(self.key(), look)
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

    /// Why there is none at once.
    fn exhausted(&self) -> LeaseError {
        let pool = self.name.clone();
        self.look(|room, used| match self.places.max {
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
            self.places.remove(*key);
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
