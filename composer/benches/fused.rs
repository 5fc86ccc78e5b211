//! What a call between two components costs, apart and fused.
//!
//! A component calls another's `add` a thousand times for each call from
//! outside. Rows, for a scalar and for a string of 32 bytes:
//!
//! * `apart`: each component in its own store;
//! * `fused`: both in one, by `FusedComponents`;
//! * `fused, inlined`: the same on an engine with `Inlining::InterModule`.
//!
//! `make` is what it takes to load and fuse the guests of the shop, on both
//! engines, beside loading them alone.

#![allow(clippy::unwrap_used, missing_docs)]

use std::path::PathBuf;

use composer::fused::{FusedComponents, FusedMember};
use composer::{ComposableDescriptor, Composer, Composition, ExportFunc, component_from_bytes};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tokio::runtime::Builder;
use wasmtime::{Config, Engine, Inlining};

const CALLS: u32 = 1000;

/// Adds two numbers; takes the length of a string.
const CALLEE: &str = r#"(component
    (core module $m
        (memory (export "memory") 1)
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
        (func (export "add") (param i32 i32) (result i32)
            (i32.add (local.get 0) (local.get 1)))
        (func (export "length") (param i32 i32) (result i32) (local.get 1)))
    (core instance $i (instantiate $m))
    (func (export "add") (param "a" u32) (param "b" u32) (result u32)
        (canon lift (core func $i "add")))
    (func (export "length") (param "text" string) (result u32)
        (canon lift (core func $i "length")
            (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))"#;

/// Calls either as often as it is told.
const CALLER: &str = r#"(component
    (import "add" (func $add (param "a" u32) (param "b" u32) (result u32)))
    (import "length" (func $length (param "text" string) (result u32)))
    (core module $memory (memory (export "memory") 1))
    (core instance $memory (instantiate $memory))
    (core func $add (canon lower (func $add)))
    (core func $length (canon lower (func $length)
        (memory (core memory $memory "memory"))))
    (core module $m
        (import "" "add" (func $add (param i32 i32) (result i32)))
        (import "" "length" (func $length (param i32 i32) (result i32)))
        (func (export "adds") (param $n i32) (result i32)
            (local $sum i32)
            (loop $again
                (local.set $sum (call $add (local.get $sum) (local.get $n)))
                (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (local.get $sum))
        (func (export "lengths") (param $n i32) (result i32)
            (local $sum i32)
            (loop $again
                (local.set $sum (i32.add (local.get $sum)
                    (call $length (i32.const 0) (i32.const 32))))
                (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (local.get $sum)))
    (core instance $i (instantiate $m (with "" (instance
        (export "add" (func $add)) (export "length" (func $length))))))
    (func (export "adds") (param "n" u32) (result u32)
        (canon lift (core func $i "adds")))
    (func (export "lengths") (param "n" u32) (result u32)
        (canon lift (core func $i "lengths"))))"#;

async fn apart(engine: &Engine) -> Composition {
    let mut composer = Composer::new();
    for (name, text) in [("callee", CALLEE), ("caller", CALLER)] {
        let component = component_from_bytes(engine, name, text.as_bytes()).unwrap();
        composer.add(ComposableDescriptor::new(name, component));
    }
    composer.compose().await.unwrap()
}

async fn fused(engine: &Engine) -> Composition {
    let mut group = FusedComponents::bare(engine);
    for (name, text) in [("callee", CALLEE), ("caller", CALLER)] {
        let bytes = wat::parse_str(text).unwrap();
        group.add(FusedMember::from_bytes(engine, name, bytes).unwrap());
    }
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("group", group));
    composer.compose().await.unwrap()
}

fn inlining() -> Engine {
    let mut config = Config::new();
    config.compiler_inlining(Inlining::InterModule);
    Engine::new(&config).unwrap()
}

fn calls(c: &mut Criterion) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let rows = runtime.block_on(async {
        let engine = Engine::default();
        [
            ("apart", apart(&engine).await),
            ("fused", fused(&engine).await),
            ("fused, inlined", fused(&inlining()).await),
        ]
    });
    for function in ["adds", "lengths"] {
        let mut group = c.benchmark_group(function);
        group.throughput(Throughput::Elements(CALLS.into()));
        for (name, composition) in &rows {
            let func: ExportFunc = composition.get_func(None, function).unwrap();
            group.bench_function(*name, |b| {
                b.iter(|| {
                    let call = func.call_owned([CALLS.into()]);
                    runtime.block_on(call).unwrap()
                });
            });
        }
        group.finish();
    }
}

fn make(c: &mut Criterion) {
    let guest = |name: &str| {
        let guests = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/guests");
        guests.join(name).join(name).with_extension("wasm")
    };
    let names = ["catalog", "tax-eu", "till"];
    let mut group = c.benchmark_group("make");
    group.sample_size(10);
    let plain = Engine::default();
    group.bench_function("apart", |b| {
        b.iter(|| names.map(|name| composer::load_component(&plain, guest(name)).unwrap()));
    });
    for (name, engine) in [("fused", plain.clone()), ("fused, inlined", inlining())] {
        group.bench_function(name, |b| {
            b.iter(|| {
                let mut shop = FusedComponents::bare(&engine);
                for name in names {
                    shop.add(FusedMember::from_file(&engine, name, guest(name)).unwrap());
                }
                let mut composer = Composer::new();
                composer.add(ComposableDescriptor::new("shop", shop));
                composer.plan().unwrap()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, calls, make);
criterion_main!(benches);
