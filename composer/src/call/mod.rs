//! One call of a component, from its admission to its answer.

pub(crate) mod admission;
pub(crate) mod caller;
pub(crate) mod chain;
pub(crate) mod current;
pub(crate) mod in_flight;
pub(crate) mod in_flight_count;
pub(crate) mod request;
pub(crate) mod run;
