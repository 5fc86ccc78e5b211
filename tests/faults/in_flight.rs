//! Calls in flight in a component that dies: each caller gets an error.

use std::sync::Arc;

use composer::{CallError, ComposableDescriptor, Composer, Composition, Value};
use tokio::task::JoinHandle;
use wasmtime::Trap;

use crate::support::counters::{until, within};
use crate::support::failing::steps;
use crate::support::flow::STEPS;
use crate::support::gated::Gate;
use crate::support::hostile::{FAULTS, Hostile};

type Call = JoinHandle<Result<Option<Value>, CallError>>;

fn spawn(composition: &Composition, interface: &str, name: &str, args: Vec<Value>) -> Call {
    let func = composition.get_func(Some(interface), name).unwrap();
    tokio::spawn(async move { func.call_owned(args).await })
}

#[tokio::test]
async fn calls_in_the_same_store() {
    within(async {
        let hostile = Hostile::start().await;
        let hang = || spawn(&hostile.composition, FAULTS, "async-hang", vec![]);
        let hanging: Vec<Call> = (0..10).map(|_| hang()).collect();
        until("they hang", || hostile.status().in_flight == 10).await;

        let error = hostile.call("trap", []).await.unwrap_err();
        let death = hostile.death("trap", &error);
        for call in hanging {
            let error = call.await.unwrap().unwrap_err();
            // Its own site, the one death.
            assert!(Arc::ptr_eq(&hostile.death("async-hang", &error), &death));
            assert_eq!(
                error.death().unwrap().trap(),
                Some(Trap::UnreachableCodeReached)
            );
        }
        assert_eq!(hostile.status().in_flight, 0);
        hostile.assert_dead_alone(&death).await;
    })
    .await;
}

/// Nobody waits for this call any more, but it is still the component's end.
#[tokio::test]
async fn of_a_call_that_was_given_up() {
    within(async {
        let gate = Gate::new();
        let mut composer = Composer::new();
        composer.add(ComposableDescriptor::new("steps", steps(&gate)));
        let composition = composer.compose().await.unwrap();
        let args = vec!["fail".into(), 0u32.into()];
        let fatal = spawn(&composition, STEPS, "relay-back-async", args);
        gate.waiting().await;
        let slow = spawn(
            &composition,
            STEPS,
            "slow",
            vec![0u32.into(), "slow".into()],
        );
        gate.waiting().await;
        fatal.abort();
        assert!(fatal.await.unwrap_err().is_cancelled());

        gate.open();
        let error = slow.await.unwrap().unwrap_err();
        assert_eq!(error.death().unwrap().component, "steps", "{error}");
        assert!(error.to_string().contains("out of paper"), "{error}");
    })
    .await;
}

/// Calls that wait in the store, in the inbox, and for a place there.
async fn everybody_is_told(fate: &str) {
    within(async {
        let gate = Gate::new();
        let mut composer = Composer::new();
        let part = ComposableDescriptor::new("steps", steps(&gate)).with_inbox_capacity(3);
        composer.add(part);
        let composition = composer.compose().await.unwrap();
        let status = || composition.component("steps").unwrap().status();
        let slow = || {
            let args = vec![0u32.into(), "slow".into()];
            spawn(&composition, STEPS, "slow", args)
        };
        let in_store = [slow(), slow()];
        gate.waiting().await;
        gate.waiting().await;
        let args = vec![fate.into(), 0u32.into()];
        let fatal = spawn(&composition, STEPS, "relay-back", args);
        gate.waiting().await;
        // The store is frozen in the host function now.
        let bump = || spawn(&composition, STEPS, "bump", vec![1u32.into()]);
        let waiting: Vec<Call> = (0..10).map(|_| bump()).collect();
        until("the inbox is full", || status().queued == 3).await;
        let abandoned = bump();
        tokio::task::yield_now().await;
        abandoned.abort();

        for _ in 0..3 {
            gate.open();
        }
        let death = match fatal.await.unwrap() {
            Err(CallError::Failed { site, death }) => {
                assert_eq!(site.function, "relay-back");
                death
            }
            other => panic!("{other:?}"),
        };
        for call in in_store {
            match call.await.unwrap() {
                Err(CallError::Failed { site, death: given }) => {
                    assert_eq!(site.function, "slow");
                    assert!(Arc::ptr_eq(&given, &death));
                }
                other => panic!("{other:?}"),
            }
        }
        for call in waiting {
            match call.await.unwrap() {
                Err(CallError::Dead { site, death: given }) => {
                    assert_eq!(site.function, "bump");
                    assert!(Arc::ptr_eq(&given, &death));
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!((status().in_flight, status().queued), (0, 0));
    })
    .await;
}

#[tokio::test]
async fn of_a_host_function_that_fails() {
    everybody_is_told("fail").await;
}

#[tokio::test]
async fn of_a_host_function_that_panics() {
    everybody_is_told("panic").await;
}

/// The runtime on which a component runs ends, while somebody on another
/// waits for it.
#[tokio::test]
async fn of_a_runtime_that_ends() {
    within(async {
        let builder = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .build();
        let other = builder.unwrap();
        let gate = Gate::new();
        let mut composer = Composer::new();
        composer.add(ComposableDescriptor::new("steps", steps(&gate)));
        let compose = other.spawn(async move { composer.compose().await });
        let composition = compose.await.unwrap().unwrap();
        let slow = spawn(
            &composition,
            STEPS,
            "slow",
            vec![0u32.into(), "slow".into()],
        );
        gate.waiting().await;
        other.shutdown_background();
        let error = slow.await.unwrap().unwrap_err();
        assert!(matches!(error, CallError::Stopped { .. }), "{error}");
        let bump = spawn(&composition, STEPS, "bump", vec![1u32.into()]);
        let error = bump.await.unwrap().unwrap_err();
        assert!(matches!(error, CallError::Stopped { .. }), "{error}");
    })
    .await;
}
