//! The tasks that start and end the compositions of a pool.
//!
//! A start belongs to a task of the pool and not to a caller's future. So a caller that
//! gives up waiting takes nothing away from others, and a place becomes free only when
//! the stores are gone.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;

use crate::composition::Composition;
use crate::error::StartError;
use crate::runtime::pool::PoolShared;
use crate::runtime::pool::member::{LendHooks, PoolMember};
use crate::runtime::pool::ticket::TicketOutcome;

/// The state of a composition before it left.
#[derive(Clone, Copy)]
pub(super) enum LeavingMember {
    /// The composition was idle.
    Idle,
    /// The composition was lent; `may_return` if it can perhaps be lent again.
    Lent { may_return: bool },
    /// The composition was lent, and failed.
    Failed,
}

impl PoolShared {
    /// Starts a composition, for which there is a place.
    pub(super) fn start(self: Arc<Self>) {
        let runtime = self.runtime.clone();
        let mut starting = StartGuard {
            pool: self,
            over: false,
        };
        runtime.spawn(async move {
            match starting.pool.begin().await {
                Ok(member) => starting.done(member),
                Err(why) => starting.failed(why),
            }
        });
    }

    /// Starts and prepares a composition. One that fails leaves nothing behind.
    async fn begin(&self) -> Result<PoolMember, TicketOutcome> {
        let prepared = &self.prepared;
        let run = AssertUnwindSafe(prepared.run(prepared.open_import_cells()));
        let composition = match run.catch_unwind().await {
            Ok(started) => started.map_err(TicketOutcome::Failed)?,
            Err(panic) => return Err(TicketOutcome::Panicked(panic)),
        };
        let Some(LendHooks { begin, .. }) = &self.hooks else {
            return Ok(PoolMember::new(composition, None));
        };
        let prepare = async { begin(composition.clone()).await };
        let why = match AssertUnwindSafe(prepare).catch_unwind().await {
            Ok(Ok(handle)) => return Ok(PoolMember::new(composition, Some(handle))),
            Ok(Err(refusal)) => TicketOutcome::Refused(refusal),
            Err(panic) => TicketOutcome::Panicked(panic),
        };
        composition.wind_down(Duration::ZERO).await;
        Err(why)
    }

    /// Ends a composition that is leaving. If it was lent, its calls may continue for a
    /// while, and if it `may_return`, it becomes idle again.
    pub(super) fn end(self: &Arc<Self>, member: PoolMember, leaver: LeavingMember) {
        let mut leaving = LeaveGuard {
            pool: self.clone(),
            leaver,
            crashed: false,
            over: false,
        };
        self.runtime.spawn(async move {
            let pool = leaving.pool.clone();
            let tells = pool.hooks.as_ref().is_some_and(|hooks| hooks.end.is_some());
            let mut rests = true;
            let mut grace = match leaver {
                LeavingMember::Idle => Duration::ZERO,
                _ => pool.drain,
            };
            if let LeavingMember::Lent { may_return } = leaver {
                if !may_return && !tells {
                    member.composition().close();
                }
                rests = member.composition().idle_within(grace).await;
                if may_return && rests && member.is_healthy() && member.is_free() {
                    return leaving.back(member);
                }
                if may_return || !rests {
                    grace = Duration::ZERO;
                }
                // A component may have died since the composition came back.
                leaving.crashed = member.composition().has_died();
            }
            if tells && rests && !matches!(leaver, LeavingMember::Failed) && member.is_healthy() {
                pool.notify_end(&member).await;
            }
            let composition = Composition::clone(member.composition());
            // The handle in the member may hold parts of the composition.
            drop(member);
            composition.wind_down(grace).await;
            drop(composition);
            drop(leaving);
        });
    }

    async fn notify_end(&self, member: &PoolMember) {
        let end = self.hooks.as_ref().and_then(|hooks| hooks.end.as_ref());
        if let (Some(end), Some(handle)) = (end, member.handle()) {
            let tell = AssertUnwindSafe(async { end(handle.clone()).await });
            if tell.catch_unwind().await.is_err() {
                tracing::warn!(pool = self.name, "what was to tell of an end has panicked");
            }
        }
    }
}

/// A start, which is counted until it is over, however it ends.
struct StartGuard {
    pool: Arc<PoolShared>,
    over: bool,
}

impl StartGuard {
    fn done(&mut self, member: PoolMember) {
        self.over = true;
        let pool = &self.pool;
        pool.scheduler
            .change(|state, _| state.started(pool.key(), member));
    }

    fn failed(&mut self, why: TicketOutcome) {
        self.over = true;
        let pool = &self.pool;
        match &why {
            TicketOutcome::Failed(error) => {
                tracing::warn!(pool = pool.name, %error, "a composition of a pool did not start");
            }
            TicketOutcome::Refused(error) => {
                tracing::warn!(pool = pool.name, %error, "a composition of a pool was refused");
            }
            _ => {}
        }
        pool.scheduler
            .change(|state, work| state.failed(pool.key(), why, work));
    }
}

impl Drop for StartGuard {
    fn drop(&mut self) {
        // The tokio runtime has ended.
        if !self.over {
            self.failed(TicketOutcome::Failed(StartError::NoRuntime));
        }
    }
}

/// A composition that leaves, which is counted until its stores are gone.
struct LeaveGuard {
    pool: Arc<PoolShared>,
    leaver: LeavingMember,
    /// Whether it died after it had come back.
    crashed: bool,
    over: bool,
}

impl LeaveGuard {
    fn back(mut self, member: PoolMember) {
        self.over = true;
        let pool = &self.pool;
        pool.scheduler
            .change(|state, _| state.return_to_idle(pool.key(), member));
    }
}

impl Drop for LeaveGuard {
    fn drop(&mut self) {
        if !self.over {
            let (pool, crashed) = (&self.pool, self.crashed);
            let lent = !matches!(self.leaver, LeavingMember::Idle);
            pool.scheduler
                .change(|state, _| state.finish_leaving(pool.key(), lent, crashed));
        }
    }
}
