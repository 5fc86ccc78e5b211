//! Tests of `composer` on real components: a module for each topic.
#![allow(clippy::unwrap_used)]

mod support;

mod bare;
mod cancellation;
mod compose;
mod concurrency;
mod detour;
mod differential;
mod direct;
mod faults;
mod filters;
mod fused;
mod fuzz;
mod given_up;
mod guests_fresh;
mod host_imports;
mod inner_interfaces;
mod labels;
mod library;
mod limits;
mod loading;
mod lookup;
mod nesting;
mod observe;
mod order;
mod pools;
mod prepared;
mod random_graphs;
mod resources;
mod sandbox;
mod seed;
mod shutdown;
mod supervise;
mod wasi;
mod wast;
mod worlds;
