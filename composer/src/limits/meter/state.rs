//! What a meter knows of the work in its store.

use std::time::Instant;

/// The work in one store, and what it may still take.
#[derive(Default)]
pub(super) struct MeterState {
    /// The calls that run or wait for their turn, in the order they came in.
    pub(super) calls: Vec<MeteredWork>,
    pub(super) next: u64,
    /// Work that belongs to no call.
    pub(super) aside: Option<AsideWork>,
    pub(super) fuel: FuelAccount,
    pub(super) time: TimeAccount,
    pub(super) waits: WaitTimes,
    /// Whether the alarm is set.
    pub(super) armed: bool,
}

pub(super) struct MeteredWork {
    /// Its place in the order in which calls came in.
    pub(super) key: u64,
    /// The function, as the incarnation counts them.
    pub(super) func: usize,
    pub(super) is_async: bool,
    pub(super) turn: Option<RunningCall>,
}

/// A call that runs.
pub(super) struct RunningCall {
    /// What the store had used when it began.
    pub(super) before: UsedAmounts,
    /// Whether no other call has had its turn meanwhile.
    pub(super) alone: bool,
}

/// What a store has used since it was made: times in nanoseconds, which is what the
/// clocks tell and what is quick to count with.
#[derive(Clone, Copy, Default)]
pub(crate) struct UsedAmounts {
    pub(crate) fuel: u64,
    /// Of a processor.
    pub(crate) time: u64,
    /// Waiting, with a call in it.
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
pub(super) struct AsideWork {
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
    /// What was in the store when it was last looked at.
    pub(super) left: u64,
    pub(super) used: u64,
}

/// The account of a store's processor time. Calls that run beside each other have
/// one account, as they have for fuel: it holds what each of them may take. In
/// nanoseconds.
#[derive(Default)]
pub(super) struct TimeAccount {
    pub(super) used: u64,
    left: u64,
    /// What was used and not allowed.
    pub(super) overdrawn: u64,
}

/// The time that a store has waited for something outside of it, in nanoseconds.
#[derive(Default)]
pub(super) struct WaitTimes {
    pub(super) total: u64,
    pub(super) since: Option<Instant>,
}

impl MeterState {
    /// How many calls have their turn.
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
            // What is left of earlier work is nobody's.
            self.time.left = 0;
            self.time.overdrawn = 0;
        }
        self.time.left = self.time.left.saturating_add(allowed);
        if let Some(call) = self.calls.iter_mut().find(|call| call.key == key) {
            call.turn = Some(RunningCall { before, alone });
        }
    }

    /// Takes a call out that has ended. It takes with it what it did not use.
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

    /// The call that has waited longest, or work aside that does, with how many
    /// nanoseconds.
    pub(super) fn longest_wait(&self) -> Option<(u64, Option<usize>)> {
        let waited = |before: &UsedAmounts| self.waits.total.saturating_sub(before.waited);
        let calls = self.calls.iter().filter_map(|call| {
            let turn = call.turn.as_ref()?;
            Some((waited(&turn.before), Some(call.func)))
        });
        // What goes on after its call may wait for ever: no one waits for it.
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
    /// What was used since the last look.
    pub(super) fn look(&mut self, left: u64) -> u64 {
        let used = self.left.saturating_sub(left);
        self.left = left;
        self.used += used;
        used
    }
}

impl TimeAccount {
    /// The store has used so much since it was made. Says how much of that is new,
    /// and charges the calls for it if it was `theirs`.
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
