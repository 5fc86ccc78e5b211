//! One identity per resource, wherever it travels.
//!
//! The component that defines a resource is its *origin*. Once a handle leaves the
//! origin's store, every other holder has an [entry](entry::ResourceEntry): an importer's
//! store has a proxy that points to it, the embedder a [`ResourceHandle`]. When the last
//! holder lets go, the entry notifies the origin, which runs the destructor. When an
//! entry comes home it is unwrapped: the origin gets its own handle.
//!
//! A resource of the embedder's has no origin. It is a value, which goes from the
//! [table](host_table) of one store into that of another.

mod entry;
mod handle;
pub(crate) mod host_entry;
pub(crate) mod host_table;
pub(crate) mod host_types;
pub(crate) mod origin;
mod table;

pub(crate) use entry::{
    AboutResource, LentEntry, LentResource, OwnedEntry, OwnedResource, TransferredHandle,
};
pub use handle::{ResourceBorrow, ResourceHandle};
pub(crate) use table::{CallScope, LentValue, ResourceTables};
