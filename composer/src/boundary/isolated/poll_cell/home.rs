//! The home task, which polls a driver whenever something has woken it.

use std::sync::Arc;

use super::PollCell;
use crate::sync::lock;

/// What the home task does next.
pub(super) enum HomeStep {
    Ended,
    /// Lets the other tasks of its thread run.
    GivesWay,
}

/// The home task of a driver.
pub(super) async fn live_at_home(housed: HomePoller) {
    loop {
        match std::future::poll_fn(|cx| housed.0.poll_at_home(cx)).await {
            HomeStep::Ended => return,
            HomeStep::GivesWay => {
                // Tokio wakes a task that yields after it has polled its sockets, and
                // before the tasks that these have woken: those run at the second yield.
                tokio::task::yield_now().await;
                tokio::task::yield_now().await;
            }
        }
    }
}

/// A poll cell, as its home task has it.
pub(super) struct HomePoller(pub(super) Arc<PollCell>);

impl Drop for HomePoller {
    /// The runtime ends, and the driver with it. If a thread polls the driver at this
    /// moment, that thread drops it.
    fn drop(&mut self) {
        let mut inner = lock(&self.0.inner);
        let driver = inner.state.home_dropped();
        let left = (inner.idle.take(), inner.unfinished.take());
        drop(inner);
        drop((driver, left));
    }
}
