//! Components that fail to start.

use std::sync::Arc;
use std::task::{Context, Waker};

use composer::{
    CallError, ComposableComponent, ComposableDescriptor, Composer, CompositionError, DeathCause,
    StartError, Value,
};
use tokio::runtime::Handle;
use wasmtime::component::Linker;
use wasmtime::{Store, Trap};

use crate::support::counters::{until, within};
use crate::support::failing::OutOfPaper;
use crate::support::gated::Gate;
use crate::support::{call, compose, engine, guest, part, part_with};

const TRANSFORM: &str = "test:text/transform@0.1.0";

fn tasks() -> usize {
    Handle::current().metrics().num_alive_tasks()
}

/// A part that keeps `life` in its store.
fn part_with_life(name: &str, life: &Arc<()>) -> ComposableComponent<Arc<()>> {
    let life = life.clone();
    let store = move || Store::new(engine(), life.clone());
    ComposableComponent::new(guest(name), Linker::new(engine()), store)
}

fn start_error(error: CompositionError) -> StartError {
    match error {
        CompositionError::Start(error) => error,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_trap_at_the_start() {
    within(async {
        let mut composer = Composer::new();
        composer.add(ComposableDescriptor::new(
            "trapper",
            part("hostile-start-trap"),
        ));
        let error = start_error(composer.compose().await.err().unwrap());
        let text = error.to_string();
        let StartError::Instantiate { component, death } = error else {
            panic!("{text}");
        };
        assert_eq!((&*component, &*death.component), ("trapper", "trapper"));
        assert_eq!(death.trap(), Some(Trap::UnreachableCodeReached));
        assert!(!death.backtrace.is_empty());
        assert!(
            text.contains("component `trapper` failed to start"),
            "{text}"
        );
        assert!(text.contains("_initialize"), "{text}");
    })
    .await;
}

#[tokio::test]
async fn a_call_at_the_start() {
    within(async {
        let composition = compose(&["text-base", "hostile-start"]).await;
        let value = call(&composition, "test:hostile/started", "value", []).await;
        assert_eq!(value, Value::String("start".into()));
    })
    .await;
}

/// `hostile-start` calls `text-upper`, which calls a host function that fails.
#[tokio::test]
async fn a_call_at_the_start_that_fails() {
    within(async {
        let mut composer = Composer::new();
        let upper = part_with("text-upper", |linker| {
            let mut instance = linker.instance(TRANSFORM).unwrap();
            let apply = |_: wasmtime::StoreContextMut<'_, ()>, (_,): (String,)| {
                Err::<(String,), _>(wasmtime::Error::new(OutOfPaper))
            };
            instance.func_wrap("apply", apply).unwrap();
        });
        composer.add(ComposableDescriptor::new("upper", upper));
        composer.add(ComposableDescriptor::new("start", part("hostile-start")));
        let before = tasks();
        let error = start_error(composer.compose().await.err().unwrap());
        let StartError::Instantiate { component, death } = &error else {
            panic!("{error}");
        };
        assert_eq!((&**component, &*death.component), ("start", "start"));
        let DeathCause::Import(call) = &death.cause else {
            panic!("{error}");
        };
        let CallError::Failed { site, .. } = &**call else {
            panic!("{error}");
        };
        assert_eq!((&*site.component, &*site.function), ("upper", "apply"));
        let DeathCause::Other(cause) = &call.death().unwrap().cause else {
            panic!("{error}");
        };
        assert_eq!(cause.downcast_ref::<OutOfPaper>(), Some(&OutOfPaper));
        until("all tasks have ended", || tasks() == before).await;
    })
    .await;
}

/// Parts that start before `last`, a part of which nothing comes.
fn before_last(life: &Arc<()>, last: ComposableComponent<()>) -> Composer {
    let mut composer = Composer::new();
    for name in ["counters", "text-base", "counters-relay"] {
        composer.add(ComposableDescriptor::new(name, part_with_life(name, life)));
    }
    composer.add(ComposableDescriptor::new("z-last", last));
    let plan = composer.plan().unwrap();
    assert_eq!(plan.components.last().unwrap().name, "z-last");
    composer
}

#[tokio::test]
async fn what_had_started_is_stopped() {
    within(async {
        let (life, before) = (Arc::new(()), tasks());
        let composer = before_last(&life, part("hostile-start-trap"));
        assert_eq!(Arc::strong_count(&life), 4);
        start_error(composer.compose().await.err().unwrap());
        // The stores are gone when the error is told.
        assert_eq!(Arc::strong_count(&life), 1);
        until("all tasks have ended", || tasks() == before).await;
    })
    .await;
}

/// `hostile-start` whose call at the start waits at the gate, then panics.
fn stuck_at_the_start(gate: &Gate) -> ComposableComponent<()> {
    part_with("hostile-start", |linker| {
        let gate = gate.clone();
        let mut instance = linker.instance(TRANSFORM).unwrap();
        instance
            .func_wrap_async("apply", move |_, (text,): (String,)| {
                let gate = gate.clone();
                Box::new(async move {
                    gate.pass().await;
                    assert!(text.is_empty(), "the host panics");
                    Ok((text,))
                })
            })
            .unwrap();
    })
}

#[tokio::test]
async fn a_start_that_is_given_up() {
    within(async {
        let (life, before) = (Arc::new(()), tasks());
        let gate = Gate::new();
        let composer = before_last(&life, stuck_at_the_start(&gate));
        {
            let mut compose = Box::pin(composer.compose());
            tokio::select! {
                biased;
                _ = &mut compose => unreachable!("the gate is shut"),
                () = gate.waiting() => {}
            }
            assert_eq!(tasks(), before + 3);
        }
        until("all tasks have ended", || tasks() == before).await;
        assert_eq!(Arc::strong_count(&life), 1);
    })
    .await;
}

#[tokio::test]
async fn a_host_function_that_panics_at_the_start() {
    within(async {
        let (life, before) = (Arc::new(()), tasks());
        let gate = Gate::new();
        gate.open();
        let composer = before_last(&life, stuck_at_the_start(&gate));
        let error = start_error(composer.compose().await.err().unwrap());
        assert!(
            error.to_string().contains("panicked: the host panics"),
            "{error}"
        );
        until("all tasks have ended", || tasks() == before).await;
        assert_eq!(Arc::strong_count(&life), 1);
    })
    .await;
}

#[tokio::test]
async fn a_nested_component_that_traps_at_the_start() {
    within(async {
        let before = tasks();
        let mut inner = Composer::new();
        inner.add(ComposableDescriptor::new("base", part("text-base")));
        inner.add(ComposableDescriptor::new(
            "trapper",
            part("hostile-start-trap"),
        ));
        let mut outer = Composer::new();
        outer.add(ComposableDescriptor::new("counters", part("counters")));
        outer.add(ComposableDescriptor::new("inner", inner));
        let error = start_error(outer.compose().await.err().unwrap());
        assert!(
            error
                .to_string()
                .contains("component `trapper` failed to start"),
            "{error}"
        );
        until("all tasks have ended", || tasks() == before).await;
    })
    .await;
}

#[test]
fn an_import_that_nobody_provides() {
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("lonely", part("steps")));
    let error = composer.plan().unwrap_err();
    assert!(matches!(&error, CompositionError::Plan(_)), "{error}");
    for word in ["`lonely`", "test:flow/host@0.1.0"] {
        assert!(error.to_string().contains(word), "{error}");
    }
}

/// The embedder's linker has the interface, but not as the component wants it.
#[tokio::test]
async fn a_linker_that_does_not_fit() {
    within(async {
        let wrong = part_with("text-upper", |linker| {
            let mut instance = linker.instance(TRANSFORM).unwrap();
            instance
                .func_wrap("apply", |_, (n,): (u32,)| Ok((n,)))
                .unwrap();
        });
        let (life, before) = (Arc::new(()), tasks());
        let composer = before_last(&life, wrong);
        let error = start_error(composer.compose().await.err().unwrap());
        let StartError::Linker { component, .. } = &error else {
            panic!("{error}");
        };
        assert_eq!(component, "z-last");
        for word in ["component `z-last` does not fit", "apply"] {
            assert!(error.to_string().contains(word), "{error}");
        }
        until("all tasks have ended", || tasks() == before).await;
    })
    .await;
}

#[test]
fn no_runtime() {
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("base", part("text-base")));
    let mut compose = std::pin::pin!(composer.compose());
    let polled = compose
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()));
    let std::task::Poll::Ready(Err(error)) = polled else {
        panic!("it should fail at once");
    };
    assert!(matches!(start_error(error), StartError::NoRuntime));
}
