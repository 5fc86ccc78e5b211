//! What a component gets of the outside.

mod clock;
mod grants;
mod output;
mod random;

pub use clock::Clocks;
pub(super) use clock::VirtualClock;
pub use grants::Grants;
