//! What the calls of one component cost, and what they may.
//!
//! Limits of memory, tables and handles are the store's own affair. Those of a
//! call are kept here: its fuel, its time, and how many run at once.
//!
//! A store takes plain calls one after another, so each of them has its *turn*
//! only when those before it have ended; its time and its fuel begin then. A
//! call of an `async func` has its turn at once.

mod blame;
mod state;
mod stints;
mod way;

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use state::{Call, State};
pub(super) use stints::Stints;
use wasmtime::StoreContextMut;

use crate::error::{Limit, LimitExceeded};
use crate::instance::ticker::{Alarm, Alive, TICK, Ticker};
use crate::instance::{Frame, Instance, lock};
use crate::runtime::{Limits, Usage};

/// What drivers hold a component to, in every run of it.
pub(crate) struct Rules {
    pub(crate) limits: Limits,
    /// The bytes of stack its engine gives to wasm.
    pub(crate) stack: usize,
    /// Where the time is limited.
    pub(crate) ticker: Option<Arc<Ticker>>,
    pub(crate) usage: Usage,
    /// Whether a call has computed for long while others waited.
    spins: AtomicBool,
}

impl Rules {
    pub(crate) fn new(
        limits: Limits,
        stack: usize,
        ticker: Option<Arc<Ticker>>,
        usage: Usage,
    ) -> Self {
        Rules {
            limits,
            stack,
            ticker,
            usage,
            spins: AtomicBool::new(false),
        }
    }

    pub(crate) fn inbox(&self) -> usize {
        self.limits.inbox()
    }
}

/// Measures one instance.
pub(crate) struct Meter {
    rules: Option<Arc<Rules>>,
    state: Mutex<State>,
    /// Whether work outside of calls is under way, as in [`State::aside`].
    is_aside: AtomicBool,
    alarm: Arc<Alarm>,
    alive: Mutex<Option<Alive>>,
    /// A driver that takes no call in before one ends.
    waiting: Mutex<Option<Waker>>,
}

/// A call that is measured, by its place among all.
pub(super) type Metered = Option<u64>;

impl Meter {
    pub(super) fn new(rules: Option<&Arc<Rules>>) -> Self {
        let ticker = rules.and_then(|rules| rules.ticker.as_ref());
        let mut state = State::default();
        // A new store has the fuel of one call, to start with.
        state.fuel.left = rules.and_then(|rules| rules.limits.fuel()).unwrap_or(0);
        Meter {
            rules: rules.cloned(),
            state: Mutex::new(state),
            is_aside: AtomicBool::new(false),
            alarm: Arc::default(),
            alive: Mutex::new(ticker.map(Ticker::enter)),
            waiting: Mutex::default(),
        }
    }

    fn time(&self) -> Option<(Duration, &Arc<Ticker>)> {
        let rules = self.rules.as_ref()?;
        Some((rules.limits.time()?, rules.ticker.as_ref()?))
    }

    /// A call comes in.
    pub(super) fn begin<T>(
        &self,
        mut store: StoreContextMut<'_, T>,
        frame: &Arc<Frame>,
    ) -> wasmtime::Result<Metered> {
        let Some(rules) = &self.rules else {
            return Ok(None);
        };
        let mut state = lock(&self.state);
        let is_async = frame.slot().funcs()[frame.func()].ty.is_async;
        let has_turn = is_async || state.calls.values().all(|call| call.is_async);
        if let Some(allowed) = rules.limits.fuel() {
            let left = store.get_fuel()?;
            rules.usage.add_fuel(state.fuel.look(left));
            if has_turn {
                // What is left of earlier work is nobody's.
                let left = if state.turns() == 0 { 0 } else { left };
                state.fuel.left = left.saturating_add(allowed);
                store.set_fuel(state.fuel.left)?;
            }
        }
        let key = state.next;
        state.next += 1;
        let call = Call {
            frame: frame.clone(),
            is_async,
            turn: None,
        };
        state.calls.insert(key, call);
        if has_turn {
            let now = Instant::now();
            state.give_turn(key, now);
            self.arm(&mut state, now);
        }
        Ok(Some(key))
    }

    /// A call has returned. Tells its fuel, if that is limited.
    pub(super) fn end<T>(
        &self,
        mut store: StoreContextMut<'_, T>,
        metered: Metered,
    ) -> wasmtime::Result<Option<u64>> {
        let (Some(rules), Some(key)) = (&self.rules, metered) else {
            return Ok(None);
        };
        let mut state = lock(&self.state);
        let left = match rules.limits.fuel() {
            Some(_) => {
                let left = store.get_fuel()?;
                rules.usage.add_fuel(state.fuel.look(left));
                left
            }
            None => 0,
        };
        let used = state.fuel.used;
        let Some(call) = state.calls.remove(&key) else {
            return Ok(None);
        };
        let mut fuel = None;
        if let Some(turn) = &call.turn {
            fuel = rules.limits.fuel().map(|_| used - turn.used_before);
            rules.usage.add_call(&call.frame, fuel, turn.alone);
        }
        let others = state.turns();
        let mut turns = state.calls.iter();
        let next = turns.find(|(_, call)| !call.is_async && call.turn.is_none());
        let next = next.map(|(key, _)| *key).filter(|_| !call.is_async);
        if let Some(next) = next {
            state.give_turn(next, Instant::now());
        }
        if let Some(allowed) = rules.limits.fuel() {
            // Those that still run keep what is theirs. With nobody left there
            // is some for destructors, and what tasks do after they returned.
            let theirs = left.min(allowed.saturating_mul(others));
            let next = if next.is_some() || others == 0 {
                allowed
            } else {
                0
            };
            state.fuel.left = theirs.saturating_add(next);
            store.set_fuel(state.fuel.left)?;
        }
        if others == 0 {
            let stint = state.stint.take();
            drop(state);
            self.end_stint(stint);
        }
        Ok(fuel)
    }

    /// The most memory that an instance of the part has had.
    pub(super) fn peak_memory(&self) -> Option<u64> {
        let rules = self.rules.as_ref()?;
        Some(rules.usage.peak_memory())
    }

    /// Work begins that belongs to no call.
    pub(super) fn begin_aside(&self) {
        if self.time().is_some() {
            let mut state = lock(&self.state);
            let now = Instant::now();
            state.aside = Some(now);
            self.is_aside.store(true, Ordering::Release);
            self.arm(&mut state, now);
        }
    }

    /// Such work is done: the driver's own loop has its turn.
    pub(super) fn rest(&self) {
        if self.is_aside.load(Ordering::Acquire) {
            self.is_aside.store(false, Ordering::Release);
            lock(&self.state).aside = None;
        }
    }

    /// A call has ended, so another one may be taken in.
    pub(super) fn make_room(&self) {
        if self.rules.is_some() {
            let waiting = lock(&self.waiting).take();
            waiting.into_iter().for_each(Waker::wake);
        }
    }

    /// The store is gone.
    pub(super) fn close(&self) {
        let alive = lock(&self.alive).take();
        drop(alive);
    }

    fn arm(&self, state: &mut State, now: Instant) {
        let Some((time, ticker)) = self.time() else {
            return;
        };
        ticker.works();
        if !state.armed {
            state.armed = true;
            // Beyond what the clock can count there is nothing to wait for.
            if let Some(at) = now.checked_add(time) {
                ticker.ring(&self.alarm, at);
            }
        }
    }
}

/// A store stands still until this is dropped.
pub(crate) struct Still<'m>(&'m Meter);

impl Drop for Still<'_> {
    fn drop(&mut self) {
        lock(&self.0.state).go_on(Instant::now());
    }
}

impl Instance {
    /// The store waits for another component that is being replaced, or started
    /// again. How long that takes is not for its calls to answer for.
    pub(crate) fn stand_still(&self) -> Option<Still<'_>> {
        self.meter.time()?;
        lock(&self.meter.state).still = Some(Instant::now());
        Some(Still(&self.meter))
    }

    /// Whether no further call is to be taken in. Then `cx` is woken when that
    /// changes.
    pub(super) fn is_full(&self, cx: &Context<'_>) -> bool {
        let Some(rules) = &self.meter.rules else {
            return false;
        };
        // Calls end only where the driver is polled, as here.
        let full = lock(&self.in_flight).len() >= rules.limits.calls();
        if full {
            *lock(&self.meter.waiting) = Some(cx.waker().clone());
        }
        full
    }

    /// Starts the component, within its time.
    pub(crate) async fn start<R>(
        &self,
        start: impl Future<Output = wasmtime::Result<R>>,
    ) -> wasmtime::Result<R> {
        self.meter.begin_aside();
        let started = self.in_time(start).await;
        self.meter.rest();
        started
    }

    /// Does `work` in the store, and breaks it off when a call, or what else
    /// runs there, has spent its time.
    pub(super) async fn in_time<R>(
        &self,
        work: impl Future<Output = wasmtime::Result<R>>,
    ) -> wasmtime::Result<R> {
        let mut work = pin!(work);
        poll_fn(|cx| match work.as_mut().poll(cx) {
            Poll::Ready(done) => Poll::Ready(done),
            Poll::Pending => match self.look_at_the_time(cx) {
                Some(exceeded) => Poll::Ready(Err(exceeded.into())),
                None => Poll::Pending,
            },
        })
        .await
    }

    fn look_at_the_time(&self, cx: &Context<'_>) -> Option<LimitExceeded> {
        let (time, ticker) = self.meter.time()?;
        if !self.meter.alarm.has_rung(cx.waker()) {
            return None;
        }
        let now = Instant::now();
        if let Some(exceeded) = self.overdue(now) {
            return Some(exceeded);
        }
        let mut state = lock(&self.meter.state);
        let due = state.oldest().map(|(since, _)| since.checked_add(time));
        state.armed = due.is_some();
        if let Some(Some(at)) = due {
            ticker.ring(&self.meter.alarm, at.max(now + TICK));
        }
        None
    }

    /// What has spent its time, if something has.
    fn overdue(&self, now: Instant) -> Option<LimitExceeded> {
        let (time, _) = self.meter.time()?;
        let state = lock(&self.meter.state);
        if state.still.is_some() {
            return None;
        }
        let (since, frame) = state.oldest()?;
        let spent = now.saturating_duration_since(since);
        if spent < time {
            return None;
        }
        let frame = frame.cloned();
        drop(state);
        // It stands still until another component answers, whose own time is
        // limited too. That one is to blame if it does not.
        let waits_for = self.slot.frozen();
        if waits_for.is_some_and(|call| call.slot().outline.has_limited_time()) {
            return None;
        }
        let ms = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let exceeded = LimitExceeded::new(Limit::Time, Some(ms(spent)), ms(time));
        Some(exceeded.at(frame.map(|frame| frame.site())))
    }
}
