//! The tests of dropped futures and of what crosses stores, for a build with a sanitizer:
//! see `.ci/run sanitize`. They are the modules of `all.rs`, in a smaller binary.
#![allow(clippy::unwrap_used, dead_code, unused_imports, unused_macros)]

mod support;

mod cancellation;
mod resources;
mod shutdown;
mod streams;
