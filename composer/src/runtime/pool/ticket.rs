//! The place of a caller in a pool's queue.

use std::any::Any;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::error::StartError;
use crate::runtime::pool::PoolShared;
use crate::runtime::pool::member::{PoolMember, SetupError};

/// The outcome of waiting.
pub(super) enum TicketOutcome {
    /// The number of a lease, and its composition.
    Granted(usize, PoolMember),
    Failed(StartError),
    /// The composition started, but the function that prepares it returned an error.
    Refused(SetupError),
    /// The pool starts nothing for this long.
    Resting(Duration),
    /// A function of the embedder that makes stores or prepares compositions has
    /// panicked. The caller gets the panic, as if it had started the composition itself.
    Panicked(Box<dyn Any + Send>),
    Closed,
}

/// A place in the queue. When it is dropped, the place is given up, together with an
/// outcome that was not fetched.
pub(super) struct QueueTicket {
    pool: Arc<PoolShared>,
    number: u64,
    /// Whether the owner has the outcome.
    over: bool,
}

impl QueueTicket {
    /// Takes a place in the queue: the last one, or the one with this number, which had
    /// been taken before.
    pub(super) fn take(pool: &Arc<PoolShared>, number: Option<u64>) -> QueueTicket {
        let number = pool
            .scheduler
            .change(|state, _| state.queue(pool.key(), number));
        QueueTicket {
            pool: pool.clone(),
            number,
            over: false,
        }
    }

    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Whether there is a composition for this place, or one is being started for it.
    pub(super) fn is_served(&self) -> bool {
        let key = self.pool.key();
        let number = self.number;
        let scheduler = &self.pool.scheduler;
        scheduler.ask(|state| state.is_served(key, number))
    }
}

impl Future for QueueTicket {
    type Output = TicketOutcome;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<TicketOutcome> {
        let (key, number) = (self.pool.key(), self.number);
        let mut before = None;
        let polled = self.pool.scheduler.ask(|state| {
            if let Some(outcome) = state.outcome(key, number) {
                return Poll::Ready(outcome);
            }
            if let Some(waker) = state.rooms[key].waiting.get_mut(&number) {
                before = waker.replace(cx.waker().clone());
            }
            Poll::Pending
        });
        // The old waker must not be dropped under the lock.
        drop(before);
        self.over = polled.is_ready();
        polled
    }
}

impl Drop for QueueTicket {
    fn drop(&mut self) {
        if self.over {
            return;
        }
        let (key, number) = (self.pool.key(), self.number);
        let scheduler = &self.pool.scheduler;
        let left = scheduler.change(|state, _| state.leave(key, number));
        drop(left);
    }
}
