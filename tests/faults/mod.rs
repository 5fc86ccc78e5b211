//! What goes wrong in one component, and what the others notice of it.

mod dependents;
mod forged;
mod host;
mod in_flight;
mod lies;
mod limits;
mod start;
mod traps;
