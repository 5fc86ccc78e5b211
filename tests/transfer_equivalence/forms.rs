//! Values cross in bulk exactly as they cross one `Val` at a time.

use composer::{ComposableDescriptor, Composer, Composition, Value};
use proptest::test_runner::{TestCaseError, TestRunner};
use wasmtime::component::Val;

use crate::support::arbitrary::{any_vals, together};
use crate::support::property::{Bounded, cases};
use crate::support::wat::wat_part;
use crate::support::{edge, engine};

const ECHO: &str = "test:values/echo@0.1.0";
const ECHO_ASYNC: &str = "test:values/echo-async@0.1.0";

fn functions() -> Vec<(&'static str, String)> {
    let chain = crate::support::chain::Chain::new(engine(), &["values", "values-relay"]);
    let functions = chain.functions().into_iter();
    functions
        .map(|f| {
            (
                if f.interface == ECHO {
                    ECHO
                } else {
                    ECHO_ASYNC
                },
                f.name,
            )
        })
        .collect()
}

async fn answer(
    composition: &Composition,
    interface: &str,
    name: &str,
    args: &[Val],
) -> Option<Val> {
    let func = composition.get_func(Some(interface), name).unwrap();
    let mut results = vec![Val::Bool(false); usize::from(func.result().is_some())];
    func.call(args, &mut results).await.unwrap();
    results.pop()
}

#[test]
fn at_the_edges_and_at_random() {
    let runtime = Bounded::new();
    let ways = async { (edge::fast().await, edge::late().await, edge::slow().await) };
    let (fast, late, slow) = runtime.block_on(ways);
    for (interface, name) in functions() {
        let func = fast.get_func(Some(interface), &name).unwrap();
        let check = |args: &[Val]| {
            let (fast, late, slow) = runtime.block_on(async {
                let fast = answer(&fast, interface, &name, args).await;
                let late = answer(&late, interface, &name, args).await;
                (fast, late, answer(&slow, interface, &name, args).await)
            });
            match fast == slow && late == slow {
                true => Ok(()),
                false => Err(TestCaseError::fail(format!(
                    "{name} of {args:?}\n  fast: {fast:?}\n  late: {late:?}\n  slow: {slow:?}"
                ))),
            }
        };
        for args in together(func.params().iter().map(|(_, ty)| ty)) {
            check(&args).unwrap();
        }
        let args = any_vals(func.params().iter().map(|(_, ty)| ty));
        let outcome = TestRunner::new(cases(64)).run(&args, |args| check(&args));
        outcome.unwrap_or_else(|error| panic!("{error}"));
    }
}

/// A NaN keeps its bits, in a list of numbers and in a record.
#[test]
fn every_bit_of_a_nan() {
    let nans = [0x7ff0_0000_0000_0001, 0xfff8_dead_beef_0001, u64::MAX];
    Bounded::new().block_on(async {
        for composition in [edge::fast().await, edge::late().await, edge::slow().await] {
            let func = composition.get_func(Some(ECHO), "echo-floats").unwrap();
            let list = nans.map(|bits| Value::F64(f64::from_bits(bits)));
            let answer = func.call_owned([Value::List(list.into())]).await.unwrap();
            let Some(Value::List(list)) = answer else {
                panic!("{answer:?}")
            };
            for (value, bits) in list.iter().zip(nans) {
                assert!(matches!(value, Value::F64(f) if f.to_bits() == bits));
            }
        }
    });
}

/// What wasmtime allows to be copied for a call by default is enough for 16 MiB
/// of bytes, there and back, but not of `Val`s.
#[cfg(feature = "fast-transfer")]
#[test]
fn long_lists() {
    Bounded::new().block_on(async {
        let mut composer = Composer::new();
        composer.add(ComposableDescriptor::new(
            "values",
            crate::support::part("values"),
        ));
        composer.add(ComposableDescriptor::new("pump", wat_part("pump", |_| ())));
        let composition = composer.compose().await.unwrap();
        let bytes = composition.get_func(None, "bytes").unwrap();
        let size = 16 << 20;
        let answer = bytes.call_owned([Value::U32(size), Value::U32(2)]).await;
        assert_eq!(answer.unwrap(), Some(Value::U32(size)));
    });
}

/// Arguments that are too many for slots, and results that are.
#[test]
fn wide() {
    Bounded::new().block_on(async {
        let mut composer = Composer::new();
        composer.add(ComposableDescriptor::new("wide", wat_part("wide", |_| ())));
        composer.add(ComposableDescriptor::new(
            "widen",
            wat_part("widen", |_| ()),
        ));
        let composition = composer.compose().await.unwrap();
        let widen = composition.get_func(None, "widen").unwrap();
        let letters = (1..=9).map(|i| i * (96 + i)).sum::<u32>();
        let answer = widen.call_owned([]).await.unwrap();
        assert_eq!(answer, Some(Value::U32(letters + u32::from(b'i'))));
    });
}
