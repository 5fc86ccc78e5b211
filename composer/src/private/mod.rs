//! What the code that `compose!` generates may call. Not for people.

mod declared;
mod wiring;

pub use declared::{Component, Declared, Extern, Func, Kind, Resource, Ty, World};
pub use wiring::{Wiring, check_exports};
