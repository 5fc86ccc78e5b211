//! Fuel, per call and in total.

use composer::runtime::Limits;
use composer::{
    ComposableDescriptor, Composer, CompositionError, Limit, PartError, Runtime, Value,
};

use super::{alone, call, exceeded, loaded, wat};
use crate::support::hostile::Hostile;

/// Turns a number of rounds, on an engine of either kind: `async` in one of the
/// types makes it the one with concurrency.
fn turns(concurrent: bool) -> String {
    let and = match concurrent {
        true => r#"(type (func async)) "#,
        false => "",
    };
    format!(
        r#"(component {and}
        (core module $m (func (export "turn") (param i32)
            (loop $again
                (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))
        (core instance $i (instantiate $m))
        (func (export "turn") (param "n" u32) (canon lift (core func $i "turn"))))"#
    )
}

#[tokio::test]
async fn a_call_that_uses_too_much() {
    let limits = Limits::default().with_fuel(Some(1_000_000));
    let part = loaded("hostile").await.part().with_limits(limits);
    let usage = part.usage();
    let hostile = Hostile::with(part).await;
    for _ in 0..3 {
        assert_eq!(hostile.call("ok", []).await.unwrap(), Some(Value::U32(42)));
    }
    let before = usage.fuel();
    let error = hostile.call("spin", []).await.unwrap_err();
    let death = hostile.death("spin", &error);
    let exceeded = exceeded(&error, Limit::Fuel, "spin");
    assert_eq!((exceeded.wanted, exceeded.allowed), (None, 1_000_000));
    assert_eq!(exceeded.site.unwrap().function, "spin");
    assert_eq!(usage.fuel() - before, 1_000_000);
    hostile.assert_dead_alone(&death).await;
}

#[tokio::test]
async fn each_call_has_its_own() {
    for concurrent in [false, true] {
        let limits = Limits::default().with_fuel(Some(10_000));
        let part = wat(&turns(concurrent)).await.part().with_limits(limits);
        let usage = part.usage();
        let guest = alone(part).await;
        let mut sum = usage.fuel();
        for rounds in [100u32, 1_000, 100, 1_000, 1_000] {
            call(&guest, "turn", [rounds.into()]).await.unwrap();
            let last = usage.last_call().unwrap();
            assert_eq!(
                (&*last.site.component, &*last.site.function),
                ("guest", "turn")
            );
            assert!(last.alone);
            // A round is some instructions.
            assert!((u64::from(rounds)..10 * u64::from(rounds)).contains(&last.fuel));
            sum += last.fuel;
            assert_eq!(usage.fuel(), sum);
        }
        assert_eq!(usage.calls(), 5);
        // More than half of it each, and more than it has in all.
        let calls = (0..20).map(|_| call(&guest, "turn", [1_500u32.into()]));
        for result in futures::future::join_all(calls).await {
            result.unwrap();
        }
        let error = call(&guest, "turn", [10_000u32.into()]).await.unwrap_err();
        exceeded(&error, Limit::Fuel, "turn");
    }
}

#[tokio::test]
async fn the_same_call_uses_the_same() {
    let limits = Limits::default().with_fuel(Some(1_000_000));
    let mut used = Vec::new();
    for _ in 0..3 {
        let part = loaded("hostile").await.part().with_limits(limits.clone());
        let usage = part.usage();
        let hostile = Hostile::with(part).await;
        hostile.call("grow", [5u32.into()]).await.unwrap();
        used.push(usage.last_call().unwrap().fuel);
    }
    assert!(
        used.iter().all(|fuel| *fuel == used[0] && *fuel > 0),
        "{used:?}"
    );
}

/// Calls that wait beside each other have their fuel together.
#[tokio::test]
async fn calls_at_once_share() {
    let limits = Limits::default().with_fuel(Some(1_000_000));
    let part = loaded("hostile").await.part().with_limits(limits);
    let usage = part.usage();
    let hostile = Hostile::with(part).await;
    let hang = hostile
        .composition
        .get_func(Some(crate::support::hostile::FAULTS), "async-hang")
        .unwrap();
    let hanging = tokio::spawn(async move { hang.call_owned([]).await });
    while hostile.status().in_flight < 1 {
        tokio::task::yield_now().await;
    }
    hostile.call("ok", []).await.unwrap();
    assert!(!usage.last_call().unwrap().alone);
    let error = hostile.call("spin", []).await.unwrap_err();
    let exceeded = exceeded(&error, Limit::Fuel, "spin");
    // Who of them it was, nobody knows.
    assert_eq!(exceeded.site, None);
    hanging.await.unwrap().unwrap_err();
    // Two calls, and what went before.
    assert!((1_000_000..2_100_000).contains(&usage.fuel()));
}

#[tokio::test]
async fn a_runtime_that_does_not_count_it() {
    let runtime = Runtime::new().unwrap();
    let part = runtime
        .load_bytes("guest", "(component)")
        .await
        .unwrap()
        .part();
    let mut composer = Composer::new();
    let part = part.with_limits(Limits::default().with_fuel(Some(1)));
    composer.add(ComposableDescriptor::new("guest", part));
    let error = composer.compose().await.err().unwrap();
    assert!(
        error
            .to_string()
            .contains("`RuntimeBuilder::count_fuel(true)`"),
        "{error}"
    );
    let CompositionError::Parts(errors) = error else {
        panic!("{error}");
    };
    let [PartError::Unwatched { limit, .. }] = errors.errors() else {
        panic!("{errors}");
    };
    assert_eq!(*limit, Limit::Fuel);
}
