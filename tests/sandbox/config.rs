//! Configuration values: each component reads its own.

use composer::runtime::Grants;
use composer::wasi::WasiComponent;
use composer::{ComposableDescriptor, Composer, Composition, Value};

use crate::support::guest;
use crate::support::sandbox::loaded;

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

fn some(value: &str) -> Option<Value> {
    Some(Value::Option(Some(Box::new(text(value)))))
}

/// What the component of this name reads.
async fn read(composition: &Composition, component: &str, key: &str) -> Option<Value> {
    let component = composition.component(component).unwrap();
    let value = component.get_func(None, "value").unwrap();
    value.call_owned(vec![text(key)]).await.unwrap()
}

#[tokio::test]
async fn each_component_reads_its_own() {
    let configured = loaded("configured").await;
    let eu = Grants::none()
        .with_config("currency", "DM")
        .with_config("currency", "EUR")
        .with_config("empty", "");
    let us = Grants::none().with_config("currency", "USD");
    let mut composer = Composer::new();
    composer
        .add(ComposableDescriptor::new(
            "eu",
            configured.part().with_grants(eu),
        ))
        .add(ComposableDescriptor::new(
            "us",
            configured.part().with_grants(us),
        ))
        .add(ComposableDescriptor::new("none", configured.part()));
    let composition = composer.compose().await.unwrap();
    assert_eq!(read(&composition, "eu", "currency").await, some("EUR"));
    assert_eq!(read(&composition, "us", "currency").await, some("USD"));
    let nothing = Some(Value::Option(None));
    assert_eq!(read(&composition, "none", "currency").await, nothing);
    assert_eq!(read(&composition, "eu", "region").await, nothing);

    let eu = composition.component("eu").unwrap();
    let all = eu
        .get_func(None, "values")
        .unwrap()
        .call_owned(Vec::new())
        .await;
    let pair = |key, value| Value::Tuple(vec![text(key), text(value)]);
    let pairs = vec![pair("currency", "EUR"), pair("empty", "")];
    assert_eq!(all.unwrap(), Some(Value::List(pairs)));
}

#[tokio::test]
async fn outside_of_a_runtime() {
    let part = WasiComponent::new(guest("configured")).with_config("currency", "CHF");
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("it", part));
    let composition = composer.compose().await.unwrap();
    assert_eq!(read(&composition, "it", "currency").await, some("CHF"));
}
