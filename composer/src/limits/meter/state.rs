//! The state of a meter: the work in its store, and what that has used.

use std::time::Instant;

/// The work in one store, and what it may still use.
#[derive(Default)]
pub(super) struct MeterState {
    /// The calls that run or wait for their turn, in the order in which they came.
    pub(super) calls: Vec<MeteredWork>,
    pub(super) next: u64,
    /// Work that belongs to no call.
    pub(super) aside: Option<BackgroundWork>,
    pub(super) fuel: FuelAccount,
    pub(super) time: TimeAccount,
    pub(super) waits: WaitTimes,
    /// Whether the alarm is set.
    pub(super) armed: bool,
}

pub(super) struct MeteredWork {
    /// The call's place in the order in which calls came.
    pub(super) key: u64,
    /// The function, as the incarnation counts them.
    pub(super) func: usize,
    pub(super) is_async: bool,
    pub(super) turn: Option<RunningCall>,
}

/// A call that runs.
pub(super) struct RunningCall {
    /// What the store had used when the call began.
    pub(super) before: UsedAmounts,
    /// Whether no other call has had its turn since then.
    pub(super) alone: bool,
}

/// What a store has used since it was made. Times are in nanoseconds, the unit of the
/// clocks, which is cheap to compute with.
#[derive(Clone, Copy, Default)]
pub(crate) struct UsedAmounts {
    pub(crate) fuel: u64,
    /// Processor time.
    pub(crate) time: u64,
    /// The time that the store waited with a call in it.
    pub(crate) waited: u64,
}

impl std::ops::Sub for UsedAmounts {
    type Output = UsedAmounts;

    fn sub(self, before: UsedAmounts) -> UsedAmounts {
        UsedAmounts {
            fuel: self.fuel.saturating_sub(before.fuel),
            time: self.time.saturating_sub(before.time),
            waited: self.waited.saturating_sub(before.waited),
        }
    }
}

/// Work that belongs to no call.
pub(super) struct BackgroundWork {
    pub(super) work: WorkKind,
    pub(super) before: UsedAmounts,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum WorkKind {
    /// The start of the component.
    Start,
    Destructor,
    /// What a task does after it has returned.
    Background,
}

/// The account of a store's fuel.
#[derive(Default)]
pub(super) struct FuelAccount {
    /// The fuel in the store when it was last read.
    pub(super) left: u64,
    pub(super) used: u64,
}

/// The account of a store's processor time, in nanoseconds. Calls that overlap share one
/// account, as they do for fuel: it holds the sum of what each of them may use.
#[derive(Default)]
pub(super) struct TimeAccount {
    pub(super) used: u64,
    left: u64,
    /// What was used beyond what is allowed.
    pub(super) overdrawn: u64,
}

/// The time that a store has waited for something outside of it, in nanoseconds.
#[derive(Default)]
pub(super) struct WaitTimes {
    pub(super) total: u64,
    pub(super) since: Option<Instant>,
}

impl MeterState {
    /// The number of calls that have their turn.
    pub(super) fn turns(&self) -> u32 {
        let turns = self.calls.iter().filter(|call| call.turn.is_some());
        u32::try_from(turns.count()).unwrap_or(u32::MAX)
    }

    pub(super) fn used(&self) -> UsedAmounts {
        UsedAmounts {
            fuel: self.fuel.used,
            time: self.time.used,
            waited: self.waits.total,
        }
    }

    pub(super) fn give_turn(&mut self, key: u64, allowed: u64) {
        let before = self.used();
        let mut alone = true;
        let mut turns = self.calls.iter_mut().filter_map(|call| call.turn.as_mut());
        for turn in &mut turns {
            turn.alone = false;
            alone = false;
        }
        if alone {
            // What earlier work has left over is forfeited.
            self.time.left = 0;
            self.time.overdrawn = 0;
        }
        self.time.left = self.time.left.saturating_add(allowed);
        if let Some(call) = self.calls.iter_mut().find(|call| call.key == key) {
            call.turn = Some(RunningCall { before, alone });
        }
    }

    /// Removes a call that has ended, and what it did not use with it.
    pub(super) fn take(&mut self, key: u64, allowed: u64) -> Option<MeteredWork> {
        let call = match self.calls.last() {
            Some(last) if last.key == key => self.calls.pop()?,
            _ => {
                let nth = self.calls.iter().position(|call| call.key == key)?;
                self.calls.remove(nth)
            }
        };
        let theirs = allowed.saturating_mul(self.turns().into());
        self.time.left = self.time.left.min(theirs);
        Some(call)
    }

    /// The function of the one call that has its turn, if there is exactly one.
    pub(super) fn only(&self) -> Option<usize> {
        let mut turns = self.calls.iter().filter(|call| call.turn.is_some());
        match (turns.next(), turns.next()) {
            (Some(call), None) => Some(call.func),
            _ => None,
        }
    }

    /// The longest wait of a call or of work aside, in nanoseconds, with the function if
    /// it is a call.
    pub(super) fn longest_wait(&self) -> Option<(u64, Option<usize>)> {
        let waited = |before: &UsedAmounts| self.waits.total.saturating_sub(before.waited);
        let calls = self.calls.iter().filter_map(|call| {
            let turn = call.turn.as_ref()?;
            Some((waited(&turn.before), Some(call.func)))
        });
        // What continues after its call has returned may wait for ever: no caller waits
        // for it.
        let aside = self.aside.as_ref();
        let aside = aside.filter(|aside| aside.work != WorkKind::Background);
        let aside = aside.map(|aside| (waited(&aside.before), None));
        aside
            .into_iter()
            .chain(calls)
            .max_by_key(|(waited, _)| *waited)
    }
}

impl FuelAccount {
    /// Updates the account with the fuel left in the store. Returns what was used since
    /// the last update.
    pub(super) fn look(&mut self, left: u64) -> u64 {
        let used = self.left.saturating_sub(left);
        self.left = left;
        self.used += used;
        used
    }
}

impl TimeAccount {
    /// Updates the account with what the store has used since it was made. Returns how
    /// much of that is new, and charges the calls for it if it was `theirs`.
    pub(super) fn look(&mut self, used: u64, theirs: bool) -> u64 {
        let new = used.saturating_sub(self.used);
        self.used += new;
        if theirs {
            self.overdrawn += new.saturating_sub(self.left);
            self.left = self.left.saturating_sub(new);
        }
        new
    }
}
