//! What it costs to bring components to life, beside doing it by hand.
//!
//! A chain of real components: `text-base`, and any number of `text-upper`,
//! each calling the one before it. Rows, for each length and allocator:
//!
//! * `cold`: reading, planning, linking and starting, from compiled components;
//! * `prepared`: starting alone, from a [`composer::PreparedComposition`];
//! * `by hand`: a store and an instance for each component, from an
//!   `InstancePre` whose imports are functions of the host;
//! * `by hand, async`: the same with `instantiate_async`, which stores need that
//!   are to be called asynchronously.
//!
//! Every row ends what it has begun: stores are dropped.

#![allow(clippy::unwrap_used, missing_docs)]

use std::path::PathBuf;
use std::time::Duration;

use composer::{ComposableDescriptor, Composer, Composition, Engines};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use tokio::runtime::{Builder, Runtime};
use wasmtime::component::{Component, InstancePre, Linker};
use wasmtime::{Config, PoolingAllocationConfig, Store};

const TRANSFORM: &str = "test:text/transform@0.1.0";
const LENGTHS: [usize; 4] = [2, 10, 100, 1_000];

/// The components, for engines of one configuration.
struct Guests {
    base: Component,
    upper: Component,
}

impl Guests {
    fn new(config: &Config) -> Self {
        let engines = Engines::with_config(config).unwrap();
        let guests = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/guests");
        let load = |name: &str| {
            let file = guests.join(name).join(name).with_extension("wasm");
            engines.load_component(file).unwrap()
        };
        Guests {
            base: load("text-base"),
            upper: load("text-upper"),
        }
    }

    fn nth(&self, n: usize) -> &Component {
        match n {
            0 => &self.base,
            _ => &self.upper,
        }
    }

    fn chain(&self, length: usize) -> Composer {
        let mut composer = Composer::new();
        for n in 0..length {
            let part = ComposableDescriptor::new(n.to_string(), self.nth(n).clone());
            composer.add(match n {
                0 => part,
                // Of two there is no doubt who is meant.
                1 if length == 2 => part,
                _ => part.with_import_hint(TRANSFORM, (n - 1).to_string()),
            });
        }
        composer
    }

    fn by_hand(&self, length: usize) -> Vec<InstancePre<()>> {
        let pre = |n| {
            let mut linker = Linker::new(self.base.engine());
            let mut transform = linker.instance(TRANSFORM).unwrap();
            let apply = |_: wasmtime::StoreContextMut<'_, ()>, text: (String,)| Ok(text);
            transform.func_wrap("apply", apply).unwrap();
            linker.instantiate_pre(self.nth(n)).unwrap()
        };
        (0..length).map(pre).collect()
    }
}

fn pooled() -> Config {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(2_000)
        .total_core_instances(8_000)
        .total_memories(2_000)
        .total_tables(4_000)
        .total_stacks(2_000)
        .max_memory_size(4 << 20);
    let mut config = Config::new();
    config
        .allocation_strategy(pool)
        .memory_reservation(4 << 20)
        .memory_guard_size(64 << 10);
    config
}

fn runtime() -> Runtime {
    // One thread, so that no row pays for waking another one.
    Builder::new_current_thread().enable_time().build().unwrap()
}

async fn end(composition: Composition) {
    composition.shutdown(Duration::from_secs(60)).await;
}

fn compose(criterion: &mut Criterion) {
    for (allocator, config) in [("on demand", Config::new()), ("pooled", pooled())] {
        let guests = Guests::new(&config);
        let runtime = runtime();
        let mut group = criterion.benchmark_group(format!("compose, {allocator}"));
        for length in LENGTHS {
            let id = |row: &str| BenchmarkId::new(row, length);
            if length >= 1_000 {
                group.sample_size(10);
            }
            group.bench_function(id("cold"), |b| {
                b.iter(|| {
                    runtime.block_on(async {
                        end(guests.chain(length).compose().await.unwrap()).await;
                    });
                });
            });
            let prepared = guests.chain(length).prepare().unwrap();
            group.bench_function(id("prepared"), |b| {
                b.iter(|| {
                    runtime.block_on(async { end(prepared.compose().await.unwrap()).await });
                });
            });
            let by_hand = guests.by_hand(length);
            let engine = guests.base.engine();
            group.bench_function(id("by hand"), |b| {
                b.iter(|| {
                    let start = |pre: &InstancePre<()>| {
                        let mut store = Store::new(engine, ());
                        pre.instantiate(&mut store).unwrap();
                        store
                    };
                    by_hand.iter().map(start).collect::<Vec<_>>()
                });
            });
            group.bench_function(id("by hand, async"), |b| {
                b.iter(|| {
                    runtime.block_on(async {
                        let mut stores = Vec::new();
                        for pre in &by_hand {
                            let mut store = Store::new(engine, ());
                            pre.instantiate_async(&mut store).await.unwrap();
                            stores.push(store);
                        }
                        stores
                    })
                });
            });
        }
        group.finish();
    }
}

criterion_group!(benches, compose);
criterion_main!(benches);
