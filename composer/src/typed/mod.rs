//! Calls in Rust types, where both the types and the store are known.
//!
//! The code that `compose!` generates knows the types of functions, and a part knows the
//! type of its store's data. They meet once, when the part is added: a [`TypedBindings`]
//! registers its [`Function`]s with the part's [`TypedRegistry`], which keeps for each of
//! them how to call or import it without reading types at run time. A call through a
//! [`FunctionTable`] then sends its arguments as they are; where the component behind it
//! does not know the types (a composition that was made in another way), they are turned
//! into dynamic values.

mod erased;
mod function;
mod host;
mod host_function;
mod host_interface;
pub(crate) mod host_site;
mod registry;
pub(crate) mod wire;

pub(crate) use erased::{BoxedBindings, ErasedBindings};
pub use function::Function;
pub(crate) use function::TypedValues;
pub use host::{HostResource, HostTable};
pub use host_function::HostFunction;
pub use host_interface::{HostInterface, HostLinker};
pub(crate) use registry::{BindTyped, BindingsFor, TypedImport};
pub use registry::{TypedBindings, TypedRegistry};
