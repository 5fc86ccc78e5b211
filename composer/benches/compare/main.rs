//! Measures what a call from one component to another costs, for every way to link them,
//! in one run; `benches/README.md` explains the rows.
//!
//! ```sh
//! cargo bench -p wasm-composer --features fused --bench compare
//! cargo bench -p wasm-composer --features fused --bench compare -- --quick add text
//! ```
//!
//! Words pick the rows whose names contain one of them; `--quick` takes fewer and
//! shorter samples; `--only=dynamic` leaves one column, for a profiler.

#![allow(clippy::unwrap_used, missing_docs)]

mod case;
mod figures;
mod goals;
mod measure;
mod rows;
mod start;
mod subjects;
mod table;

use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};

use case::Compiler;
use measure::{Effort, measure};
use rows::Row;
use subjects::Run;
use table::{Kind, Line, Results};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let effort = Effort::new(args.iter().any(|arg| arg == "--quick"));
    let only = args.iter().find_map(|arg| arg.strip_prefix("--only="));
    let only = only.unwrap_or_default();
    let wanted: Vec<&String> = args.iter().filter(|arg| !arg.starts_with("--")).collect();
    let is_wanted =
        |name: &str| wanted.is_empty() || wanted.iter().any(|part| name.contains(*part));

    // On one thread no row pays for waking another thread; some rows run on several as
    // well.
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    if let Some(at) = args.iter().position(|arg| arg == "--memory") {
        return start::hold(&runtime, &args[at + 1], args[at + 2].parse().unwrap());
    }
    let threads = Builder::new_multi_thread().enable_all().build().unwrap();
    let mut results = Results::default();
    table::head();
    for engine in [Kind::Concurrent, Kind::Plain] {
        let concurrency = engine == Kind::Concurrent;
        let plain = Compiler::new(concurrency, false);
        let inlining = Compiler::new(concurrency, true);
        let rows = rows::rows();
        let rows = rows
            .iter()
            .filter(|row| is_wanted(row.id) && (concurrency || !row.is_async));
        for row in rows {
            let runtime = if row.threads { &threads } else { &runtime };
            let line = line(runtime, effort, row, engine, (&plain, &inlining), only);
            line.print();
            results.lines.push(line);
        }
    }
    if is_wanted("16 MiB") {
        let copied = measure(&runtime, effort, &mut [copy()]);
        println!(
            "\nCopying 16 MiB four times takes {}.",
            table::time(copied[0])
        );
        results.single.insert("copy".to_owned(), copied[0]);
    }
    if is_wanted("start") {
        start::times(&runtime, effort, &mut results);
    }
    if is_wanted("memory") {
        start::memory();
    }
    goals::print(&results);
}

fn line(
    runtime: &Runtime,
    effort: Effort,
    row: &Row,
    engine: Kind,
    (plain, inlining): (&Compiler, &Compiler),
    only: &str,
) -> Line {
    let runs = row.runs(runtime, plain, inlining, only);
    let (subjects, mut runs): (Vec<_>, Vec<Run>) = runs.into_iter().unzip();
    let taken = measure(runtime, effort, &mut runs);
    // Components must be dropped inside the runtime in which they ran.
    let _entered = runtime.enter();
    drop(runs);
    Line {
        id: row.id,
        title: row.title.clone(),
        engine,
        cells: subjects.into_iter().zip(taken).collect(),
    }
}

/// Copies 16 MiB four times, between buffers that are already allocated.
fn copy() -> Run {
    let from = vec![7_u8; 16 << 20];
    let mut to = vec![0_u8; 16 << 20];
    Box::new(move |_, times| {
        let start = Instant::now();
        for _ in 0..times {
            for _ in 0..4 {
                to.copy_from_slice(std::hint::black_box(&from));
                std::hint::black_box(&mut to);
            }
        }
        start.elapsed().max(Duration::from_nanos(1))
    })
}
