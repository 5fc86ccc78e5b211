//! Host functions that fail or panic, which ends the component that called them.

use std::sync::Arc;

use composer::{
    CallError, ComponentState, ComposableDescriptor, Composer, Composition, Death, DeathCause,
    Value,
};

use crate::support::counters::within;
use crate::support::failing::{OutOfPaper, steps};
use crate::support::flow::STEPS;
use crate::support::gated::Gate;
use crate::support::part;

async fn start() -> Composition {
    let gate = Gate::new();
    for _ in 0..10 {
        gate.open();
    }
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("steps", steps(&gate)));
    composer.add(ComposableDescriptor::new("bystander", part("text-base")));
    composer.compose().await.unwrap()
}

async fn relay(composition: &Composition, name: &str, fate: &str) -> Result<Value, CallError> {
    let relay = composition.get_func(Some(STEPS), name).unwrap();
    Ok(relay.call_owned([fate.into(), 0u32.into()]).await?.unwrap())
}

/// Has the component die of this fate, each way of calling the host once.
async fn dies(fate: &str, check: impl Fn(&Death)) {
    within(async {
        for name in ["relay-back", "relay-back-async"] {
            let composition = start().await;
            assert_eq!(
                relay(&composition, name, "go on").await.unwrap(),
                Value::U32(7)
            );
            let error = relay(&composition, name, fate).await.unwrap_err();
            let CallError::Failed { site, death } = &error else {
                panic!("{name}: {error}");
            };
            assert_eq!((&*site.component, &*site.function), ("steps", name));
            assert_eq!(death.component, "steps");
            check(death);

            match relay(&composition, name, "go on").await {
                Err(CallError::Dead { death: given, .. }) => assert!(Arc::ptr_eq(&given, death)),
                other => panic!("{name}: {other:?}"),
            }
            let state = |name| composition.component(name).unwrap().status().state;
            assert!(matches!(state("steps"), ComponentState::Dead(_)));
            assert!(matches!(state("bystander"), ComponentState::Running));
        }
    })
    .await;
}

#[tokio::test]
async fn an_error_ends_the_component_and_is_told() {
    dies("fail", |death| {
        let DeathCause::Other(error) = &death.cause else {
            panic!("{death}");
        };
        assert_eq!(error.downcast_ref::<OutOfPaper>(), Some(&OutOfPaper));
        let text = death.to_string();
        assert!(
            text.starts_with("component `steps` failed: out of paper"),
            "{text}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_panic_ends_the_component() {
    dies("panic", |death| {
        assert!(matches!(&death.cause, DeathCause::Other(_)), "{death}");
        let text = death.to_string();
        assert!(
            text.starts_with("component `steps` failed: a host function panicked"),
            "{text}"
        );
    })
    .await;
}
