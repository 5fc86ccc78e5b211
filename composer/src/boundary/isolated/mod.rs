//! A component in a store of its own.
//!
//! Edges and handles lead to an [`address`], where one run of the component at a time
//! takes calls: an [`incarnation`]. Its store belongs to one [`driver`], which takes
//! requests from the [`inbox`] and is polled from its [`poll_cell`]. A component that
//! allows it is called [directly](direct_call), without any of these.

pub(crate) mod address;
pub(crate) mod bound_func;
#[cfg(feature = "fast-transfer")]
pub(crate) mod bulk_func;
pub(crate) mod compute_threads;
pub(crate) mod direct_call;
pub(crate) mod driver;
pub(crate) mod driver_end;
mod handles;
pub(crate) mod host_panic;
mod host_values;
pub(crate) mod idle_store;
pub(crate) mod inbox;
pub(crate) mod incarnation;
pub(crate) mod instance;
pub(crate) mod open_call;
pub(crate) mod poll_cell;
pub(crate) mod stderr_tail;
pub(crate) mod waiting_line;
