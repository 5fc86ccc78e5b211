//! Measures what streams between two components cost: each in a store of its own, on one
//! thread and on several, beside the same components fused into one store, and beside a
//! pipe of tokio's. The components are in Rust.
//!
//! ```sh
//! cargo bench -p wasm-composer --features fused --bench streams
//! cargo bench -p wasm-composer --features fused --bench streams -- --quick bytes
//! ```
//!
//! Words pick the rows whose names contain one of them; `--quick` takes fewer samples.
//! `--only=one-thread` leaves one way, and runs it for ten seconds, for a profiler.
//! `--memory` instead sends a GiB to a reader that is a thousand times slower, which takes
//! a minute, and prints how much memory that took.
//! The figures are medians of samples that were taken in turns; a ratio is that of the
//! medians.

#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code)] // others use more of it
#[path = "compare/figures.rs"]
mod figures;

use std::path::Path;
use std::time::{Duration, Instant};

use composer::fused::{FusedComponents, FusedMember};
use composer::{ComposableDescriptor, Composer, Composition, Value, load_component};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::{Builder, Runtime};
use wasmtime::{Config, Engine};

const USER: &str = "test:streams/user@0.1.0";
const SOURCE: &str = "test:streams/source@0.1.0";
const KIB: u32 = 1 << 10;
const MIB: u32 = 1 << 20;

/// Something that is measured: it runs once and takes this long.
type Subject<'s> = Box<dyn Fn() -> Duration + 's>;

/// A row: its name, what it counts, how many of it each subject moves, and the subjects.
struct Row<'s> {
    name: String,
    unit: &'static str,
    count: f64,
    subjects: Vec<(&'static str, Subject<'s>)>,
}

struct Goal {
    row: &'static str,
    subject: &'static str,
    against: &'static str,
    /// How many times as fast it should be, at least.
    at_least: f64,
}

/// How long a row is run at least when a profiler looks at one way.
const PROFILED: Duration = Duration::from_secs(10);

const GOALS: &[Goal] = &[
    goal("bytes, 4 KiB", "one thread", "fused", 1.0),
    goal("bytes, 64 KiB", "one thread", "fused", 0.5),
    goal("bytes, 1 MiB", "one thread", "fused", 0.6),
    goal("bytes, 4 KiB", "threads", "duplex", 1.0),
    goal("bytes, 64 KiB", "threads", "duplex", 1.0),
    goal("bytes, 1 MiB", "threads", "duplex", 1.0),
    goal("readings, 100", "one thread", "fused", 3.0),
    goal("points, 1000", "one thread", "fused", 20.0),
    goal("first item", "one thread", "async call", 0.5),
    goal("1,000 streams", "one thread", "one stream", 1.0 / 1.5),
];

const fn goal(
    row: &'static str,
    subject: &'static str,
    against: &'static str,
    at_least: f64,
) -> Goal {
    Goal {
        row,
        subject,
        against,
        at_least,
    }
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let samples = match args.iter().any(|arg| arg == "--quick") {
        true => 5,
        false => 25,
    };
    let wanted: Vec<&String> = args.iter().filter(|arg| !arg.starts_with("--")).collect();
    let is_wanted =
        |name: &str| wanted.is_empty() || wanted.iter().any(|part| name.contains(*part));

    let one = Builder::new_current_thread().enable_all().build().unwrap();
    let many = Builder::new_multi_thread().enable_all().build().unwrap();
    let engine = Engine::new(Config::new().wasm_component_model_async(true)).unwrap();
    let pairs = Pairs {
        fused: one.block_on(fused(&engine)),
        on_one: one.block_on(isolated(&engine)),
        on_many: many.block_on(isolated(&engine)),
        one: &one,
        many: &many,
    };
    if args.iter().any(|arg| arg == "--memory") {
        one.block_on(slow_reader(&pairs.on_one));
        let _entered = one.enter();
        return drop(pairs);
    }
    let only = args.iter().find_map(|arg| arg.strip_prefix("--only="));
    println!("| row | figures (beside the first) |\n|---|---|");
    let mut results = Vec::new();
    for mut row in rows(&pairs) {
        let is_subject = |name: &str| only.is_none_or(|only| name.replace(' ', "-") == only);
        row.subjects.retain(|(name, _)| is_subject(name));
        if is_wanted(&row.name) && !row.subjects.is_empty() {
            let at_least = only.map_or(Duration::ZERO, |_| PROFILED);
            let medians = measure(&row, samples, at_least);
            print(&row, &medians);
            results.push((row.name.clone(), medians));
        }
    }
    println!("\n| goal | at least | measured | |\n|---|---:|---:|---|");
    for goal in GOALS {
        let Some((_, medians)) = results.iter().find(|(name, _)| name == goal.row) else {
            continue;
        };
        let of = |name: &str| {
            let median = medians.iter().find(|(subject, _)| *subject == name);
            median.map(|(_, time)| *time)
        };
        let (Some(against), Some(subject)) = (of(goal.against), of(goal.subject)) else {
            continue;
        };
        let times = against / subject;
        let met = if times >= goal.at_least {
            "met"
        } else {
            "**missed**"
        };
        println!(
            "| {}, {} against {} | {:.2} × | {:.2} × | {met} |",
            goal.row, goal.subject, goal.against, goal.at_least, times
        );
    }
    // Components must be dropped inside of a runtime.
    let _entered = one.enter();
    drop(pairs);
}

/// Reads a GiB, 16 KiB each millisecond, from a writer that never pauses by itself.
async fn slow_reader(composition: &Composition) {
    const ALL: usize = 1 << 30;
    let fill = composition.get_func(Some(SOURCE), "fill").unwrap();
    let args = [(ALL as u64).into(), MIB.into()];
    let Some(Value::Stream(bytes)) = fill.call_owned(args).await.unwrap() else {
        panic!("a stream was expected");
    };
    let mut bytes = bytes.cast::<u8>();
    let mut buffer = vec![0; 16 << 10];
    let (mut read, begun) = (0, Instant::now());
    // The first reads are to warm up.
    let (mut before, mut most) = (0.0, 0.0_f64);
    loop {
        match bytes.read(&mut buffer).await.unwrap() {
            0 => break,
            count => read += count,
        }
        most = most.max(figures::resident().unwrap() as f64 / f64::from(MIB));
        if read <= 1 << 24 {
            before = most;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(read, ALL);
    let took = begun.elapsed().as_secs_f64();
    println!(
        "{:.1} MB/s; resident memory: {before:.1} MiB after 16 MiB, {most:.1} MiB at most",
        read as f64 / took / 1e6
    );
}

struct Pairs<'r> {
    fused: Composition,
    on_one: Composition,
    on_many: Composition,
    one: &'r Runtime,
    many: &'r Runtime,
}

fn rows<'s>(pairs: &'s Pairs<'_>) -> Vec<Row<'s>> {
    let mut rows = Vec::new();
    let three = |function: &'static str, args: Vec<u64>| -> Vec<(&'static str, Subject<'s>)> {
        let (again, once_more) = (args.clone(), args.clone());
        vec![
            (
                "fused",
                subject(pairs.one, &pairs.fused, USER, function, args),
            ),
            (
                "one thread",
                subject(pairs.one, &pairs.on_one, USER, function, again),
            ),
            (
                "threads",
                subject(pairs.many, &pairs.on_many, USER, function, once_more),
            ),
        ]
    };
    for (name, chunk, total) in [
        ("4 KiB", 4 * KIB, 16 * MIB),
        ("64 KiB", 64 * KIB, 64 * MIB),
        ("1 MiB", MIB, 128 * MIB),
    ] {
        let args = vec![total.into(), chunk.into(), chunk.into()];
        let mut subjects = three("drain", args);
        subjects.push(("duplex", duplex(pairs.many, chunk, total)));
        rows.push(Row {
            name: format!("bytes, {name}"),
            unit: "B",
            count: f64::from(total),
            subjects,
        });
    }
    for (function, name, chunk, count) in [
        ("drain-points", "points, 1000", 1000, 200_000_u64),
        ("drain-points", "points, 10", 10, 50_000),
        ("drain-readings", "readings, 100", 100, 50_000),
        ("drain-readings", "readings, 1", 1, 5_000),
    ] {
        rows.push(Row {
            name: name.to_owned(),
            unit: "items",
            count: count as f64,
            subjects: three(function, vec![count, chunk, chunk]),
        });
    }
    rows.push(Row {
        name: "first item".to_owned(),
        unit: "calls",
        count: 1.0,
        subjects: vec![
            (
                "async call",
                subject(pairs.one, &pairs.on_one, USER, "ping", vec![]),
            ),
            (
                "one thread",
                subject(pairs.one, &pairs.on_one, USER, "first", vec![1]),
            ),
            (
                "fused",
                subject(pairs.one, &pairs.fused, USER, "first", vec![1]),
            ),
        ],
    });
    let each = u64::from(MIB);
    let of_many = vec![1000, each, 16 * u64::from(KIB)];
    let of_one = vec![1, 1000 * each, 16 * u64::from(KIB)];
    rows.push(Row {
        name: "1,000 streams".to_owned(),
        unit: "B",
        count: (1000 * each) as f64,
        subjects: vec![
            (
                "one stream",
                subject(pairs.one, &pairs.on_one, USER, "drain-many", of_one),
            ),
            (
                "one thread",
                subject(pairs.one, &pairs.on_one, USER, "drain-many", of_many),
            ),
        ],
    });
    rows
}

fn measure(row: &Row<'_>, samples: usize, at_least: Duration) -> Vec<(&'static str, f64)> {
    let mut taken: Vec<Vec<f64>> = vec![Vec::new(); row.subjects.len()];
    let begun = Instant::now();
    for sample in 0.. {
        if sample > samples && begun.elapsed() >= at_least {
            break;
        }
        for ((_, run), taken) in row.subjects.iter().zip(&mut taken) {
            let time = run().as_secs_f64();
            // The first is to warm up.
            if sample > 0 {
                taken.push(time);
            }
        }
    }
    let names = row.subjects.iter().map(|(name, _)| *name);
    let medians = taken.into_iter().map(|mut times| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    });
    names.zip(medians).collect()
}

fn print(row: &Row<'_>, medians: &[(&'static str, f64)]) {
    let first = medians[0].1;
    let cells = medians.iter().map(|(name, time)| {
        let rate = match row.unit {
            "B" => format!("{:.0} MB/s", row.count / time / 1e6),
            "items" => format!("{:.2} M/s", row.count / time / 1e6),
            _ => figures::time(time * 1e9),
        };
        format!("{name} {rate} ({:.2} ×)", first / time)
    });
    println!(
        "| {} | {} |",
        row.name,
        cells.collect::<Vec<_>>().join(", ")
    );
}

fn guest(name: &str) -> std::path::PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/guests");
    tests.join(name).join(format!("{name}.wasm"))
}

async fn isolated(engine: &Engine) -> Composition {
    let mut composer = Composer::new();
    for name in ["streams", "streams-user"] {
        let component = load_component(engine, guest(name)).unwrap();
        composer.add(ComposableDescriptor::new(name, component));
    }
    composer.compose().await.unwrap()
}

async fn fused(engine: &Engine) -> Composition {
    let mut group = FusedComponents::bare(engine);
    for name in ["streams", "streams-user"] {
        group.add(FusedMember::from_file(engine, name, guest(name)).unwrap());
    }
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("group", group));
    composer.compose().await.unwrap()
}

/// Calls a function, with its numbers as wide as it wants them.
fn subject<'s>(
    runtime: &'s Runtime,
    composition: &'s Composition,
    interface: &str,
    function: &str,
    args: Vec<u64>,
) -> Subject<'s> {
    let _ = SOURCE;
    let func = composition.get_func(Some(interface), function).unwrap();
    Box::new(move || {
        let params = func.params().iter().zip(&args);
        let args: Vec<Value> = params
            .map(|((_, ty), arg)| match ty {
                composer::Type::U32 => (*arg as u32).into(),
                _ => (*arg).into(),
            })
            .collect();
        let func = func.clone();
        // From a task, as in most programs.
        let call = async move {
            let start = Instant::now();
            func.call_owned(args).await.unwrap();
            start.elapsed()
        };
        let handle = runtime.handle().clone();
        runtime.block_on(async { handle.spawn(call).await.unwrap() })
    })
}

/// A pipe of tokio's between two tasks.
fn duplex(runtime: &Runtime, chunk: u32, total: u32) -> Subject<'_> {
    Box::new(move || {
        runtime.block_on(async move {
            let (mut to, mut from) = tokio::io::duplex(chunk as usize);
            let start = Instant::now();
            let write = tokio::spawn(async move {
                let bytes = vec![7; chunk as usize];
                for _ in 0..total / chunk {
                    to.write_all(&bytes).await.unwrap();
                }
            });
            let read = tokio::spawn(async move {
                let mut buffer = vec![0; chunk as usize];
                while from.read(&mut buffer).await.unwrap() > 0 {}
            });
            write.await.unwrap();
            read.await.unwrap();
            start.elapsed()
        })
    })
}
