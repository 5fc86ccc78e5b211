//! When a pool whose compositions fail too often rests.

use std::time::Duration;

use tokio::time::Instant;

use crate::limits::durations::FOR_EVER;

/// How many compositions have failed of late. Failures are forgotten one by one,
/// evenly, so what is kept of them is when the last will be.
#[derive(Debug)]
pub(super) struct FailureWindow {
    /// How many may fail, and in what time.
    allowed: u32,
    within: Duration,
    /// When all are forgotten.
    clear: Option<Instant>,
}

impl FailureWindow {
    pub(super) fn new(allowed: u32, within: Duration) -> FailureWindow {
        FailureWindow {
            allowed,
            within: within.min(FOR_EVER),
            clear: None,
        }
    }

    /// How many may fail, and in what time.
    pub(super) fn rule(&self) -> (u32, Duration) {
        (self.allowed, self.within)
    }

    /// In what time one is forgotten.
    fn step(&self) -> Duration {
        self.within / self.allowed.max(1)
    }

    /// One more has failed.
    pub(super) fn count(&mut self, now: Instant) {
        let step = self.step();
        let before = self.clear.map_or(now, |clear| clear.max(now));
        // Not without end, or a long bad time would be followed by a long rest.
        let most = now + step * self.allowed + step;
        self.clear = Some((before + step).min(most));
    }

    /// How long nothing is to be started, if so.
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
        // However many more there are.
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
