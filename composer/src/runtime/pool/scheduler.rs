//! The scheduler of pools: assigns compositions to callers that wait, and starts and ends
//! compositions for them.
//!
//! All pools that share a maximum are under one lock, so that each decision takes
//! everything into account: the order of the callers, idle compositions of other pools,
//! compositions that are about to end. Nothing runs under the lock: decisions are carried
//! out as [`ScheduledWork`] after it has been released.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::task::Waker;

use slab::Slab;

use crate::runtime::pool::PoolShared;
use crate::runtime::pool::member::PoolMember;
use crate::runtime::pool::state::PoolState;
use crate::runtime::pool::task::LeavingMember;
use crate::runtime::pool::ticket::TicketOutcome;
use crate::sync::lock;

/// The pools that share a maximum.
#[derive(Default)]
pub(in crate::runtime) struct PoolScheduler {
    /// The number of instances that all pools may have together.
    pub(super) max: Option<usize>,
    state: Mutex<SchedulerState>,
}

#[derive(Default)]
pub(super) struct SchedulerState {
    max: Option<usize>,
    /// Instances of all pools, including those that start and end.
    pub(super) used: usize,
    /// The number of the last place in the queue, over all pools.
    next: u64,
    /// Whether no more pools may be added.
    closed: bool,
    pub(super) rooms: Slab<PoolState>,
}

/// A decision that was made under the lock.
pub(super) enum ScheduledWork {
    Start(Arc<PoolShared>),
    End(Arc<PoolShared>, PoolMember),
    Wake(Waker),
    /// Drops an outcome for which no caller waits.
    Forget(TicketOutcome),
    /// Notifies those that wait for the compositions of this pool to end.
    Tell(Arc<PoolShared>),
}

impl fmt::Debug for PoolScheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Places({} of {:?})", self.used(), self.max)
    }
}

impl PoolScheduler {
    pub(in crate::runtime) fn new(max: Option<usize>) -> Arc<PoolScheduler> {
        let state = SchedulerState {
            max,
            ..SchedulerState::default()
        };
        Arc::new(PoolScheduler {
            max,
            state: Mutex::new(state),
        })
    }

    /// The number of instances of all pools.
    pub(in crate::runtime) fn used(&self) -> usize {
        lock(&self.state).used
    }

    /// Adds a pool; `None` if no more pools may be added.
    pub(super) fn add(&self, room: PoolState) -> Option<usize> {
        let mut state = lock(&self.state);
        (!state.closed).then(|| state.rooms.insert(room))
    }

    /// Closes all pools for good, and returns them.
    pub(super) fn close(&self) -> Vec<Arc<PoolShared>> {
        let mut pools: Vec<_> = self.change(|state, work| {
            state.closed = true;
            let keys: Vec<usize> = state.rooms.iter().map(|(key, _)| key).collect();
            keys.iter().for_each(|key| state.close(*key, work));
            let rooms = state.rooms.iter();
            rooms.filter_map(|(_, room)| room.pool.upgrade()).collect()
        });
        // A pool that is still being built has no compositions yet.
        pools.retain(|pool| pool.key.get().is_some());
        pools
    }

    pub(super) fn remove(&self, key: usize) {
        let room = lock(&self.state).rooms.try_remove(key);
        drop(room);
    }

    /// Reads the state of a pool, and the number of instances of all pools.
    pub(super) fn look<R>(&self, key: usize, look: impl FnOnce(&PoolState, usize) -> R) -> R {
        let state = lock(&self.state);
        look(&state.rooms[key], state.used)
    }

    /// Accesses the state for a caller that waits, in a way that has no consequences for
    /// others.
    pub(super) fn ask<R>(&self, ask: impl FnOnce(&mut SchedulerState) -> R) -> R {
        ask(&mut lock(&self.state))
    }

    /// Changes the state, settles it, and carries out the decisions.
    pub(super) fn change<R>(
        &self,
        change: impl FnOnce(&mut SchedulerState, &mut Vec<ScheduledWork>) -> R,
    ) -> R {
        let mut work = Vec::new();
        let result = {
            let mut state = lock(&self.state);
            let result = change(&mut state, &mut work);
            state.settle(&mut work);
            result
        };
        work.into_iter().for_each(ScheduledWork::run);
        result
    }
}

impl SchedulerState {
    /// Takes a place in the queue: at its end, or again the one with this number.
    pub(super) fn queue(&mut self, key: usize, number: Option<u64>) -> u64 {
        let number = number.unwrap_or_else(|| {
            self.next += 1;
            self.next
        });
        let room = &mut self.rooms[key];
        room.last_start_failed = false;
        match room.closed {
            true => drop(room.resolved.insert(number, TicketOutcome::Closed)),
            false => drop(room.waiting.insert(number, None)),
        }
        number
    }

    /// Takes the outcome of waiting, if there is one.
    pub(super) fn outcome(&mut self, key: usize, number: u64) -> Option<TicketOutcome> {
        self.rooms[key].resolved.remove(&number)
    }

    /// Removes a caller that waits. Its waker and its outcome are returned because they
    /// must not be dropped under the lock: a waker may own a task, and so anything.
    pub(super) fn leave(
        &mut self,
        key: usize,
        number: u64,
    ) -> (Option<Waker>, Option<TicketOutcome>) {
        let room = &mut self.rooms[key];
        let waker = room.waiting.remove(&number).flatten();
        let outcome = room.resolved.remove(&number);
        match outcome {
            Some(TicketOutcome::Granted(lease, member)) => {
                room.leased.try_remove(lease);
                room.idle.push_back(member);
                (waker, None)
            }
            other => (waker, other),
        }
    }

    /// Whether the caller with this number does not depend on the end of a lease: it has
    /// an outcome, or waits for a start or for the end of idle compositions.
    pub(super) fn is_served(&self, key: usize, number: u64) -> bool {
        let room = &self.rooms[key];
        if !room.waiting.contains_key(&number)
            || room.waiting.range(..number).count() < room.starting
        {
            return true;
        }
        let ending = self.rooms.iter().map(|(_, room)| room.ending * room.weight);
        self.first_unserved() == Some((number, key)) && self.fits(key, ending.sum())
    }

    /// Notes that a composition has started.
    pub(super) fn started(&mut self, key: usize, member: PoolMember) {
        let room = &mut self.rooms[key];
        room.starting -= 1;
        room.started += 1;
        room.last_start_failed = false;
        room.idle.push_back(member);
    }

    /// Notes that a composition failed to start, and that nothing of it is left. The
    /// caller that has waited longest gets the error.
    pub(super) fn failed(&mut self, key: usize, why: TicketOutcome, work: &mut Vec<ScheduledWork>) {
        let room = &mut self.rooms[key];
        room.starting -= 1;
        room.failed += 1;
        room.last_start_failed = true;
        room.count_failure();
        self.used -= room.weight;
        match room.waiting.is_empty() {
            true => work.push(ScheduledWork::Forget(why)),
            false => room.resolve(why, work),
        }
    }

    /// Notes that a lease has ended and its composition is idle.
    pub(super) fn give_back(&mut self, key: usize, lease: usize, member: PoolMember) {
        let room = &mut self.rooms[key];
        room.leased.try_remove(lease);
        room.idle.push_back(member);
    }

    /// Notes that a lease has ended and its composition leaves.
    pub(super) fn begin_leaving(&mut self, key: usize, lease: usize, crashed: bool) {
        let room = &mut self.rooms[key];
        room.leased.try_remove(lease);
        room.leaving += 1;
        room.count_crash(crashed);
    }

    /// Notes that a composition that was leaving is idle after all.
    pub(super) fn return_to_idle(&mut self, key: usize, member: PoolMember) {
        let room = &mut self.rooms[key];
        room.leaving -= 1;
        room.idle.push_back(member);
    }

    /// Notes that a composition that was leaving is gone.
    pub(super) fn finish_leaving(&mut self, key: usize, lent: bool, crashed: bool) {
        let room = &mut self.rooms[key];
        room.leaving -= 1;
        room.count_crash(crashed);
        self.used -= room.weight;
        match lent {
            true => room.replaced += 1,
            false => room.ending -= 1,
        }
    }

    pub(super) fn close(&mut self, key: usize, work: &mut Vec<ScheduledWork>) {
        let room = &mut self.rooms[key];
        room.closed = true;
        while !room.waiting.is_empty() {
            room.resolve(TicketOutcome::Closed, work);
        }
    }

    /// Makes all decisions that can be made now.
    fn settle(&mut self, work: &mut Vec<ScheduledWork>) {
        for (_, room) in &mut self.rooms {
            room.hand_out(work);
            room.refuse(work);
        }
        let someone_waits = self.start_for_waiting(work);
        if !someone_waits {
            self.start_warm(work);
        }
        for (_, room) in &mut self.rooms {
            room.trim(work);
            if room.closed && room.alive() == room.leased.len() {
                work.extend(room.pool.upgrade().map(ScheduledWork::Tell));
            }
        }
    }

    /// Starts compositions for callers that wait, in the order in which they came.
    /// Returns whether one of them waits for the maximum of all pools: then no later
    /// caller may take the room for which it waits.
    fn start_for_waiting(&mut self, work: &mut Vec<ScheduledWork>) -> bool {
        loop {
            let Some((_, key)) = self.first_unserved() else {
                return false;
            };
            if !self.fits(key, 0) {
                self.evict(key, work);
                return true;
            }
            if !self.start(key, work) {
                return false;
            }
        }
    }

    /// The first waiting caller for which a composition may be started, and its pool.
    fn first_unserved(&self) -> Option<(u64, usize)> {
        let rooms = self.rooms.iter();
        let first = rooms.filter_map(|(key, room)| Some((room.first_unserved()?, key)));
        first.min()
    }

    fn start_warm(&mut self, work: &mut Vec<ScheduledWork>) {
        let keys: Vec<usize> = self.rooms.iter().map(|(key, _)| key).collect();
        for key in keys {
            while self.rooms[key].wants_warm() && self.fits(key, 0) && self.start(key, work) {}
        }
    }

    /// Whether there is room for one more composition of this pool once `finish_leaving` instances
    /// have ended.
    fn fits(&self, key: usize, finish_leaving: usize) -> bool {
        let used = self.used.saturating_sub(finish_leaving);
        let wanted = used.saturating_add(self.rooms[key].weight);
        self.max.is_none_or(|max| wanted <= max)
    }

    /// Starts one more composition of this pool, if the pool still exists.
    fn start(&mut self, key: usize, work: &mut Vec<ScheduledWork>) -> bool {
        let room = &mut self.rooms[key];
        let Some(pool) = room.pool.upgrade() else {
            return false;
        };
        room.starting += 1;
        self.used += room.weight;
        work.push(ScheduledWork::Start(pool));
        true
    }

    /// Ends as many idle compositions as are needed to make room for one more composition
    /// of this pool.
    fn evict(&mut self, key: usize, work: &mut Vec<ScheduledWork>) {
        loop {
            let rooms = self.rooms.iter();
            let leaving = rooms.map(|(_, room)| room.leaving * room.weight).sum();
            if self.fits(key, leaving) {
                return;
            }
            let rooms = self.rooms.iter_mut().map(|(_, room)| room);
            let fullest = rooms.max_by_key(|room| room.idle.len() * room.weight);
            let Some(true) = fullest.map(|room| room.end_idle(work)) else {
                return;
            };
        }
    }
}

impl ScheduledWork {
    fn run(self) {
        match self {
            ScheduledWork::Start(pool) => pool.start(),
            ScheduledWork::End(pool, member) => pool.end(member, LeavingMember::Idle),
            ScheduledWork::Wake(waker) => waker.wake(),
            ScheduledWork::Forget(outcome) => drop(outcome),
            ScheduledWork::Tell(pool) => pool.emptied.notify_waiters(),
        }
    }
}
