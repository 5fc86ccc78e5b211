//! The size of values that cross in one call.

use composer::runtime::Limits;
use composer::{
    CallError, ComposableDescriptor, Composer, Composition, DeathCause, Limit, LimitExceeded,
};

use super::{alone, call, exceeded, wat};

const FLOOD: &str = include_str!("../wat/flood.wat");
const BASIN: &str = include_str!("../wat/basin.wat");

const SIZE: u32 = 100_000;

fn limits() -> Limits {
    Limits::default().with_value_size(SIZE as usize)
}

/// The same component on an engine of either kind.
fn on_either(text: &str) -> [String; 2] {
    let concurrent = text.replacen("(component", "(component (type (func async))", 1);
    [text.to_owned(), concurrent]
}

/// Both components, each with limits of its own.
async fn both(flood: (&str, Limits), basin: (&str, Limits)) -> Composition {
    let mut composer = Composer::new();
    for (name, (text, limits)) in [("flood", flood), ("basin", basin)] {
        let part = wat(text).await.part().with_limits(limits);
        composer.add(ComposableDescriptor::new(name, part));
    }
    composer.compose().await.unwrap()
}

fn assert_at(exceeded: &LimitExceeded, component: &str, function: &str) {
    assert_eq!(exceeded.allowed, u64::from(SIZE));
    let site = exceeded.site.as_ref().unwrap();
    assert_eq!((&*site.component, &*site.function), (component, function));
}

/// The failed import that ended `flood`.
fn import(error: &CallError) -> &CallError {
    let CallError::Failed { death, .. } = error else {
        panic!("{error}");
    };
    assert_eq!((&*death.component, death.limit()), ("flood", None));
    match &death.cause {
        DeathCause::Import(import) => import,
        _ => panic!("{error}"),
    }
}

/// Only what crosses in bulk is measured before it is too much.
fn in_bulk(bytes: u32) -> Option<u64> {
    cfg!(feature = "fast-transfer").then_some(bytes.into())
}

/// To the embedder values cross one by one: a byte takes 40 bytes of the host.
#[tokio::test]
async fn results_for_the_embedder() {
    for text in on_either(BASIN) {
        let guest = alone(wat(&text).await.part().with_limits(limits())).await;
        call(&guest, "give", [2_000u32.into()]).await.unwrap();
        let error = call(&guest, "give", [10_000u32.into()]).await.unwrap_err();
        let exceeded = exceeded(&error, Limit::ValueSize, "give");
        assert_eq!(exceeded.wanted, None);
        assert_at(&exceeded, "guest", "give");
        assert_eq!(
            error.to_string(),
            "call of `give` of component `guest` failed: component `guest` ran into a limit: \
             more bytes of values in one call wanted than the 100000 allowed, in `give` of \
             component `guest`; raise it with `Limits::with_value_size`"
        );
    }
}

/// Who sends too much ends, and not who would have got it.
#[tokio::test]
async fn arguments_over_an_edge() {
    let ways = [
        ("send", SIZE + 1, in_bulk(SIZE + 1)),
        ("send-wide", 10_000, None),
    ];
    for text in on_either(FLOOD) {
        for (way, too_much, wanted) in ways {
            let composition = both((&text, limits()), (BASIN, Limits::default())).await;
            let enough = if wanted.is_some() { SIZE } else { 2_000 };
            call(&composition, way, [enough.into()]).await.unwrap();
            let error = call(&composition, way, [too_much.into()])
                .await
                .unwrap_err();
            let exceeded = exceeded(&error, Limit::ValueSize, way);
            assert_eq!(exceeded.wanted, wanted);
            assert_at(&exceeded, "flood", way);
            call(&composition, "give", [1u32.into()]).await.unwrap();
        }
    }
}

#[tokio::test]
async fn results_over_an_edge() {
    for text in on_either(BASIN) {
        let composition = both((FLOOD, Limits::default()), (&text, limits())).await;
        call(&composition, "fetch", [2_000u32.into()])
            .await
            .unwrap();
        let too_much = (SIZE + 1).into();
        let error = call(&composition, "fetch", [too_much]).await.unwrap_err();
        // It ended because its callee did.
        let exceeded = exceeded(import(&error), Limit::ValueSize, "give");
        // The eight bytes are where the list says where it is.
        assert_eq!(exceeded.wanted, in_bulk(SIZE + 9));
        assert_at(&exceeded, "basin", "give");
    }
}

/// What a component with limits of its own is told of another one's.
#[tokio::test]
async fn of_another_component() {
    let composition = both((FLOOD, limits()), (BASIN, limits().with_value_size(50_000))).await;
    let error = call(&composition, "fetch", [60_000u32.into()])
        .await
        .unwrap_err();
    let exceeded = exceeded(import(&error), Limit::ValueSize, "give");
    assert_eq!(exceeded.allowed, 50_000);
}

/// An error of the same place that is not about the limit.
#[tokio::test]
async fn bad_values_are_no_large_ones() {
    let text = BASIN.replace("(local.get $n))", "(i32.const -1))");
    let guest = alone(wat(&text).await.part().with_limits(limits())).await;
    let error = call(&guest, "give", [1u32.into()]).await.unwrap_err();
    let CallError::Failed { death, .. } = &error else {
        panic!("{error}");
    };
    assert!(matches!(death.cause, DeathCause::Other(_)), "{error}");
}

/// Strings whose encoding wasmtime changes on the way.
#[tokio::test]
async fn strings_that_are_not_utf_8() {
    const GIVES: &str = r#"(component
        (core module $m
            (memory (export "memory") 4)
            (func (export "give") (param i32) (result i32)
                (i32.store (i32.const 0) (i32.const 16))
                (i32.store (i32.const 4) (local.get 0))
                (i32.const 0)))
        (core instance $i (instantiate $m))
        (func (export "text") (param "n" u32) (result string)
            (canon lift (core func $i "give") string-encoding=utf16
                (memory (core memory $i "memory")))))"#;
    const ASKS: &str = r#"(component
        (import "text" (func $text (param "n" u32) (result string)))
        (core module $memory
            (memory (export "memory") 4)
            (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64)))
        (core instance $memory (instantiate $memory))
        (core func $text (canon lower (func $text)
            (memory (core memory $memory "memory"))
            (realloc (core func $memory "realloc"))))
        (core module $m
            (import "" "text" (func $text (param i32 i32)))
            (func (export "ask") (param i32) (call $text (local.get 0) (i32.const 0))))
        (core instance $i (instantiate $m (with "" (instance (export "text" (func $text))))))
        (func (export "ask") (param "n" u32) (canon lift (core func $i "ask"))))"#;
    // In the compact encoding the text has a byte for a character.
    for (encoding, characters, bytes) in [("utf16", 60_000, 120_000), ("latin1+utf16", SIZE, SIZE)]
    {
        let gives = GIVES.replace("utf16", encoding);
        let mut composer = Composer::new();
        for (name, text, limits) in [
            ("basin", &*gives, limits()),
            ("flood", ASKS, Limits::default()),
        ] {
            let part = wat(text).await.part().with_limits(limits);
            composer.add(ComposableDescriptor::new(name, part));
        }
        let composition = composer.compose().await.unwrap();
        let ask = composition.get_func(None, "ask").unwrap();
        ask.call_owned([20_000u32.into()]).await.unwrap();
        let error = ask.call_owned([characters.into()]).await.unwrap_err();
        let exceeded = exceeded(import(&error), Limit::ValueSize, "text");
        // With the eight bytes that say where the string is.
        assert_eq!(exceeded.wanted, in_bulk(bytes + 8), "{encoding}");
    }
}
