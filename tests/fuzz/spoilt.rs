//! Guests that violate the ABI at random.
//!
//! The outcome of a call in bulk and as `Val`s is the same: the same answer, made of the
//! same bytes, or the same error and the same dead components. No other component is
//! harmed.

use composer::Type;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestCaseError;
use wasmtime::component::Val;

use super::guests::{Fault, MEMORY, MOST_MEMORY};
use super::spec::{Encoding, Function, Spec};
use super::ways::{Outcome, Run, Ways};
use super::{each_spec, each_value};
use crate::support::arbitrary::{any_vals, edges};
use crate::support::property::Bounded;

/// Who breaks it, how, where, and a number for it.
type Break = (&'static str, Fault, u32, u32);

#[test]
fn spoilt_values_come_to_the_same() {
    const FAULTS: &[Fault] = &[
        Fault::Nothing,
        Fault::Flip,
        Fault::Overwrite,
        Fault::Slot,
        Fault::Elsewhere,
    ];
    let at = any::<u32>().boxed();
    check_all(FAULTS, &at);
}

#[test]
fn memory_that_is_not_given_comes_to_the_same() {
    const FAULTS: &[Fault] = &[Fault::Memory, Fault::Trap, Fault::Again, Fault::Beside];
    // Which request for memory it is.
    let at = (0..6u32).boxed();
    check_all(FAULTS, &at);
}

/// One slot of a variant makes its payload another type's, so that there are two
/// mistakes in it: a string that is nowhere, and a case that is not.
#[test]
fn the_first_of_two_mistakes_is_found_first() {
    let numbers = Type::Tuple([Type::U32, Type::U32, Type::U32].into());
    let texts = Type::Tuple([Type::String, Type::Option(Type::U8.into())].into());
    let cases = [("c0", numbers), ("c1", texts)];
    let cases = cases.map(|(name, ty)| (name.to_owned(), Some(ty)));
    let function = |is_async| Function {
        is_async,
        callback: true,
        no_wait: true,
        params: vec![Type::Variant(cases.to_vec().into()), Type::String],
    };
    let spec = Spec {
        encodings: [Encoding::Utf8; 2],
        functions: vec![function(false), function(true)],
        seed: 0,
    };
    let runtime = Bounded::new();
    let ways = Ways::new(&spec);
    for (i, function) in spec.functions.iter().enumerate() {
        let checked = each_value(&spec, i, 24, &any_vals(function.params.iter()), |args| {
            runtime.block_on(check(&spec, &ways, i, ("relay", Fault::Slot, 0, 1), &args))
        });
        checked.unwrap_or_else(|error| panic!("{error}"));
    }
}

/// A list said to be below all other values would reach into these if it is
/// long enough. The guest must not say so then: which of them is written last,
/// and so what is there in the end, is not promised.
#[test]
fn a_lie_does_not_put_two_values_in_one_place() {
    let names = (0..300).map(|i| format!("n{i}")).collect();
    let item = Type::Tuple([Type::String, Type::U32, Type::Enum(names)].into());
    let list = Type::List(item.into());
    let values = edges(&list);
    let spec = Spec {
        encodings: [Encoding::Latin1; 2],
        functions: vec![Function {
            is_async: false,
            callback: false,
            no_wait: false,
            params: vec![list],
        }],
        seed: 0,
    };
    let runtime = Bounded::new();
    let ways = Ways::new(&spec);
    for at in 0..4 {
        let broken = ("echo", Fault::Memory, at, 64);
        let checked = runtime.block_on(check(&spec, &ways, 0, broken, &values[1..]));
        checked.unwrap_or_else(|error| panic!("{error}"));
    }
}

fn check_all(faults: &'static [Fault], at: &BoxedStrategy<u32>) {
    let runtime = Bounded::new();
    let number = prop_oneof![
        2 => (0..32u32).prop_map(|bit| 1 << bit),
        2 => select(&[
            0, 1, 2, 3, 7, 255, 256, 0xd800, 0xdfff, 0x11_0000, 0x7fff_ffff, 0xffff_fffe, u32::MAX,
        ]),
        1 => select(&[4096, MEMORY - 4, MEMORY - 1, MEMORY, MEMORY + 1, MOST_MEMORY - 1, MOST_MEMORY]),
        1 => any::<u32>(),
    ];
    let guest = select(&["echo", "relay"]);
    let broken = (guest, select(faults), at.clone(), number);
    each_spec(48, |spec, ways| {
        for (i, function) in spec.functions.iter().enumerate() {
            let values = (broken.clone(), any_vals(function.params.iter()));
            each_value(spec, i, 24, &values, |(broken, args)| {
                runtime.block_on(check(spec, ways, i, broken, &args))
            })?;
        }
        Ok(())
    });
}

async fn check(
    spec: &Spec,
    ways: &Ways,
    function: usize,
    (guest, fault, at, number): Break,
    args: &[Val],
) -> Result<(), TestCaseError> {
    let number = fault.number(number);
    let call = async |prepared| {
        let run = Run::start(prepared).await;
        for name in ["echo", "relay"] {
            let fault = if name == guest { fault } else { Fault::Nothing };
            run.arm(name, fault, at, number).await;
        }
        let params = &spec.functions[function].params;
        let outcome = run.call(function, params, args).await;
        let given = [run.given("echo").await, run.given("relay").await];
        (outcome, run.books().await, given)
    };
    let fast = call(&ways.fast).await;
    let slow = call(&ways.slow).await;
    for (outcome, books, _) in [&fast, &slow] {
        prop_assert!(books.live.is_some(), "the maker is dead: {outcome:?}");
        if let Outcome::Failure(_, dead) = outcome {
            // Whoever called a dead component is dead.
            prop_assert!(dead.iter().any(|name| name == "relay"), "{outcome:?}");
        }
    }
    if fault.overlaps() {
        return Ok(());
    }
    prop_assert_eq!(&fast, &slow);
    // What `relay` has in memory is the same in one store. Where `echo` has
    // its values is wasmtime's choice, and so are the words for what is wrong.
    if guest == "relay" && !fault.counts_requests() {
        let fused = call(&ways.fused).await;
        let same = match (&fast.0, &fused.0) {
            (Outcome::Failure(..), Outcome::Failure(..)) => true,
            _ => fast.0 == fused.0,
        };
        prop_assert!(same, "fast: {fast:?}\nfused: {fused:?}");
    }
    Ok(())
}
