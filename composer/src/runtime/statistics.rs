//! Counters of a runtime's loading of components.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Counts of what a runtime has loaded and compiled so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statistics {
    /// Names under which a component is loaded now.
    pub names: usize,
    /// Components that are kept for these names now.
    pub components: usize,
    /// Loads that found their code in memory.
    pub memory_hits: u64,
    /// Loads that found their code on disk.
    pub disk_hits: u64,
    /// Loads that had to compile their code.
    pub compiled: u64,
    /// Loads that failed.
    pub failed: u64,
    /// Bytes that have been compiled.
    pub compiled_bytes: u64,
    /// The time that compiling took: the sum over all components, even if several were
    /// compiled at once.
    pub compile_time: Duration,
    /// Files on disk that were not used because they are stale or damaged, or
    /// not this runtime's.
    pub disk_rejected: u64,
    /// Compiled components that could not be written to disk.
    pub disk_failed: u64,
}

#[derive(Default)]
pub(super) struct LoadCounters {
    pub(super) memory_hits: AtomicU64,
    pub(super) disk_hits: AtomicU64,
    pub(super) compiled: AtomicU64,
    pub(super) failed: AtomicU64,
    pub(super) compiled_bytes: AtomicU64,
    pub(super) compile_nanos: AtomicU64,
    pub(super) disk_rejected: AtomicU64,
    pub(super) disk_failed: AtomicU64,
}

impl LoadCounters {
    /// The counts so far; `names` and `components`, which are not counted here, are 0.
    pub(super) fn read(&self) -> Statistics {
        let of = |counter: &AtomicU64| counter.load(Ordering::Acquire);
        Statistics {
            names: 0,
            components: 0,
            memory_hits: of(&self.memory_hits),
            disk_hits: of(&self.disk_hits),
            compiled: of(&self.compiled),
            failed: of(&self.failed),
            compiled_bytes: of(&self.compiled_bytes),
            compile_time: Duration::from_nanos(of(&self.compile_nanos)),
            disk_rejected: of(&self.disk_rejected),
            disk_failed: of(&self.disk_failed),
        }
    }
}
