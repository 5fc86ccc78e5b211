//! How long a store's code has had a processor.
//!
//! The system tells that of each thread, but to ask it takes longer than most calls
//! do. So a thread is asked only when it has been with a store for a tick, and then at
//! each further tick, and when it leaves the store. Before the first tick there is the
//! wall clock, which is as good as long as the thread has its processor; and since it
//! may lose it, no more than a tick is charged by that clock.
//!
//! A store that calls another one on the same thread is left meanwhile.

use std::time::{Duration, Instant};

use crate::instance::ticker::TICK;

/// The processor time of one store.
#[derive(Default)]
pub(super) struct Processor {
    used: Duration,
    /// What the thread that is with the store knew when it was last charged.
    thread: Option<OnThread>,
    /// When a thread last came to the store.
    came: Option<Instant>,
}

struct OnThread {
    since: Instant,
    /// What the thread had used then, if it was asked.
    used: Option<Duration>,
}

impl Processor {
    /// A thread comes to the store.
    pub(super) fn come(&mut self, now: Instant) {
        self.came = Some(now);
        self.resume(now);
    }

    /// The thread is with the store again, which had called another one.
    pub(super) fn resume(&mut self, now: Instant) {
        self.thread = Some(OnThread {
            since: now,
            used: None,
        });
    }

    /// The thread leaves the store, for another one or for good.
    pub(super) fn leave(&mut self, now: Instant) {
        if let Some(thread) = self.thread.take() {
            self.used += match thread.used {
                Some(before) => of_thread(now).saturating_sub(before),
                None => brief(thread.since, now),
            };
        }
    }

    /// There is a tick while the store's code runs. Says how long the thread has been
    /// here.
    pub(super) fn tick(&mut self, now: Instant) -> Duration {
        let of_thread = of_thread(now);
        if let Some(thread) = &mut self.thread {
            self.used += match thread.used {
                Some(before) => of_thread.saturating_sub(before),
                None => brief(thread.since, now),
            };
            thread.since = now;
            thread.used = Some(of_thread);
        }
        let came = self.came.unwrap_or(now);
        now.saturating_duration_since(came)
    }

    /// Looks at the clock, if a thread is here.
    pub(super) fn look(&mut self) {
        if self.thread.is_some() {
            let now = Instant::now();
            self.leave(now);
            self.resume(now);
        }
    }

    /// What has been used up to the last look at the clock.
    pub(super) fn used(&self) -> Duration {
        self.used
    }
}

fn brief(since: Instant, now: Instant) -> Duration {
    now.saturating_duration_since(since).min(TICK)
}

/// The processor time of the current thread.
#[cfg(unix)]
fn of_thread(_: Instant) -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    // Neither is negative.
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// Where the system does not tell, the wall clock counts while code runs.
#[cfg(not(unix))]
fn of_thread(now: Instant) -> Duration {
    static FIRST: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    now.saturating_duration_since(*FIRST.get_or_init(|| now))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Processor, of_thread};
    use crate::instance::ticker::TICK;

    const HOUR: Duration = Duration::from_secs(3600);

    /// Whatever the wall clock says, a thread that had no processor is not charged.
    #[test]
    fn who_waits_for_a_processor_is_not_charged() {
        let mut processor = Processor::default();
        let now = Instant::now();
        processor.come(now);
        processor.tick(now + HOUR);
        assert_eq!(processor.used, TICK);
        processor.tick(now + 2 * HOUR);
        processor.leave(now + 3 * HOUR);
        assert!(processor.used < HOUR);
    }

    #[test]
    fn who_computes_is_charged() {
        let mut processor = Processor::default();
        let now = Instant::now();
        processor.come(now);
        assert_eq!(processor.tick(now + TICK), TICK);
        let begun = of_thread(now);
        while of_thread(Instant::now()) < begun + 20 * TICK {
            std::hint::spin_loop();
        }
        processor.leave(now);
        assert!(processor.used >= 20 * TICK);
    }

    /// What is shorter than a tick counts as well.
    #[test]
    fn short_visits_add_up() {
        let mut processor = Processor::default();
        let now = Instant::now();
        let micros = Duration::from_micros;
        processor.come(now);
        processor.leave(now + micros(10));
        processor.resume(now + micros(500));
        processor.leave(now + micros(520));
        assert_eq!(processor.used(), micros(30));
    }
}
