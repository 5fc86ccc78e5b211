//! Exports that a filter hides, which no path reaches.

use composer::{
    ComposableDescriptor, Composer, CompositionError, ExportFilter, LookupError, PlanErrors,
};

use crate::support::{call, part};

const RATES: &str = "shop:tax/rates";

fn plan_errors(composer: &Composer) -> PlanErrors {
    match composer.plan().unwrap_err() {
        CompositionError::Plan(errors) => errors,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_hidden_interface() {
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new(
        "steps-like",
        part("tax-eu").hiding(&[RATES]),
    ));
    let composition = composer.compose().await.unwrap();
    composition.get_func(Some(RATES), "region").unwrap_err();
    let component = composition.component("steps-like").unwrap();
    component.get_func(Some(RATES), "region").unwrap_err();
    assert_eq!(component.exports().len(), 0);
}

#[tokio::test]
async fn a_hidden_function_inside_an_interface() {
    let mut composer = Composer::new();
    let tax = part("tax-eu").hiding(&["shop:tax/rates#region"]);
    composer.add(ComposableDescriptor::new("tax", tax));
    let composition = composer.compose().await.unwrap();
    let error = composition.get_func(Some(RATES), "region").unwrap_err();
    assert!(matches!(error, LookupError::Function { .. }), "{error}");
    call(&composition, RATES, "rate", ["apple".into()]).await;
}

#[tokio::test]
async fn a_hidden_function_that_another_component_needs() {
    let mut composer = Composer::new();
    let tax = part("tax-eu").hiding(&["shop:tax/rates#region"]);
    composer
        .add(ComposableDescriptor::new("tax", tax))
        .add(ComposableDescriptor::new("catalog", part("catalog")))
        .add(ComposableDescriptor::new("till", part("till")));
    let errors = plan_errors(&composer).to_string();
    for word in ["`till`", "`tax`", "shop:tax/rates@1.0.0", "region", "hid"] {
        assert!(errors.contains(word), "{word} is not in: {errors}");
    }
}

#[tokio::test]
async fn only_what_is_exposed() {
    let mut composer = Composer::new();
    let values = part("values").exposing(&["test:values/echo#echo-u8"]);
    composer.add(ComposableDescriptor::new("values", values));
    let composition = composer.compose().await.unwrap();
    call(&composition, "test:values/echo", "echo-u8", [1u8.into()]).await;
    composition
        .get_func(Some("test:values/echo"), "echo-u16")
        .unwrap_err();
    composition
        .get_func(Some("test:values/echo-async"), "echo-string")
        .unwrap_err();
}

#[tokio::test]
async fn whatever_a_closure_keeps() {
    let mut composer = Composer::new();
    let values = part("values").filter_exports(|interface, function| {
        interface.starts_with("test:values/echo@") && function.is_none_or(|f| f.ends_with("8"))
    });
    composer.add(ComposableDescriptor::new("values", values));
    let composition = composer.compose().await.unwrap();
    call(&composition, "test:values/echo", "echo-s8", [1i8.into()]).await;
    composition
        .get_func(Some("test:values/echo"), "echo-u16")
        .unwrap_err();
    composition
        .get_func(Some("test:values/echo-async"), "echo-string")
        .unwrap_err();
}

#[tokio::test]
async fn filters_add_up() {
    let mut composer = Composer::new();
    let values = part("values")
        .exposing(&["test:values/echo"])
        .hiding(&["test:values/echo@0.1.0#echo-u8"]);
    composer.add(ComposableDescriptor::new("values", values));
    let composition = composer.compose().await.unwrap();
    composition
        .get_func(Some("test:values/echo"), "echo-u8")
        .unwrap_err();
    composition
        .get_func(Some("test:values/echo"), "echo-u16")
        .unwrap();
}

#[test]
fn a_filter_that_names_nothing_is_an_error() {
    let mut composer = Composer::new();
    composer
        .add(ComposableDescriptor::new(
            "one",
            part("tax-eu").hiding(&["shop:tax/rate"]),
        ))
        .add(ComposableDescriptor::new(
            "two",
            part("till").exposing(&["totl"]),
        ));
    let CompositionError::Parts(errors) = composer.plan().unwrap_err() else {
        panic!("not about parts");
    };
    assert_eq!(errors.errors().len(), 2);
    let text = errors.to_string();
    for word in [
        "`one`",
        "`shop:tax/rate`",
        "shop:tax/rates",
        "`two`",
        "`totl`",
    ] {
        assert!(text.contains(word), "{word} is not in: {text}");
    }
}
