//! The recorder of the facade `metrics`. Without that feature nothing is recorded.
//!
//! The recorder is looked up anew for each value, so that one which is installed later
//! receives what follows.

use std::time::Duration;

#[cfg(feature = "metrics")]
use metrics::{Key, Label, Level, Metadata, with_recorder};

#[cfg(feature = "metrics")]
static METADATA: Metadata<'static> =
    Metadata::new("composer", Level::INFO, Some("composer::observe"));

/// The name of a metric with its labels.
pub(super) struct MetricKey {
    #[cfg(feature = "metrics")]
    key: Key,
}

#[cfg_attr(
    not(feature = "metrics"),
    allow(unused_variables, reason = "nothing is recorded")
)]
impl MetricKey {
    pub(super) fn new(name: &'static str, labels: &[(&'static str, &str)]) -> Self {
        MetricKey {
            #[cfg(feature = "metrics")]
            key: {
                let labels = labels.iter();
                let labels = labels.map(|(key, value)| Label::new(*key, (*value).to_owned()));
                Key::from_parts(name, labels.collect::<Vec<_>>())
            },
        }
    }

    /// Increments a counter by one.
    pub(super) fn count(&self) {
        #[cfg(feature = "metrics")]
        with_recorder(|r| r.register_counter(&self.key, &METADATA).increment(1));
    }

    /// Increments a counter.
    #[cfg(feature = "component-model-async")]
    pub(super) fn count_many(&self, number: u64) {
        #[cfg(feature = "metrics")]
        with_recorder(|r| r.register_counter(&self.key, &METADATA).increment(number));
    }

    /// Changes a gauge by `change`.
    pub(super) fn add(&self, change: f64) {
        #[cfg(feature = "metrics")]
        with_recorder(|r| r.register_gauge(&self.key, &METADATA).increment(change));
    }

    /// Sets a gauge.
    pub(super) fn set(&self, value: u64) {
        #[cfg(feature = "metrics")]
        with_recorder(|r| r.register_gauge(&self.key, &METADATA).set(value as f64));
    }

    /// Adds a time to a histogram, in seconds.
    pub(super) fn record(&self, time: Duration) {
        #[cfg(feature = "metrics")]
        with_recorder(|r| r.register_histogram(&self.key, &METADATA).record(time));
    }
}
