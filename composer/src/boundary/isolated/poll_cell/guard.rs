//! The poll cell in the hands of a caller.

use std::sync::Arc;

use tokio::runtime::{EnterGuard, Handle};

use super::{DriverFuture, MOST_POLLS, PollCell};
use crate::boundary::isolated::direct_call::{CallableStore, UnfinishedCall};
use crate::sync::lock;

/// The poll cell, taken by a caller.
pub(crate) struct PollGuard<'s> {
    poll_cell: &'s Arc<PollCell>,
    driver: Option<DriverFuture>,
    /// The driver's store, if it was taken too.
    pub(crate) idle: Option<Box<dyn CallableStore>>,
}

impl<'s> PollGuard<'s> {
    pub(super) fn new(poll_cell: &'s Arc<PollCell>, driver: DriverFuture) -> Self {
        PollGuard {
            poll_cell,
            driver: Some(driver),
            idle: None,
        }
    }

    pub(crate) fn poll_cell(&self) -> &'s Arc<PollCell> {
        self.poll_cell
    }

    /// Polls the driver until it has nothing more to do for now.
    pub(crate) fn drive(mut self) {
        // Wherever the caller runs, the driver's timers and sockets are those
        // of its own runtime.
        let _runtime = self.enter_runtime();
        self.poll_cell.look();
        let mut driver = self.driver.take();
        for left in (0..MOST_POLLS).rev() {
            let Some(ready) = driver else {
                return;
            };
            let polled = self.poll_cell.poll(ready);
            driver = polled.and_then(|polled| self.poll_cell.put_back(polled, None, left > 0));
        }
    }

    /// Makes the driver's runtime the current one.
    fn enter_runtime(&self) -> Option<EnterGuard<'s>> {
        self.poll_cell.runtime.get().map(Handle::enter)
    }

    /// Makes the driver's runtime the current one while the driver of `caller` is polled,
    /// unless both have the same runtime.
    pub(crate) fn enter_runtime_from(&self, caller: &PollCell) -> Option<EnterGuard<'s>> {
        let id = |poll_cell: &PollCell| poll_cell.runtime.get().map(Handle::id);
        match id(self.poll_cell) == id(caller) {
            true => None,
            false => self.enter_runtime(),
        }
    }

    /// Leaves to the driver a call that was begun in its store and that waits.
    pub(crate) fn leave(self, call: UnfinishedCall) {
        let mut inner = lock(&self.poll_cell.inner);
        inner.unfinished = Some(call);
        inner.state.look_again();
    }
}

impl Drop for PollGuard<'_> {
    fn drop(&mut self) {
        if let Some(driver) = self.driver.take() {
            let idle = self.idle.take();
            self.poll_cell.put_back(driver, idle, false);
        }
    }
}
