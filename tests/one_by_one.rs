//! The tests of what passes values, for a build in which these cross one by one: see
//! `.ci/run minimal`. They are the modules of `all.rs`, in a smaller binary.
#![allow(clippy::unwrap_used, dead_code, unused_imports, unused_macros)]

mod support;

mod compose;
mod faults;
mod fuzz;
mod resources;
mod streams;
mod transfer_equivalence;
