//! Failures of one component, and their effects on the others.

mod dependents;
mod forged;
mod host;
mod in_flight;
mod lies;
mod limits;
mod start;
mod traps;
