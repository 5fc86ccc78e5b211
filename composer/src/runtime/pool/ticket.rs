//! A place in a pool's queue.

use std::any::Any;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use crate::composition::Composition;
use crate::error::StartError;
use crate::runtime::pool::Shared;

/// What comes of waiting.
pub(super) enum Outcome {
    /// The number of a lease, and what is leased.
    Granted(usize, Composition),
    Failed(StartError),
    /// What the embedder gave to make a store from has panicked. That is for
    /// whoever asked, as it would be if they had started it themselves.
    Panicked(Box<dyn Any + Send>),
    Closed,
}

/// A place in the queue. Dropped, it is given up, with what it has led to.
pub(super) struct Ticket {
    pool: Arc<Shared>,
    number: u64,
}

impl Ticket {
    /// Takes one: the last, or one that had been taken before.
    pub(super) fn take(pool: &Arc<Shared>, number: Option<u64>) -> Ticket {
        let number = pool
            .places
            .change(|state, _| state.queue(pool.key(), number));
        Ticket {
            pool: pool.clone(),
            number,
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
        places.change(|state, _| state.is_served(key, number))
    }
}

impl Future for Ticket {
    type Output = Outcome;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Outcome> {
        let (key, number) = (self.pool.key(), self.number);
        let mut before = None;
        let polled = self.pool.places.change(|state, _| {
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
        polled
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let (key, number) = (self.pool.key(), self.number);
        let places = &self.pool.places;
        let left = places.change(|state, _| state.leave(key, number));
        drop(left);
    }
}
