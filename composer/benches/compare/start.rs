//! Measures the time and the memory that it takes to start components: chains of real
//! guests, `text-base` and any number of `text-upper`, each using the one before it.
//!
//! Every way starts from compiled components. By hand, that is a store and an instance
//! for each, from an `InstancePre` whose imports are functions of the host, so that no
//! link is included.

use std::process::Command;
use std::time::{Duration, Instant};

use composer::{ComposableDescriptor, Composer, Composition};
use tokio::runtime::Runtime;
use wasmtime::component::{Component, Instance, InstancePre, Linker};
use wasmtime::{Config, Store};

use crate::case::{Compiler, Part};
use crate::figures::{pooled, resident};
use crate::measure::{Effort, measure};
use crate::subjects::Run;
use crate::table::{Results, ratio, time};

const TRANSFORM: &str = "test:text/transform@0.1.0";
const LENGTHS: [usize; 4] = [2, 10, 100, 1000];

#[derive(Clone)]
struct Guests {
    base: Component,
    upper: Component,
}

impl Guests {
    fn new(config: &Config) -> Guests {
        let compiler = Compiler::with(config, true);
        Guests {
            base: compiler.component(&Part::new("base", "text-base")),
            upper: compiler.component(&Part::new("upper", "text-upper")),
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
                // With two components the provider is unambiguous, and a hint would be an
                // error.
                1 if length == 2 => part,
                _ => part.with_import_hint(TRANSFORM, (n - 1).to_string()),
            });
        }
        composer
    }

    fn linked(&self, length: usize) -> Vec<InstancePre<()>> {
        let pre = |n| {
            let mut linker = Linker::new(self.base.engine());
            let mut transform = linker.instance(TRANSFORM).unwrap();
            transform
                .func_wrap("apply", |_, text: (String,)| Ok(text))
                .unwrap();
            linker.instantiate_pre(self.nth(n)).unwrap()
        };
        (0..length).map(pre).collect()
    }
}

async fn by_hand(linked: &[InstancePre<()>]) -> Vec<(Store<()>, Instance)> {
    let mut stores = Vec::with_capacity(linked.len());
    for pre in linked {
        let mut store = Store::new(pre.engine(), ());
        let instance = pre.instantiate_async(&mut store).await.unwrap();
        stores.push((store, instance));
    }
    stores
}

async fn end(composition: Composition) {
    composition.shutdown(Duration::from_secs(60)).await;
}

/// Measures the start and the end of chains, and prints a table of its own.
pub(crate) fn times(runtime: &Runtime, effort: Effort, results: &mut Results) {
    println!("\n| components | allocator | by hand | cold | prepared |\n|---:|---|---:|---:|---:|");
    for (allocator, config) in [("on demand", Config::new()), ("pooled", pooled())] {
        let guests = Guests::new(&config);
        for length in LENGTHS {
            let taken = measure(runtime, effort, &mut ways(&guests, length));
            let cell = |n: usize| format!("{} ({})", time(taken[n]), ratio(taken[n] / taken[0]));
            let (hand, cold, prepared) = (time(taken[0]), cell(1), cell(2));
            println!("| {length} | {allocator} | {hand} | {cold} | {prepared} |");
            for (way, taken) in ["by hand", "cold", "prepared"].into_iter().zip(taken) {
                let name = format!("{way} {length} {allocator}");
                results.single.insert(name, taken);
            }
        }
    }
}

fn ways(guests: &Guests, length: usize) -> [Run; 3] {
    let linked = guests.linked(length);
    let hand = timed(move || {
        let linked = linked.clone();
        async move { drop(by_hand(&linked).await) }
    });
    let chain = guests.clone();
    let cold = timed(move || {
        let composer = chain.chain(length);
        async move { end(composer.compose().await.unwrap()).await }
    });
    let prepared = guests.chain(length).prepare().unwrap();
    let prepared = timed(move || {
        let prepared = prepared.clone();
        async move { end(prepared.compose().await.unwrap()).await }
    });
    [hand, cold, prepared]
}

fn timed<F: Future<Output = ()>>(mut begin: impl FnMut() -> F + 'static) -> Run {
    Box::new(move |runtime, times| {
        let start = Instant::now();
        runtime.block_on(async {
            for _ in 0..times {
                begin().await;
            }
        });
        start.elapsed()
    })
}

/// Prints the resident memory of idle instances; each number comes from a process of its
/// own. Prints nothing on systems that do not report it.
pub(crate) fn memory() {
    if resident().is_none() {
        return;
    }
    println!("\n| idle instances | by hand, each | composed, each |\n|---:|---:|---:|");
    for count in [1, 100, 1000] {
        let cells = ["by-hand", "composed"].map(|way| {
            let this = std::env::current_exe().unwrap();
            let output = Command::new(this)
                .args(["--memory", way, &count.to_string()])
                .output();
            let text = String::from_utf8(output.unwrap().stdout).unwrap();
            let bytes: f64 = text.trim().parse().unwrap();
            format!("{:.1} KiB", bytes / 1024.0)
        });
        println!("| {count} | {} |", cells.join(" | "));
    }
}

/// Prints the resident bytes per instance, for `count` instances.
pub(crate) fn hold(runtime: &Runtime, way: &str, count: usize) {
    let guests = Guests::new(&Config::new());
    let held = |grown: usize| println!("{}", grown / count);
    let linked = guests.linked(count);
    let prepared = guests.chain(count).prepare().unwrap();
    runtime.block_on(async {
        // These allocate what only the first of all instances needs.
        let first = by_hand(&guests.linked(1)).await;
        let second = guests.chain(1).compose().await.unwrap();
        let before = resident().unwrap();
        if way == "by-hand" {
            let stores = by_hand(&linked).await;
            held(resident().unwrap().saturating_sub(before));
            drop(stores);
        } else {
            let composition = prepared.compose().await.unwrap();
            // This polls each driver once.
            tokio::task::yield_now().await;
            held(resident().unwrap().saturating_sub(before));
            drop(composition);
        }
        drop((first, second));
    });
}
