//! A component that spins behind a function of the program is the one that ends.

use std::time::Duration;

use composer::runtime::Limits;
use composer::{
    CallError, ComponentState, ComposableDescriptor, Composer, DeathCause, Limit, Value,
};

use crate::support::sandbox::wat;

const SPINNER: &str = r#"(component
    (core module $m (func (export "spin") (loop (br 0))))
    (core instance $i (instantiate $m))
    (func (export "spin") (canon lift (core func $i "spin"))))"#;

const CALLER: &str = r#"(component
    (import "through" (func $through (result u32)))
    (core func $lowered (canon lower (func $through)))
    (core module $m
        (import "" "through" (func $through (result i32)))
        (func (export "run") (result i32) (call $through)))
    (core instance $i (instantiate $m (with "" (instance (export "through" (func $lowered))))))
    (func (export "run") (result u32) (canon lift (core func $i "run"))))"#;

#[tokio::test]
async fn who_waits_in_the_program_goes_on() {
    let limits = Limits::default().with_time(Some(Duration::from_millis(50)));
    let mut composer = Composer::new();
    let spinner = wat(SPINNER).await.part().with_limits(limits.clone());
    composer.add(ComposableDescriptor::new("spinner", spinner));
    let spinner = composer.compose().await.unwrap();
    let spin = spinner.get_func(None, "spin").unwrap();

    let caller = wat(CALLER).await.part().with_limits(limits);
    let caller = caller.with_linker(move |linker| {
        let spin = spin.clone();
        linker.root().func_wrap_async("through", move |_, (): ()| {
            let spin = spin.clone();
            Box::new(async move {
                let error = spin.call_owned([]).await.unwrap_err();
                let (CallError::Failed { death, .. } | CallError::Dead { death, .. }) = &error
                else {
                    return Err(error.into());
                };
                assert_eq!(death.component, "spinner");
                let DeathCause::Limit(exceeded) = &death.cause else {
                    return Err(error.into());
                };
                assert_eq!(exceeded.limit, Limit::Time);
                Ok((7u32,))
            })
        })
    });
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("caller", caller));
    let composition = composer.compose().await.unwrap();
    let run = composition.get_func(None, "run").unwrap();
    for _ in 0..3 {
        assert_eq!(run.call_owned([]).await.unwrap(), Some(Value::U32(7)));
    }
    let state = composition.component("caller").unwrap().status().state;
    assert!(matches!(state, ComponentState::Running), "{state:?}");
}
