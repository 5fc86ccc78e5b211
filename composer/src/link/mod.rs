//! Carrying out a plan's links: what an import is bound to, and the adapters
//! that stand in an importer's linker.

mod adapter;
mod binding;
mod carry;
#[cfg(feature = "fast-transfer")]
mod flow;
mod host;

pub(crate) use adapter::{Adapter, define_import};
pub(crate) use binding::{Binding, ImportSource, Offer, Offers, Origin, PlannedSource, Socket};
pub(crate) use host::HostImports;
