//! Making a pool.

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

/// What becomes of a composition when its [`Lease`](crate::runtime::pool::Lease) is dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reset {
    /// It is ended, and if one is to be ready, a new one is started in its place,
    /// both in the background. A caller sees nothing of those before: there is no
    /// other way to be sure of that than a new store.
    #[default]
    Fresh,
    /// It is lent to the next caller as it is, with all its state.
    ///
    /// Not if a component of it died, or somebody still holds it: a clone of the
    /// composition, or a function of it. If a call still runs in it whose future
    /// was dropped, it is kept once that has ended, unless that takes longer than
    /// [`PoolBuilder::drain`]. What is not kept is ended; the pool starts another
    /// when one is wanted.
    Keep,
}

/// Makes a [`Pool`].
#[derive(Debug)]
pub struct PoolBuilder {
    prepared: PreparedComposition,
    places: Arc<PoolScheduler>,
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
        places: Arc<PoolScheduler>,
    ) -> Self {
        PoolBuilder {
            prepared,
            places,
            name: None,
            max: 16,
            warm: 0,
            reset: Reset::Fresh,
            drain: Duration::from_secs(1),
            failures: None,
            hooks: None,
        }
    }

    /// What errors call the pool; the names of its components if it is not set.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// How many compositions there may be at once, those that start and end
    /// included; 16 if it is not set, and at least 1. One that cannot be ended,
    /// because its code never comes back to the host, goes on counting.
    #[must_use]
    pub fn max(mut self, compositions: usize) -> Self {
        self.max = compositions.max(1);
        self
    }

    /// How many compositions are ready beside those that are lent, as far as
    /// there is room for them; none if it is not set. They are started in the
    /// background: when the pool is built, and whenever one has been lent. After
    /// a start that failed that rests until somebody asks for a lease.
    #[must_use]
    pub fn warm(mut self, compositions: usize) -> Self {
        self.warm = compositions;
        self
    }

    /// What becomes of a composition that comes back; [`Reset::Fresh`] if it is
    /// not set.
    #[must_use]
    pub fn reset(mut self, reset: Reset) -> Self {
        self.reset = reset;
        self
    }

    /// How long calls may go on that still run when a lease is dropped; a second
    /// if it is not set. Where that is not zero, the tokio runtime needs timers.
    #[must_use]
    pub fn drain(mut self, time: Duration) -> Self {
        self.drain = time;
        self
    }

    /// Rests when more than so many compositions have failed within this time;
    /// without it, all are replaced, however quickly. What fails is a start, what
    /// [prepares](PoolBuilder::on_start) a composition, and a composition that was
    /// lent and [crashed](crate::runtime::pool::PoolStatus::crashed). With 0, each failure is
    /// followed by a rest of that time.
    ///
    /// A pool that rests starts nothing: whoever would need a start fails at once
    /// with [`LeaseError::Resting`](crate::LeaseError::Resting), which says how
    /// long it will be, and [`PoolStatus::rests`](crate::runtime::pool::PoolStatus::rests) says so
    /// too. What is idle is lent all the same. Failures are forgotten one by one,
    /// evenly, so a crash loop comes down to so many starts in that time, and no
    /// more. Nothing has to be done to end a rest: once it is over, the next who
    /// asks gets a start.
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
    /// than all pools of its runtime may have, or that has been shut down.
    pub fn build(self) -> Result<Pool, PoolError> {
        let PoolBuilder {
            prepared,
            places,
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
        if let Some(max) = places.max
            && weight > max
        {
            return Err(PoolError::TooLarge {
                pool: name,
                needed: weight,
                max,
            });
        }
        let shared = Arc::new(PoolShared {
            places,
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
        let Some(key) = shared.places.add(room) else {
            let pool = shared.name.clone();
            return Err(PoolError::RuntimeClosed { pool });
        };
        let _ = shared.key.set(key);
        let pool = Pool {
            held: Arc::new(PoolHandles(shared)),
        };
        // Now that it can be found, what is to be ready is started.
        let places = &pool.shared().places;
        places.change(|state, _| state.rooms[key].warm = warm);
        Ok(pool)
    }
}
