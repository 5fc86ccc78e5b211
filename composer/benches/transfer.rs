//! What values cost on an edge between two components of which nobody knows
//! the types before they run.
//!
//! `pump` (`tests/wat/pump.wat`) echoes values off `values`: `bulk` where the
//! two stand beside each other, `val` where `pump` is nested and its import is
//! bound late, so that values cross as `Val`s. Times are for one echo: there
//! and back, so each value is lifted and lowered twice.

#![allow(clippy::unwrap_used, missing_docs)]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use composer::{ComposableComponent, ComposableDescriptor, Composer, Composition, Value};
use criterion::{Criterion, criterion_group, criterion_main};
use tokio::runtime::Builder;
use wasmtime::component::Linker;
use wasmtime::{Engine, Store};

const ECHO: &str = "test:values/echo@0.1.0";

fn part(engine: &Engine, name: &str, file: &str) -> ComposableDescriptor {
    let tests = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests");
    let component = composer::load_component(engine, tests.join(file)).unwrap();
    let store = engine.clone();
    let part = ComposableComponent::new(component, Linker::new(engine), move || {
        Store::new(&store, ())
    });
    ComposableDescriptor::new(name, part)
}

async fn bulk(engine: &Engine) -> Composition {
    let mut composer = Composer::new();
    composer.add(part(engine, "values", "guests/values/values.wasm"));
    composer.add(part(engine, "pump", "wat/pump.wat"));
    composer.compose().await.unwrap()
}

async fn val(engine: &Engine) -> Composition {
    let mut inner = Composer::new();
    inner.add(part(engine, "pump", "wat/pump.wat"));
    inner.with_open_import(ECHO);
    let mut composer = Composer::new();
    composer.add(part(engine, "values", "guests/values/values.wasm"));
    composer.add(ComposableDescriptor::new("nested", inner));
    composer.compose().await.unwrap()
}

fn echoes(c: &mut Criterion) {
    let engine = Engine::default();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let rows = [
        ("u32", "numbers", 1),
        ("a string of 32 bytes", "texts", 32),
        ("64 KiB of list<u8>", "bytes", 64 << 10),
        ("1 MiB of list<u8>", "bytes", 1 << 20),
        ("1,000 records", "records", 1000),
    ];
    for (what, name, size) in rows {
        let mut group = c.benchmark_group(what);
        group
            .sample_size(10)
            .measurement_time(Duration::from_secs(2));
        for way in ["bulk", "val"] {
            let composition = runtime.block_on(async {
                match way {
                    "bulk" => bulk(&engine).await,
                    _ => val(&engine).await,
                }
            });
            let pump = composition.get_func(None, name).unwrap();
            group.bench_function(way, |b| {
                b.iter_custom(|times| {
                    let times = u32::try_from(times).unwrap();
                    let start = Instant::now();
                    let call = pump.call_owned([Value::from(size), Value::from(times)]);
                    let answer = runtime.block_on(call).unwrap();
                    assert_eq!(answer, Some(Value::U32(size)));
                    start.elapsed()
                });
            });
        }
        group.finish();
    }
}

criterion_group!(benches, echoes);
criterion_main!(benches);
