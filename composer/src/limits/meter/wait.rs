//! Deadlines: measures how long a store waits with work in it, and ends work that has
//! waited for too long. Also the limit of calls at once.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use crate::boundary::isolated::instance::Instance;
use crate::error::{Limit, LimitExceeded};
use crate::limits::meter::processor::nanos;
use crate::limits::meter::{Meter, WorkKind, millis, millis_rounded_up};
use crate::limits::ticker::{TICK, Ticker};
use crate::sync::lock;

/// Exempts a store's wait from the deadline until this is dropped.
pub(crate) struct WaitExemption<'m>(&'m Meter);

impl Drop for WaitExemption<'_> {
    fn drop(&mut self) {
        self.0.exempt_waits.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Instance {
    /// Exempts a wait from the deadline: the store waits for another component, whose own
    /// deadline bounds the wait, or for one that is being replaced or restarted. Its
    /// calls are not held responsible for either.
    pub(crate) fn exempt_wait(&self) -> Option<WaitExemption<'_>> {
        self.meter.ticker()?;
        self.meter.exempt_waits.fetch_add(1, Ordering::Relaxed);
        Some(WaitExemption(&self.meter))
    }

    /// Whether no further call may be accepted. If so, `cx` is woken when that changes.
    pub(crate) fn is_full(&self, cx: &Context<'_>) -> bool {
        let Some(rules) = &self.meter.rules else {
            return false;
        };
        // Calls end only where the driver is polled, as here; bodies that end alert it.
        let full = lock(&self.in_flight).len() >= rules.limits.calls();
        #[cfg(all(feature = "http", feature = "wasi-p3"))]
        let full = full || self.open_bodies() >= rules.limits.streams();
        if full {
            *lock(&self.meter.waiting) = Some(cx.waker().clone());
        }
        full
    }

    /// Starts the component, within its limits of time.
    pub(crate) async fn start<R>(
        &self,
        start: impl Future<Output = wasmtime::Result<R>>,
    ) -> wasmtime::Result<R> {
        self.meter.begin_background(WorkKind::Start);
        let started = self.within_deadline(start).await;
        self.meter.rest();
        started
    }

    /// Runs `work` in the store, and cancels it when a call, the start or a destructor
    /// has waited for too long.
    pub(crate) async fn within_deadline<R>(
        &self,
        work: impl Future<Output = wasmtime::Result<R>>,
    ) -> wasmtime::Result<R> {
        let Some(ticker) = self.meter.ticker() else {
            return work.await;
        };
        let mut work = pin!(work);
        poll_fn(|cx| {
            self.goes_on();
            match work.as_mut().poll(cx) {
                Poll::Ready(done) => Poll::Ready(done),
                Poll::Pending => match self.waits(ticker, cx) {
                    Some(exceeded) => Poll::Ready(Err(exceeded.into())),
                    None => Poll::Pending,
                },
            }
        })
        .await
    }

    /// Notes that the store has nothing to do until it is woken. Returns an error if it
    /// has already waited for too long; if not, it will be woken in time.
    fn waits(&self, ticker: &Ticker, cx: &Context<'_>) -> Option<LimitExceeded> {
        let meter = &self.meter;
        let deadline = meter.rules.as_ref()?.limits.deadline()?;
        let poll_cell = self.incarnation.poll_cell();
        if poll_cell.gave_way() || meter.exempt_waits.load(Ordering::Relaxed) > 0 {
            return None;
        }
        let mut state = meter.state();
        if meter.alarm.has_rung(cx.waker()) {
            state.armed = false;
        }
        let (waited, func) = state.longest_wait()?;
        let waited = Duration::from_nanos(waited);
        if waited > deadline {
            let exceeded = LimitExceeded::new(
                Limit::Deadline,
                Some(millis_rounded_up(waited)),
                millis(deadline),
            );
            return Some(exceeded.at(func.map(|func| self.incarnation.site(func))));
        }
        let now = Instant::now();
        state.waits.since = Some(now);
        poll_cell.note_wakes();
        if !state.armed
            // An alarm beyond the range of `Instant` would never ring.
            && let Some(at) = now.checked_add((deadline - waited).max(TICK))
        {
            state.armed = true;
            ticker.ring(&meter.alarm, at);
        }
        None
    }

    /// Notes that the store continues, and ends its wait, if it waited. The wait ended
    /// when the store was woken; since then it has only waited for a thread.
    fn goes_on(&self) {
        let mut state = self.meter.state();
        if let Some(since) = state.waits.since.take() {
            let woken = self.incarnation.poll_cell().woken_at();
            let woken = woken.unwrap_or_else(Instant::now);
            let waited = nanos(woken.saturating_duration_since(since));
            state.waits.total = state.waits.total.saturating_add(waited);
        }
    }
}
