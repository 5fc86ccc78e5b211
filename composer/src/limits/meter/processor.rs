//! The processor time that a store's code has used.
//!
//! The system knows the processor time of each thread, but reading it takes longer than
//! most calls. So it is read only once a thread has been with a store for a tick, then at
//! each further tick, and when the thread leaves the store. Before the first tick the
//! wall clock is read instead. It is as exact while the thread has a processor; since
//! the thread may lose its processor, at most one tick is charged by the wall clock.
//!
//! While a store calls another one on the same thread, the thread counts as having left
//! it.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

#[cfg(unix)]
use rustix::time::ClockId;

use crate::limits::ticker::TICK;

/// The most that is charged by the wall clock, in nanoseconds.
const MOST: u64 = TICK.as_nanos() as u64;

/// The processor time of one store, in nanoseconds.
///
/// Only the thread that is with the store reads and changes these fields. Each thread
/// gets the store from the previous one under a lock, so relaxed atomics suffice, and
/// they cost no more than plain numbers.
#[derive(Default)]
pub(super) struct ProcessorTime {
    used: AtomicU64,
    /// When a thread last came to the store.
    entered_at: AtomicU64,
    /// The time since which usage is not yet charged; 0 if no thread is here.
    since: AtomicU64,
    /// The thread's processor time then; 0 if it was not read.
    thread: AtomicU64,
}

impl ProcessorTime {
    /// A thread comes to the store.
    #[inline]
    pub(super) fn enter(&self, now: WallTime) {
        let WallTime(now) = now;
        self.entered_at.store(now, Relaxed);
        self.stay(now, 0);
    }

    /// The thread returns to the store from another one that the store had called.
    #[inline]
    pub(super) fn resume(&self, now: WallTime) {
        self.stay(now.0, 0);
    }

    #[inline]
    fn stay(&self, since: u64, thread: u64) {
        self.since.store(since, Relaxed);
        self.thread.store(thread, Relaxed);
    }

    /// The thread leaves the store, for another one or for good.
    #[inline]
    pub(super) fn leave(&self, now: WallTime) {
        let thread = match self.thread.load(Relaxed) {
            0 => 0,
            _ => of_thread(now),
        };
        self.charge(now.0, thread);
        self.stay(0, 0);
    }

    /// Charges what was used since the last look.
    #[inline]
    fn charge(&self, now: u64, thread: u64) {
        let used = match (self.since.load(Relaxed), self.thread.load(Relaxed)) {
            (0, _) => return,
            (since, 0) => now.saturating_sub(since).min(MOST),
            (_, before) => thread.saturating_sub(before),
        };
        let sum = self.used.load(Relaxed).saturating_add(used);
        self.used.store(sum, Relaxed);
    }

    /// Handles a tick while the store's code runs. Returns how long the thread has been
    /// with the store.
    pub(super) fn tick(&self, now: WallTime) -> Duration {
        let thread = of_thread(now);
        let WallTime(now) = now;
        if self.since.load(Relaxed) != 0 {
            self.charge(now, thread);
            self.stay(now, thread);
        }
        let entered_at = self.entered_at.load(Relaxed);
        Duration::from_nanos(now.saturating_sub(entered_at))
    }

    /// Charges what was used so far, if a thread is with the store.
    pub(super) fn look(&self) {
        if self.since.load(Relaxed) != 0 {
            let now = WallTime::read();
            self.leave(now);
            self.resume(now);
        }
    }

    /// Takes out what has been charged since `before` was all, in nanoseconds.
    #[inline]
    pub(super) fn take_since(&self, before: u64) -> u64 {
        let used = self.used.load(Relaxed);
        self.used.store(before, Relaxed);
        used.saturating_sub(before)
    }

    /// What has been charged so far, in nanoseconds.
    pub(super) fn used(&self) -> u64 {
        self.used.load(Relaxed)
    }
}

/// The wall clock, in nanoseconds; never 0.
#[derive(Clone, Copy)]
pub(super) struct WallTime(u64);

impl WallTime {
    #[cfg(unix)]
    #[inline]
    pub(super) fn read() -> Self {
        WallTime(system_clock(ClockId::Monotonic))
    }

    #[cfg(not(unix))]
    pub(super) fn read() -> Self {
        use std::sync::LazyLock;
        use std::time::Instant;

        static FIRST: LazyLock<Instant> = LazyLock::new(Instant::now);
        WallTime(nanos(FIRST.elapsed()).max(1))
    }
}

/// The nanoseconds of a duration. 64 bits suffice for five centuries.
pub(super) fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// The processor time of the current thread, in nanoseconds; never 0.
#[cfg(unix)]
fn of_thread(_: WallTime) -> u64 {
    system_clock(ClockId::ThreadCPUTime)
}

/// Where the system does not report a thread's processor time, the wall clock counts
/// while code runs.
#[cfg(not(unix))]
fn of_thread(now: WallTime) -> u64 {
    now.0
}

/// Reads one of the system's clocks, in nanoseconds; never 0. Clocks do not go below
/// zero.
#[cfg(unix)]
#[inline]
fn system_clock(clock: ClockId) -> u64 {
    let time = rustix::time::clock_gettime(clock);
    let nanos = time.tv_sec.wrapping_mul(1_000_000_000);
    nanos.wrapping_add(time.tv_nsec).cast_unsigned().max(1)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{ProcessorTime, WallTime, nanos, of_thread};
    use crate::limits::ticker::TICK;

    const HOUR: Duration = Duration::from_secs(3600);

    impl std::ops::Add<Duration> for WallTime {
        type Output = WallTime;

        fn add(self, time: Duration) -> WallTime {
            WallTime(self.0 + nanos(time))
        }
    }

    /// Whatever the wall clock says, a thread that had no processor is not charged.
    #[test]
    fn who_waits_for_a_processor_is_not_charged() {
        let processor = ProcessorTime::default();
        let now = WallTime::read();
        processor.enter(now);
        processor.tick(now + HOUR);
        assert_eq!(processor.used(), nanos(TICK));
        processor.tick(now + 2 * HOUR);
        processor.leave(now + 3 * HOUR);
        assert!(processor.used() < nanos(HOUR));
    }

    #[test]
    fn who_computes_is_charged() {
        let processor = ProcessorTime::default();
        let now = WallTime::read();
        processor.enter(now);
        assert_eq!(processor.tick(now + TICK), TICK);
        let begun = of_thread(now);
        while of_thread(WallTime::read()) < begun + nanos(20 * TICK) {
            std::hint::spin_loop();
        }
        processor.leave(now);
        assert!(processor.used() >= nanos(20 * TICK));
    }

    /// Visits that are shorter than a tick count as well.
    #[test]
    fn short_visits_add_up() {
        let processor = ProcessorTime::default();
        let now = WallTime::read();
        let micros = Duration::from_micros;
        processor.enter(now);
        processor.leave(now + micros(10));
        processor.resume(now + micros(500));
        processor.leave(now + micros(520));
        assert_eq!(processor.used(), nanos(micros(30)));
    }
}
