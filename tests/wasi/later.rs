//! WASI 0.3, and engines that do not support it.

use composer::wasi::{MemoryOutputPipe, WasiComponent, WasiCtx};
use composer::{ComposableDescriptor, Composer, Composition};
use wasmtime::component::Component;
use wasmtime::{Config, Engine};

use super::{nothing, number, ok, refused};
use crate::support::{call, guest, guest_path};

const LATER: &str = "test:wasi/later";

/// `wasi-later` on a component that needs no WASI.
async fn later(ctx: WasiCtx) -> Composition {
    let part = WasiComponent::new(guest("wasi-later")).with_ctx(ctx);
    let mut composer = Composer::new();
    composer
        .add(ComposableDescriptor::new("base", guest("text-base")))
        .add(ComposableDescriptor::new("later", part));
    composer.compose().await.unwrap()
}

#[tokio::test]
async fn locked_down() {
    let later = later(WasiCtx::default()).await;
    assert_eq!(call(&later, LATER, "variables", []).await, nothing());
    assert_eq!(
        refused(call(&later, LATER, "bind", []).await),
        "ErrorCode::AccessDenied"
    );
    ok(call(&later, LATER, "print", ["unheard".into()]).await);
}

#[tokio::test]
async fn clocks_and_randomness() {
    let later = later(WasiCtx::default()).await;
    let waited = call(&later, LATER, "wait", [5u32.into()]).await;
    assert!(number(waited) >= 5);
    let one = number(call(&later, LATER, "random", []).await);
    assert_ne!(one, number(call(&later, LATER, "random", []).await));
}

#[tokio::test]
async fn granted() {
    let stdout = MemoryOutputPipe::new(1024);
    let mut ctx = WasiCtx::builder();
    ctx.stdout(stdout.clone())
        .env("REGION", "eu")
        .allow_udp(true)
        .inherit_network();
    let later = later(ctx.build()).await;
    assert_ne!(call(&later, LATER, "variables", []).await, nothing());
    ok(call(&later, LATER, "bind", []).await);
    ok(call(&later, LATER, "print", ["  hello ".into()]).await);
    assert_eq!(stdout.contents(), "hello\n");
}

fn sequential() -> Engine {
    let mut config = Config::new();
    config
        .wasm_component_model_async(false)
        .concurrency_support(false);
    Engine::new(&config).unwrap()
}

#[test]
fn an_engine_without_concurrency_support() {
    let component = Component::new(
        &sequential(),
        r#"(component
            (import "wasi:random/random@0.3.0"
                (instance (export "get-random-u64" (func (result u64))))))"#,
    )
    .unwrap();
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new(
        "dice",
        WasiComponent::new(component),
    ));
    assert_eq!(
        composer.plan().unwrap_err().to_string(),
        "component `dice` cannot have WASI 0.3: \
         concurrent host functions require `Config::concurrency_support`"
    );
}

/// `Engines` gives it an engine with concurrency support all the same.
#[tokio::test]
async fn nothing_asynchronous_of_it() {
    const DICE: &[u8] = br#"(component
        (import "wasi:random/random@0.3.0" (instance $random
            (export "get-random-u64" (func (result u64)))))
        (core func $roll (canon lower (func $random "get-random-u64")))
        (core module $code
            (import "" "roll" (func $roll (result i64)))
            (func (export "roll") (result i64) (call $roll)))
        (core instance $code (instantiate $code
            (with "" (instance (export "roll" (func $roll))))))
        (func (export "roll") (result u64) (canon lift (core func $code "roll"))))"#;
    let engines = composer::Engines::new().unwrap();
    let component = engines.component_from_bytes("dice", DICE).unwrap();
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new(
        "dice",
        WasiComponent::new(component),
    ));
    let composition = composer.compose().await.unwrap();
    let roll = composition.get_func(None, "roll").unwrap();
    let first = roll.call_owned([]).await.unwrap();
    assert_ne!(first, roll.call_owned([]).await.unwrap());
}

#[tokio::test]
async fn wasi_0_2_on_such_an_engine() {
    let component = composer::load_component(&sequential(), guest_path("wasi-probe")).unwrap();
    let probe = super::Probe::start(WasiComponent::new(component)).await;
    assert!(number(probe.tries("sleep", [5u32.into()]).await) >= 5);
    ok(probe.tries("print", ["unheard".into()]).await);
}
