//! What stands in for [`Figures`] where nobody counts.

use std::time::Duration;

use crate::error::CallError;
use crate::instance::{Death, ExportedFunc};

#[path = "figures/outcome.rs"]
mod outcome;

pub(crate) use outcome::Outcome;

/// Counts nothing.
pub(crate) struct Figures;

impl Figures {
    pub(super) fn new(_: &str, _: &[ExportedFunc]) -> Self {
        Figures
    }

    pub(super) fn queued(&self, _: f64) {}

    pub(super) fn in_flight(&self, _: f64) {}

    pub(super) fn peak_memory(&self, _: Option<u64>) {}

    pub(super) fn waited(&self, _: usize, _: Duration) {}

    pub(super) fn ran(&self, _: usize, _: Duration) {}

    pub(super) fn call(&self, _: usize, _: Outcome) {}

    pub(super) fn error(&self, _: usize, _: &CallError) {}
}

pub(super) fn died(_: &Death) {}

pub(crate) fn restarted(_: &str) {}
