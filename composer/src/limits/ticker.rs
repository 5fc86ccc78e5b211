//! The clock that enforces limits of time.
//!
//! Code that computes notices the time when its engine's epoch advances; a driver
//! that waits notices it when it is woken. One thread does both for all components
//! of a runtime. It ticks while they work. Otherwise it sleeps until the next alarm,
//! or until one of them works again, but for a second at most ([`MAX_SLEEP`]).

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::sync::atomic::{AtomicBool, Ordering as Memory};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::task::Waker;
use std::time::{Duration, Instant};

use wasmtime::{Engine, EngineWeak};

use crate::boundary::isolated::compute_threads::ComputeThreads;
use crate::sync::lock;

/// The time between two ticks while components work.
pub(crate) const TICK: Duration = Duration::from_millis(1);

/// The clock stops after this many ticks without work.
const TICKS_UNTIL_STOP: u32 = 100;

/// The longest that the clock sleeps. On a busy machine a thread may say that it works,
/// lose its processor until the clock has stopped, and only then set the deadline of its
/// code, which is the next tick: without one, that code would never be interrupted.
const MAX_SLEEP: Duration = Duration::from_secs(1);

/// With fewer alarms than this, dropping those of components that are gone is not
/// worth the effort.
const MIN_CLEANUP: usize = 64;

/// The handle of the clock's thread, which ends when the handle is dropped.
pub(crate) struct Ticker {
    shared: Arc<TickerShared>,
    /// The threads on which code continues after it has computed for a tick.
    compute: Arc<ComputeThreads>,
}

struct TickerShared {
    state: Mutex<TickerState>,
    changed: Condvar,
    /// Whether a component has begun or continued work since the last tick.
    works: AtomicBool,
    /// Whether the clock has stopped until a component works.
    stopped: AtomicBool,
}

struct TickerState {
    engines: Vec<EngineWeak>,
    alarms: AlarmQueue,
    /// The number of components whose time is limited.
    components: usize,
    closed: bool,
}

/// The alarms that have not rung, the earliest first.
#[derive(Default)]
struct AlarmQueue {
    heap: BinaryHeap<Reverse<AlarmEntry>>,
    /// The number of alarms left after the last clean-up.
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

    /// Notes that a component works, and starts the clock if it has stopped.
    #[inline]
    pub(crate) fn works(&self) {
        // Every call of every component gets here, and mostly the flag is already set.
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
        // Either the clock sees this store before it stops, or `wake` sees that it has
        // stopped.
        self.works.store(true, Memory::SeqCst);
        self.wake();
    }

    fn wake(&self) {
        if self.stopped.load(Memory::SeqCst) {
            // The clock's thread sets `stopped` under the lock and releases it by
            // waiting. Once the lock is free, the thread is sure to hear the
            // notification.
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
            // An engine must not live on for long because of these handles, and its
            // last handle must not be dropped under the lock.
            drop(engines);
            due.iter().for_each(|alarm| alarm.ring());
            drop(due);
            quiet = match self.works.swap(false, Memory::Relaxed) {
                true => 0,
                false => TICKS_UNTIL_STOP.min(quiet + 1),
            };
            state = lock(&self.state);
            state = match quiet < TICKS_UNTIL_STOP {
                true => self.wait(state, TICK),
                false => self.stop(state),
            };
        }
    }

    /// Stops the clock until a component works or the next alarm is due, or for
    /// [`MAX_SLEEP`].
    fn stop<'s>(&'s self, state: MutexGuard<'s, TickerState>) -> MutexGuard<'s, TickerState> {
        self.stopped.store(true, Memory::SeqCst);
        let next = state.alarms.next();
        let sleep = next.map_or(MAX_SLEEP, |at| at.saturating_duration_since(Instant::now()));
        let state = match self.works.load(Memory::SeqCst) || state.closed {
            true => state,
            false => self.wait(state, sleep.min(MAX_SLEEP)),
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
    /// Adds an alarm. Whenever the heap has doubled since the last clean-up, the alarms
    /// of components that are gone are dropped: they would otherwise stay until they
    /// are due, which may take an hour.
    fn add(&mut self, entry: AlarmEntry) {
        if self.heap.len() >= MIN_CLEANUP.max(self.cleaned * 2) {
            self.heap
                .retain(|Reverse(entry)| entry.alarm.strong_count() > 0);
            self.cleaned = self.heap.len();
        }
        self.heap.push(Reverse(entry));
    }

    /// When the next alarm is due.
    fn next(&self) -> Option<Instant> {
        self.heap.peek().map(|Reverse(entry)| entry.at)
    }

    /// Removes the alarms that are due.
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

/// A guard for a component whose time is limited; the clock runs while one exists.
pub(crate) struct TickedInstance(Arc<Ticker>);

impl Drop for TickedInstance {
    fn drop(&mut self) {
        lock(&self.0.shared.state).components -= 1;
    }
}

/// An alarm that wakes the driver that waits for it.
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

    /// Whether the alarm has rung since the last call. If not, it wakes `waker` when it
    /// rings.
    pub(crate) fn has_rung(&self, waker: &Waker) -> bool {
        // The waker is stored before `rung` is read, so that no ring in between is lost.
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

    use wasmtime::{Config, Engine, Instance, Module, Store};

    use super::{AlarmEntry, AlarmQueue, MIN_CLEANUP, Memory, Ticker, WaitAlarm};

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
            assert!(alarms.heap.len() <= 2 * alive.len() + MIN_CLEANUP);
        }
        assert!(alarms.due(at - Duration::from_secs(1)).is_empty());
        assert_eq!(alarms.due(at).len(), alive.len());
    }

    /// As on a busy machine, where a thread may lose its processor between the moment when
    /// it says that it works and the one when its code gets its deadline.
    #[test]
    fn code_that_begins_after_the_clock_has_stopped_is_interrupted() {
        let mut config = Config::new();
        config.epoch_interruption(true);
        let engine = Engine::new(&config).expect("an engine");
        let module = Module::new(&engine, r#"(module (func (export "f") (loop (br 0))))"#);
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module.expect("a module"), &[]);
        let instance = instance.expect("an instance");
        let spin = instance.get_typed_func::<(), ()>(&mut store, "f");
        let ticker = Arc::new(Ticker::start([&engine].into_iter()).expect("a thread"));
        let _alive = ticker.enter();
        while !ticker.shared.stopped.load(Memory::SeqCst) {
            std::thread::yield_now();
        }
        store.set_epoch_deadline(1);
        let answer = spin.expect("a function").call(&mut store, ());
        answer.expect_err("it would never end");
    }

    /// The thread shares its state with the ticker, and releases it when it ends.
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
