//! What a component may take, and what it has taken.

#[cfg(feature = "runtime")]
pub(crate) mod component_limits;
pub(crate) mod durations;
#[cfg(feature = "runtime")]
pub(crate) mod memory_budget;
#[cfg(feature = "runtime")]
pub(crate) mod meter;
#[cfg(not(feature = "runtime"))]
#[path = "unmetered.rs"]
pub(crate) mod meter;
#[cfg(feature = "runtime")]
pub(crate) mod ticker;
#[cfg(feature = "runtime")]
pub(crate) mod usage;
