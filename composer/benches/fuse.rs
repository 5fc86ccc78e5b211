//! Measures what it takes to load and fuse the guests of the shop, also on an engine with
//! `Inlining::InterModule`, beside loading them alone.
//!
//! The benchmark `compare` measures the calls between fused components.

#![allow(clippy::unwrap_used, missing_docs)]

use std::path::PathBuf;

use composer::fused::{FusedComponents, FusedMember};
use composer::{ComposableDescriptor, Composer};
use criterion::{Criterion, criterion_group, criterion_main};
use wasmtime::{Config, Engine, Inlining};

fn inlining() -> Engine {
    let mut config = Config::new();
    config.compiler_inlining(Inlining::InterModule);
    Engine::new(&config).unwrap()
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

criterion_group!(benches, make);
criterion_main!(benches);
