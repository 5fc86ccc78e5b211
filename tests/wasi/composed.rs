//! WASI beside other components.

use composer::wasi::{MemoryOutputPipe, WasiComponent, WasiCtx};
use composer::{ComposableDescriptor, Composer, ExportFilter};
use wasmtime::component::Component;

use super::{number, ok};
use crate::support::{call, engine, guest};

const TRANSFORM: &str = "test:text/transform";

fn printing(name: &str) -> (WasiComponent, MemoryOutputPipe) {
    let stdout = MemoryOutputPipe::new(1024);
    let ctx = WasiCtx::builder().stdout(stdout.clone()).build();
    (WasiComponent::new(guest(name)).with_ctx(ctx), stdout)
}

/// A component with WASI 0.3, on one without, on one with WASI 0.2.
#[tokio::test]
async fn each_has_its_own() {
    let (later, of_later) = printing("wasi-later");
    let (probe, of_probe) = printing("wasi-probe");
    let mut composer = Composer::new();
    composer
        .add(ComposableDescriptor::new("later", later).with_import_hint(TRANSFORM, "upper"))
        .add(ComposableDescriptor::new("upper", guest("text-upper")))
        .add(ComposableDescriptor::new("probe", probe))
        .with_export_hint(TRANSFORM, "upper");
    let composition = composer.compose().await.unwrap();
    let hello = ["hello".into()];
    ok(call(&composition, "test:wasi/later", "print", hello).await);
    assert_eq!(of_probe.contents(), "hello\n");
    assert_eq!(of_later.contents(), "HELLO\n");
}

#[tokio::test]
async fn with_a_filter() {
    let (probe, _) = printing("wasi-probe");
    let mut composer = Composer::new();
    let probe = probe.exposing(&[TRANSFORM]);
    composer.add(ComposableDescriptor::new("probe", probe));
    let composition = composer.compose().await.unwrap();
    let applied = call(&composition, TRANSFORM, "apply", ["hi".into()]).await;
    assert_eq!(applied, "hi".into());
    composition
        .get_func(Some("test:wasi/probe"), "exit")
        .unwrap_err();
}

/// The other components get their turn while one sleeps, on one thread.
#[tokio::test(flavor = "current_thread")]
async fn one_that_sleeps_keeps_no_thread() {
    let (probe, _) = printing("wasi-probe");
    let mut composer = Composer::new();
    composer
        .add(ComposableDescriptor::new("probe", probe))
        .add(ComposableDescriptor::new("tax", guest("tax-eu")));
    let composition = composer.compose().await.unwrap();
    tokio::select! {
        biased;
        _ = call(&composition, "test:wasi/probe", "sleep", [u32::MAX.into()]) => panic!(),
        region = call(&composition, "shop:tax/rates", "region", []) => {
            assert_eq!(region, "EU".into());
        }
    }
}

/// Rolls a number that WASI gives it.
const PLAYER: &str = r#"(component
    (import "wasi:random/random@0.2.0" (instance $random
        (export "get-random-u64" (func (result u64)))))
    (core func $number (canon lower (func $random "get-random-u64")))
    (core module $m
        (import "" "number" (func $number (result i64)))
        (func (export "roll") (result i64) call $number))
    (core instance $wasi (export "number" (func $number)))
    (core instance $i (instantiate $m (with "" (instance $wasi))))
    (func (export "roll") (result u64) (canon lift (core func $i "roll")))
)"#;

/// Has a WASI of its own, in which every number is 4.
const DICE: &str = r#"(component
    (core module $m (func (export "number") (result i64) i64.const 4))
    (core instance $i (instantiate $m))
    (func $number (result u64) (canon lift (core func $i "number")))
    (instance $random (export "get-random-u64" (func $number)))
    (export "wasi:random/random@0.2.0" (instance $random))
)"#;

#[tokio::test]
async fn another_component_comes_between_only_by_a_hint() {
    let wat = |text| Component::new(engine(), text).unwrap();
    for (hint, rolled) in [(None, false), (Some("dice"), true)] {
        let mut player = ComposableDescriptor::new("player", WasiComponent::new(wat(PLAYER)));
        if let Some(dice) = hint {
            player = player.with_import_hint("wasi:random/random", dice);
        }
        let mut composer = Composer::new();
        composer
            .add(player)
            .add(ComposableDescriptor::new("dice", wat(DICE)));
        let composition = composer.compose().await.unwrap();
        let roll = composition.get_func(None, "roll").unwrap();
        let number = number(roll.call_owned([]).await.unwrap().unwrap());
        assert_eq!(number == 4, rolled);
    }
}
