//! The count of calls at an address, and a way to wait until there are none.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// Counts the calls that run at one address or are on their way to it.
#[derive(Default)]
pub(crate) struct InFlightCount {
    running: AtomicUsize,
    /// How many tasks wait for the last call to end.
    waiting: AtomicUsize,
    idle: Notify,
}

/// Like [`InFlightGuard`], but borrowed from the address.
pub(crate) struct BorrowedInFlightGuard<'p>(&'p Arc<InFlightCount>);

impl BorrowedInFlightGuard<'_> {
    /// Counts the call once more.
    pub(crate) fn count_again(&self) -> InFlightGuard {
        std::mem::forget(self.0.count());
        InFlightGuard(self.0.clone())
    }

    /// Converts this into a guard that does not borrow the address.
    pub(crate) fn leave(self) -> InFlightGuard {
        let guard = InFlightGuard(self.0.clone());
        // The new guard takes over the count.
        std::mem::forget(self);
        guard
    }
}

impl Drop for BorrowedInFlightGuard<'_> {
    fn drop(&mut self) {
        self.0.leave();
    }
}

/// One call of an [`InFlightCount`], from its request to its end.
pub(crate) struct InFlightGuard(Arc<InFlightCount>);

impl InFlightCount {
    #[inline]
    pub(crate) fn count(self: &Arc<Self>) -> BorrowedInFlightGuard<'_> {
        self.running.fetch_add(1, Ordering::SeqCst);
        BorrowedInFlightGuard(self)
    }

    #[inline]
    fn leave(&self) {
        // A waiter adds itself to `waiting` before it reads `running`: either it reads
        // zero, or the last call sees it and notifies it.
        let was_last = self.running.fetch_sub(1, Ordering::SeqCst) == 1;
        if was_last && self.waiting.load(Ordering::SeqCst) > 0 {
            self.idle.notify_waiters();
        }
    }

    /// A guard of a call that no address counts.
    pub(crate) fn uncounted() -> InFlightGuard {
        let uncounted = InFlightCount {
            running: AtomicUsize::new(1),
            ..InFlightCount::default()
        };
        InFlightGuard(Arc::new(uncounted))
    }

    pub(crate) fn running(&self) -> usize {
        self.running.load(Ordering::SeqCst)
    }

    /// Waits until no call runs.
    pub(crate) async fn idle(&self) {
        struct IdleWait<'a>(&'a AtomicUsize);
        impl Drop for IdleWait<'_> {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::SeqCst);
            }
        }

        self.waiting.fetch_add(1, Ordering::SeqCst);
        let _waits = IdleWait(&self.waiting);
        loop {
            let mut idle = std::pin::pin!(self.idle.notified());
            idle.as_mut().enable();
            if self.running() == 0 {
                return;
            }
            idle.await;
        }
    }
}

impl Drop for InFlightGuard {
    fn drop(&mut self) {
        self.0.leave();
    }
}
