//! Tests of the gateway over real sockets, with a real client: a module for each topic.
#![allow(clippy::unwrap_used)]

mod bodies;
mod command;
mod decisions;
mod failures;
mod files;
mod load;
mod proxying;
mod reloads;
mod support;
