//! The handles that `compose!` generates: functions of a running composition, found once
//! and called in Rust types.

mod function_table;
mod host_values;
mod into_wire;
mod list;
mod strings;
mod weak;

pub use function_table::{FunctionName, FunctionTable, UntypedParams};
pub use host_values::LentHostValue;
pub use into_wire::{FromWire, InboundResources, IntoWire, OutboundResources};
pub(crate) use list::element;
pub use list::{List, ListIter};
pub use strings::{IntoString, strings};
pub use weak::{TypedComposition, WeakHandle};
