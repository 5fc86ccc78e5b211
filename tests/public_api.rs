//! A program written for the crate that this one grew from: its names and its calls, with
//! only the crate's name changed.

use composer::*;
use wasmtime::component::{Component, Linker, Val};
use wasmtime::{Config, Engine, Store};

use crate::support::guest_path;

struct MyState;

impl MyState {
    fn new() -> Self {
        MyState
    }
}

fn load(engine: &Engine, name: &str) -> ComposableComponent<MyState> {
    let wasm = Component::from_file(engine, guest_path(name)).unwrap();
    let linker: Linker<MyState> = Linker::new(engine);
    let engine = engine.clone();
    ComposableComponent::new(wasm, linker, move || Store::new(&engine, MyState::new()))
}

#[tokio::test]
async fn uninstantiated_components() -> Result<(), CompositionError> {
    let mut config = Config::new();
    config.wasm_component_model(true);
    config.wasm_component_model_async(true);
    let engine = Engine::new(&config).unwrap();

    let producer = load(&engine, "text-base");
    let consumer = load(&engine, "text-upper");

    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("producer", producer));
    composer.add(ComposableDescriptor::new("consumer", consumer));
    composer.with_export_hint("test:text/transform@0.1.0", "consumer");
    let composition = composer.compose().await?;

    let imports: Vec<_> = composition.resolved_imports().collect();
    assert_eq!(imports.len(), 1);
    assert_eq!(
        (imports[0].0.as_str(), imports[0].1.import.as_str()),
        ("consumer", "test:text/transform@0.1.0")
    );

    let func = composition.get_func(Some("test:text/transform@0.1.0"), "apply")?;
    let mut results = vec![Val::S32(0)];
    func.call(&[Val::String("hi".into())], &mut results).await?;
    assert_eq!(results[0], Val::String("HI".into()));
    Ok(())
}

#[tokio::test]
async fn pre_instantiated_components() -> Result<(), CompositionError> {
    let engine = Engine::default();
    let component = Component::from_file(&engine, guest_path("text-base")).unwrap();
    let linker: Linker<MyState> = Linker::new(&engine);
    let mut store = Store::new(&engine, MyState::new());
    let instance = linker
        .instantiate_async(&mut store, &component)
        .await
        .unwrap();
    let composable = ComposableInstance::from_existing(instance, store);

    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("producer", composable));
    composer.add(ComposableDescriptor::new(
        "consumer",
        load(&engine, "text-exclaim"),
    ));
    composer.with_export_hint("test:text/transform@0.1.0", "consumer");
    let composition = composer.compose().await?;

    let func = composition.get_func(Some("test:text/transform@0.1.0"), "apply")?;
    let mut results = vec![Val::S32(0)];
    func.call(&[Val::String(" hi ".into())], &mut results)
        .await?;
    assert_eq!(results[0], Val::String("hi!".into()));
    Ok(())
}

#[tokio::test]
async fn filters_and_hints() -> Result<(), CompositionError> {
    let engine = Engine::default();
    let filtered = load(&engine, "tax-eu").exposing(&["shop:tax/rates"]);
    let hidden = load(&engine, "tax-us").hiding(&["shop:tax/rates"]);
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("producer-a", filtered));
    composer.add(ComposableDescriptor::new("hidden", hidden));
    composer.add(ComposableDescriptor::new(
        "producer-b",
        load(&engine, "tax-us"),
    ));
    composer.add(ComposableDescriptor::new(
        "catalog",
        load(&engine, "catalog"),
    ));
    composer.add(
        ComposableDescriptor::new("consumer", load(&engine, "till"))
            .with_import_hint("shop:tax/rates@1.0.0", "producer-a"),
    );
    composer.with_export_hint("shop:tax/rates@1.0.0", "producer-b");
    let composition = composer.compose().await?;

    let func = composition.get_func(Some("shop:tax/rates"), "region")?;
    let mut results = vec![Val::S32(0)];
    func.call(&[], &mut results).await?;
    assert_eq!(results[0], Val::String("US".into()));
    Ok(())
}
