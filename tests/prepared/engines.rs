//! The choice of the engine for a component, and compositions across engines.

use composer::{ComposableDescriptor, Composer, Composition, Engines, LoadError, Value};
use wasmtime::Config;
use wasmtime::component::Component;

use super::apply;
use crate::support::counters::{Counters, RELAY, own, within};
use crate::support::{guest, guest_path};

const TRANSFORM: &str = "test:text/transform@0.1.0";

fn engines() -> Engines {
    Engines::new().unwrap()
}

#[track_caller]
fn is_concurrent(engines: &Engines, text: &str) -> bool {
    let component = engines.component_from_bytes("a test", text.as_bytes());
    component.unwrap().engine().get_concurrency_support()
}

#[test]
fn guests_get_the_engine_that_suits_them() {
    let engines = engines();
    for (name, expected) in [
        ("text-base", false),
        ("counters", false),
        ("counters-c", false),
        ("wasi-probe", false),
        ("steps", true),
        ("hostile", true),
        ("wasi-later", true),
    ] {
        let component = engines.load_component(guest_path(name)).unwrap();
        let found = component.engine().get_concurrency_support();
        assert_eq!(found, expected, "{name}");
    }
}

/// What of the async component model a component can have, in its types or
/// only inside.
#[test]
fn whatever_needs_concurrency_gets_it() {
    let engines = engines();
    for (what, text) in [
        ("an async import", r#"(import "f" (func async))"#),
        (
            "an async function in an interface",
            r#"(import "a:b/c" (instance (export "f" (func async))))"#,
        ),
        ("a stream", r#"(import "f" (func (result (stream u8))))"#),
        ("a future", r#"(import "f" (func (result (future))))"#),
        ("a builtin", "(core func (canon waitable-set.new))"),
        ("backpressure", "(core func (canon backpressure.inc))"),
        (
            "a builtin of a component inside",
            "(component (component (core func (canon waitable-set.new))))",
        ),
    ] {
        assert!(
            is_concurrent(&engines, &format!("(component {text})")),
            "{what}"
        );
    }
    for (what, text) in [
        ("nothing", ""),
        ("a plain import", r#"(import "f" (func (param "n" u32)))"#),
        (
            "a plain lowering",
            r#"(import "f" (func $f)) (core func (canon lower (func $f)))"#,
        ),
    ] {
        assert!(
            !is_concurrent(&engines, &format!("(component {text})")),
            "{what}"
        );
    }
}

#[test]
fn what_no_engine_takes_is_said_once() {
    let engines = engines();
    let error = engines.component_from_bytes("a test", b"(component (import))");
    let error = error.unwrap_err();
    assert!(matches!(&error, LoadError::Invalid { origin, .. } if origin == "a test"));
    let core = engines.component_from_bytes("a test", b"\0asm\x01\0\0\0");
    assert!(matches!(core.unwrap_err(), LoadError::CoreModule { .. }));
    let missing = engines.load_component("no-such.wasm").unwrap_err();
    assert!(matches!(missing, LoadError::Read { .. }));
}

#[test]
fn they_are_configured_alike() {
    // An engine without concurrency support cannot have these: the other has.
    let mut config = Config::new();
    config
        .consume_fuel(true)
        .wasm_component_model_async(true)
        .wasm_component_model_error_context(true);
    let engines = Engines::with_config(&config).unwrap();
    assert_eq!(engines.all().count(), 2);
    assert!(engines.all().all(|engine| engine.get_consume_fuel()));
    assert!(is_concurrent(
        &engines,
        r#"(component (import "f" (func (param "e" error-context))))"#
    ));
}

#[test]
fn a_configuration_that_wasmtime_refuses() {
    let mut config = Config::new();
    config.max_wasm_stack(0);
    let error = Engines::with_config(&config).err().unwrap();
    assert!(matches!(error, LoadError::Engine { .. }));
    assert_eq!(
        error.to_string(),
        "cannot make an engine: max_wasm_stack size cannot be zero"
    );
}

/// The guest for an engine without concurrency support, or for one with it.
fn component(name: &str, concurrent: bool) -> Component {
    match concurrent {
        true => guest(name),
        false => {
            let component = engines().load_component(guest_path(name)).unwrap();
            assert!(!component.engine().get_concurrency_support());
            component
        }
    }
}

/// `text-base`, `text-upper` and `text-exclaim` in a row.
async fn row(concurrent: [bool; 3]) -> Composition {
    let [base, upper, exclaim] = concurrent;
    let mut composer = Composer::new();
    composer
        .add(ComposableDescriptor::new(
            "base",
            component("text-base", base),
        ))
        .add(
            ComposableDescriptor::new("upper", component("text-upper", upper))
                .with_import_hint(TRANSFORM, "base"),
        )
        .add(
            ComposableDescriptor::new("exclaim", component("text-exclaim", exclaim))
                .with_import_hint(TRANSFORM, "upper"),
        )
        .with_export_hint(TRANSFORM, "exclaim");
    composer.prepare().unwrap().compose().await.unwrap()
}

/// From an engine with concurrency support to one without, and back.
#[tokio::test]
async fn plain_calls_go_both_ways() {
    within(async {
        for concurrent in [[true, false, true], [false, true, false], [false; 3]] {
            let composition = row(concurrent).await;
            let answers = (0..20).map(|_| apply(&composition, " hi "));
            for answer in futures::future::join_all(answers).await {
                assert_eq!(answer.unwrap(), "HI!".into());
            }
        }
    })
    .await;
}

/// The counters live on one engine, and those who use them on the other.
#[tokio::test]
async fn resources_go_both_ways() {
    for concurrent in [true, false] {
        let mut composer = Composer::new();
        composer
            .add(ComposableDescriptor::new(
                "owner",
                component("counters", concurrent),
            ))
            .add(ComposableDescriptor::new(
                "relay",
                component("counters-relay", !concurrent),
            ));
        within(async {
            let counters = Counters::run(composer).await;
            let made = counters.call("relay", RELAY, "make", [40u32.into()]);
            let counter = own(made.await);
            assert_eq!(counters.value(&counter).await, 40);
            let borrow = [counter.borrow().into()];
            let lent = counters.call("relay", RELAY, "pass-borrow", borrow);
            assert_eq!(lent.await, 40u32.into());
            let passed = counters.call("relay", RELAY, "pass-own", [Value::Own(counter)]);
            let counter = own(passed.await);
            assert_eq!(counters.live().await, 1);
            drop(counter);
            counters.none_left().await;
        })
        .await;
    }
}

/// `hostile` needs concurrency, and `text-base` does not.
#[tokio::test]
async fn one_of_each_in_one_composition() {
    let engines = engines();
    let mut composer = Composer::new();
    for name in ["hostile", "text-base"] {
        let component = engines.load_component(guest_path(name)).unwrap();
        composer.add(ComposableDescriptor::new(name, component));
    }
    let composition = composer.compose().await.unwrap();
    assert_eq!(apply(&composition, " hi ").await.unwrap(), "hi".into());
}
