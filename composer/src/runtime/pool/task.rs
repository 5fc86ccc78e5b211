//! The tasks that start and end the compositions of a pool.
//!
//! A start is nobody's future: who gives up waiting loses nothing that others
//! wait for, and a place is free when the stores are gone and not before.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;

use crate::composition::Composition;
use crate::error::StartError;
use crate::runtime::pool::Shared;
use crate::runtime::pool::ticket::Outcome;

impl Shared {
    /// Starts a composition, for which there is a place.
    pub(super) fn start(self: Arc<Self>) {
        let runtime = self.runtime.clone();
        let mut starting = Starting {
            pool: self,
            over: false,
        };
        runtime.spawn(async move {
            let prepared = &starting.pool.prepared;
            let start = AssertUnwindSafe(prepared.run(prepared.sockets()));
            match start.catch_unwind().await {
                Ok(Ok(composition)) => starting.done(composition),
                Ok(Err(error)) => starting.failed(Outcome::Failed(error)),
                Err(panic) => starting.failed(Outcome::Panicked(panic)),
            }
        });
    }

    /// Ends a composition that is leaving. If it was lent, calls may go on for a
    /// while, and it may come back if there was hope.
    pub(super) fn end(self: &Arc<Self>, composition: Composition, lent: Option<bool>) {
        let leaving = Leaving {
            pool: self.clone(),
            lent: lent.is_some(),
            over: false,
        };
        let mut grace = match lent {
            Some(_) => self.drain,
            None => Duration::ZERO,
        };
        self.runtime.spawn(async move {
            if lent == Some(true) {
                let rests = composition.rests_within(grace).await;
                if rests && composition.is_well() && composition.is_free() {
                    return leaving.back(composition);
                }
                grace = Duration::ZERO;
            }
            composition.wind_down(grace).await;
            drop(composition);
            drop(leaving);
        });
    }
}

/// A start that is counted until it is over, however that comes.
struct Starting {
    pool: Arc<Shared>,
    over: bool,
}

impl Starting {
    fn done(&mut self, composition: Composition) {
        self.over = true;
        let pool = &self.pool;
        pool.places
            .change(|state, _| state.started(pool.key(), composition));
    }

    fn failed(&mut self, why: Outcome) {
        self.over = true;
        let pool = &self.pool;
        if let Outcome::Failed(error) = &why {
            tracing::warn!(pool = pool.name, %error, "a composition of a pool did not start");
        }
        pool.places
            .change(|state, work| state.failed(pool.key(), why, work));
    }
}

impl Drop for Starting {
    fn drop(&mut self) {
        // The tokio runtime has ended.
        if !self.over {
            self.failed(Outcome::Failed(StartError::NoRuntime));
        }
    }
}

/// A composition that is counted until its stores are gone.
struct Leaving {
    pool: Arc<Shared>,
    /// Whether somebody has used it.
    lent: bool,
    over: bool,
}

impl Leaving {
    fn back(mut self, composition: Composition) {
        self.over = true;
        let pool = &self.pool;
        pool.places
            .change(|state, _| state.stays(pool.key(), composition));
    }
}

impl Drop for Leaving {
    fn drop(&mut self) {
        if !self.over {
            let (pool, lent) = (&self.pool, self.lent);
            pool.places.change(|state, _| state.gone(pool.key(), lent));
        }
    }
}
