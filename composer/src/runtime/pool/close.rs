//! Closing of pools.

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use tokio::time::{Instant, timeout, timeout_at};

use crate::composition::Composition;
use crate::runtime::pool::scheduler::PoolScheduler;
use crate::runtime::pool::state::PoolState;
use crate::runtime::pool::{Pool, PoolShared};

/// How a [`Pool`] was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolClosed {
    /// The number of compositions that were still lent when the time was up. Calls of
    /// them fail with [`CallError::Stopped`](crate::CallError::Stopped).
    pub cut_off: usize,
    /// The number of compositions that could not be ended, because their code runs
    /// without ever returning to the host.
    pub stuck: usize,
}

/// The time that stores get to be dropped.
const STOP_GRACE: Duration = Duration::from_secs(1);

impl Pool {
    /// Closes the pool: it lends nothing more, ends idle compositions, and waits up to
    /// `grace` for those that are lent. Then it stops these too, and they get a second to
    /// end. Callers that wait for a lease fail with
    /// [`LeaseError::Closed`](crate::LeaseError::Closed).
    ///
    /// [`on_end`](crate::runtime::pool::TypedPoolBuilder::on_end) has to end within that
    /// time too. If it takes longer, it continues, and its composition counts as stuck.
    ///
    /// # Panics
    ///
    /// Panics in a tokio runtime without timers.
    ///
    /// # Cancellation
    ///
    /// Dropping the future leaves the pool closed; compositions that are lent end when
    /// they come back.
    pub async fn close(&self, grace: Duration) -> PoolClosed {
        self.shared().wind_down(grace).await
    }
}

/// The pools of a runtime, which are closed.
pub(in crate::runtime) struct ClosingPools(Vec<Arc<PoolShared>>);

impl ClosingPools {
    pub(in crate::runtime) fn new(scheduler: &PoolScheduler) -> Self {
        ClosingPools(scheduler.close())
    }

    /// Like [`Pool::close`], for all pools at once.
    pub(in crate::runtime) async fn end(self, grace: Duration) -> Vec<PoolClosed> {
        join_all(self.0.iter().map(|pool| pool.wind_down(grace))).await
    }

    /// Stops the compositions that are lent, without waiting.
    pub(in crate::runtime) fn stop(self) {
        for pool in self.0 {
            pool.lent().iter().for_each(Composition::stop);
        }
    }
}

impl PoolShared {
    pub(super) fn close(&self) {
        self.scheduler
            .change(|state, work| state.close(self.key(), work));
    }

    fn lent(&self) -> Vec<Composition> {
        self.look(|room, _| {
            let leased = room.leased.iter();
            leased.filter_map(|(_, lent)| lent.upgrade()).collect()
        })
    }

    async fn wind_down(&self, grace: Duration) -> PoolClosed {
        self.close();
        let all = self.until(|room| room.alive() == 0);
        if timeout(grace, all).await.is_ok() {
            return PoolClosed {
                cut_off: 0,
                stuck: 0,
            };
        }
        let leased = self.lent();
        let deadline = Instant::now() + STOP_GRACE;
        let ends = leased.iter().map(async |composition| {
            let end = composition.wind_down(Duration::ZERO);
            timeout_at(deadline, end).await.is_ok()
        });
        let ended = join_all(ends).await;
        let others = |room: &PoolState| room.alive() - room.leased.len();
        // A time-out is no error here: those that have not ended are counted below.
        let _ = timeout_at(deadline, self.until(|room| others(room) == 0)).await;
        let stuck = ended.iter().filter(|ended| !**ended).count();
        PoolClosed {
            cut_off: leased.len(),
            stuck: stuck + self.look(|room, _| others(room)),
        }
    }

    /// Waits until a condition holds for a closed pool.
    async fn until(&self, holds: impl Fn(&PoolState) -> bool) {
        loop {
            let mut changed = std::pin::pin!(self.emptied.notified());
            changed.as_mut().enable();
            if self.look(|room, _| holds(room)) {
                return;
            }
            changed.await;
        }
    }
}
