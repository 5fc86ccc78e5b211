//! Calls from one component to another begin in the order in which they were made, and so
//! do the destructors of resources that it drops, as in one store.

mod line;

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
use tokio::sync::Barrier;
use tokio::time::timeout;
use wasmtime::Store;
use wasmtime::component::{Component, Linker};

use crate::support::counters::AMPLE;
use crate::support::engine;
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
