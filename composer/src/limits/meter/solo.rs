//! The plain call that is alone in its store.
//!
//! Most calls are alone, and most of them end before the clock ticks. Such a call is noted
//! here, where noting it takes no lock. What needs the state of the meter enters the call
//! there first ([`Meter::state`]).

use std::sync::MutexGuard;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use wasmtime::StoreContextMut;

use crate::boundary::outline::ComponentOutline;
use crate::limits::meter::state::{MeterState, MeteredWork, UsedAmounts};
use crate::limits::meter::{LimitRules, Meter, MeteredCall};
use crate::limits::usage::UsageDelta;
use crate::sync::lock;

/// The key of such a call.
pub(super) const SOLO: u64 = u64::MAX;

/// A call that is alone in its store, if there is one.
///
/// As with [`ProcessorTime`](super::processor::ProcessorTime), only the thread that is with
/// the store uses these fields, so relaxed atomics suffice.
#[derive(Default)]
pub(super) struct SoloCall {
    /// The function, as the incarnation counts them, and 1; 0 if there is no such call.
    func: AtomicUsize,
    /// The processor time that the store had used before, in nanoseconds.
    before: AtomicU64,
}

impl SoloCall {
    fn begin(&self, func: usize, before: u64) {
        self.func.store(func + 1, Ordering::Relaxed);
        self.before.store(before, Ordering::Relaxed);
    }

    /// The function, and the processor time used before the call.
    #[inline]
    fn take(&self) -> Option<(usize, u64)> {
        let func = self.func.load(Ordering::Relaxed).checked_sub(1)?;
        self.func.store(0, Ordering::Relaxed);
        Some((func, self.before.load(Ordering::Relaxed)))
    }
}

impl Meter {
    /// Like [`begin`](Meter::begin), for a plain call in a store in which nothing runs.
    pub(crate) fn begin_alone<T>(
        &self,
        store: StoreContextMut<'_, T>,
        func: usize,
    ) -> wasmtime::Result<MeteredCall> {
        let Some(rules) = self.rules.as_ref().filter(|rules| rules.measures_calls()) else {
            return Ok(None);
        };
        let has_its_fuel = match rules.limits.fuel() {
            Some(allowed) => store.get_fuel()? == allowed,
            None => true,
        };
        if !has_its_fuel || self.is_background.load(Ordering::Relaxed) {
            return self.begin(store, func, false);
        }
        self.works();
        self.solo.begin(func, self.processor.used());
        Ok(Some(SOLO))
    }

    /// Ends the call that is alone in the store, if it has not been entered in the state.
    pub(super) fn end_alone<T>(
        &self,
        mut store: StoreContextMut<'_, T>,
        (rules, outline): (&LimitRules, &ComponentOutline),
    ) -> wasmtime::Result<Option<EndedAlone>> {
        let Some((func, before)) = self.solo.take() else {
            return Ok(None);
        };
        self.processor.look();
        // The state never sees this time.
        let time = self.processor.take_since(before);
        let fuel = match rules.limits.fuel() {
            Some(allowed) => {
                let left = store.get_fuel()?;
                store.set_fuel(allowed)?;
                Some(allowed.saturating_sub(left))
            }
            None => None,
        };
        let spent = UsageDelta {
            fuel: fuel.unwrap_or(0),
            time,
        };
        let used = UsedAmounts {
            fuel: spent.fuel,
            time,
            waited: 0,
        };
        rules
            .usage
            .add_call(outline.sites(), func, used, true, spent);
        Ok(Some(EndedAlone { fuel }))
    }

    /// The state, with every call in it.
    pub(super) fn state(&self) -> MutexGuard<'_, MeterState> {
        let mut state = lock(&self.state);
        if let Some((func, before)) = self.solo.take() {
            let theirs = state.aside.is_none();
            let time = state.time.look(before, theirs);
            self.add(UsageDelta { fuel: 0, time });
            state.calls.push(MeteredWork {
                key: SOLO,
                func,
                is_async: false,
                turn: None,
            });
            let allowed = self.rules.as_ref().map_or(0, |rules| rules.time());
            state.give_turn(SOLO, allowed);
        }
        state
    }
}

/// A call that was alone until its end.
pub(super) struct EndedAlone {
    /// The fuel that it used, if that is limited.
    pub(super) fuel: Option<u64>,
}
