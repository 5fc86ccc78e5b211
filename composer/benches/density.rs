//! Measures how many instances fit into a GiB, and how many can be made in a second: by
//! hand with wasmtime, from a prepared composition, and from a pool. `benches/README.md`
//! explains the tables.
//!
//! ```sh
//! cargo bench -p wasm-composer --features fused --bench density
//! cargo bench -p wasm-composer --features fused --bench density -- --quick
//! ```

#![allow(clippy::unwrap_used, missing_docs)]

#[path = "compare/figures.rs"]
mod figures;
#[path = "compare/measure.rs"]
mod measure;

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use composer::runtime::{Lease, Pool, Reset};
use composer::{ComposableDescriptor, Composer, Composition, PreparedComposition};
use tokio::runtime::{Builder, Runtime};
use wasmtime::component::{Component, Instance, InstancePre, Linker};
use wasmtime::{Config, Engine, Store};

use figures::{pooled, ratio, resident, time};
use measure::{Effort, measure};
use subjects::Run;

/// The part of `subjects` that `measure` needs.
mod subjects {
    use std::time::Duration;

    use tokio::runtime::Runtime;

    pub(crate) type Run = Box<dyn FnMut(&Runtime, u32) -> Duration>;
}

const TRANSFORM: &str = "test:text/transform@0.1.0";
const HELD: usize = 1_000;
const WARM: usize = 8;

/// By hand, from a prepared composition, and from a pool.
const WAYS: [&str; 3] = ["hand", "prepared", "pool"];
const STATES: [&str; 2] = ["idle", "called"];
const ALLOCATORS: [&str; 2] = ["on demand", "pooled"];

/// `text-base`, a small guest in Rust without imports.
struct Guest {
    linked: InstancePre<()>,
    prepared: PreparedComposition,
}

impl Guest {
    fn new(allocator: &str) -> Guest {
        let config = match allocator {
            "pooled" => pooled(),
            _ => Config::new(),
        };
        let engine = Engine::new(&config).unwrap();
        let tests = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests");
        let guest = tests.join("guests/text-base/text-base.wasm");
        let component = Component::from_file(&engine, guest).unwrap();
        let mut composer = Composer::new();
        composer.add(ComposableDescriptor::new("base", component.clone()));
        Guest {
            linked: Linker::new(&engine).instantiate_pre(&component).unwrap(),
            prepared: composer.prepare().unwrap(),
        }
    }

    fn pool(&self, runtime: &Runtime, reset: Reset, warm: usize) -> Pool {
        let _entered = runtime.enter();
        let pool = Pool::builder(&self.prepared).reset(reset);
        pool.max(2 * warm).warm(warm).build().unwrap()
    }
}

async fn by_hand(linked: &InstancePre<()>) -> (Store<()>, Instance) {
    let mut store = Store::new(linked.engine(), ());
    let instance = linked.instantiate_async(&mut store).await.unwrap();
    (store, instance)
}

async fn call_by_hand((store, instance): &mut (Store<()>, Instance)) {
    let interface = instance.get_export_index(&mut *store, None, TRANSFORM);
    let apply = instance.get_export_index(&mut *store, interface.as_ref(), "apply");
    let apply = instance.get_typed_func::<(&str,), (String,)>(&mut *store, apply.unwrap());
    let (text,) = apply.unwrap().call_async(store, ("hi",)).await.unwrap();
    assert_eq!(text, "hi");
}

async fn call(composition: &Composition) {
    let apply = composition.get_func(Some(TRANSFORM), "apply").unwrap();
    let text = apply.call_owned(["hi".into()]).await.unwrap();
    assert_eq!(text, Some("hi".into()));
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    if let Some(at) = args.iter().position(|arg| arg == "--memory") {
        let [allocator, way, state] = &args[at + 1..at + 4] else {
            panic!("which memory?");
        };
        return hold(&runtime, allocator, way, state == "called");
    }
    let effort = Effort::new(args.iter().any(|arg| arg == "--quick"));
    times(&runtime, effort);
    if resident().is_some() {
        memory();
    }
}

/// The time to get an instance that was never used, and to let go of it; and the same
/// with an instance that is used again.
fn times(runtime: &Runtime, effort: Effort) {
    println!("| instances a second | by hand | prepared | pool, `Fresh` | pool, `Keep` |");
    println!("|---|---:|---:|---:|---:|");
    for allocator in ALLOCATORS {
        for state in STATES {
            let guest = Guest::new(allocator);
            let taken = measure(runtime, effort, &mut runs(runtime, &guest, state));
            let cells = taken.iter().enumerate().map(|(n, &one)| {
                let rate = format!("{} ({} each)", rounded(1e9 / one), time(one));
                match n {
                    0 => rate,
                    _ => format!("{rate}, {} ×", ratio(taken[0] / one)),
                }
            });
            let cells: Vec<String> = cells.collect();
            println!("| {allocator}, {state} | {} |", cells.join(" | "));
        }
    }
}

fn runs(runtime: &Runtime, guest: &Guest, state: &str) -> Vec<Run> {
    let called = state == "called";
    let linked = guest.linked.clone();
    let hand = timed(async move || {
        let mut instance = by_hand(&linked).await;
        if called {
            call_by_hand(&mut instance).await;
        }
    });
    let prepared = guest.prepared.clone();
    let prepared = timed(async move || {
        let composition = prepared.compose().await.unwrap();
        if called {
            call(&composition).await;
        }
        composition.shutdown(Duration::from_secs(60)).await;
    });
    let pools = [Reset::Fresh, Reset::Keep].map(|reset| {
        let pool = guest.pool(runtime, reset, WARM);
        timed(async move || {
            let lease = pool.lease().await.unwrap();
            if called {
                call(&lease).await;
            }
        })
    });
    [hand, prepared].into_iter().chain(pools).collect()
}

fn timed(mut once: impl AsyncFnMut() + 'static) -> Run {
    Box::new(move |runtime, times| {
        let start = Instant::now();
        runtime.block_on(async {
            for _ in 0..times {
                once().await;
            }
        });
        start.elapsed()
    })
}

/// Prints the memory that instances keep resident; each number comes from a process of
/// its own.
fn memory() {
    println!("\n| instances in a GiB | by hand | prepared | pool |\n|---|---:|---:|---:|");
    for allocator in ALLOCATORS {
        for state in STATES {
            let bytes = WAYS.map(|way| {
                let this = std::env::current_exe().unwrap();
                let output = Command::new(this)
                    .args(["--memory", allocator, way, state])
                    .output();
                let text = String::from_utf8(output.unwrap().stdout).unwrap();
                text.trim().parse::<f64>().unwrap()
            });
            let cells = WAYS.iter().zip(bytes).map(|(way, each)| {
                let fit = rounded(f64::from(1 << 30) / each);
                let cell = format!("{fit} ({:.1} KiB each)", each / 1024.0);
                match *way {
                    "hand" => cell,
                    _ => format!("{cell}, {} ×", ratio(bytes[0] / each)),
                }
            });
            let cells: Vec<String> = cells.collect();
            println!("| {allocator}, {state} | {} |", cells.join(" | "));
        }
    }
}

/// Prints the resident bytes per instance, for many instances.
fn hold(runtime: &Runtime, allocator: &str, way: &str, called: bool) {
    let guest = Guest::new(allocator);
    let print = |before: usize| {
        let grown = resident().unwrap().saturating_sub(before);
        println!("{}", grown / HELD);
    };
    runtime.block_on(async {
        // These allocate what only the first instance needs.
        let mut first = by_hand(&guest.linked).await;
        call_by_hand(&mut first).await;
        let second = guest.prepared.compose().await.unwrap();
        call(&second).await;
        let before = resident().unwrap();
        match way {
            "hand" => {
                let mut held = Vec::new();
                for _ in 0..HELD {
                    let mut instance = by_hand(&guest.linked).await;
                    if called {
                        call_by_hand(&mut instance).await;
                    }
                    held.push(instance);
                }
                print(before);
            }
            "prepared" => {
                let mut held = Vec::new();
                for _ in 0..HELD {
                    let composition = guest.prepared.compose().await.unwrap();
                    if called {
                        call(&composition).await;
                    }
                    held.push(composition);
                }
                // This polls each driver once.
                tokio::task::yield_now().await;
                print(before);
            }
            _ => {
                let pool = Pool::builder(&guest.prepared).reset(Reset::Keep);
                let pool = pool.max(HELD).warm(HELD).build().unwrap();
                while pool.status().idle < HELD {
                    tokio::task::yield_now().await;
                }
                if called {
                    let mut leases: Vec<Lease> = Vec::new();
                    for _ in 0..HELD {
                        leases.push(pool.lease().await.unwrap());
                    }
                    for lease in &leases {
                        call(lease).await;
                    }
                }
                tokio::task::yield_now().await;
                print(before);
            }
        }
    });
}

/// A number rounded to three digits.
fn rounded(number: f64) -> String {
    let unit = 10f64.powi((number.log10().floor() as i32 - 2).max(0));
    let digits = ((number / unit).round() * unit).to_string();
    let mut text = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
