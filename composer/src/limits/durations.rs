//! Bounds for durations that callers supply.

use std::time::Duration;

/// A duration that amounts to no limit, and that every clock can still add to now.
pub(crate) const MAX_TIMEOUT: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);
