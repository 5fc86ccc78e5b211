//! Guests that follow the ABI.

use std::cell::Cell;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};
use wasmtime::component::Val;

use super::spec::{Encoding, Spec, specs};
use super::things::expected;
use super::ways::{Outcome, Run, Ways};
use super::{each_spec, each_value};
use crate::support::arbitrary::{any_vals, together};
use crate::support::property::Bounded;

#[test]
fn sound_guests_answer_the_same_in_all_ways() {
    let runtime = Bounded::new();
    each_spec(48, |spec, ways| answers(&runtime, spec, ways));
}

fn answers(runtime: &Bounded, spec: &Spec, ways: &Ways) -> Result<(), TestCaseError> {
    let start = async || {
        let ways = [&ways.fast, &ways.slow, &ways.fused];
        let [fast, slow, fused] = ways.map(Run::start);
        [fast.await, slow.await, fused.await]
    };
    // Runs that failed are not used again: whatever follows would fail too.
    let healthy = Cell::new(None);
    for (i, function) in spec.functions.iter().enumerate() {
        let check = async |args: Vec<Val>| {
            let runs = match healthy.take() {
                Some(runs) => runs,
                None => start().await,
            };
            let (val, numbers) = expected(function, &args);
            let expected = Outcome::Answer(val, numbers);
            for (way, run) in ["fast", "slow", "fused"].into_iter().zip(&runs) {
                let outcome = run.call(i, &function.params, &args).await;
                let same = outcome == expected;
                prop_assert!(same, "{way}: {outcome:?}\nexpected: {expected:?}");
                let books = run.books().await;
                prop_assert!(books.are_empty(), "{way}: {books:?}");
            }
            healthy.set(Some(runs));
            Ok(())
        };
        // Some types have hundreds of edges. The last one is always tried.
        let edges = together(function.params.iter());
        let step = edges.len().div_ceil(16);
        for args in edges.into_iter().rev().step_by(step) {
            let text = format!("f{i} of {args:?}");
            let checked = runtime.block_on(check(args));
            checked.map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
        }
        let args = any_vals(function.params.iter());
        each_value(spec, i, 24, &args, |args| runtime.block_on(check(args)))?;
    }
    Ok(())
}

/// The properties mean little if hardly any value crosses in bulk, or none of
/// some kind.
#[test]
fn random_functions_are_of_all_kinds() {
    let mut runner = TestRunner::new(Config {
        rng_seed: RngSeed::Fixed(1),
        ..Config::default()
    });
    let (mut functions, mut bulk) = (0, 0);
    let mut kinds = [0; 8];
    for _ in 0..200 {
        let spec = specs(4).new_tree(&mut runner).unwrap().current();
        for function in &spec.functions {
            functions += 1;
            if !function.is_bulk() {
                continue;
            }
            bulk += 1;
            let has = |wanted: fn(&composer::Type) -> bool| {
                function
                    .params
                    .iter()
                    .any(|ty| ty.any(&mut |ty| wanted(ty)))
            };
            let found = [
                has(|ty| matches!(ty, composer::Type::Own(_))),
                has(|ty| matches!(ty, composer::Type::Borrow(_))),
                has(|ty| matches!(ty, composer::Type::Map(..))),
                has(|ty| matches!(ty, composer::Type::FixedLengthList(..))),
                function.is_async && function.callback,
                function.is_async && function.no_wait,
                spec.encodings[0] != Encoding::Utf8,
                spec.encodings[0] != spec.encodings[1],
            ];
            for (kind, found) in kinds.iter_mut().zip(found) {
                *kind += u32::from(found);
            }
        }
    }
    assert!(bulk * 2 >= functions, "only {bulk} of {functions} in bulk");
    assert!(
        kinds.iter().all(|kind| kind * 10 >= bulk),
        "of {bulk} in bulk: {kinds:?}"
    );
}
