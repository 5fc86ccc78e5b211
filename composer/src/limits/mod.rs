//! Limits on what a component may use, and the record of what it has used.

pub(crate) mod component_limits;
pub(crate) mod durations;
pub(crate) mod memory_budget;
pub(crate) mod meter;
pub(crate) mod ticker;
pub(crate) mod usage;

/// How many bytes of a stream are held for its reader, by default.
pub(crate) const DEFAULT_STREAM_BUFFER: usize = 256 << 10;
