//! What stands in for [`ComponentMetrics`] where nobody counts.

use std::time::Duration;

use crate::boundary::outline::ExportedFunc;
use crate::error::CallError;
use crate::error::death::Death;

#[path = "metrics/outcome.rs"]
mod outcome;

pub(crate) use outcome::CallOutcome;

/// Counts nothing.
pub(crate) struct ComponentMetrics;

impl ComponentMetrics {
    pub(crate) fn new(_: &str, _: &[ExportedFunc]) -> Self {
        ComponentMetrics
    }

    pub(crate) fn queued(&self, _: f64) {}

    pub(crate) fn in_flight(&self, _: f64) {}

    pub(crate) fn peak_memory(&self, _: Option<u64>) {}

    pub(crate) fn waited(&self, _: usize, _: Duration) {}

    pub(crate) fn ran(&self, _: usize, _: Duration) {}

    pub(crate) fn call(&self, _: usize, _: CallOutcome) {}

    pub(crate) fn error(&self, _: usize, _: &CallError) {}
}

pub(crate) fn died(_: &Death) {}

pub(crate) fn restarted(_: &str) {}
