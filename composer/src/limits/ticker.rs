//! The clock of limits of time.
//!
//! Code that computes notices the time when its engine's epoch advances, and a
//! driver that waits when it is woken. One thread does both for all components
//! of a runtime. It ticks while they work, and sleeps otherwise until the next
//! alarm, or until one of them works again.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::sync::atomic::{AtomicBool, Ordering as Memory};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::task::Waker;
use std::time::{Duration, Instant};

use wasmtime::{Engine, EngineWeak};

use crate::boundary::isolated::compute_threads::ComputeThreads;
use crate::sync::lock;

/// How far the clock goes in one step while components work.
pub(crate) const TICK: Duration = Duration::from_millis(1);

/// After so many ticks at which nothing worked the clock stops.
const QUIET: u32 = 100;

/// The longest that the clock sleeps without an alarm. It costs nothing, and bounds
/// what can be asked of the system.
const IDLE: Duration = Duration::from_secs(3600);

/// So few alarms are not worth a look at who is gone.
const FEW: usize = 64;

/// Ends its thread when it is dropped.
pub(crate) struct Ticker {
    shared: Arc<TickerShared>,
    /// Where code goes on that has computed for a tick.
    compute: Arc<ComputeThreads>,
}

struct TickerShared {
    state: Mutex<TickerState>,
    changed: Condvar,
    /// Whether a component has begun something, or went on with it, since the last
    /// tick.
    works: AtomicBool,
    /// Whether the clock has stopped until a component works.
    stopped: AtomicBool,
}

struct TickerState {
    engines: Vec<EngineWeak>,
    alarms: AlarmQueue,
    /// How many components there are whose time is limited.
    components: usize,
    closed: bool,
}

/// When to ring whom.
#[derive(Default)]
struct AlarmQueue {
    heap: BinaryHeap<Reverse<AlarmEntry>>,
    /// How many were left when those that are gone were last dropped.
    cleaned: usize,
}

struct AlarmEntry {
    at: Instant,
    alarm: Weak<WaitAlarm>,
}

impl Ticker {
    /// Starts the thread.
    ///
    /// # Errors
    ///
    /// The system cannot start another one.
    pub(crate) fn start<'e>(engines: impl Iterator<Item = &'e Engine>) -> std::io::Result<Self> {
        let shared = Arc::new(TickerShared {
            state: Mutex::new(TickerState {
                engines: engines.map(Engine::weak).collect(),
                alarms: AlarmQueue::default(),
                components: 0,
                closed: false,
            }),
            changed: Condvar::new(),
            works: AtomicBool::new(false),
            stopped: AtomicBool::new(false),
        });
        let ticking = shared.clone();
        std::thread::Builder::new()
            .name("composer-ticker".to_owned())
            .spawn(move || ticking.run())?;
        Ok(Ticker {
            shared,
            compute: Arc::new(ComputeThreads::new()),
        })
    }

    /// Keeps the clock going until the guard is dropped.
    pub(crate) fn enter(self: &Arc<Self>) -> TickedInstance {
        lock(&self.shared.state).components += 1;
        self.shared.changed.notify_one();
        TickedInstance(self.clone())
    }

    /// A component works.
    #[inline]
    pub(crate) fn works(&self) {
        // All calls of all components come by here, and mostly one has already.
        if !self.shared.works.load(Memory::Relaxed) {
            self.shared.work();
        }
    }

    pub(crate) fn compute(&self) -> &Arc<ComputeThreads> {
        &self.compute
    }

    /// Rings `alarm` at the first tick after `at`.
    pub(crate) fn ring(&self, alarm: &Arc<WaitAlarm>, at: Instant) {
        let alarm = Arc::downgrade(alarm);
        lock(&self.shared.state)
            .alarms
            .add(AlarmEntry { at, alarm });
        self.shared.wake();
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        lock(&self.shared.state).closed = true;
        self.shared.changed.notify_one();
    }
}

impl TickerShared {
    #[cold]
    fn work(&self) {
        // Either the clock sees this before it stops, or this sees that it has.
        self.works.store(true, Memory::SeqCst);
        self.wake();
    }

    fn wake(&self) {
        if self.stopped.load(Memory::SeqCst) {
            // It is seen to wait only when it does.
            drop(lock(&self.state));
            self.changed.notify_one();
        }
    }

    fn run(&self) {
        let mut quiet = 0;
        let mut state = lock(&self.state);
        while !state.closed {
            if state.components == 0 {
                let waited = self.changed.wait(state);
                state = waited.unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let due = state.alarms.due(Instant::now());
            let engines: Vec<_> = state.engines.iter().map(EngineWeak::upgrade).collect();
            drop(state);
            engines.iter().flatten().for_each(Engine::increment_epoch);
            // The last handle of an engine must not be the one here for
            // long, nor be dropped under the lock.
            drop(engines);
            due.iter().for_each(|alarm| alarm.ring());
            drop(due);
            quiet = match self.works.swap(false, Memory::Relaxed) {
                true => 0,
                false => quiet + 1,
            };
            state = lock(&self.state);
            state = match quiet < QUIET {
                true => self.wait(state, TICK),
                false => {
                    quiet = 0;
                    self.stop(state)
                }
            };
        }
    }

    /// Waits until there is something to do.
    fn stop<'s>(&'s self, state: MutexGuard<'s, TickerState>) -> MutexGuard<'s, TickerState> {
        self.stopped.store(true, Memory::SeqCst);
        let next = state.alarms.next();
        let sleep = next.map_or(IDLE, |at| at.saturating_duration_since(Instant::now()));
        let state = match self.works.load(Memory::SeqCst) || state.closed {
            true => state,
            false => self.wait(state, sleep.min(IDLE)),
        };
        self.stopped.store(false, Memory::SeqCst);
        state
    }

    fn wait<'s>(
        &self,
        state: MutexGuard<'s, TickerState>,
        time: Duration,
    ) -> MutexGuard<'s, TickerState> {
        let waited = self.changed.wait_timeout(state, time);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

impl AlarmQueue {
    /// Adds one. Those of components that are gone would stay until their time
    /// comes, which may be an hour, while others come and go.
    fn add(&mut self, entry: AlarmEntry) {
        if self.heap.len() >= FEW.max(self.cleaned * 2) {
            self.heap
                .retain(|Reverse(entry)| entry.alarm.strong_count() > 0);
            self.cleaned = self.heap.len();
        }
        self.heap.push(Reverse(entry));
    }

    /// When the next one is to ring.
    fn next(&self) -> Option<Instant> {
        self.heap.peek().map(|Reverse(entry)| entry.at)
    }

    /// Takes out the alarms whose time has come.
    fn due(&mut self, now: Instant) -> Vec<Arc<WaitAlarm>> {
        let mut due = Vec::new();
        while let Some(Reverse(entry)) = self.heap.peek() {
            if entry.at > now {
                break;
            }
            if let Some(Reverse(entry)) = self.heap.pop() {
                due.extend(entry.alarm.upgrade());
            }
        }
        due
    }
}

/// A component whose time is limited.
pub(crate) struct TickedInstance(Arc<Ticker>);

impl Drop for TickedInstance {
    fn drop(&mut self) {
        lock(&self.0.shared.state).components -= 1;
    }
}

/// Wakes whoever waits, once its time has come.
#[derive(Default)]
pub(crate) struct WaitAlarm {
    rung: AtomicBool,
    waker: Mutex<Option<Waker>>,
}

impl WaitAlarm {
    pub(crate) fn ring(&self) {
        self.rung.store(true, Memory::Release);
        let waker = lock(&self.waker).take();
        waker.into_iter().for_each(Waker::wake);
    }

    /// Whether it has rung since it was last asked. If not, `waker` is woken
    /// when it does.
    pub(crate) fn has_rung(&self, waker: &Waker) -> bool {
        // Before the look, or a ring in between would wake nobody.
        let mut waiting = lock(&self.waker);
        match &mut *waiting {
            Some(known) => known.clone_from(waker),
            None => *waiting = Some(waker.clone()),
        }
        drop(waiting);
        self.rung.swap(false, Memory::AcqRel)
    }
}

impl PartialEq for AlarmEntry {
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at
    }
}

impl Eq for AlarmEntry {}

impl PartialOrd for AlarmEntry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for AlarmEntry {
    fn cmp(&self, other: &Self) -> Ordering {
        self.at.cmp(&other.at)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::task::Waker;
    use std::time::{Duration, Instant};

    use wasmtime::Engine;

    use super::{AlarmEntry, AlarmQueue, FEW, Ticker, WaitAlarm};

    /// Many components that live for a moment, with an hour for their calls.
    #[test]
    fn alarms_of_who_is_gone_do_not_pile_up() {
        let mut alarms = AlarmQueue::default();
        let at = Instant::now() + Duration::from_secs(60 * 60);
        let add = |alarms: &mut AlarmQueue, alarm: &Arc<WaitAlarm>| {
            let alarm = Arc::downgrade(alarm);
            alarms.add(AlarmEntry { at, alarm });
        };
        let alive: Vec<_> = (0..100).map(|_| Arc::new(WaitAlarm::default())).collect();
        alive.iter().for_each(|alarm| add(&mut alarms, alarm));
        for _ in 0..10_000 {
            add(&mut alarms, &Arc::new(WaitAlarm::default()));
            assert!(alarms.heap.len() <= 2 * alive.len() + FEW);
        }
        assert!(alarms.due(at - Duration::from_secs(1)).is_empty());
        assert_eq!(alarms.due(at).len(), alive.len());
    }

    /// The thread holds what it shares with the ticker, and lets go at its end.
    #[test]
    fn the_thread_ends_with_its_ticker() {
        let engine = Engine::default();
        let ticker = Arc::new(Ticker::start([&engine].into_iter()).expect("a thread"));
        let shared = Arc::downgrade(&ticker.shared);
        let alarm = Arc::new(WaitAlarm::default());
        let alive = ticker.enter();
        ticker.ring(&alarm, Instant::now());
        while !alarm.has_rung(Waker::noop()) {
            std::thread::yield_now();
        }
        drop((alive, ticker));
        while shared.strong_count() > 0 {
            std::thread::yield_now();
        }
    }
}
