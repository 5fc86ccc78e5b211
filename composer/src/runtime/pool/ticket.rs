//! A place in a pool's queue.

use std::any::Any;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::error::StartError;
use crate::runtime::pool::PoolShared;
use crate::runtime::pool::member::{LendRefusal, PoolMember};

/// What comes of waiting.
pub(super) enum TicketOutcome {
    /// The number of a lease, and what is leased.
    Granted(usize, PoolMember),
    Failed(StartError),
    /// It started, and what prepares it refused it.
    Refused(LendRefusal),
    /// Nothing is started for so long.
    Resting(Duration),
    /// What the embedder gave to make a store from, or to prepare a composition,
    /// has panicked. That is for whoever asked, as it would be if they had started
    /// it themselves.
    Panicked(Box<dyn Any + Send>),
    Closed,
}

/// A place in the queue. Dropped, it is given up, with what it has led to.
pub(super) struct QueueTicket {
    pool: Arc<PoolShared>,
    number: u64,
    /// Whether it has led to something, which its owner has.
    over: bool,
}

impl QueueTicket {
    /// Takes one: the last, or one that had been taken before.
    pub(super) fn take(pool: &Arc<PoolShared>, number: Option<u64>) -> QueueTicket {
        let number = pool
            .places
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

    /// Whether there is one for it, or one is being started.
    pub(super) fn is_served(&self) -> bool {
        let key = self.pool.key();
        let number = self.number;
        let places = &self.pool.places;
        places.ask(|state| state.is_served(key, number))
    }
}

impl Future for QueueTicket {
    type Output = TicketOutcome;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<TicketOutcome> {
        let (key, number) = (self.pool.key(), self.number);
        let mut before = None;
        let polled = self.pool.places.ask(|state| {
            if let Some(outcome) = state.outcome(key, number) {
                return Poll::Ready(outcome);
            }
            if let Some(waker) = state.rooms[key].waiting.get_mut(&number) {
                before = waker.replace(cx.waker().clone());
            }
            Poll::Pending
        });
        // Not under the lock.
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
        let places = &self.pool.places;
        let left = places.change(|state, _| state.leave(key, number));
        drop(left);
    }
}
