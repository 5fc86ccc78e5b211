//! The state of one pool: its compositions, and the callers that wait.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Weak;
use std::task::Waker;
use std::time::Duration;

use slab::Slab;
use tokio::time::Instant;

use crate::composition::WeakComposition;
use crate::runtime::pool::PoolShared;
use crate::runtime::pool::failure_window::FailureWindow;
use crate::runtime::pool::member::PoolMember;
use crate::runtime::pool::scheduler::ScheduledWork;
use crate::runtime::pool::ticket::TicketOutcome;

/// The state of one pool, under the scheduler's lock.
#[derive(Default)]
pub(super) struct PoolState {
    pub(super) pool: Weak<PoolShared>,
    /// The number of instances of each composition.
    pub(super) weight: usize,
    /// The most compositions that the pool may have.
    pub(super) max: usize,
    /// The number of compositions that should be ready.
    pub(super) warm: usize,
    /// Whether all idle compositions are kept, or only as many as should be ready.
    keeps: bool,
    /// The idle compositions; the one that has been idle for the longest is the first.
    pub(super) idle: VecDeque<PoolMember>,
    pub(super) leased: Slab<WeakComposition>,
    pub(super) starting: usize,
    /// Compositions on their way to their end, or back to the idle ones.
    pub(super) leaving: usize,
    /// The leaving compositions that were idle, and so have no calls to wait for.
    pub(super) ending: usize,
    /// The callers that wait, in the order in which they came.
    pub(super) waiting: BTreeMap<u64, Option<Waker>>,
    /// The callers that no longer have to wait, with their outcomes.
    pub(super) resolved: BTreeMap<u64, TicketOutcome>,
    /// Whether the last start failed. If so, no composition is started ahead.
    pub(super) last_start_failed: bool,
    /// When the pool pauses, if failures are limited.
    pub(super) rest: Option<FailureWindow>,
    pub(super) closed: bool,
    pub(super) started: u64,
    pub(super) failed: u64,
    pub(super) crashed: u64,
    pub(super) replaced: u64,
}

impl PoolState {
    pub(super) fn new(pool: Weak<PoolShared>, weight: usize, max: usize, keeps: bool) -> Self {
        PoolState {
            pool,
            weight,
            max,
            keeps,
            ..PoolState::default()
        }
    }

    /// Counts a composition that was lent, if it has failed.
    pub(super) fn count_crash(&mut self, crashed: bool) {
        if crashed {
            self.crashed += 1;
            self.count_failure();
        }
    }

    pub(super) fn count_failure(&mut self) {
        if let Some(rest) = &mut self.rest {
            rest.count(Instant::now());
        }
    }

    /// How much longer nothing may be started, if the pool pauses.
    pub(super) fn rests(&self) -> Option<Duration> {
        self.rest.as_ref()?.left(Instant::now())
    }

    /// The number of compositions, including those that start and end.
    pub(super) fn alive(&self) -> usize {
        self.idle.len() + self.leased.len() + self.starting + self.leaving
    }

    /// Gives an outcome to the first caller that waits.
    pub(super) fn resolve(&mut self, outcome: TicketOutcome, work: &mut Vec<ScheduledWork>) {
        if let Some((number, waker)) = self.waiting.pop_first() {
            self.resolved.insert(number, outcome);
            work.extend(waker.map(ScheduledWork::Wake));
        }
    }

    /// Gives idle compositions to callers that wait, beginning with the one that was used
    /// last, which is the warmest.
    pub(super) fn hand_out(&mut self, work: &mut Vec<ScheduledWork>) {
        while !self.waiting.is_empty()
            && let Some(member) = self.idle.pop_back()
        {
            let lease = self.leased.insert(member.downgrade());
            self.resolve(TicketOutcome::Granted(lease, member), work);
        }
    }

    /// While the pool pauses, refuses the callers that would need a start.
    pub(super) fn refuse(&mut self, work: &mut Vec<ScheduledWork>) {
        while let Some(number) = self.first_unserved()
            && let Some(rest) = self.rests()
        {
            let waker = self.waiting.remove(&number).flatten();
            self.resolved.insert(number, TicketOutcome::Resting(rest));
            work.extend(waker.map(ScheduledWork::Wake));
        }
    }

    /// The first waiting caller for which nothing is being started, if something may be.
    pub(super) fn first_unserved(&self) -> Option<u64> {
        let may_start = !self.closed && self.alive() < self.max;
        let mut waiting = self.waiting.keys();
        waiting.nth(self.starting).filter(|_| may_start).copied()
    }

    pub(super) fn wants_warm(&self) -> bool {
        let spare = (self.idle.len() + self.starting).saturating_sub(self.waiting.len());
        let may_start = !self.closed && !self.last_start_failed && self.alive() < self.max;
        may_start && spare < self.warm && self.rests().is_none()
    }

    /// Ends the idle compositions that are not to be kept.
    pub(super) fn trim(&mut self, work: &mut Vec<ScheduledWork>) {
        let keep = match (self.closed, self.keeps) {
            (true, _) => 0,
            (false, true) => usize::MAX,
            (false, false) => self.warm,
        };
        while self.idle.len() > keep && self.end_idle(work) {}
    }

    pub(super) fn end_idle(&mut self, work: &mut Vec<ScheduledWork>) -> bool {
        // The handle of the pool must not be dropped under the lock.
        if !self.idle.is_empty()
            && let Some(pool) = self.pool.upgrade()
        {
            let member = self.idle.pop_front();
            self.leaving += 1;
            self.ending += 1;
            work.extend(member.map(|member| ScheduledWork::End(pool, member)));
            return true;
        }
        false
    }
}
