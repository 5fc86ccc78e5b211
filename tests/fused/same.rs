//! Fused guests give the same answers as guests that each have a store of their own.

use proptest::test_runner::{TestCaseError, TestRunner};
use wasmtime::component::Val;

use composer::Composition;

use crate::support::arbitrary::{any_vals, together};
use crate::support::chain::{Chain, Function};
use crate::support::engine;
use crate::support::property::{Bounded, cases};

async fn call(composition: &Composition, function: &Function, args: &[Val]) -> Option<Val> {
    let interface = Some(function.interface.as_str());
    let func = composition.get_func(interface, &function.name).unwrap();
    let mut results = vec![Val::Bool(false); usize::from(func.result().is_some())];
    func.call(args, &mut results).await.unwrap();
    results.pop()
}

/// Calls every function of a chain both ways, with values at the edges of its
/// types and with random ones.
fn check(guests: &[&str]) {
    let chain = Chain::new(engine(), guests);
    let runtime = Bounded::new();
    let (isolated, fused) =
        runtime.block_on(async { (chain.compose().await, chain.group().await) });
    assert_eq!(fused.plan().components.len(), 1);
    for function in chain.functions() {
        let interface = Some(function.interface.as_str());
        let func = fused.get_func(interface, &function.name).unwrap();
        let check = |args: &[Val]| {
            let (apart, together) = runtime.block_on(async {
                let apart = call(&isolated, &function, args).await;
                (apart, call(&fused, &function, args).await)
            });
            match apart == together {
                true => Ok(()),
                false => Err(TestCaseError::fail(format!(
                    "{function} of {args:?}\n  apart: {apart:?}\n  together: {together:?}"
                ))),
            }
        };
        for args in together(func.params().iter().map(|(_, ty)| ty)) {
            check(&args).unwrap();
        }
        let args = any_vals(func.params().iter().map(|(_, ty)| ty));
        let outcome = TestRunner::new(cases(16)).run(&args, |args| check(&args));
        outcome.unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn layers_of_text() {
    check(&["text-base", "text-upper", "text-exclaim"]);
}

#[test]
fn values_of_every_type() {
    check(&["values", "values-relay"]);
}

#[test]
fn shop() {
    for tax in ["tax-us", "tax-eu"] {
        check(&["catalog", tax, "till"]);
    }
}

#[test]
fn resources() {
    for guests in [
        &["counters", "counters-user"][..],
        &["counters-c", "counters-user"],
        &["counters", "counters-wrap", "counters-user"],
    ] {
        let chain = Chain::new(engine(), guests);
        Bounded::new().block_on(async {
            let (isolated, fused) = (chain.compose().await, chain.group().await);
            for (interface, name, args) in [
                ("user", "run-lifecycle", &[][..]),
                ("user", "run-compound", &[]),
                ("user", "run-inspect", &[]),
                ("user", "churn", &[Val::U32(100)]),
                ("user", "hold", &[Val::U32(5)]),
                ("counters", "live", &[]),
                ("user", "release", &[]),
                ("counters", "live", &[]),
                ("counters", "dropped", &[]),
            ] {
                let interface = format!("test:resources/{interface}@0.1.0");
                let function = Function::new(&interface, name);
                let apart = call(&isolated, &function, args).await;
                assert_eq!(apart, call(&fused, &function, args).await, "{function}");
            }
        });
    }
}
