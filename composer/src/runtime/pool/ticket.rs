//! A place in a pool's queue.

use std::any::Any;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::error::StartError;
use crate::runtime::pool::Shared;
use crate::runtime::pool::member::{Member, Refusal};

/// What comes of waiting.
pub(super) enum Outcome {
    /// The number of a lease, and what is leased.
    Granted(usize, Member),
    Failed(StartError),
    /// It started, and what prepares it refused it.
    Refused(Refusal),
    /// Nothing is started for so long.
    Resting(Duration),
    /// What the embedder gave to make a store from, or to prepare a composition,
    /// has panicked. That is for whoever asked, as it would be if they had started
    /// it themselves.
    Panicked(Box<dyn Any + Send>),
    Closed,
}

/// A place in the queue. Dropped, it is given up, with what it has led to.
pub(super) struct Ticket {
    pool: Arc<Shared>,
    number: u64,
    /// Whether it has led to something, which its owner has.
    over: bool,
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

impl Future for Ticket {
    type Output = Outcome;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Outcome> {
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

impl Drop for Ticket {
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
