//! The pause of a pool whose compositions fail too often.

use std::time::Duration;

use tokio::time::Instant;

use crate::limits::durations::MAX_TIMEOUT;

/// The recent failures of a pool. They are forgotten one by one at even intervals, so it
/// suffices to keep the time at which the last one will be forgotten.
#[derive(Debug)]
pub(super) struct FailureWindow {
    /// The number of failures that are tolerated within the time `within`.
    allowed: u32,
    within: Duration,
    /// The time at which all failures will be forgotten.
    clear: Option<Instant>,
}

impl FailureWindow {
    pub(super) fn new(allowed: u32, within: Duration) -> FailureWindow {
        FailureWindow {
            allowed,
            within: within.min(MAX_TIMEOUT),
            clear: None,
        }
    }

    /// The number of failures that are tolerated, and the time in which they are counted.
    pub(super) fn rule(&self) -> (u32, Duration) {
        (self.allowed, self.within)
    }

    /// The time in which one failure is forgotten.
    fn step(&self) -> Duration {
        self.within / self.allowed.max(1)
    }

    /// Counts a failure.
    pub(super) fn count(&mut self, now: Instant) {
        let step = self.step();
        let before = self.clear.map_or(now, |clear| clear.max(now));
        // Capped, so that a long run of failures does not cause an equally long pause.
        let most = now + step * self.allowed + step;
        self.clear = Some((before + step).min(most));
    }

    /// How much longer nothing may be started, if the pool pauses.
    pub(super) fn left(&self, now: Instant) -> Option<Duration> {
        let unforgotten = self.clear?.saturating_duration_since(now);
        let left = unforgotten.checked_sub(self.step() * self.allowed)?;
        Some(left).filter(|left| !left.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::FailureWindow;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn failures_are_forgotten_one_by_one() {
        let mut rest = FailureWindow::new(4, SECOND);
        let start = Instant::now();
        for _ in 0..4 {
            rest.count(start);
        }
        assert_eq!(rest.left(start), None);
        rest.count(start);
        assert_eq!(rest.left(start), Some(SECOND / 4));
        // More failures do not make the pause longer.
        for _ in 0..100 {
            rest.count(start);
        }
        assert_eq!(rest.left(start), Some(SECOND / 4));
        assert_eq!(rest.left(start + SECOND / 8), Some(SECOND / 8));
        let later = start + SECOND / 4;
        assert_eq!(rest.left(later), None);
        rest.count(later);
        assert_eq!(rest.left(later), Some(SECOND / 4));
        assert_eq!(rest.left(later + 2 * SECOND), None);
    }

    #[test]
    fn none_and_any_number() {
        let start = Instant::now();
        let mut none = FailureWindow::new(0, SECOND);
        assert_eq!(none.left(start), None);
        none.count(start);
        none.count(start);
        assert_eq!(none.left(start), Some(SECOND));
        let mut any = FailureWindow::new(u32::MAX, SECOND);
        any.count(start);
        assert_eq!(any.left(start), None);
        let mut long = FailureWindow::new(1, Duration::MAX);
        long.count(start);
        assert_eq!(long.left(start), None);
        long.count(start);
        assert!(long.left(start) > Some(SECOND));
    }
}
