//! How many calls are in a post, and when there are none.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// Counts the calls that are in one post or on their way.
#[derive(Default)]
pub(crate) struct Activity {
    running: AtomicUsize,
    /// How many wait for the last of them to end.
    waiting: AtomicUsize,
    idle: Notify,
}

/// One call of an [`Activity`], as [`Busy`], for as long as the post is borrowed.
pub(crate) struct Counted<'p>(&'p Arc<Activity>);

impl Counted<'_> {
    /// Counts the call once more.
    pub(crate) fn count_again(&self) -> Busy {
        std::mem::forget(self.0.count());
        Busy(self.0.clone())
    }

    /// The same, apart from the post.
    pub(crate) fn leave(self) -> Busy {
        let busy = Busy(self.0.clone());
        // What was counted is the other's now.
        std::mem::forget(self);
        busy
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.leave();
    }
}

/// One call of an [`Activity`], from its request to its end.
pub(crate) struct Busy(Arc<Activity>);

impl Activity {
    #[inline]
    pub(crate) fn count(self: &Arc<Self>) -> Counted<'_> {
        self.running.fetch_add(1, Ordering::SeqCst);
        Counted(self)
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

    /// A call that counts nowhere.
    pub(crate) fn apart() -> Busy {
        let apart = Activity {
            running: AtomicUsize::new(1),
            ..Activity::default()
        };
        Busy(Arc::new(apart))
    }

    pub(crate) fn running(&self) -> usize {
        self.running.load(Ordering::SeqCst)
    }

    /// Waits until no call runs.
    pub(crate) async fn idle(&self) {
        struct Waits<'a>(&'a AtomicUsize);
        impl Drop for Waits<'_> {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::SeqCst);
            }
        }

        self.waiting.fetch_add(1, Ordering::SeqCst);
        let _waits = Waits(&self.waiting);
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

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.leave();
    }
}
