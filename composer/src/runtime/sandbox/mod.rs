//! The sandbox of a component: grants, clocks, output and randomness.

mod clock;
mod grants;
mod output;
mod random;

use crate::limits::memory_budget::MemoryBudget;
pub use clock::Clocks;
use clock::VirtualClock;
pub use grants::Grants;

/// What a component's store holds besides WASI.
pub(crate) struct Sandbox {
    pub(crate) budget: MemoryBudget,
    /// The clock that waits follow if clocks are virtual.
    pub(super) clock: VirtualClock,
}
