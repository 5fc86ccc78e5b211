//! Calls in Rust types, where both the types and the store are known.
//!
//! The code that `compose!` generates knows the types of functions, and a part
//! knows the type of its store's data. They meet once, when the part is taken
//! in: a [`Glue`] names its [`Function`]s to the part's [`Registry`], which
//! keeps for each of them how to call it, or how to import it, with nothing
//! read at run time. A call through a [`Face`] then sends its arguments as they
//! are; where the component behind it does not know the types (a composition
//! that was made in another way), they are turned into dynamic values.

mod face;
mod function;
mod host;
mod list;
mod registry;
mod travel;
mod wire;

pub(crate) use face::blank;
pub use face::{Face, FunctionName, Long};
pub use function::Function;
pub(crate) use function::Signature;
pub use host::{HostResource, HostTable};
pub(crate) use list::element;
pub use list::{List, ListIter};
pub(crate) use registry::{Bind, Import};
pub use registry::{Glue, HostLinker, Registry};
pub use travel::{Arrive, Depart, Inbound, Outbound};
