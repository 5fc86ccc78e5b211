//! Tests of `composer` on real components: a module for each topic.
#![allow(clippy::unwrap_used)]

mod support;

mod bare_component;
mod caller_polls_callee;
mod cancellation;
mod cancelled_by_component;
mod compose;
mod concurrency;
mod direct_calls;
mod faults;
mod filters;
mod fused;
mod fuzz;
mod guests_fresh;
mod host_functions;
mod host_imports;
mod host_resources;
mod http;
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
mod public_api;
mod random_graphs;
mod refused_functions;
mod resources;
mod sandbox;
mod shutdown;
mod streams;
mod supervise;
mod transfer_equivalence;
mod wasi;
mod wast;
mod world_reading;
