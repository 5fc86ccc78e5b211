//! What a component may take, and what it has taken.

pub(crate) mod component_limits;
pub(crate) mod durations;
pub(crate) mod memory_budget;
pub(crate) mod meter;
pub(crate) mod ticker;
pub(crate) mod usage;
