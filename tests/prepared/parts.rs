//! Parts of all kinds: those that can be started any number of times, and those that
//! exist only once.

use composer::wasi::{MemoryOutputPipe, WasiComponent, WasiCtx};
use composer::{
    Composable, ComposableDescriptor, ComposableInstance, Composer, CompositionError, ExportFilter,
    PreparedComposition,
};
use wasmtime::Store;
use wasmtime::component::Linker;

use super::{apply, prepared};
use crate::support::{call, compose, engine, guest, part};

const TRANSFORM: &str = "test:text/transform@0.1.0";

fn alone(name: &str, part: impl Composable + 'static) -> PreparedComposition {
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new(name, part));
    composer.prepare().unwrap()
}

/// The first composition runs; this is what the second fails with.
async fn second(prepared: PreparedComposition) -> CompositionError {
    let first = prepared.compose().await.unwrap();
    let error = prepared.compose().await.err().unwrap();
    let state = first.component("one").unwrap().status().state;
    assert!(matches!(state, composer::ComponentState::Running));
    error
}

#[tokio::test]
async fn an_instance_is_composed_once() {
    let mut store = Store::new(engine(), ());
    let (linker, base) = (Linker::new(engine()), guest("text-base"));
    let instance = linker.instantiate_async(&mut store, &base).await;
    let instance = ComposableInstance::from_existing(instance.unwrap(), store);
    assert_eq!(
        second(alone("one", instance)).await.to_string(),
        "component `one` cannot be composed a second time: it is an instance that was made \
         elsewhere; add its component instead"
    );
}

#[tokio::test]
async fn a_running_composition_is_composed_once() {
    let running = compose(&["text-base"]).await;
    assert_eq!(
        second(alone("one", running)).await.to_string(),
        "component `one` cannot be composed a second time: it is a composition that already \
         runs; add its `Composer` instead"
    );
}

#[tokio::test]
async fn a_wasi_context_is_given_once() {
    let part = WasiComponent::new(guest("wasi-probe")).with_ctx(WasiCtx::default());
    assert_eq!(
        second(alone("one", part)).await.to_string(),
        "component `one` cannot be composed a second time: it has one WASI context; give it \
         `with_new_ctx` instead"
    );
}

#[tokio::test]
async fn a_wasi_context_for_each() {
    let stdout = MemoryOutputPipe::new(1024);
    let shared = stdout.clone();
    let part = WasiComponent::new(guest("wasi-probe"))
        .with_new_ctx(move || Ok(WasiCtx::builder().stdout(shared.clone()).build()));
    let prepared = alone("probe", part);
    for name in ["one", "two"] {
        let composition = prepared.compose().await.unwrap();
        call(&composition, "test:wasi/probe", "print", [name.into()]).await;
    }
    assert_eq!(stdout.contents(), "one\ntwo\n");
}

#[tokio::test]
async fn wasi_with_nothing_granted_any_number_of_times() {
    let prepared = alone("probe", WasiComponent::new(guest("wasi-probe")));
    for _ in 0..3 {
        prepared.compose().await.unwrap();
    }
}

#[tokio::test]
async fn a_wasi_context_that_cannot_be_made() {
    let part = WasiComponent::new(guest("wasi-probe"))
        .with_new_ctx(|| Err(wasmtime::Error::msg("the disk is full")));
    let error = alone("probe", part).compose().await.err().unwrap();
    assert_eq!(
        error.to_string(),
        "component `probe` has no store to run in: the disk is full"
    );
}

#[tokio::test]
async fn a_filter_holds_for_all() {
    let prepared = alone("tax", part("tax-eu").hiding(&["shop:tax/rates#region"]));
    for _ in 0..2 {
        let composition = prepared.compose().await.unwrap();
        let rates = Some("shop:tax/rates");
        assert!(composition.get_func(rates, "region").is_err());
        composition.get_func(rates, "rate").unwrap();
    }
}

/// `text-upper` on an open import.
fn inner() -> Composer {
    let mut composer = Composer::new();
    composer
        .add(ComposableDescriptor::new("upper", part("text-upper")))
        .with_open_import(TRANSFORM);
    composer
}

fn around(inner: impl Composable + 'static, base: &str) -> PreparedComposition {
    let mut outer = Composer::new();
    outer
        .add(ComposableDescriptor::new("base", part(base)))
        .add(ComposableDescriptor::new("inner", inner))
        .with_export_hint(TRANSFORM, "inner");
    outer.prepare().unwrap()
}

/// Its open imports are bound anew each time.
#[tokio::test]
async fn a_nested_composer_is_started_with_each() {
    let prepared = around(inner(), "text-base");
    let (one, two) = (
        prepared.compose().await.unwrap(),
        prepared.compose().await.unwrap(),
    );
    assert_eq!(apply(&one, " one ").await.unwrap(), "ONE".into());
    drop(one);
    assert_eq!(apply(&two, " two ").await.unwrap(), "TWO".into());
}

/// A composition is prepared, nested in two others that are prepared too, and
/// twice in one of them.
#[tokio::test]
async fn a_prepared_composition_is_nested_anywhere() {
    let inner = inner().prepare().unwrap();
    let mut outer = Composer::new();
    outer
        .add(ComposableDescriptor::new("base", part("text-base")))
        .add(ComposableDescriptor::new("first", inner.clone()).with_import_hint(TRANSFORM, "base"))
        .add(
            ComposableDescriptor::new("second", inner.clone()).with_import_hint(TRANSFORM, "first"),
        )
        .with_export_hint(TRANSFORM, "second");
    let twice = outer.prepare().unwrap();
    let once = around(inner, "text-base");
    for prepared in [&once, &twice, &once, &twice] {
        let composition = prepared.compose().await.unwrap();
        assert_eq!(apply(&composition, " hi ").await.unwrap(), "HI".into());
    }
}

#[tokio::test]
async fn plans_are_the_same() {
    let prepared = prepared(&["text-base", "hostile-start"]);
    let composition = prepared.compose().await.unwrap();
    assert_eq!(*composition.plan(), *prepared.plan());
}
