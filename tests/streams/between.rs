//! Between two components: what is written is what is read.

use composer::Value;

use crate::streams::{USER, call, fused, isolated, sum};

/// Functions of the user with their arguments and what they return.
pub(super) fn cases() -> Vec<(&'static str, Vec<Value>, Value)> {
    let pair = |a: Value, b: Value| Value::Tuple(vec![a, b]);
    let mut cases = vec![
        ("count-ticks", vec![1000u32.into()], Value::U32(1000)),
        ("sum-tokens", vec![50u32.into()], Value::U32(49 * 50 / 2)),
        ("drop-tokens", vec![50u32.into()], Value::U32(1)),
        ("await-later", vec!["soon".into()], "soon".into()),
        (
            "receive",
            vec!["parcel".into(), 10_000u32.into()],
            pair("parcel".into(), 10_000u32.into()),
        ),
        ("unbundle", vec![500u32.into()], Value::U32(2000)),
        ("give", vec![10_000u32.into()], Value::U64(sum(10_000))),
        (
            "give-readings",
            vec![100u32.into()],
            pair(4950.0.into(), Value::U32(150)),
        ),
        ("give-later", vec!["again".into()], "againagain".into()),
        ("boomerang", vec![10_000u32.into()], Value::U64(sum(10_000))),
        ("home", vec![10_000u32.into()], Value::U64(sum(10_000))),
        ("boomerang-later", vec!["back".into()], "back".into()),
        (
            "many",
            vec![200u32.into(), 5000u32.into()],
            Value::U64(1_000_000),
        ),
        ("leave", vec![200u32.into()], Value::U32(200)),
        ("lengths", vec![0u32.into()], Value::List(Vec::new())),
        ("lengths", vec![5u32.into()], vec![0u32, 1, 2, 3, 4].into()),
    ];
    for first in [0u32, 1, 99, 100, 101, 5000, 9999] {
        let args = vec![10_000u32.into(), first.into()];
        cases.push(("home-half", args, Value::U64(sum(10_000))));
    }
    for (count, chunk, read) in [
        (0u64, 10u32, 10u32),
        (1, 10, 10),
        (10_000, 1, 7),
        (10_000, 7, 1),
        (100_000, 100, 4096),
        (100_000, 4096, 100),
        (3_000_000, 1_000_000, 65_536),
        (3_000_000, 65_536, 1_000_000),
    ] {
        let args = vec![count.into(), chunk.into(), read.into()];
        cases.push(("check-bytes", args, Value::U64(count)));
    }
    for count in [0u32, 1, 2, 1000, 20_000] {
        cases.push(("check-readings", vec![count.into()], Value::U32(count)));
    }
    for (count, chunk, read) in [
        (0u32, 1u32, 1u32),
        (1000, 1, 3),
        (1000, 3, 1),
        (50_000, 9000, 700),
    ] {
        let args = vec![count.into(), chunk.into(), read.into()];
        cases.push(("check-points", args, Value::U32(count)));
    }
    cases.retain(|(function, ..)| crosses(function));
    cases
}

/// Whether the items that a function passes cross in this build: without `fast-transfer`,
/// they need a Rust type of their own.
fn crosses(function: &str) -> bool {
    let others = [
        "sum-tokens",
        "drop-tokens",
        "receive",
        "give-readings",
        "lengths",
        "check-readings",
        "check-points",
    ];
    cfg!(feature = "fast-transfer") || !others.contains(&function)
}

/// What does not cross is refused by name, and everything else works.
#[cfg(not(feature = "fast-transfer"))]
#[tokio::test]
async fn other_items_are_refused() {
    let composition = isolated().await;
    let error = call(&composition, USER, "check-readings", [1u32.into()]).await;
    let error = error.unwrap_err();
    let composer::CallError::Refused { site, .. } = error.root() else {
        panic!("{error}");
    };
    assert_eq!(site.function, "readings");
    assert!(error.to_string().contains("`fast-transfer`"), "{error}");
}

#[tokio::test]
async fn everything_crosses() {
    let composition = isolated().await;
    for (function, args, expected) in cases() {
        println!("{function}({args:?})");
        let found = call(&composition, USER, function, args).await.unwrap();
        assert_eq!(found, expected, "{function}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_crosses_between_threads() {
    let composition = isolated().await;
    for (function, args, expected) in cases() {
        println!("{function}({args:?})");
        let found = call(&composition, USER, function, args).await.unwrap();
        assert_eq!(found, expected, "{function}");
    }
}

#[tokio::test]
async fn one_store_gives_the_same() {
    let composition = fused().await;
    // wasmtime moves nothing but numbers from a component instance to itself.
    let possible = |function| function != "boomerang-later";
    for (function, args, expected) in cases().into_iter().filter(|case| possible(case.0)) {
        let found = call(&composition, USER, function, args).await.unwrap();
        assert_eq!(found, expected, "{function}");
    }
}
