//! When a filter that fails too often rests.

use std::time::Instant;

/// How many instances have failed of late: a bucket that empties with time.
#[derive(Debug, Default)]
pub(crate) struct Failures {
    level: f64,
    at: Option<Instant>,
}

impl Failures {
    fn leak(&mut self, per_second: u32) {
        let now = Instant::now();
        if let Some(at) = self.at.replace(now) {
            let leaked = (now - at).as_secs_f64() * f64::from(per_second);
            self.level = (self.level - leaked).max(0.0);
        }
    }

    /// One more has failed.
    pub(crate) fn count(&mut self, per_second: u32) {
        self.leak(per_second);
        // Not without end, or a long bad time would be followed by a long rest.
        self.level = (self.level + 1.0).min(f64::from(per_second) + 1.0);
    }

    /// Whether there were more than that in a second.
    pub(crate) fn rests(&mut self, per_second: u32) -> bool {
        self.leak(per_second);
        self.level > f64::from(per_second)
    }
}
