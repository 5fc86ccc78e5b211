//! Calls from one component to another begin in the order in which they were made, and so
//! do the destructors of resources that it drops, as in one store.

use std::fmt::Write;
use std::sync::Arc;

use composer::runtime::Limits;
use composer::{
    CallError, ComposableComponent, ComposableDescriptor, Composer, Composition, Limit,
    PreparedComposition, Value,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{TestCaseError, TestRunner};
use tokio::sync::{Barrier, Semaphore};
use tokio::time::timeout;
use wasmtime::component::{Component, Linker};
use wasmtime::{Store, StoreContextMut};

use crate::support::counters::AMPLE;
use crate::support::engine;
use crate::support::gated::Gate;
use crate::support::property::{Bounded, cases};
use crate::support::sandbox::wat;

/// Keeps a sum of marks that depends on the order in which they came. A thing leaves a
/// mark when it is dropped.
const KEEPER: &str = r#"
    (core module $m
        (global $sum (mut i32) (i32.const 7))
        (func $mark (param i32)
            (global.set $sum (i32.add (i32.mul (global.get $sum) (i32.const 31)) (local.get 0))))
        (func (export "mark") (param i32) (call $mark (local.get 0)))
        (func (export "sum") (result i32) (global.get $sum)))
    (core instance $i (instantiate $m))
    (type $thing' (resource (rep i32) (dtor (core func $i "mark"))))
    (export $thing "thing" (type $thing'))
    (core func $new (canon resource.new $thing'))
    (func (export "make") (param "n" u32) (result (own $thing)) (canon lift (core func $new)))
    (func (export "mark") async (param "n" u32) (canon lift (core func $i "mark")))
    (func (export "note") (param "n" u32) (canon lift (core func $i "mark")))
    (func (export "sum") (result u32) (canon lift (core func $i "sum")))"#;

/// One step of a component that calls the keeper.
#[derive(Clone, Debug)]
enum Step {
    /// Calls an `async` function and continues.
    Begin,
    /// Calls it and waits.
    Wait,
    /// Calls a plain function.
    Call,
    /// Makes a thing, and drops the one before it.
    Make,
    Drop,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => Just(Step::Begin),
        1 => Just(Step::Wait),
        2 => Just(Step::Call),
        2 => Just(Step::Make),
        2 => Just(Step::Drop),
    ]
}

/// A component whose `run` does all steps and returns the sum.
fn asker(steps: &[Step]) -> String {
    let mut code = String::new();
    for (n, step) in steps.iter().enumerate() {
        let n = n + 1;
        let drops = "(if (local.get $thing) (then (call $drop (local.get $thing))))";
        let line = match step {
            Step::Begin => format!("(drop (call $begin (i32.const {n})))"),
            Step::Wait => format!("(call $mark (i32.const {n}))"),
            Step::Call => format!("(call $note (i32.const {n}))"),
            Step::Make => {
                format!(
                    "{drops} (local.set $thing (call $make (i32.const {})))",
                    n * 1000
                )
            }
            Step::Drop => format!("{drops} (local.set $thing (i32.const 0))"),
        };
        writeln!(code, "{line}").unwrap();
    }
    format!(
        r#"
    (import "test:order/keeper" (instance $k
        (export "thing" (type $thing (sub resource)))
        (export "make" (func (param "n" u32) (result (own $thing))))
        (export "mark" (func async (param "n" u32)))
        (export "note" (func (param "n" u32)))
        (export "sum" (func (result u32)))))
    (alias export $k "thing" (type $thing))
    (core func $make (canon lower (func $k "make")))
    (core func $mark (canon lower (func $k "mark")))
    (core func $begin (canon lower (func $k "mark") async))
    (core func $note (canon lower (func $k "note")))
    (core func $sum (canon lower (func $k "sum")))
    (core func $drop (canon resource.drop $thing))
    (core module $m
        (import "" "make" (func $make (param i32) (result i32)))
        (import "" "mark" (func $mark (param i32)))
        (import "" "begin" (func $begin (param i32) (result i32)))
        (import "" "note" (func $note (param i32)))
        (import "" "sum" (func $sum (result i32)))
        (import "" "drop" (func $drop (param i32)))
        (func (export "run") (result i32) (local $thing i32)
            {code}
            (call $sum)))
    (core instance $i (instantiate $m (with "" (instance
        (export "make" (func $make)) (export "drop" (func $drop)) (export "sum" (func $sum))
        (export "begin" (func $begin)) (export "mark" (func $mark)) (export "note" (func $note))))))
    (func (export "run") async (result u32) (canon lift (core func $i "run")))"#
    )
}

fn keeper() -> String {
    format!(
        r#"(component (component $keeper {KEEPER}) (instance $k (instantiate $keeper))
        (export "test:order/keeper" (instance $k)))"#
    )
}

fn component(text: &str) -> Component {
    Component::new(engine(), text).unwrap()
}

/// The sum after the steps in one store.
async fn fused(steps: &[Step]) -> u32 {
    let asker = asker(steps);
    let fused = component(&format!(
        r#"(component
        (component $keeper {KEEPER}) (component $asker {asker})
        (instance $k (instantiate $keeper))
        (instance $a (instantiate $asker (with "test:order/keeper" (instance $k))))
        (func (export "run") (alias export $a "run")))"#
    ));
    let mut store = Store::new(engine(), ());
    let linker = Linker::new(engine());
    let instance = linker.instantiate_async(&mut store, &fused).await.unwrap();
    let run = instance
        .get_typed_func::<(), (u32,)>(&mut store, "run")
        .unwrap();
    run.call_async(&mut store, ()).await.unwrap().0
}

/// The two components in a store each; the keeper's inbox has room for `inbox` calls.
fn prepared(steps: &[Step], inbox: usize) -> PreparedComposition {
    let mut composer = Composer::new();
    let keeper: ComposableComponent<()> = component(&keeper()).into();
    composer.add(ComposableDescriptor::new("keeper", keeper).with_inbox_capacity(inbox));
    let asker: ComposableComponent<()> = component(&format!("(component {})", asker(steps))).into();
    composer.add(ComposableDescriptor::new("asker", asker));
    composer.prepare().unwrap()
}

async fn run(composition: &Composition) -> u32 {
    let run = composition.get_func(None, "run").unwrap();
    match run.call_owned([]).await.unwrap() {
        Some(Value::U32(sum)) => sum,
        other => panic!("{other:?}"),
    }
}

/// The sum after the steps in two stores.
async fn isolated(steps: &[Step], inbox: usize) -> u32 {
    run(&prepared(steps, inbox).compose().await.unwrap()).await
}

async fn same_order(steps: &[Step], inbox: usize) -> Result<(), TestCaseError> {
    prop_assert_eq!(isolated(steps, inbox).await, fused(steps).await);
    Ok(())
}

#[tokio::test]
async fn a_plain_call_behind_an_async_one() {
    same_order(
        &[
            Step::Begin,
            Step::Call,
            Step::Begin,
            Step::Begin,
            Step::Call,
        ],
        64,
    )
    .await
    .unwrap();
}

#[tokio::test]
async fn a_destructor_behind_an_async_call() {
    same_order(&[Step::Make, Step::Begin, Step::Drop, Step::Begin], 64)
        .await
        .unwrap();
}

/// A request that arrives just before the callee's driver becomes idle is not lost. In
/// each round two calls come at nearly the same moment, so that the end of one coincides
/// with the request of the other, and nothing else comes that could wake the driver.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_call_is_forgotten() {
    // With this many rounds, several hit that moment.
    let rounds = 3_000 * cases(100).cases;
    let composition = prepared(&[], 64).compose().await.unwrap();
    let keeper = composition.component("keeper").unwrap();
    let mark = keeper.get_func(Some("test:order/keeper"), "mark").unwrap();
    let barrier = Arc::new(Barrier::new(2));
    let tasks = [7, 11].map(|stride| {
        let (mark, barrier) = (mark.clone(), barrier.clone());
        tokio::spawn(async move {
            for round in 0..rounds {
                barrier.wait().await;
                for _ in 0..(round * stride) % 300 {
                    std::hint::spin_loop();
                }
                let call = timeout(AMPLE, mark.call_owned([Value::U32(round)]));
                call.await.expect("it hangs").unwrap();
            }
        })
    });
    for task in tasks {
        task.await.unwrap();
    }
}

/// There is always room for requests of components: the caller's handles bound them.
#[tokio::test(flavor = "multi_thread")]
async fn a_component_begins_no_more_calls_than_it_has_handles() {
    let mut composer = Composer::new();
    let keeper = wat(&keeper()).await.part();
    composer.add(ComposableDescriptor::new("keeper", keeper).with_inbox_capacity(1));
    let asker = wat(&format!("(component {})", asker(&vec![Step::Begin; 5000]))).await;
    let limits = Limits::default().with_handles(500);
    let asker = asker.part().with_limits(limits);
    composer.add(ComposableDescriptor::new("asker", asker));
    let composition = composer.compose().await.unwrap();
    let run = composition.get_func(None, "run").unwrap();
    let error = timeout(AMPLE, run.call_owned([])).await.expect("it hangs");
    let CallError::Failed { death, .. } = error.unwrap_err() else {
        panic!("it should have failed");
    };
    let exceeded = death.limit().unwrap_or_else(|| panic!("{death}"));
    assert_eq!(exceeded.limit, Limit::Handles);
    // The keeper continues.
    let part = composition.component("keeper").unwrap();
    let sum = part.get_func(Some("test:order/keeper"), "sum").unwrap();
    sum.call_owned([]).await.unwrap();
}

#[test]
fn any_order_is_that_of_one_store() {
    let bounded = Bounded::new();
    let mut runner = TestRunner::new(cases(64));
    let steps = (
        vec(step(), 0..24),
        prop_oneof![Just(1_usize), Just(3), Just(64)],
    );
    runner
        .run(&steps, |(steps, inbox)| {
            bounded.block_on(same_order(&steps, inbox))
        })
        .unwrap();
}

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

/// While the keeper is replaced its callers wait in order, even though the store of this
/// one blocks in its second call.
#[tokio::test]
async fn calls_wait_in_line_for_a_component_that_is_replaced() {
    let gate = Gate::new();
    let component = |text: &str| Component::new(engine(), text).unwrap();
    let keeper = || {
        let mut linker = Linker::new(engine());
        gate.define_gate(&mut linker);
        ComposableComponent::new(component(SLOW_KEEPER), linker, || Store::new(engine(), ()))
    };
    let begins = Arc::new(Semaphore::new(0));
    let setter = {
        let mut linker = Linker::new(engine());
        let begins = begins.clone();
        let begin = move |_: StoreContextMut<'_, ()>, ()| {
            begins.add_permits(1);
            Ok(())
        };
        linker.root().func_wrap("begins", begin).unwrap();
        ComposableComponent::new(component(SETTER), linker, || Store::new(engine(), ()))
    };
    let mut composer = Composer::new();
    composer
        .add(ComposableDescriptor::new("keeper", keeper()))
        .add(ComposableDescriptor::new("setter", setter));
    let composition = composer.compose().await.unwrap();
    let call = |name: &str| {
        let func = composition.get_func(None, name).unwrap();
        tokio::spawn(async move { func.call_owned([]).await.unwrap() })
    };

    let slow = call("slow");
    gate.waiting().await;
    let part = composition.component("keeper").unwrap();
    let next = ComposableDescriptor::new("keeper", keeper());
    let replaced = tokio::spawn(async move { part.replace(next, AMPLE).await });
    // Everything runs on this thread: after this many turns each task waits.
    let settle = async || {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    };
    settle().await;
    let run = call("run");
    begins.acquire().await.unwrap().forget();
    settle().await;
    gate.open();
    let answers = timeout(AMPLE, async {
        slow.await.unwrap();
        replaced.await.unwrap().unwrap();
        run.await.unwrap()
    });
    assert_eq!(answers.await.unwrap(), Some(Value::U32(42)));
}

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

/// The keeper stays, since what was to replace it cannot: it sees the call and the drop in
/// the order in which they were made while calls to it waited.
#[tokio::test]
async fn a_drop_waits_in_line_behind_a_call() {
    let gate = Gate::new();
    let component = |text: &str| Component::new(engine(), text).unwrap();
    let begins = Arc::new(Semaphore::new(0));
    let dropper = {
        let mut linker = Linker::new(engine());
        let begins = begins.clone();
        let begin = move |_: StoreContextMut<'_, ()>, ()| {
            begins.add_permits(1);
            Ok(())
        };
        linker.root().func_wrap("begins", begin).unwrap();
        ComposableComponent::new(component(DROPPER), linker, || Store::new(engine(), ()))
    };
    let keeper = |text: &str| {
        let mut linker = Linker::new(engine());
        gate.define_gate(&mut linker);
        ComposableComponent::new(component(text), linker, || Store::new(engine(), ()))
    };
    let mut composer = Composer::new();
    composer
        .add(ComposableDescriptor::new("keeper", keeper(SLOW_SUM)))
        .add(ComposableDescriptor::new("dropper", dropper));
    let composition = composer.compose().await.unwrap();
    let call = |name: &str| {
        let func = composition.get_func(None, name).unwrap();
        tokio::spawn(async move { func.call_owned([]).await.unwrap() })
    };
    call("make").await.unwrap();

    let slow = call("slow");
    gate.waiting().await;
    let part = composition.component("keeper").unwrap();
    // It has all that it must have, and then traps at its start.
    let stillborn = SLOW_SUM.replace(
        "(func (export \"slow\") (call $pause))",
        "(func (export \"slow\") (call $pause)) (func $start unreachable) (start $start)",
    );
    assert_ne!(stillborn, SLOW_SUM);
    let next = ComposableDescriptor::new("keeper", keeper(&stillborn));
    let replaced = tokio::spawn(async move { part.replace(next, AMPLE).await });
    // All of it is on this thread: after so many turns each of them waits.
    let settle = async || {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    };
    settle().await;
    let run = call("run");
    begins.acquire().await.unwrap().forget();
    settle().await;
    gate.open();
    let answers = timeout(AMPLE, async {
        slow.await.unwrap();
        replaced.await.unwrap().unwrap_err();
        run.await.unwrap()
    });
    // The call's mark, and then the thing's.
    let sum = (7 * 31 + 1) * 31 + 2;
    assert_eq!(answers.await.unwrap(), Some(Value::U32(sum)));
}
