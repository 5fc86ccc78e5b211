//! How code that spins gives way to others on its thread.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Poll;
use std::time::{Duration, Instant};

use wasmtime::UpdateDeadline;

use super::Meter;
use crate::instance::ticker::{Alarm, TICK, Ticker};
use crate::instance::{Instance, lock};

/// How long it rests for each tick that it has had, if others want its thread.
const REST: Duration = TICK.saturating_mul(3);

/// In a shorter turn than this nobody else had something to do.
const NOBODY: Duration = Duration::from_micros(20);

impl Instance {
    /// What code does when its engine's clock has ticked: it ends if it has
    /// spent its time, and else lets others on its thread have their turn.
    pub(crate) fn at_tick() -> wasmtime::Result<UpdateDeadline> {
        let instance = Instance::current();
        let meter = instance.as_ref().map(|instance| &instance.meter);
        let (Some(instance), Some((_, ticker))) = (&instance, meter.and_then(Meter::time)) else {
            let way = Box::pin(tokio::task::yield_now());
            return Ok(UpdateDeadline::YieldCustom(1, way));
        };
        ticker.works();
        let now = Instant::now();
        if let Some(exceeded) = instance.overdue(now) {
            return Err(exceeded.into());
        }
        let mut state = lock(&instance.meter.state);
        match state.oldest().map(|(since, _)| since) {
            // The clock has ticked, but mostly since an earlier call.
            Some(since) if now.saturating_duration_since(since) < TICK => {
                return Ok(UpdateDeadline::Continue(1));
            }
            Some(_) => {}
            None => {
                // A task goes on after it has returned.
                state.aside = Some(now);
                instance.meter.is_aside.store(true, Ordering::Release);
            }
        }
        let way = Box::pin(give_way(ticker.clone()));
        Ok(UpdateDeadline::YieldCustom(1, way))
    }
}

/// Lets others on the thread have their turn. If there were any, it rests: where
/// there is enough to do, code that spins gets a quarter of its thread, and where
/// there is nothing else all of it.
///
/// wasmtime's own way of yielding lets the tasks run that are ready, and wakes its
/// task at once: a thread with nothing but code that spins would hardly look at its
/// sockets. Tokio's wakes it when these have been looked at.
async fn give_way(ticker: Arc<Ticker>) {
    let begun = Instant::now();
    tokio::task::yield_now().await;
    let now = Instant::now();
    if now.saturating_duration_since(begun) < NOBODY {
        return;
    }
    let alarm = Arc::new(Alarm::default());
    ticker.ring(&alarm, now + REST);
    poll_fn(|cx| match alarm.has_rung(cx.waker()) {
        true => Poll::Ready(()),
        false => Poll::Pending,
    })
    .await;
}
