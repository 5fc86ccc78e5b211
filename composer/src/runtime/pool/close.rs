//! The end of a pool.

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
    /// How many compositions were still lent when the time was up. Calls of them
    /// fail with [`CallError::Stopped`](crate::CallError::Stopped).
    pub cut_off: usize,
    /// How many compositions could not be ended, because code of theirs runs
    /// without ever coming back to the host.
    pub stuck: usize,
}

/// What stores may need to be dropped.
const LET_GO: Duration = Duration::from_secs(1);

impl Pool {
    /// Gives out nothing any more, ends what is idle, and waits up to `grace` for
    /// what is lent. Then that is stopped too, and gets a second to let go. Those
    /// who wait for a lease fail with [`LeaseError::Closed`](crate::LeaseError::Closed).
    ///
    /// What is told of its end ([`on_end`](crate::runtime::pool::TypedPoolBuilder::on_end)) has that
    /// time too; what takes longer goes on, and counts as stuck.
    ///
    /// # Panics
    ///
    /// In a tokio runtime without timers.
    ///
    /// # Cancellation
    ///
    /// Dropping the future leaves the pool closed; what is lent ends when it comes
    /// back.
    pub async fn close(&self, grace: Duration) -> PoolClosed {
        self.shared().wind_down(grace).await
    }
}

/// The pools of a runtime, which give out nothing any more.
pub(in crate::runtime) struct ClosingPools(Vec<Arc<PoolShared>>);

impl ClosingPools {
    pub(in crate::runtime) fn new(places: &PoolScheduler) -> Self {
        ClosingPools(places.close())
    }

    /// As [`Pool::close`], of all at once.
    pub(in crate::runtime) async fn end(self, grace: Duration) -> Vec<PoolClosed> {
        join_all(self.0.iter().map(|pool| pool.wind_down(grace))).await
    }

    /// Stops what is lent, and waits for nothing.
    pub(in crate::runtime) fn stop(self) {
        for pool in self.0 {
            pool.lent().iter().for_each(Composition::stop);
        }
    }
}

impl PoolShared {
    pub(super) fn close(&self) {
        self.places
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
        let deadline = Instant::now() + LET_GO;
        let ends = leased.iter().map(async |composition| {
            let end = composition.wind_down(Duration::ZERO);
            timeout_at(deadline, end).await.is_ok()
        });
        let ended = join_all(ends).await;
        let others = |room: &PoolState| room.alive() - room.leased.len();
        // Whether they have is counted in any case.
        let _ = timeout_at(deadline, self.until(|room| others(room) == 0)).await;
        let stuck = ended.iter().filter(|ended| !**ended).count();
        PoolClosed {
            cut_off: leased.len(),
            stuck: stuck + self.look(|room, _| others(room)),
        }
    }

    /// Waits until something holds of a pool that is closed.
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
