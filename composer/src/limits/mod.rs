//! Limits on what a component may use, and the record of what it has used.

pub(crate) mod component_limits;
pub(crate) mod durations;
pub(crate) mod memory_budget;
pub(crate) mod meter;
mod presets;
mod stream_limits;
mod stream_usage;
pub(crate) mod ticker;
pub(crate) mod usage;

#[cfg(feature = "component-model-async")]
#[cfg(feature = "component-model-async")]
pub(crate) use stream_limits::DEFAULT_STREAM_BUFFER;
