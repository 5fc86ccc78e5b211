//! The sandbox of a component: grants, clocks, output and randomness.

mod clock;
mod grants;
mod output;
mod random;

pub use clock::Clocks;
pub(super) use clock::VirtualClock;
pub use grants::Grants;
