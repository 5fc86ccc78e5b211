//! Limits that apply while a component starts.

use std::time::Duration;

use composer::runtime::{Limits, LoadedComponent};
use composer::{
    ComposableDescriptor, Composer, CompositionError, Limit, LimitExceeded, StartError,
};

use super::wat;

/// What a component ran into while it started.
async fn start(component: LoadedComponent, limits: Limits) -> LimitExceeded {
    let mut composer = Composer::new();
    let part = component.part().with_limits(limits);
    composer.add(ComposableDescriptor::new("guest", part));
    match composer.compose().await.err().unwrap() {
        CompositionError::Start(StartError::Instantiate { component, death }) => {
            assert_eq!((&*component, &*death.component), ("guest", "guest"));
            let exceeded = death.limit().unwrap_or_else(|| panic!("{death}")).clone();
            assert_eq!(exceeded.site, None);
            exceeded
        }
        other => panic!("{other}"),
    }
}

const SPINS: &str = r#"(component
    (core module $m (func $spin (loop $again (br $again))) (start $spin))
    (core instance (instantiate $m)))"#;

#[tokio::test]
async fn a_start_that_spins() {
    let limits = Limits::default().with_start_time(Some(Duration::from_millis(30)));
    let exceeded = start(wat(SPINS).await, limits).await;
    assert_eq!((exceeded.limit, exceeded.allowed), (Limit::StartTime, 30));
    let limits = Limits::default().with_fuel(Some(1_000));
    let exceeded = start(wat(SPINS).await, limits).await;
    assert_eq!((exceeded.limit, exceeded.allowed), (Limit::Fuel, 1_000));
}

/// It asks what time it is when it has waited for an hour.
#[tokio::test]
async fn a_start_that_waits() {
    let text = r#"(component
        (import "wasi:io/poll@0.2.0" (instance $poll
            (export "pollable" (type $pollable (sub resource)))
            (export "[method]pollable.block" (func (param "self" (borrow $pollable))))))
        (alias export $poll "pollable" (type $pollable))
        (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
            (alias outer 1 $pollable (type $outer))
            (export "pollable" (type $pollable (eq $outer)))
            (export "subscribe-duration" (func (param "when" u64) (result (own $pollable))))))
        (core func $wait (canon lower (func $clock "subscribe-duration")))
        (core func $block (canon lower (func $poll "[method]pollable.block")))
        (core module $m
            (import "" "wait" (func $wait (param i64) (result i32)))
            (import "" "block" (func $block (param i32)))
            (func $start (call $block (call $wait (i64.const 3600000000000))))
            (start $start))
        (core instance $wasi (export "wait" (func $wait)) (export "block" (func $block)))
        (core instance (instantiate $m (with "" (instance $wasi)))))"#;
    let limits = Limits::default().with_deadline(Some(Duration::from_millis(30)));
    let exceeded = start(wat(text).await, limits).await;
    assert_eq!((exceeded.limit, exceeded.allowed), (Limit::Deadline, 30));
}

#[tokio::test]
async fn memory_for_not_even_the_start() {
    let text = "(component (core module $m (memory 10)) (core instance (instantiate $m)))";
    let exceeded = start(wat(text).await, Limits::default().with_memory(65_536)).await;
    assert_eq!(exceeded.limit, Limit::Memory);
    assert_eq!((exceeded.wanted, exceeded.allowed), (Some(655_360), 65_536));
}
