//! One plan that is composed many times.

mod engines;
mod parts;
mod pool;
mod typed;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use composer::{
    CallError, ComponentState, ComposableComponent, ComposableDescriptor, Composer, Composition,
    PreparedComposition, StartError, Value,
};
use futures::future::join_all;
use tokio::runtime::Handle;
use wasmtime::Store;
use wasmtime::component::Linker;

use crate::support::counters::{COUNTERS, USER, number, own, until, within};
use crate::support::gated::Gate;
use crate::support::{call, engine, guest, part, part_with};

const TRANSFORM: &str = "test:text/transform@0.1.0";

/// The time that calls get to finish.
const AMPLE: Duration = Duration::from_secs(60);

fn tasks() -> usize {
    Handle::current().metrics().num_alive_tasks()
}

fn prepared(parts: &[&str]) -> PreparedComposition {
    let mut composer = Composer::new();
    for name in parts {
        composer.add(ComposableDescriptor::new(*name, part(name)));
    }
    composer.prepare().unwrap()
}

async fn apply(composition: &Composition, text: &str) -> Result<Value, CallError> {
    let apply = composition.get_func(Some(TRANSFORM), "apply").unwrap();
    Ok(apply.call_owned([text.into()]).await?.unwrap())
}

/// `counters-user` keeps counters of `counters`, and the counts of both show it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_at_once_each_with_its_own_state() {
    let prepared = prepared(&["counters", "counters-user"]);
    let run = async |n: u32| {
        let composition = prepared.compose().await.unwrap();
        let ask = async |interface, name, args: Vec<Value>| {
            number(call(&composition, interface, name, args).await)
        };
        assert_eq!(ask(USER, "hold", vec![n.into()]).await, n);
        assert_eq!(ask(COUNTERS, "live", vec![]).await, n);
        let status = |name| composition.component(name).unwrap().status();
        assert_eq!(status("counters").resources_given, n as usize);
        assert_eq!(status("counters-user").resources_held, n as usize);
        assert_eq!(ask(USER, "release", vec![]).await, n);
        until("all are destroyed", || {
            status("counters").resources_given == 0
        })
        .await;
        assert_eq!(ask(COUNTERS, "dropped", vec![]).await, n);
    };
    within(join_all((0..24).map(run))).await;
}

/// A resource of one composition does not belong to another, even if both come from one
/// plan.
#[tokio::test]
async fn resources_do_not_go_from_one_to_another() {
    let prepared = prepared(&["counters"]);
    let (one, two) = (
        prepared.compose().await.unwrap(),
        prepared.compose().await.unwrap(),
    );
    let counter = own(call(&one, COUNTERS, "[constructor]counter", [1u32.into()]).await);
    let value = two.get_func(Some(COUNTERS), "[method]counter.value");
    let error = value.unwrap().call_owned([counter.borrow().into()]).await;
    let error = error.unwrap_err();
    assert!(matches!(error, CallError::Type { .. }), "{error}");
}

/// `text-upper`, whose host function adds the number of the store that called it.
fn numbered() -> ComposableComponent<u32> {
    let mut linker: Linker<u32> = Linker::new(engine());
    let mut transform = linker.instance(TRANSFORM).unwrap();
    transform
        .func_wrap("apply", |store, (text,): (String,)| {
            Ok((format!("{text} {}", store.data()),))
        })
        .unwrap();
    let next = AtomicU32::new(0);
    ComposableComponent::new(guest("text-upper"), linker, move || {
        Store::new(engine(), next.fetch_add(1, Ordering::Relaxed))
    })
}

/// Compositions share the linkers, but not the stores that calls come from.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn imports_find_the_composition_that_calls() {
    within(async {
        let mut composer = Composer::new();
        composer
            .add(ComposableDescriptor::new("numbered", numbered()))
            .add(ComposableDescriptor::new("exclaim", part("text-exclaim")))
            .with_export_hint(TRANSFORM, "exclaim");
        let prepared = composer.prepare().unwrap();
        let mut compositions = Vec::new();
        for _ in 0..8 {
            compositions.push(prepared.compose().await.unwrap());
        }
        let calls = compositions.iter().enumerate().map(|(n, composition)| {
            let composition = composition.clone();
            tokio::spawn(async move {
                for _ in 0..50 {
                    let answer = apply(&composition, "no").await.unwrap();
                    assert_eq!(answer, format!("NO {n}!").into());
                }
            })
        });
        for call in join_all(calls).await {
            call.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn one_dies_and_the_others_go_on() {
    within(async {
        let prepared = prepared(&["hostile", "text-base"]);
        let (one, two) = (
            prepared.compose().await.unwrap(),
            prepared.compose().await.unwrap(),
        );
        let faults = "test:hostile/faults";
        let trap = one.get_func(Some(faults), "trap").unwrap();
        trap.call_owned([]).await.unwrap_err();
        let state = |composition: &Composition| {
            let hostile = composition.component("hostile").unwrap();
            hostile.status().state
        };
        until("one knows", || {
            matches!(state(&one), ComponentState::Dead(_))
        })
        .await;
        assert!(matches!(state(&two), ComponentState::Running));
        assert_eq!(call(&two, faults, "ok", []).await, 42u32.into());
        // Another composition can take its place.
        let three = prepared.compose().await.unwrap();
        assert_eq!(call(&three, faults, "ok", []).await, 42u32.into());
    })
    .await;
}

/// A part that keeps `life` in each of its stores.
fn part_with_life(name: &str, life: &Arc<()>) -> ComposableComponent<Arc<()>> {
    let life = life.clone();
    let store = move || Store::new(engine(), life.clone());
    ComposableComponent::new(guest(name), Linker::new(engine()), store)
}

#[tokio::test]
async fn nothing_is_left_of_those_that_ended() {
    within(async {
        let (life, before) = (Arc::new(()), tasks());
        let mut composer = Composer::new();
        for name in ["counters", "counters-user"] {
            composer.add(ComposableDescriptor::new(name, part_with_life(name, &life)));
        }
        let prepared = composer.prepare().unwrap();
        let idle = Arc::strong_count(&life);
        for turn in 0..20u32 {
            let composition = prepared.compose().await.unwrap();
            assert_eq!(
                (tasks(), Arc::strong_count(&life)),
                (before + 2, idle + 2),
                "one store and one task for each component"
            );
            let make = call(
                &composition,
                COUNTERS,
                "[constructor]counter",
                [turn.into()],
            );
            let counter = own(make.await);
            let weak = composition.downgrade();
            // Every second composition is shut down, with a resource still held; of the
            // others the last handle is dropped.
            if turn % 2 == 0 {
                composition.shutdown(AMPLE).await;
            }
            drop((counter, composition));
            assert!(weak.upgrade().is_none());
            until("the stores are gone", || {
                (tasks(), Arc::strong_count(&life)) == (before, idle)
            })
            .await;
        }
        drop(prepared);
        assert_eq!(Arc::strong_count(&life), 1);
    })
    .await;
}

/// `hostile-start` calls an import while it is instantiated.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn code_that_runs_at_the_start_finds_its_own_imports() {
    within(async {
        let mut composer = Composer::new();
        composer
            .add(ComposableDescriptor::new("numbered", numbered()))
            .add(ComposableDescriptor::new("start", part("hostile-start")));
        let prepared = composer.prepare().unwrap();
        let run = async |_| {
            let composition = prepared.compose().await.unwrap();
            let value = call(&composition, "test:hostile/started", "value", []).await;
            let Value::String(value) = value else {
                panic!("{value:?}");
            };
            value
        };
        let mut values = join_all((0..10).map(run)).await;
        values.sort();
        let expected: Vec<_> = (0..10).map(|n| format!("START {n}")).collect();
        assert_eq!(values, expected);
    })
    .await;
}

/// A host function that is called at the start may call into a composition.
#[tokio::test]
async fn a_start_whose_host_calls_a_composition() {
    within(async {
        let base = prepared(&["text-base"]);
        let start = part_with("hostile-start", |linker| {
            let mut transform = linker.instance(TRANSFORM).unwrap();
            transform
                .func_wrap_async("apply", move |_, (text,): (String,)| {
                    let base = base.clone();
                    Box::new(async move {
                        let composition = base.compose().await.unwrap();
                        match apply(&composition, &text).await {
                            Ok(Value::String(text)) => Ok((text,)),
                            other => panic!("{other:?}"),
                        }
                    })
                })
                .unwrap();
        });
        let mut composer = Composer::new();
        composer.add(ComposableDescriptor::new("start", start));
        let prepared = composer.prepare().unwrap();
        for _ in 0..2 {
            let composition = prepared.compose().await.unwrap();
            let value = call(&composition, "test:hostile/started", "value", []).await;
            assert_eq!(value, "start".into());
        }
    })
    .await;
}

/// A start that waits does not block other compositions of the plan, and cancelling one
/// does not harm them.
#[tokio::test]
async fn a_start_that_is_given_up() {
    within(async {
        let gate = Gate::new();
        let guard = gate.clone();
        let stuck = part_with("hostile-start", |linker| {
            let mut transform = linker.instance(TRANSFORM).unwrap();
            transform
                .func_wrap_async("apply", move |_, (text,): (String,)| {
                    let gate = guard.clone();
                    Box::new(async move {
                        gate.pass().await;
                        Ok((text,))
                    })
                })
                .unwrap();
        });
        let before = tasks();
        let mut composer = Composer::new();
        composer
            .add(ComposableDescriptor::new("base", part("counters")))
            .add(ComposableDescriptor::new("stuck", stuck));
        let prepared = composer.prepare().unwrap();
        let mut stays = Box::pin(prepared.compose());
        {
            let mut given_up = Box::pin(prepared.compose());
            for compose in [&mut given_up, &mut stays] {
                tokio::select! {
                    biased;
                    _ = compose => unreachable!("the gate is shut"),
                    () = gate.waiting() => {}
                }
            }
        }
        gate.open();
        let composition = stays.await.unwrap();
        let value = call(&composition, "test:hostile/started", "value", []).await;
        assert_eq!(value, "start".into());
        until("only one is left", || tasks() == before + 2).await;
    })
    .await;
}

#[tokio::test]
async fn a_component_that_fails_at_the_start_fails_each_time() {
    within(async {
        let before = tasks();
        let prepared = prepared(&["counters", "hostile-start-trap"]);
        for _ in 0..2 {
            let error = prepared.compose().await.err().unwrap();
            let composer::CompositionError::Start(StartError::Instantiate { component, .. }) =
                error
            else {
                panic!("{error}");
            };
            assert_eq!(component, "hostile-start-trap");
            until("all tasks have ended", || tasks() == before).await;
        }
    })
    .await;
}

/// A linker that does not fit is reported before anything runs.
#[test]
fn a_linker_that_does_not_fit() {
    let mut composer = Composer::new();
    let other = part_with("text-upper", |linker| {
        let mut transform = linker.instance(TRANSFORM).unwrap();
        transform.func_wrap("apply", |_, (): ()| Ok(())).unwrap();
    });
    composer.add(ComposableDescriptor::new("upper", other));
    let error = composer.prepare().unwrap_err();
    let composer::CompositionError::Start(StartError::Linker { component, .. }) = error else {
        panic!("{error}");
    };
    assert_eq!(component, "upper");
}

#[tokio::test]
async fn it_is_a_handle() {
    fn shared<T: Clone + Send + Sync + 'static>(_: &T) {}
    let prepared = prepared(&["text-base"]);
    shared(&prepared);
    assert_eq!(
        format!("{prepared:?}"),
        r#"PreparedComposition(["text-base"])"#
    );
    let clone = prepared.clone();
    drop(prepared);
    let composed = tokio::spawn(async move { clone.compose().await.unwrap() });
    let composition = composed.await.unwrap();
    assert_eq!(composition.plan().components[0].name, "text-base");
    assert_eq!(apply(&composition, " hi ").await.unwrap(), "hi".into());
}
