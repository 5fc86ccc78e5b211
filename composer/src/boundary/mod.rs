//! Boundaries between components: their exports, the bindings of imports to them, and the
//! components behind a boundary that answer calls.

pub(crate) mod binding;
pub(crate) mod endpoint;
pub(crate) mod isolated;
pub(crate) mod link_context;
pub(crate) mod outline;
pub(crate) mod resources;
#[cfg(feature = "component-model-async")]
pub(crate) mod streams;
pub(crate) mod transferred_values;
