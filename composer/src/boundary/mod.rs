//! Where calls go that leave a component: what components export, what imports are
//! bound to, and who answers behind a boundary.

pub(crate) mod binding;
pub(crate) mod isolated;
pub(crate) mod link_context;
pub(crate) mod outline;
pub(crate) mod resources;
pub(crate) mod transferred_values;
