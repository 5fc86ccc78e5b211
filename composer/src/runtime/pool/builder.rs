//! The builder of pools.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Notify;

use crate::assembly::prepared::PreparedComposition;
use crate::error::PoolError;
use crate::runtime::pool::failure_window::FailureWindow;
use crate::runtime::pool::member::LendHooks;
use crate::runtime::pool::scheduler::PoolScheduler;
use crate::runtime::pool::state::PoolState;
use crate::runtime::pool::{Pool, PoolHandles, PoolShared};

/// The treatment of a composition when its [`Lease`](crate::runtime::pool::Lease) is
/// dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reset {
    /// The composition is ended and, if a warm one is wanted, a new one is started in its
    /// place, both in the background. No caller sees anything of earlier ones: only a new
    /// store guarantees that.
    #[default]
    Fresh,
    /// The composition is lent to the next caller as it is, with all its state.
    ///
    /// It is not kept if one of its components died, or if another handle still exists: a
    /// clone of the composition, or one of its functions. If a call whose future was
    /// dropped still runs in it, it is kept once that call has ended, unless that takes
    /// longer than [`PoolBuilder::drain`]. A composition that is not kept is ended; the
    /// pool starts another one when it is needed.
    Keep,
}

/// Makes a [`Pool`].
#[derive(Debug)]
pub struct PoolBuilder {
    prepared: PreparedComposition,
    scheduler: Arc<PoolScheduler>,
    name: Option<String>,
    max: usize,
    warm: usize,
    reset: Reset,
    drain: Duration,
    failures: Option<(u32, Duration)>,
    hooks: Option<LendHooks>,
}

impl PoolBuilder {
    pub(in crate::runtime) fn new(
        prepared: PreparedComposition,
        scheduler: Arc<PoolScheduler>,
    ) -> Self {
        PoolBuilder {
            prepared,
            scheduler,
            name: None,
            max: 16,
            warm: 0,
            reset: Reset::Fresh,
            drain: Duration::from_secs(1),
            failures: None,
            hooks: None,
        }
    }

    /// Sets the name of the pool in errors; the default is the names of its components.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the number of compositions that may exist at once, including those that start
    /// and end. The default is 16, and the minimum 1. A composition that cannot be ended,
    /// because its code never returns to the host, still counts.
    #[must_use]
    pub fn max(mut self, compositions: usize) -> Self {
        self.max = compositions.max(1);
        self
    }

    /// Sets the number of compositions that are kept ready in addition to those that are
    /// lent, as far as there is room for them; the default is 0. They are started in the
    /// background: when the pool is built, and whenever one has been lent. After a start
    /// that failed, no more are started until the next request for a lease.
    #[must_use]
    pub fn warm(mut self, compositions: usize) -> Self {
        self.warm = compositions;
        self
    }

    /// Sets the treatment of a composition that comes back; the default is
    /// [`Reset::Fresh`].
    #[must_use]
    pub fn reset(mut self, reset: Reset) -> Self {
        self.reset = reset;
        self
    }

    /// Sets how long calls may continue that still run when a lease is dropped; the
    /// default is a second. If it is not zero, the tokio runtime needs timers.
    #[must_use]
    pub fn drain(mut self, time: Duration) -> Self {
        self.drain = time;
        self
    }

    /// Makes the pool pause when more than `failures` compositions have failed within
    /// this time. Without it, all are replaced, however quickly. A failure is a start
    /// that fails, an error while a composition is
    /// [prepared](PoolBuilder::on_start), or a composition that was lent and
    /// [crashed](crate::runtime::pool::PoolStatus::crashed). With 0, a pause of that time
    /// follows each failure.
    ///
    /// A pool that pauses starts nothing. A caller that would need a start fails at once
    /// with [`LeaseError::Resting`](crate::LeaseError::Resting), which says how long the
    /// pause will last, as does
    /// [`PoolStatus::rests`](crate::runtime::pool::PoolStatus::rests). Idle compositions
    /// are still lent. Failures are forgotten one by one at even intervals, so a crash
    /// loop is slowed down to that many starts in that time. A pause ends by itself: once
    /// it is over, the next caller gets a start.
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
    /// let hour = Duration::from_secs(60 * 60);
    /// let pool = Pool::builder(&prepared).max_failures(2, hour).build()?;
    /// for _ in 0..3 {
    ///     pool.lease().await?.discard(); // it answers nonsense
    /// }
    /// let error = pool.lease().await.unwrap_err();
    /// assert!(matches!(error, LeaseError::Resting { failures: 2, .. }));
    /// assert!(pool.status().rests <= Some(hour / 2));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn max_failures(mut self, failures: u32, within: Duration) -> Self {
        self.failures = Some((failures, within));
        self
    }

    pub(super) fn hooks(mut self, hooks: LendHooks) -> Self {
        self.hooks = Some(hooks);
        self
    }

    /// Makes the pool, on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// [`PoolError`]: there is no tokio runtime, one composition has more instances
    /// than all pools of its runtime may have, or that runtime has been shut down.
    pub fn build(self) -> Result<Pool, PoolError> {
        let PoolBuilder {
            prepared,
            scheduler,
            name,
            max,
            warm,
            reset,
            drain,
            failures,
            hooks,
        } = self;
        let name = name.unwrap_or_else(|| {
            let components = prepared.plan().components.iter();
            let names: Vec<_> = components.map(|part| part.name.as_str()).collect();
            names.join(", ")
        });
        let runtime = Handle::try_current().map_err(|_| PoolError::NoRuntime)?;
        let weight = prepared.instances();
        if let Some(max) = scheduler.max
            && weight > max
        {
            return Err(PoolError::TooLarge {
                pool: name,
                needed: weight,
                max,
            });
        }
        let shared = Arc::new(PoolShared {
            scheduler,
            key: OnceLock::new(),
            name,
            prepared,
            reset,
            drain,
            hooks,
            runtime,
            emptied: Notify::new(),
        });
        let keeps = reset == Reset::Keep;
        let mut room = PoolState::new(Arc::downgrade(&shared), weight, max, keeps);
        room.rest = failures.map(|(failures, within)| FailureWindow::new(failures, within));
        let Some(key) = shared.scheduler.add(room) else {
            let pool = shared.name.clone();
            return Err(PoolError::RuntimeClosed { pool });
        };
        let _ = shared.key.set(key);
        let pool = Pool {
            held: Arc::new(PoolHandles(shared)),
        };
        // The key is set, so warm compositions can be started now.
        let scheduler = &pool.shared().scheduler;
        scheduler.change(|state, _| state.rooms[key].warm = warm);
        Ok(pool)
    }
}
