//! The importer's side of a call: the adapters in its linker.

#[cfg(feature = "fast-transfer")]
mod bulk;
mod call;
mod define;
mod refused;
mod values;

pub(crate) use define::{Adapter, AdapterCalls, define_import, descend};
