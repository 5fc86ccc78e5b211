//! One identity per resource, wherever it travels.
//!
//! The component that defines a resource is its *origin*. Once a handle leaves the
//! origin's store, every other holder has an [entry](entry::ResourceEntry): an importer's
//! store has a proxy that points to it, the embedder a [`ResourceHandle`]. When the last
//! holder lets go, the entry notifies the origin, which runs the destructor. When an
//! entry comes home it is unwrapped: the origin gets its own handle.

mod entry;
mod handle;
mod table;

pub(crate) use entry::{LentEntry, OwnedEntry, TransferredHandle};
pub use handle::{ResourceBorrow, ResourceHandle};
pub(crate) use table::{CallScope, ResourceTables};
