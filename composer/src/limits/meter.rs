//! The meter of one instance: measures its calls and enforces their limits.
//!
//! The store itself enforces the limits of memory, tables and handles. The meter
//! enforces those of calls: their fuel, their processor time, how long they may wait,
//! and how many run at once.
//!
//! A store runs plain calls one after another, so each of them gets its *turn* only
//! when those before it have ended, and its usage counts from then on. A call of an
//! `async func` gets its turn at once.

mod diagnose;
mod processor;
mod solo;
mod state;
mod tick;
mod wait;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::Waker;
use std::time::Duration;

use crate::boundary::isolated::instance::Instance;
use crate::boundary::isolated::poll_cell::ComputeQueue;
use crate::boundary::outline::ComponentOutline;
use crate::limits::component_limits::Limits;
use crate::limits::meter::processor::{ProcessorTime, WallTime, nanos};
use crate::limits::meter::solo::{SOLO, SoloCall};
use crate::limits::meter::state::{BackgroundWork, MeterState, MeteredWork};
use crate::limits::ticker::{TickedInstance, Ticker, WaitAlarm};
use crate::limits::usage::{Usage, UsageDelta};
use crate::sync::lock;
pub(crate) use state::UsedAmounts;
pub(crate) use state::WorkKind;
use wasmtime::{AsContextMut, StoreContextMut};

/// The limits of a component and what it takes to enforce them, shared by all its runs.
pub(crate) struct LimitRules {
    pub(crate) limits: Limits,
    /// The bytes of stack that its engine gives to wasm code.
    pub(crate) stack: usize,
    /// The clock, if the component's runtime has one.
    pub(crate) ticker: Option<Arc<Ticker>>,
    /// Whether its engine interrupts code at each tick.
    pub(crate) counts_time: bool,
    pub(crate) usage: Usage,
}

impl LimitRules {
    pub(crate) fn inbox(&self) -> usize {
        self.limits.inbox()
    }

    /// The processor time of a call, in nanoseconds; 0 if that is not limited.
    fn time(&self) -> u64 {
        self.limits.time().map_or(0, nanos)
    }

    /// Whether a limit applies that needs each call to be measured.
    fn measures_calls(&self) -> bool {
        self.ticker.is_some() || self.limits.fuel().is_some()
    }

    /// Whether code is interrupted at each tick.
    pub(crate) fn counts_time(&self) -> bool {
        self.counts_time
    }

    /// The queue of the threads on which code continues after it has computed for a tick.
    pub(crate) fn compute(&self) -> Option<Arc<dyn ComputeQueue>> {
        let ticker = self.ticker.as_ref().filter(|_| self.counts_time)?;
        Some(ticker.compute().clone())
    }

    /// Whether an instance that waits for too long ends.
    pub(crate) fn has_deadline(&self) -> bool {
        self.limits.deadline().is_some()
    }
}

/// Measures one instance.
pub(crate) struct Meter {
    rules: Option<Arc<LimitRules>>,
    processor: ProcessorTime,
    solo: SoloCall,
    /// To be used through [`Meter::state`], which enters the call that is alone.
    state: Mutex<MeterState>,
    /// Whether work outside of calls is under way, as in [`MeterState::aside`].
    is_background: AtomicBool,
    /// The number of waits that are now exempt from the deadline: see
    /// [`Instance::exempt_wait`].
    exempt_waits: AtomicUsize,
    alarm: Arc<WaitAlarm>,
    alive: Mutex<Option<TickedInstance>>,
    /// The waker of a driver that accepts no further call before one ends.
    waiting: Mutex<Option<Waker>>,
}

/// The key of a call that is measured; `None` for one that is not.
pub(crate) type MeteredCall = Option<u64>;

impl Meter {
    pub(crate) fn new(rules: Option<&Arc<LimitRules>>) -> Self {
        let ticker = rules.and_then(|rules| rules.ticker.as_ref());
        let mut state = MeterState::default();
        // A new store begins with the fuel of one call.
        state.fuel.left = rules.and_then(|rules| rules.limits.fuel()).unwrap_or(0);
        Meter {
            rules: rules.cloned(),
            processor: ProcessorTime::default(),
            solo: SoloCall::default(),
            state: Mutex::new(state),
            is_background: AtomicBool::new(false),
            exempt_waits: AtomicUsize::new(0),
            alarm: Arc::default(),
            alive: Mutex::new(ticker.map(Ticker::enter)),
            waiting: Mutex::default(),
        }
    }

    fn ticker(&self) -> Option<&Arc<Ticker>> {
        self.rules.as_ref()?.ticker.as_ref()
    }

    /// Keeps the clock going, or starts it. Code gets its next deadline when it continues,
    /// so after a pause that was long enough for the clock to stop, none would come.
    pub(super) fn works(&self) {
        if let Some(ticker) = self.ticker() {
            ticker.works();
        }
    }

    /// Whether the processor time of the store is measured.
    #[inline]
    pub(crate) fn counts_time(&self) -> bool {
        self.rules.as_ref().is_some_and(|rules| rules.counts_time)
    }

    /// The state, brought up to date with the processor time used so far.
    fn settled(&self) -> MutexGuard<'_, MeterState> {
        self.processor.look();
        let mut state = self.state();
        let spent = self.charge(&mut state);
        self.add(spent);
        state
    }

    /// Charges the work in the store for the processor time that it has used.
    fn charge(&self, state: &mut MeterState) -> UsageDelta {
        let theirs = state.aside.is_none();
        let used = self.processor.used();
        let time = state.time.look(used, theirs);
        UsageDelta { fuel: 0, time }
    }

    fn add(&self, spent: UsageDelta) {
        if let Some(rules) = &self.rules {
            rules.usage.add(spent);
        }
    }

    /// Begins to measure a call. It gets its turn at once, unless it is plain and another
    /// plain call has not ended.
    pub(crate) fn begin<T>(
        &self,
        mut store: StoreContextMut<'_, T>,
        func: usize,
        is_async: bool,
    ) -> wasmtime::Result<MeteredCall> {
        let Some(rules) = self.rules.as_ref().filter(|rules| rules.measures_calls()) else {
            return Ok(None);
        };
        self.works();
        // The clock is not read here: the current poll has used little so far, or what
        // it has used belongs to calls that share an account with this one.
        let mut state = self.state();
        let mut spent = self.charge(&mut state);
        let has_turn = is_async || state.calls.iter().all(|call| call.is_async);
        if let Some(allowed) = rules.limits.fuel() {
            let left = store.get_fuel()?;
            spent.fuel = state.fuel.look(left);
            if has_turn {
                // What earlier work has left over is forfeited.
                let theirs = if state.turns() == 0 { 0 } else { left };
                state.fuel.left = theirs.saturating_add(allowed);
                // Usually nothing has run since the last call ended.
                if state.fuel.left != left {
                    store.set_fuel(state.fuel.left)?;
                }
            }
        }
        rules.usage.add(spent);
        let key = state.next;
        state.next += 1;
        state.calls.push(MeteredWork {
            key,
            func,
            is_async,
            turn: None,
        });
        if has_turn {
            state.give_turn(key, rules.time());
        }
        Ok(Some(key))
    }

    /// Ends the measurement of a call that has returned, and gives the next one its turn.
    /// Returns the fuel that the call used, if that is limited.
    pub(crate) fn end<T>(
        &self,
        mut store: StoreContextMut<'_, T>,
        outline: &ComponentOutline,
        metered: MeteredCall,
    ) -> wasmtime::Result<Option<u64>> {
        let Some(rules) = &self.rules else {
            return Ok(None);
        };
        let Some(key) = metered else {
            rules.usage.count_call();
            return Ok(None);
        };
        if key == SOLO
            && let Some(ended) = self.end_alone(store.as_context_mut(), (rules, outline))?
        {
            return Ok(ended.fuel);
        }
        self.processor.look();
        let mut state = self.state();
        let mut spent = self.charge(&mut state);
        let left = match rules.limits.fuel() {
            Some(_) => {
                let left = store.get_fuel()?;
                spent.fuel = state.fuel.look(left);
                left
            }
            None => 0,
        };
        let used = state.used();
        let time = rules.time();
        let Some(call) = state.take(key, time) else {
            rules.usage.add(spent);
            return Ok(None);
        };
        let mut fuel = None;
        match &call.turn {
            Some(turn) => {
                let used = used - turn.before;
                fuel = rules.limits.fuel().map(|_| used.fuel);
                let (sites, usage) = (outline.sites(), &rules.usage);
                usage.add_call(sites, call.func, used, turn.alone, spent);
            }
            None => rules.usage.add(spent),
        }
        let others = state.turns();
        let mut turns = state.calls.iter();
        let next = turns.find(|call| !call.is_async && call.turn.is_none());
        let next = next.map(|call| call.key).filter(|_| !call.is_async);
        if let Some(next) = next {
            state.give_turn(next, time);
        }
        if let Some(allowed) = rules.limits.fuel() {
            // Calls that still run keep their allowance. If none is left, the store gets
            // fuel for destructors and for what tasks do after they have returned.
            let theirs = left.min(allowed.saturating_mul(others.into()));
            let next = if next.is_some() || others == 0 {
                allowed
            } else {
                0
            };
            state.fuel.left = theirs.saturating_add(next);
            store.set_fuel(state.fuel.left)?;
        }
        Ok(fuel)
    }

    /// The most memory that one instance of the part has had.
    pub(crate) fn peak_memory(&self) -> Option<u64> {
        let rules = self.rules.as_ref()?;
        Some(rules.usage.peak_memory())
    }

    /// Begins work that belongs to no call.
    pub(crate) fn begin_background(&self, work: WorkKind) {
        if let Some(ticker) = self.ticker() {
            ticker.works();
            let mut state = self.settled();
            let before = state.used();
            state.aside = Some(BackgroundWork { work, before });
            self.has_aside();
        }
    }

    fn has_aside(&self) {
        self.is_background.store(true, Ordering::Release);
    }

    /// Ends work that belongs to no call; the driver's own loop continues.
    pub(crate) fn rest(&self) {
        if self.is_background.load(Ordering::Acquire) {
            self.is_background.store(false, Ordering::Release);
            self.settled().aside = None;
        }
    }

    /// Wakes the driver after a call has ended, since it may now accept another one.
    pub(crate) fn make_room(&self) {
        if self.rules.is_some() {
            let waiting = lock(&self.waiting).take();
            waiting.into_iter().for_each(Waker::wake);
        }
    }

    /// Ends the metering of a store that is gone.
    pub(crate) fn close(&self) {
        let alive = lock(&self.alive).take();
        drop(alive);
    }
}

/// Bookkeeping of the processor time when a thread changes from one store to another.
pub(crate) enum ThreadSwitch {}

impl ThreadSwitch {
    /// The current thread leaves the store of `before`, whose code waits meanwhile, and
    /// enters that of `here`. Returns whether either of them is measured.
    #[inline]
    pub(crate) fn enter(here: &Instance, before: Option<&Instance>) -> bool {
        let here = &here.meter;
        let before = before.map(|before| &before.meter);
        let before = before.filter(|before| before.counts_time());
        let measured = here.counts_time() || before.is_some();
        if measured {
            let now = WallTime::read();
            if let Some(before) = before {
                before.processor.leave(now);
            }
            if here.counts_time() {
                here.processor.enter(now);
            }
        }
        measured
    }

    /// The current thread leaves the store of `here` and returns to that of `before`.
    #[inline]
    pub(crate) fn leave(here: &Instance, before: Option<&Instance>) {
        let now = WallTime::read();
        if here.meter.counts_time() {
            here.meter.processor.leave(now);
        }
        let before = before.map(|before| &before.meter);
        if let Some(before) = before.filter(|before| before.counts_time()) {
            before.processor.resume(now);
        }
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Like [`millis`], for an amount that exceeds a limit: rounded up, it exceeds the limit
/// in milliseconds too.
fn millis_rounded_up(time: Duration) -> u64 {
    let millis = time.as_nanos().div_ceil(1_000_000);
    u64::try_from(millis).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_exceeds_a_limit_does_so_in_milliseconds_too() {
        let second = Duration::from_secs(1);
        assert_eq!(millis_rounded_up(second), millis(second));
        let more = second + Duration::from_nanos(1);
        assert!(millis_rounded_up(more) > millis(second));
        assert_eq!(millis_rounded_up(Duration::MAX), u64::MAX);
    }
}
