//! Times that embedders give.

use std::time::Duration;

/// As good as no limit, and what every clock can count to from now.
pub(crate) const FOR_EVER: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);
