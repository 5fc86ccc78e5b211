//! Tests of `composer` on real components: a module per topic.
#![allow(clippy::unwrap_used)]

mod support;

mod calls;
mod concurrency;
