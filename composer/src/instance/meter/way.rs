//! How code that spins gives way to others on its thread.

use std::cell::Cell;
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Poll;
use std::thread::ThreadId;
use std::time::{Duration, Instant};

use wasmtime::UpdateDeadline;

use super::state::Stint;
use super::{Meter, Rules};
use crate::instance::ticker::{Alarm, TICK, Ticker};
use crate::instance::{Instance, lock};

/// For how many stints it rests after each, if others want its thread.
const REST: u32 = 3;

/// With less time than this others had nothing to do.
const NOBODY: Duration = Duration::from_micros(20);

thread_local! {
    /// How long this thread has been with code that spins.
    static SPUN: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

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
        let length = ticker.stints().length(now);
        let mut state = lock(&instance.meter.state);
        let oldest = state.oldest().map(|(since, _)| since);
        let since = oldest.unwrap_or_else(|| {
            // A task goes on after it has returned.
            state.aside = Some(now);
            instance.meter.is_aside.store(true, Ordering::Release);
            now
        });
        // The first stint of a call is a long one, so that most have no other.
        let (since, least) = match &state.stint {
            Some(stint) if stint.since >= since => (stint.since, length / 2),
            _ => (since, TICK * 3 / 4),
        };
        let spun = now.saturating_duration_since(since);
        if oldest.is_some() && spun < least {
            // The clock has ticked, but mostly before that.
            return Ok(UpdateDeadline::Continue(1));
        }
        // It may have waited for something in between.
        SPUN.set(SPUN.get() + spun.min(2 * TICK));
        let stint = state.stint.take();
        drop(state);
        instance.meter.end_stint(stint);
        let way = Box::pin(give_way(instance.clone(), ticker.clone()));
        Ok(UpdateDeadline::YieldCustom(1, way))
    }
}

/// Lets others on the thread have their turn, and rests if there were any but code
/// that spins too: where there is enough to do, such code gets a quarter of its
/// thread, and where there is nothing else all of it.
///
/// wasmtime's own way of yielding lets the tasks run that are ready, and wakes its
/// task at once: a thread with nothing but code that spins would hardly look at its
/// sockets. Tokio's wakes it when these have been looked at, and before what they
/// have woken: that has its turn when it is done a second time.
async fn give_way(instance: Arc<Instance>, ticker: Arc<Ticker>) {
    let away = Away::begin();
    tokio::task::yield_now().await;
    tokio::task::yield_now().await;
    let now = Instant::now();
    let alarm = Arc::default();
    if away.others(now) >= NOBODY {
        ticker.stints().crowd(now);
        rung(&ticker, &alarm, now + REST * ticker.stints().length(now)).await;
    }
    instance.begin_stint(&ticker, &alarm).await;
}

impl Meter {
    /// Leaves the place of a stint to others.
    pub(super) fn end_stint(&self, stint: Option<Stint>) {
        if let Some(place) = stint.and_then(|stint| stint.place)
            && let Some((_, ticker)) = self.time()
        {
            ticker.stints().end(&place);
        }
    }
}

impl Instance {
    /// Waits for a place for code that may spin.
    async fn begin_stint(&self, ticker: &Ticker, alarm: &Arc<Alarm>) {
        let stint = loop {
            let since = Instant::now();
            match ticker.stints().begin(since, alarm) {
                Ok(place) => break Stint { since, place },
                Err(at) => rung(ticker, alarm, at).await,
            }
        };
        let is_crowded = stint.place.is_some();
        // Of several calls in one store one computes at a time.
        let before = lock(&self.meter.state).stint.replace(stint);
        self.meter.end_stint(before);
        if let Some(rules) = &self.meter.rules {
            rules.spins.store(is_crowded, Ordering::Relaxed);
        }
    }

    /// A call is about to begin. If others of its component have spun while
    /// somebody waited, it has to wait for a place.
    pub(in crate::instance) async fn admit(&self) {
        let spins = |rules: &Arc<Rules>| rules.spins.load(Ordering::Relaxed);
        if self.meter.rules.as_ref().is_some_and(spins)
            && let Some((_, ticker)) = self.meter.time()
        {
            self.begin_stint(ticker, &Arc::default()).await;
        }
    }
}

async fn rung(ticker: &Ticker, alarm: &Arc<Alarm>, at: Instant) {
    ticker.ring(alarm, at);
    poll_fn(|cx| match alarm.has_rung(cx.waker()) {
        true => Poll::Ready(()),
        false => Poll::Pending,
    })
    .await;
}

/// A turn that others may have.
struct Away {
    since: Instant,
    thread: ThreadId,
    /// What others spin does not count, or where there is nothing else they would
    /// all rest.
    spun: Duration,
}

impl Away {
    fn begin() -> Self {
        Away {
            since: Instant::now(),
            thread: std::thread::current().id(),
            spun: SPUN.get(),
        }
    }

    /// How much of it they had.
    fn others(&self, now: Instant) -> Duration {
        if std::thread::current().id() != self.thread {
            // A thread that had nothing to do has taken it.
            return Duration::ZERO;
        }
        let spun = SPUN.get().saturating_sub(self.spun);
        now.saturating_duration_since(self.since)
            .saturating_sub(spun)
    }
}
