//! Lookups of functions, and calls that are refused before anything runs.

use composer::{CallError, ComposableDescriptor, Composer, ExportError, LookupError, Value};
use wasmtime::component::Val;

use crate::support::{call, compose, engine, part};

const CHECKOUT: &str = "shop:till/checkout";

#[tokio::test]
async fn a_function_has_its_types() {
    let composition = compose(&["catalog", "till", "tax-eu"]).await;
    let total = composition.get_func(Some(CHECKOUT), "total").unwrap();
    assert_eq!(
        format!("{total:?}"),
        "`shop:till/checkout@1.0.0#total` of component `till`: \
         func(basket: list<record { sku: string, quantity: u32 }>) -> \
         result<record { lines: list<string>, net: u32, tax: u32, total: u32, region: string }, \
         variant { unknown-sku(string), empty }>"
    );
    assert_eq!(total.params()[0].0, "basket");
    assert!(total.result().is_some());
}

#[tokio::test]
async fn an_interface_is_found_by_any_name_that_means_it() {
    let composition = compose(&["catalog", "till", "tax-eu"]).await;
    for name in [
        "shop:till/checkout",
        "shop:till/checkout@1.0.0",
        "shop:till/checkout@1.4.0",
    ] {
        composition.get_func(Some(name), "total").unwrap();
        composition
            .component("till")
            .unwrap()
            .get_func(Some(name), "total")
            .unwrap();
    }
    composition
        .get_func(Some("shop:till/checkout@2.0.0"), "total")
        .unwrap_err();
}

#[tokio::test]
async fn a_misspelt_name_is_answered_with_the_right_one() {
    let composition = compose(&["catalog", "till", "tax-eu"]).await;
    let text = |error: LookupError| error.to_string();
    let error = text(
        composition
            .get_func(Some("shop:till/chekout@1.0.0"), "total")
            .unwrap_err(),
    );
    assert!(error.contains("`shop:till/checkout@1.0.0`"), "{error}");
    let error = text(composition.get_func(Some(CHECKOUT), "totl").unwrap_err());
    assert!(error.contains("did you mean `total`?"), "{error}");
    let error = text(composition.component("til").err().unwrap());
    assert!(error.contains("did you mean `till`?"), "{error}");
}

#[tokio::test]
async fn what_several_export_needs_a_hint_or_a_component() {
    let shop = |hint: Option<&str>| {
        let mut composer = Composer::new();
        composer
            .add(ComposableDescriptor::new("eu", part("tax-eu")))
            .add(ComposableDescriptor::new("us", part("tax-us")));
        if let Some(hint) = hint {
            composer.with_export_hint("shop:tax/rates@1.0.0", hint);
        }
        composer.compose()
    };
    let composition = shop(None).await.unwrap();
    let error = composition
        .get_func(Some("shop:tax/rates"), "region")
        .unwrap_err()
        .to_string();
    assert!(
        error.contains(".with_export_hint(\"shop:tax/rates@1.0.0\", \"eu\")"),
        "{error}"
    );
    let us = composition.component("us").unwrap();
    let region = us.get_func(Some("shop:tax/rates"), "region").unwrap();
    assert_eq!(region.call_owned([]).await.unwrap(), Some("US".into()));

    let composition = shop(Some("eu")).await.unwrap();
    assert_eq!(
        call(&composition, "shop:tax/rates", "region", []).await,
        "EU".into()
    );
}

#[tokio::test]
async fn wrong_arguments_are_refused_and_the_store_lives_on() {
    let composition = compose(&["catalog", "till", "tax-eu"]).await;
    let total = composition.get_func(Some(CHECKOUT), "total").unwrap();

    let error = total.call_owned([]).await.unwrap_err();
    assert!(
        matches!(
            error,
            CallError::Arity {
                expected: 1,
                found: 0,
                ..
            }
        ),
        "{error}"
    );
    let error = total.call(&[Val::List(vec![])], &mut []).await.unwrap_err();
    assert!(
        matches!(
            error,
            CallError::Arity {
                what: "results",
                expected: 1,
                found: 0,
                ..
            }
        ),
        "{error}"
    );

    let line = Value::Record(vec![
        ("sku".into(), "apple".into()),
        ("quantity".into(), "three".into()),
    ]);
    let error = total
        .call_owned([Value::List(vec![line])])
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "`shop:till/checkout@1.0.0#total` of component `till`: \
         parameter `basket`[0].quantity must be u32, not string"
    );
    let mut results = [Val::Bool(false)];
    total
        .call(&[Val::List(vec![])], &mut results)
        .await
        .unwrap();
    let empty = Val::Variant("empty".into(), None);
    assert_eq!(results[0], Val::Result(Err(Some(Box::new(empty)))));
}

#[tokio::test]
async fn functions_with_resources_need_owned_values() {
    let composition = compose(&["counters"]).await;
    let make = composition
        .get_func(Some("test:resources/counters"), "make-list")
        .unwrap();
    let error = make
        .call(&[Val::U32(1)], &mut [Val::Bool(false)])
        .await
        .unwrap_err();
    assert!(matches!(error, CallError::NeedsOwned { .. }), "{error}");
}

#[tokio::test]
async fn every_wrong_shape_is_refused() {
    let composition = compose(&["values"]).await;
    let values = composition.component("values").unwrap();
    let interface = "test:values/echo";
    let wrong: [(&str, Value); 12] = [
        ("echo-u8", Value::U16(1)),
        ("echo-string", Value::Char('x')),
        ("echo-string", Value::Enum(String::new())),
        ("echo-enum", Value::Enum("no-such".into())),
        ("echo-enum", Value::Enum(String::new())),
        ("echo-flags", Value::Flags(vec!["no-such".into()])),
        ("echo-variant", Value::Variant("no-such".into(), None)),
        ("echo-tuple", Value::Tuple(vec![])),
        ("echo-record", Value::Record(vec![])),
        (
            "echo-option-option",
            Value::Option(Some(Box::new(Value::U32(1)))),
        ),
        ("echo-result", Value::Result(Ok(None))),
        (
            "echo-result-unit",
            Value::Result(Ok(Some(Box::new(Value::U32(1))))),
        ),
    ];
    for (name, value) in wrong {
        let shown = format!("{name} {value:?}");
        let func = values.get_func(Some(interface), name).unwrap();
        let error = func.call_owned([value]).await.unwrap_err();
        assert!(matches!(error, CallError::Type { .. }), "{shown}: {error}");
    }
    assert_eq!(
        call(&composition, interface, "echo-u8", [1u8.into()]).await,
        Value::U8(1)
    );
}

/// One component in three versions of one interface: the composition and the
/// component's own handle find the same one.
#[tokio::test]
async fn versions_of_one_interface() {
    let answer = |n: u32| {
        format!(
            r#"(core module $m{n} (func (export "f") (result i32) i32.const {n}))
            (core instance $i{n} (instantiate $m{n}))
            (func $f{n} (result u32) (canon lift (core func $i{n} "f")))
            (instance $e{n} (export "f" (func $f{n})))"#
        )
    };
    let text = format!(
        r#"(component {} {} {}
            (export "a:b/c@0.1.0" (instance $e1))
            (export "a:b/c@0.1.2" (instance $e2))
            (export "a:b/c@0.2.0" (instance $e3)))"#,
        answer(1),
        answer(2),
        answer(3)
    );
    let component = wasmtime::component::Component::new(engine(), text).unwrap();
    let linker = wasmtime::component::Linker::new(engine());
    let store = || wasmtime::Store::new(engine(), ());
    let mut composer = Composer::new();
    let part = composer::ComposableComponent::new(component, linker, store);
    composer.add(ComposableDescriptor::new("c", part));
    let composition = composer.compose().await.unwrap();
    let component = composition.component("c").unwrap();

    for (name, expected) in [("a:b/c@0.1.0", 1), ("a:b/c@0.1.1", 2), ("a:b/c@0.2.7", 3)] {
        for func in [
            composition.get_func(Some(name), "f"),
            component.get_func(Some(name), "f"),
        ] {
            let result = func.unwrap().call_owned([]).await.unwrap();
            assert_eq!(result, Some(Value::U32(expected)), "{name}");
        }
    }
    let unclear = composition.get_func(Some("a:b/c"), "f").unwrap_err();
    assert!(
        matches!(unclear, LookupError::Export(ExportError::Unclear { .. })),
        "{unclear}"
    );
    assert_eq!(component.get_func(Some("a:b/c"), "f").unwrap_err(), unclear);
}
