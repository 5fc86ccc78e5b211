//! Destructors run in the owner's store, in order, and once.

use std::sync::{Arc, OnceLock};

use composer::{
    CallError, ComponentState, ComposableComponent, ComposableDescriptor, Composer, Composition,
    DeathCause, Value, WeakComposition,
};

use crate::support::counters::{number, own, until, within};
use crate::support::engine;
use crate::support::gated::{Gate, Gated};
use crate::support::wat::wat_part;

#[tokio::test]
async fn run_in_the_order_of_the_drops() {
    within(async {
        let gated = Gated::start().await;
        let mut things = Vec::new();
        for number in 0..10 {
            things.push(gated.make(number).await);
        }
        while !things.is_empty() {
            drop(things.remove(things.len() / 2));
        }
        until("destroyed", || gated.gate.destroyed().len() == 10).await;
        assert_eq!(gated.gate.destroyed(), [5, 4, 6, 3, 7, 2, 8, 1, 9, 0]);
        assert_eq!(gated.status().resources_given, 0);
    })
    .await;
}

#[tokio::test]
async fn run_after_the_call_that_froze_the_store() {
    within(async {
        let gated = Gated::start().await;
        let (used, dropped) = (gated.make(1).await, gated.make(2).await);
        let call = gated.begin("use-slowly", [used.borrow().into()]).await;
        drop(dropped);
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert!(gated.gate.destroyed().is_empty());
        gated.gate.open();
        call.await.unwrap().unwrap();
        until("destroyed", || gated.gate.destroyed() == [2]).await;
    })
    .await;
}

#[tokio::test]
async fn run_for_what_an_abandoned_call_returns() {
    within(async {
        let gated = Gated::start().await;
        let call = gated.begin("make-slowly", [9u32.into()]).await;
        call.abort();
        assert!(call.await.unwrap_err().is_cancelled());
        gated.gate.open();
        until("destroyed", || gated.gate.destroyed() == [9]).await;
        assert_eq!(gated.status().resources_given, 0);
    })
    .await;
}

/// No store, no destructor: the resource went with all that was in it.
#[tokio::test]
async fn do_not_run_when_the_store_is_gone() {
    within(async {
        let Gated { composition, gate } = Gated::start().await;
        let make = composition.get_func(None, "make").unwrap();
        let thing = own(make.call_owned([1u32.into()]).await.unwrap().unwrap());
        composition.shutdown(std::time::Duration::ZERO).await;
        drop(thing);
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert!(gate.destroyed().is_empty());
    })
    .await;
}

#[tokio::test]
async fn can_call_another_component() {
    within(async {
        let gate = Gate::new();
        let gated = wat_part("gated", |linker| gate.define_gate(linker));
        let mut composer = Composer::new();
        composer.add(ComposableDescriptor::new("gated", gated));
        composer.add(ComposableDescriptor::new(
            "ledger",
            wat_part("ledger", |_| ()),
        ));
        let composition = composer.compose().await.unwrap();
        let call = async |name, args: Vec<Value>| {
            let func = composition.get_func(None, name).unwrap();
            func.call_owned(args).await.unwrap().unwrap()
        };
        let lent = own(call("make", vec![0u32.into()]).await);
        let others = [
            call("make", vec![1u32.into()]).await,
            call("make", vec![2u32.into()]).await,
        ];
        let waiting = composition.get_func(None, "use-async").unwrap();
        let borrow = lent.borrow();
        let waiting = tokio::spawn(async move { waiting.call_owned([borrow.into()]).await });
        gate.waiting().await;

        // Beside a call that waits, and in the middle of one.
        drop(others);
        for _ in 0..1000 {
            if call("count", vec![]).await == Value::U32(2) {
                break;
            }
        }
        assert_eq!(number(call("count", vec![]).await), 2);
        gate.open();
        waiting.await.unwrap().unwrap();
        assert_eq!(number(call("take", vec![lent.into()]).await), 0);
        assert_eq!(number(call("count", vec![]).await), 3);
    })
    .await;
}

/// `gated.wat` with a destructor that the host makes go wrong.
fn destroyed_by(
    gate: &Gate,
    destroyed: impl Fn(u32) -> wasmtime::Result<()> + Send + Sync + 'static,
) -> ComposableComponent<()> {
    wat_part("gated", |linker| {
        gate.define_gate(linker);
        let mut root = linker.root();
        root.func_wrap("destroyed", move |_, (thing,): (u32,)| destroyed(thing))
            .unwrap();
    })
}

async fn running(part: ComposableComponent<()>, gate: &Gate) -> Gated {
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("gated", part));
    composer.add(ComposableDescriptor::new(
        "ledger",
        wat_part("ledger", |_| ()),
    ));
    Gated {
        composition: composer.compose().await.unwrap(),
        gate: gate.clone(),
    }
}

/// Makes a thing and drops it.
const DROPPER: &str = r#"(component
    (import "thing" (type $thing (sub resource)))
    (import "make" (func $make (param "number" u32) (result (own $thing))))
    (core func $make' (canon lower (func $make)))
    (core func $drop' (canon resource.drop $thing))
    (core module $m
        (import "" "make" (func $make (param i32) (result i32)))
        (import "" "drop" (func $drop (param i32)))
        (func (export "drops") (result i32)
            (call $drop (call $make (i32.const 2)))
            (i32.const 5))
        (func (export "goes-on") (result i32) (i32.const 9)))
    (core instance $i (instantiate $m (with "" (instance
        (export "make" (func $make'))
        (export "drop" (func $drop'))))))
    (func (export "drops") (result u32) (canon lift (core func $i "drops")))
    (func (export "goes-on") (result u32) (canon lift (core func $i "goes-on"))))"#;

/// The component that drops the resource goes on.
#[tokio::test]
async fn that_fail_do_not_end_who_drops() {
    within(async {
        let gate = Gate::new();
        let fails = |_| Err(wasmtime::Error::msg("it cannot be destroyed"));
        let gated = destroyed_by(&gate, fails);
        let dropper = composer::component_from_bytes(engine(), "dropper", DROPPER.as_bytes());
        let mut composer = Composer::new();
        composer
            .add(ComposableDescriptor::new("gated", gated))
            .add(ComposableDescriptor::new("dropper", dropper.unwrap()));
        let composition = composer.compose().await.unwrap();
        let call = async |name: &str| {
            let func = composition.get_func(None, name).unwrap();
            func.call_owned([]).await.unwrap()
        };
        assert_eq!(call("drops").await, Some(Value::U32(5)));
        let gated = composition.component("gated").unwrap();
        until("dead", || {
            matches!(gated.status().state, ComponentState::Dead(_))
        })
        .await;
        assert_eq!(call("goes-on").await, Some(Value::U32(9)));
    })
    .await;
}

#[tokio::test]
async fn that_fail_end_their_component() {
    within(async {
        let gate = Gate::new();
        let fails = |_| Err(wasmtime::Error::msg("it cannot be destroyed"));
        let gated = running(destroyed_by(&gate, fails), &gate).await;
        let (lent, other) = (gated.make(1).await, gated.make(2).await);
        let waiting = gated.begin("use-async", [lent.borrow().into()]).await;
        drop(other);

        // Whoever waits there hears of it.
        let error = waiting.await.unwrap().unwrap_err();
        let CallError::Failed { site, death } = &error else {
            panic!("{error}");
        };
        assert_eq!((&*site.component, &*site.function), ("gated", "use-async"));
        assert!(matches!(&death.cause, DeathCause::Other(_)), "{error}");
        assert!(
            error.to_string().contains("it cannot be destroyed"),
            "{error}"
        );
        let error = gated.call("use", [lent.borrow().into()]).await.unwrap_err();
        assert!(matches!(&error, CallError::Dead { .. }), "{error}");
        drop(lent);
        let ledger = gated.composition.component("ledger").unwrap();
        assert!(matches!(ledger.status().state, ComponentState::Running));
    })
    .await;
}

#[tokio::test]
async fn that_panic_in_the_host_end_their_component() {
    within(async {
        let gate = Gate::new();
        let panics = |_| panic!("destroying it panics");
        let gated = running(destroyed_by(&gate, panics), &gate).await;
        drop(gated.make(1).await);
        until("dead", || {
            matches!(gated.status().state, ComponentState::Dead(_))
        })
        .await;
        let error = gated.call("make", [1u32.into()]).await.unwrap_err();
        assert!(matches!(&error, CallError::Dead { .. }), "{error}");
    })
    .await;
}

/// A destructor keeps its whole store to itself, so a host function that calls
/// back there would wait for ever.
#[tokio::test]
async fn that_call_back_into_their_own_store_are_refused() {
    within(async {
        let gate = Gate::new();
        let composition: Arc<OnceLock<WeakComposition>> = Arc::default();
        let weak = composition.clone();
        let part = wat_part("gated", |linker| {
            gate.define_gate(linker);
            let mut root = linker.root();
            root.func_wrap_async("destroyed", move |_, (_thing,): (u32,)| {
                let composition: Composition = weak.get().unwrap().upgrade().unwrap();
                Box::new(async move {
                    let make = composition.get_func(None, "make").unwrap();
                    make.call_owned([2u32.into()])
                        .await
                        .map_err(wasmtime::Error::new)?;
                    Ok(())
                })
            })
            .unwrap();
        });
        let gated = running(part, &gate).await;
        composition.set(gated.composition.downgrade()).ok().unwrap();
        drop(gated.make(1).await);
        until("dead", || {
            matches!(gated.status().state, ComponentState::Dead(_))
        })
        .await;
        let ComponentState::Dead(death) = gated.status().state else {
            unreachable!();
        };
        match &death.cause {
            DeathCause::Import(error) => {
                assert!(matches!(&**error, CallError::Cycle { .. }), "{error}");
            }
            other => panic!("{other:?}"),
        }
    })
    .await;
}

/// One that never returns ends with its store.
#[tokio::test]
async fn that_hang_can_be_shut_down() {
    within(async {
        let gate = Gate::new();
        let part = wat_part("gated", |linker| {
            gate.define_gate(linker);
            let gate = gate.clone();
            let mut root = linker.root();
            root.func_wrap_async("destroyed", move |_, (_,): (u32,)| {
                let gate = gate.clone();
                Box::new(async move {
                    gate.pass().await;
                    Ok(())
                })
            })
            .unwrap();
        });
        let gated = running(part, &gate).await;
        let other = gated.make(2).await;
        drop(gated.make(1).await);
        gate.waiting().await;
        // The store is busy, so this call has to wait.
        let func = gated.composition.get_func(None, "use").unwrap();
        let borrow = other.borrow();
        let call = tokio::spawn(async move { func.call_owned([borrow.into()]).await });
        until("the call waits", || gated.status().queued == 1).await;
        drop(other);

        let shutdown = gated.composition.shutdown(std::time::Duration::ZERO).await;
        assert_eq!((shutdown.cut_off, shutdown.stuck.len()), (1, 0));
        let error = call.await.unwrap().unwrap_err();
        assert!(matches!(&error, CallError::Stopped { .. }), "{error}");
    })
    .await;
}
