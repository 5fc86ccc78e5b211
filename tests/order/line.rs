//! Calls and drops that wait at the address of a component that is being replaced.

use std::sync::Arc;

use composer::{ComposableComponent, ComposableDescriptor, Composer, Restart, Value};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use wasmtime::component::{Component, Linker};
use wasmtime::{Store, StoreContextMut};

use crate::support::counters::AMPLE;
use crate::support::engine;
use crate::support::gated::Gate;

/// Keeps a number. A call of `slow` waits at the gate.
const SLOW_KEEPER: &str = r#"(component
    (import "pause" (func $pause async))
    (core func $pause' (canon lower (func $pause)))
    (core module $m
        (import "" "pause" (func $pause))
        (global $n (mut i32) (i32.const 0))
        (func (export "set") (param i32) (global.set $n (local.get 0)))
        (func (export "get") (result i32) (global.get $n))
        (func (export "slow") (call $pause)))
    (core instance $i (instantiate $m (with "" (instance (export "pause" (func $pause'))))))
    (func (export "set") async (param "n" u32) (canon lift (core func $i "set")))
    (func (export "get") (result u32) (canon lift (core func $i "get")))
    (func (export "slow") async (canon lift (core func $i "slow"))))"#;

/// Sets the number by a call that it does not wait for, and then reads it.
const SETTER: &str = r#"(component
    (import "set" (func $set async (param "n" u32)))
    (import "get" (func $get (result u32)))
    (import "begins" (func $begins))
    (core func $set' (canon lower (func $set) async))
    (core func $get' (canon lower (func $get)))
    (core func $begins' (canon lower (func $begins)))
    (core module $m
        (import "" "set" (func $set (param i32) (result i32)))
        (import "" "get" (func $get (result i32)))
        (import "" "begins" (func $begins))
        (func (export "run") (result i32)
            (call $begins)
            (drop (call $set (i32.const 42)))
            (call $get)))
    (core instance $i (instantiate $m (with "" (instance
        (export "set" (func $set'))
        (export "get" (func $get'))
        (export "begins" (func $begins'))))))
    (func (export "run") async (result u32) (canon lift (core func $i "run"))))"#;

/// Keeps a sum of marks, as [`KEEPER`] does. A call of `slow` waits at the gate.
const SLOW_SUM: &str = r#"(component
    (import "pause" (func $pause async))
    (core func $pause' (canon lower (func $pause)))
    (core module $m
        (import "" "pause" (func $pause))
        (global $sum (mut i32) (i32.const 7))
        (func $mark (export "mark") (param i32)
            (global.set $sum (i32.add (i32.mul (global.get $sum) (i32.const 31)) (local.get 0))))
        (func (export "sum") (result i32) (global.get $sum))
        (func (export "slow") (call $pause)))
    (core instance $i (instantiate $m (with "" (instance (export "pause" (func $pause'))))))
    (type $thing' (resource (rep i32) (dtor (core func $i "mark"))))
    (core func $new (canon resource.new $thing'))
    (component $keeper
        (import "thing" (type $thing (sub resource)))
        (import "make" (func $make (param "n" u32) (result (own $thing))))
        (import "mark" (func $mark async (param "n" u32)))
        (import "sum" (func $sum (result u32)))
        (export $thing2 "thing" (type $thing))
        (export "make" (func $make) (func (param "n" u32) (result (own $thing2))))
        (export "mark" (func $mark))
        (export "sum" (func $sum)))
    (func $make (param "n" u32) (result (own $thing')) (canon lift (core func $new)))
    (func $mark async (param "n" u32) (canon lift (core func $i "mark")))
    (func $sum (result u32) (canon lift (core func $i "sum")))
    (instance $keeper (instantiate $keeper
        (with "thing" (type $thing'))
        (with "make" (func $make)) (with "mark" (func $mark)) (with "sum" (func $sum))))
    (export "test:order/keeper" (instance $keeper))
    (func (export "slow") async (canon lift (core func $i "slow"))))"#;

/// Makes a thing at first. Then it begins a call, drops the thing, and asks for the sum.
const DROPPER: &str = r#"(component
    (import "test:order/keeper" (instance $keeper
        (export "thing" (type $thing (sub resource)))
        (export "make" (func (param "n" u32) (result (own $thing))))
        (export "mark" (func async (param "n" u32)))
        (export "sum" (func (result u32)))))
    (import "begins" (func $begins))
    (alias export $keeper "thing" (type $thing))
    (core func $drop (canon resource.drop $thing))
    (core func $make (canon lower (func $keeper "make")))
    (core func $mark (canon lower (func $keeper "mark") async))
    (core func $sum (canon lower (func $keeper "sum")))
    (core func $begins' (canon lower (func $begins)))
    (core module $m
        (import "" "make" (func $make (param i32) (result i32)))
        (import "" "mark" (func $mark (param i32) (result i32)))
        (import "" "drop" (func $drop (param i32)))
        (import "" "sum" (func $sum (result i32)))
        (import "" "begins" (func $begins))
        (global $thing (mut i32) (i32.const 0))
        (func (export "make") (global.set $thing (call $make (i32.const 2))))
        (func (export "run") (result i32)
            (call $begins)
            (drop (call $mark (i32.const 1)))
            (call $drop (global.get $thing))
            (call $sum)))
    (core instance $i (instantiate $m (with "" (instance
        (export "make" (func $make))
        (export "mark" (func $mark))
        (export "drop" (func $drop))
        (export "sum" (func $sum))
        (export "begins" (func $begins'))))))
    (func (export "make") async (canon lift (core func $i "make")))
    (func (export "run") async (result u32) (canon lift (core func $i "run"))))"#;

/// A component that adds a permit to `begins` when its call begins.
fn that_begins(text: &str, begins: &Arc<Semaphore>) -> ComposableComponent<()> {
    let mut linker = Linker::new(engine());
    let begins = begins.clone();
    let begin = move |_: StoreContextMut<'_, ()>, ()| {
        begins.add_permits(1);
        Ok(())
    };
    linker.root().func_wrap("begins", begin).unwrap();
    let component = Component::new(engine(), text).unwrap();
    ComposableComponent::new(component, linker, || Store::new(engine(), ()))
}

/// Everything runs on this thread: after this many turns each task waits.
async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

/// Calls `run` of a component while its keeper, in which a call of `slow` waits at the gate,
/// is replaced. Returns what `run` answers, and whether the keeper was replaced.
async fn run_meanwhile(
    keeper: &str,
    caller: &str,
    before: Option<&str>,
    next: &str,
) -> (Option<Value>, bool) {
    let gate = Gate::new();
    let component = |text: &str| Component::new(engine(), text).unwrap();
    let begins = Arc::new(Semaphore::new(0));
    let caller = that_begins(caller, &begins);
    let keeper_part = |text: &str| {
        let mut linker = Linker::new(engine());
        gate.define_gate(&mut linker);
        let part = ComposableComponent::new(component(text), linker, || Store::new(engine(), ()));
        ComposableDescriptor::new("keeper", part)
    };
    let mut composer = Composer::new();
    composer
        .add(keeper_part(keeper))
        .add(ComposableDescriptor::new("caller", caller));
    let composition = composer.compose().await.unwrap();
    let call = |name: &str| {
        let func = composition.get_func(None, name).unwrap();
        tokio::spawn(async move { func.call_owned([]).await.unwrap() })
    };
    if let Some(before) = before {
        call(before).await.unwrap();
    }

    let slow = call("slow");
    gate.waiting().await;
    let part = composition.component("keeper").unwrap();
    let next = keeper_part(next);
    let replaced = tokio::spawn(async move { part.replace(next, AMPLE).await });
    settle().await;
    let run = call("run");
    begins.acquire().await.unwrap().forget();
    settle().await;
    gate.open();
    let answers = timeout(AMPLE, async {
        slow.await.unwrap();
        let replaced = replaced.await.unwrap();
        (run.await.unwrap(), replaced.is_ok())
    });
    answers.await.unwrap()
}

/// While the keeper is replaced its callers wait in order, even though the store of this
/// one blocks in its second call.
#[tokio::test]
async fn calls_wait_in_line_for_a_component_that_is_replaced() {
    let (answer, replaced) = run_meanwhile(SLOW_KEEPER, SETTER, None, SLOW_KEEPER).await;
    assert!(replaced);
    assert_eq!(answer, Some(Value::U32(42)));
}

/// Keeps a number, as [`SLOW_KEEPER`] does. Its start waits at the gate.
const MORTAL_KEEPER: &str = r#"(component
    (import "wait" (func $wait))
    (core func $wait' (canon lower (func $wait)))
    (core module $m
        (import "" "wait" (func $wait))
        (global $n (mut i32) (i32.const 0))
        (func $start (call $wait))
        (start $start)
        (func (export "set") (param i32) (global.set $n (local.get 0)))
        (func (export "get") (result i32) (global.get $n))
        (func (export "die") unreachable))
    (core instance $i (instantiate $m (with "" (instance (export "wait" (func $wait'))))))
    (func (export "set") async (param "n" u32) (canon lift (core func $i "set")))
    (func (export "get") (result u32) (canon lift (core func $i "get")))
    (func (export "die") async (canon lift (core func $i "die"))))"#;

/// The callers of a keeper that has died wait in the same line until it runs again.
#[tokio::test]
async fn calls_wait_in_line_for_a_component_that_is_started_again() {
    let gate = Gate::new();
    let begins = Arc::new(Semaphore::new(0));
    let keeper = {
        let mut linker = Linker::new(engine());
        gate.define_gate(&mut linker);
        let component = Component::new(engine(), MORTAL_KEEPER).unwrap();
        ComposableComponent::new(component, linker, || Store::new(engine(), ()))
    };
    let mut composer = Composer::new();
    composer
        .add(ComposableDescriptor::new("keeper", keeper).with_restart(Restart::on_death()))
        .add(ComposableDescriptor::new(
            "caller",
            that_begins(SETTER, &begins),
        ));
    gate.open();
    let composition = composer.compose().await.unwrap();
    gate.waiting().await;
    let call = |name: &str| {
        let func = composition.get_func(None, name).unwrap();
        tokio::spawn(async move { func.call_owned([]).await })
    };
    let answer = timeout(AMPLE, async {
        call("die").await.unwrap().unwrap_err();
        gate.waiting().await;
        let run = call("run");
        begins.acquire().await.unwrap().forget();
        settle().await;
        gate.open();
        run.await.unwrap()
    });
    let answer = answer.await.unwrap().unwrap();
    assert_eq!(answer, Some(Value::U32(42)));
}

/// The keeper stays, since the component that was to replace it traps at its start. It sees
/// the call and the drop in the order in which they were made while calls to it waited.
#[tokio::test]
async fn a_drop_waits_in_line_behind_a_call() {
    let stillborn = SLOW_SUM.replace(
        "(func (export \"slow\") (call $pause))",
        "(func (export \"slow\") (call $pause)) (func $start unreachable) (start $start)",
    );
    assert_ne!(stillborn, SLOW_SUM);
    let (answer, replaced) = run_meanwhile(SLOW_SUM, DROPPER, Some("make"), &stillborn).await;
    assert!(!replaced);
    // The call's mark, and then the thing's.
    let sum = (7 * 31 + 1) * 31 + 2;
    assert_eq!(answer, Some(Value::U32(sum)));
}
