//! Calls that a component has cancelled. wasmtime cannot notify the callee of that, so
//! the callee continues: the call counts until it ends, and its result is then dropped.

use std::time::Duration;

use composer::{ComposableDescriptor, Composer, Value};

use crate::support::counters::{AMPLE, until, within};
use crate::support::engine;
use crate::support::gated::Gated;

/// Begins a call of a slow constructor, and cancels it.
const CALLER: &str = r#"(component
    (import "thing" (type $thing (sub resource)))
    (import "make-async" (func $make async (param "number" u32) (result (own $thing))))
    (core module $memory (memory (export "memory") 1))
    (core instance $memory (instantiate $memory))
    (core func $make' (canon lower (func $make) async (memory (core memory $memory "memory"))))
    (core func $cancel (canon subtask.cancel))
    (core module $m
        (import "" "make" (func $make (param i32 i32) (result i32)))
        (import "" "cancel" (func $cancel (param i32) (result i32)))
        (global $call (mut i32) (i32.const 0))
        (func (export "begin") (param i32)
            (global.set $call
                (i32.shr_u (call $make (local.get 0) (i32.const 0)) (i32.const 4))))
        (func (export "cancel") (result i32) (call $cancel (global.get $call))))
    (core instance $i (instantiate $m (with "" (instance
        (export "make" (func $make'))
        (export "cancel" (func $cancel))))))
    (func (export "begin") (param "number" u32) (canon lift (core func $i "begin")))
    (func (export "cancel") async (result u32) (canon lift (core func $i "cancel"))))"#;

/// The component model's status of a call that was cancelled before it returned.
const CANCELLED_BEFORE_RETURNED: u32 = 4;

/// A call that was cancelled while it waited at the gate.
async fn given_up(number: u32) -> Gated {
    let gated = Gated::beside(|composer: &mut Composer| {
        let caller = composer::component_from_bytes(engine(), "caller", CALLER.as_bytes());
        composer.add(ComposableDescriptor::new("caller", caller.unwrap()));
    })
    .await;
    let call = async |name: &str, args: Vec<Value>| {
        let func = gated.composition.get_func(None, name).unwrap();
        func.call_owned(args).await.unwrap()
    };
    call("begin", vec![number.into()]).await;
    gated.gate.waiting().await;
    let status = call("cancel", vec![]).await;
    assert_eq!(status, Some(Value::U32(CANCELLED_BEFORE_RETURNED)));
    gated
}

#[tokio::test]
async fn it_runs_to_its_end_and_leaves_nothing() {
    within(async {
        let gated = given_up(6).await;
        assert_eq!(gated.status().in_flight, 1);
        assert!(gated.gate.destroyed().is_empty());
        gated.gate.open();
        until("destroyed", || gated.gate.destroyed() == [6]).await;
        until("ended", || gated.status().in_flight == 0).await;
        assert_eq!(gated.status().resources_given, 0);
    })
    .await;
}

#[tokio::test]
async fn a_shutdown_waits_for_it() {
    within(async {
        let gated = given_up(6).await;
        let shutdown = gated.composition.shutdown(Duration::ZERO).await;
        assert_eq!(shutdown.cut_off, 1);

        let gated = given_up(7).await;
        let (shutdown, ()) = tokio::join!(gated.composition.shutdown(Duration::MAX), async {
            gated.gate.open();
        });
        assert_eq!(shutdown.cut_off, 0);
    })
    .await;
}

#[tokio::test]
async fn a_replacement_waits_for_it() {
    within(async {
        let gated = given_up(6).await;
        let part = gated.composition.component("gated").unwrap();
        let next = ComposableDescriptor::new("gated", gated.gate.part());
        let (replaced, ()) = tokio::join!(part.replace(next, AMPLE), async {
            assert!(gated.gate.destroyed().is_empty());
            gated.gate.open();
        });
        replaced.unwrap();
        assert_eq!(gated.gate.destroyed(), [6]);
    })
    .await;
}
