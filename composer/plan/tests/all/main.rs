//! The planner from outside, one module per topic.

#![allow(clippy::unwrap_used, missing_docs)]

mod cycles;
mod exports;
mod filters;
mod fits;
mod fused;
mod hints;
mod labels;
mod messages;
mod open;
mod order;
mod outside;
mod print;
mod property;
mod refused;
mod resources;
mod sources;
mod support;
mod types;
