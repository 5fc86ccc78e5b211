//! Calls across stores.

use composer::{ComposableDescriptor, Composer, Value};

use crate::support::{call, compose, part};

#[tokio::test]
async fn shop() {
    let composition = compose(&["catalog", "till", "tax-us"]).await;
    let line = |sku: &str, n: u32| {
        Value::Record(vec![("sku".into(), sku.into()), ("quantity".into(), n.into())])
    };
    let basket = vec![line("apple", 3), line("bread", 1)];
    let receipt = call(&composition, "shop:till/checkout", "total", [basket.into()]).await;
    println!("{receipt:?}");
    println!("{}", composition.plan());
}

#[tokio::test]
async fn resources() {
    for provider in ["counters", "counters-c"] {
        let composition = compose(&[provider, "counters-user"]).await;
        for f in ["run-lifecycle", "run-compound", "run-inspect"] {
            let out = call(&composition, "test:resources/user", f, []).await;
            println!("{out:?}");
        }
        let n = call(&composition, "test:resources/user", "churn", [1000u32.into()]).await;
        println!("{n:?} {:?}", composition.component(provider).unwrap().status());
    }
}

#[tokio::test]
async fn async_relay() {
    let mut composer = Composer::new();
    composer
        .add(ComposableDescriptor::new("values", part("values")))
        .add(ComposableDescriptor::new("values-relay", part("values-relay")))
        .with_export_hint("test:values/echo", "values-relay")
        .with_export_hint("test:values/echo-async", "values-relay");
    let composition = composer.compose().await.unwrap();
    let out = call(&composition, "test:values/echo-async", "echo-string", ["grüße".into()]).await;
    println!("{out:?}");
    let out = call(&composition, "test:values/echo", "echo-string", ["grüße".into()]).await;
    println!("{out:?}");
}
