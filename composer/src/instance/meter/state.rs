//! What a meter knows of the calls in its store.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use super::stints::Place;
use crate::error::Site;
use crate::instance::Frame;

#[derive(Default)]
pub(super) struct State {
    /// Those that run or wait for their turn, in the order they came in.
    pub(super) calls: BTreeMap<u64, Call>,
    pub(super) next: u64,
    /// When work began that belongs to no call: the start of the component,
    /// destructors, what a task does after it has returned.
    pub(super) aside: Option<Instant>,
    /// Since when the store has stood still before the door of another component.
    pub(super) still: Option<Instant>,
    /// Whether the alarm is set.
    pub(super) armed: bool,
    /// What it computes at present, or did last.
    pub(super) stint: Option<Stint>,
    pub(super) fuel: Fuel,
}

pub(super) struct Call {
    pub(super) frame: Arc<Frame>,
    pub(super) is_async: bool,
    pub(super) turn: Option<Turn>,
}

/// What code that spins does before it gives way again.
pub(super) struct Stint {
    pub(super) since: Instant,
    /// What it leaves at its end, if others wait for that.
    pub(super) place: Option<Place>,
}

/// A call that runs.
pub(super) struct Turn {
    pub(super) since: Instant,
    /// What the store had used when it began.
    pub(super) used_before: u64,
    /// Whether no other call has had its turn meanwhile.
    pub(super) alone: bool,
}

/// The account of a store's fuel.
#[derive(Default)]
pub(super) struct Fuel {
    /// What was in the store when it was last looked at.
    pub(super) left: u64,
    pub(super) used: u64,
}

impl State {
    /// How many calls have their turn.
    pub(super) fn turns(&self) -> u64 {
        self.calls
            .values()
            .filter(|call| call.turn.is_some())
            .count() as u64
    }

    pub(super) fn give_turn(&mut self, key: u64, now: Instant) {
        let mut alone = true;
        for turn in self
            .calls
            .values_mut()
            .filter_map(|call| call.turn.as_mut())
        {
            turn.alone = false;
            alone = false;
        }
        if let Some(call) = self.calls.get_mut(&key) {
            call.turn = Some(Turn {
                since: now,
                used_before: self.fuel.used,
                alone,
            });
        }
    }

    /// The work that began first.
    pub(super) fn oldest(&self) -> Option<(Instant, Option<&Arc<Frame>>)> {
        let turn = |call: &'_ Call| call.turn.as_ref().map(|turn| turn.since);
        let calls = self.calls.values();
        let calls = calls.filter_map(|call| Some((turn(call)?, Some(&call.frame))));
        let aside = self.aside.map(|since| (since, None));
        calls.chain(aside).min_by_key(|(since, _)| *since)
    }

    /// What the store has stood still for is nobody's time.
    pub(super) fn go_on(&mut self, now: Instant) {
        let Some(still) = self.still.take() else {
            return;
        };
        let still = now.saturating_duration_since(still);
        let turns = self
            .calls
            .values_mut()
            .filter_map(|call| call.turn.as_mut());
        let since = turns.map(|turn| &mut turn.since).chain(&mut self.aside);
        for since in since {
            *since = since.checked_add(still).unwrap_or(now);
        }
    }

    /// The one call that has its turn, if there is exactly one.
    pub(super) fn only(&self) -> Option<Site> {
        let mut turns = self.calls.values().filter(|call| call.turn.is_some());
        match (turns.next(), turns.next()) {
            (Some(call), None) => Some(call.frame.site()),
            _ => None,
        }
    }
}

impl Fuel {
    /// What was used since the last look.
    pub(super) fn look(&mut self, left: u64) -> u64 {
        let used = self.left.saturating_sub(left);
        self.left = left;
        self.used += used;
        used
    }
}
