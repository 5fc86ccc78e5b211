//! Terminals that go from one component to another.

use composer::wasi::{WasiComponent, WasiCtx};
use composer::{ComposableDescriptor, Composer, Value};
use wasmtime::component::Component;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};

use crate::support::engine;

/// Its output is a terminal, which it gives away.
const OWNER: &str = r#"(component
    (import "wasi:cli/terminal-output@0.2.0" (instance $output
        (export "terminal-output" (type (sub resource)))))
    (alias export $output "terminal-output" (type $terminal))
    (import "wasi:cli/terminal-stdout@0.2.0" (instance $stdout
        (export "terminal-output" (type $same (eq $terminal)))
        (export "get-terminal-stdout" (func (result (option (own $same)))))))
    (core module $memory (memory (export "memory") 1))
    (core instance $memory (instantiate $memory))
    (alias core export $memory "memory" (core memory $mem))
    (alias export $stdout "get-terminal-stdout" (func $get))
    (core func $get (canon lower (func $get) (memory $mem)))
    (core module $main
        (import "" "memory" (memory 1))
        (import "" "get" (func $get (param i32)))
        (func (export "f") (result i32) (call $get (i32.const 8)) (i32.const 8)))
    (core instance $main (instantiate $main (with "" (instance
        (export "memory" (memory $mem))
        (export "get" (func $get))))))
    (func (export "terminal") (result (option (own $terminal)))
        (canon lift (core func $main "f") (memory $mem))))"#;

/// Says whether it got one, which it drops.
const USER: &str = r#"(component
    (import "wasi:cli/terminal-output@0.2.0" (instance $output
        (export "terminal-output" (type (sub resource)))))
    (alias export $output "terminal-output" (type $terminal))
    (import "terminal" (func $terminal (result (option (own $terminal)))))
    (core module $memory (memory (export "memory") 1))
    (core instance $memory (instantiate $memory))
    (alias core export $memory "memory" (core memory $mem))
    (core func $get (canon lower (func $terminal) (memory $mem)))
    (core func $drop (canon resource.drop $terminal))
    (core module $main
        (import "" "memory" (memory 1))
        (import "" "get" (func $get (param i32)))
        (import "" "drop" (func $drop (param i32)))
        (func (export "f") (result i32)
            (call $get (i32.const 8))
            (if (i32.load8_u (i32.const 8))
                (then (call $drop (i32.load (i32.const 12)))))
            (i32.load8_u (i32.const 8))))
    (core instance $main (instantiate $main (with "" (instance
        (export "memory" (memory $mem))
        (export "get" (func $get))
        (export "drop" (func $drop))))))
    (func (export "got") (result bool) (canon lift (core func $main "f"))))"#;

struct Screen;

impl IsTerminal for Screen {
    fn is_terminal(&self) -> bool {
        true
    }
}

impl StdoutStream for Screen {
    fn async_stream(&self) -> Box<dyn tokio::io::AsyncWrite + Send + Sync> {
        Box::new(tokio::io::sink())
    }
}

async fn got(ctx: WasiCtx) -> Value {
    let part = |text| WasiComponent::new(Component::new(engine(), text).unwrap());
    let mut composer = Composer::new();
    let owner = part(OWNER).with_ctx(ctx);
    composer.add(ComposableDescriptor::new("owner", owner));
    composer.add(ComposableDescriptor::new("user", part(USER)));
    let composition = composer.compose().await.unwrap();
    let got = composition.get_func(None, "got").unwrap();
    let first = got.call_owned([]).await.unwrap().unwrap();
    // The terminal has gone from its owner, who can ask for another one.
    assert_eq!(got.call_owned([]).await.unwrap().unwrap(), first);
    first
}

#[tokio::test]
async fn a_terminal_of_one_component_is_used_by_another() {
    let mut ctx = WasiCtx::builder();
    ctx.stdout(Screen);
    assert_eq!(got(ctx.build()).await, Value::Bool(true));
}

#[tokio::test]
async fn what_is_no_terminal_gives_none() {
    assert_eq!(got(WasiCtx::builder().build()).await, Value::Bool(false));
}
