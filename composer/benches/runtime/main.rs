//! Measures what an edge costs in the default setup: components that a `Runtime` has
//! loaded, with limits, on tokio's threads; beside two components without either, and two
//! that are linked by hand. `benches/README.md` explains the tables.
//!
//! ```sh
//! cargo bench -p wasm-composer --bench runtime
//! cargo bench -p wasm-composer --bench runtime -- --quick add KiB
//! ```
//!
//! Words pick the rows whose names contain one of them; `--quick` takes fewer and
//! shorter samples; `--only=strict` leaves one column, and `--pair=Rust` one pair, for
//! a profiler.

#![allow(clippy::unwrap_used, missing_docs)]

mod by_hand;
#[allow(dead_code)] // others use more of it
#[path = "../compare/figures.rs"]
mod figures;
mod goals;
#[path = "../compare/measure.rs"]
mod measure;
mod pairs;
mod ways;

use std::process::ExitCode;

use tokio::runtime::Builder;

use figures::{ratio, time};
use measure::{Effort, measure_anew, median};
use pairs::Pair;
use subjects::Run;
use ways::{Failure, Way, Ways};

/// The part of `subjects` that `measure` needs.
mod subjects {
    use std::time::Duration;

    use tokio::runtime::Runtime;

    pub(crate) type Run = Box<dyn FnMut(&Runtime, u32) -> Duration>;
}

/// A function of the caller, which calls one of the callee a given number of times.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    id: &'static str,
    title: &'static str,
    func: &'static str,
    size: u32,
}

const ROWS: [Row; 6] = [
    Row::new("add", "`add(u32, u32)`", "adds", 1),
    Row::new("text", "echo of a string of 32 bytes", "texts", 32),
    Row::new("1 KiB", "echo of 1 KiB of `list<u8>`", "bytes", 1 << 10),
    Row::new("64 KiB", "echo of 64 KiB of `list<u8>`", "bytes", 64 << 10),
    Row::new("1 MiB", "echo of 1 MiB of `list<u8>`", "bytes", 1 << 20),
    Row::new("100 records", "echo of 100 records", "records", 100),
];

/// The measurement of one row, pair and way.
pub(crate) struct Cell {
    row: Row,
    pair: Pair,
    way: Way,
    /// In nanoseconds, sample by sample, or the reason why a call failed.
    taken: Result<Vec<f64>, String>,
}

impl Cell {
    /// The ratio to another cell, whose samples were taken beside this one's.
    pub(crate) fn against(&self, base: &Cell) -> Option<f64> {
        let (taken, base) = (self.taken.as_ref().ok()?, base.taken.as_ref().ok()?);
        let ratios = taken.iter().zip(base).map(|(taken, base)| taken / base);
        Some(median(ratios.collect()))
    }
}

impl Row {
    const fn new(id: &'static str, title: &'static str, func: &'static str, size: u32) -> Row {
        Row {
            id,
            title,
            func,
            size,
        }
    }

    /// Panics if the answer is wrong.
    fn check(&self, times: u32, answer: u32) {
        let right = match self.func {
            "adds" => self.size.wrapping_mul(times),
            _ => self.size,
        };
        assert_eq!(answer, right, "{}", self.title);
    }
}

/// Makes a subject.
type Make<'m> = Box<dyn FnMut() -> Run + 'm>;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let effort = Effort::new(args.iter().any(|arg| arg == "--quick"));
    let option = |name| args.iter().find_map(|arg| arg.strip_prefix(name));
    let only = option("--only=").unwrap_or_default();
    let only_pair = option("--pair=").unwrap_or_default();
    let wanted: Vec<&String> = args.iter().filter(|arg| !arg.starts_with("--")).collect();
    let is_wanted = |row: &Row| wanted.is_empty() || wanted.iter().any(|it| row.id.contains(*it));
    let pairs = Pair::ALL
        .into_iter()
        .filter(|pair| pair.title().contains(only_pair));
    let subjects: Vec<(Pair, Way)> = pairs
        .flat_map(|pair| Way::ALL.map(|way| (pair, way)))
        .filter(|(_, way)| way.title().contains(only))
        .collect();

    let tokio = Builder::new_multi_thread().enable_all().build().unwrap();
    let ways = Ways::new();
    let mut cells = Vec::new();
    head();
    for row in ROWS.into_iter().filter(is_wanted) {
        let failures: Vec<Failure> = subjects.iter().map(|_| Failure::default()).collect();
        let make = |(&(pair, way), failure): (&(Pair, Way), &Failure)| {
            let (tokio, ways, failure) = (&tokio, &ways, failure.clone());
            Box::new(move || tokio.block_on(ways.run(row, pair, way, failure.clone()))) as Make<'_>
        };
        let mut make: Vec<Make<'_>> = subjects.iter().zip(&failures).map(make).collect();
        // Components must be dropped inside the runtime in which they ran.
        let taken = {
            let _entered = tokio.enter();
            measure_anew(&tokio, effort, &mut make)
        };
        drop(make);
        let mut of_row = Vec::new();
        for ((&(pair, way), taken), failure) in subjects.iter().zip(taken).zip(&failures) {
            of_row.push(Cell {
                row,
                pair,
                way,
                taken: failure.take().map_or(Ok(taken), Err),
            });
        }
        print(row, &of_row);
        cells.extend(of_row);
    }
    goals::print(&cells);
    match failures(&cells) {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    }
}

/// Prints the calls that failed, and returns whether any did.
fn failures(cells: &[Cell]) -> bool {
    let failed = |cell: &Cell| cell.taken.is_err();
    if cells.iter().any(failed) {
        println!("\nThese failed:\n");
    }
    for cell in cells {
        if let Err(why) = &cell.taken {
            let (title, pair, way) = (cell.row.title, cell.pair.title(), cell.way.title());
            println!("* {title}, {pair}, {way}, {why}");
        }
    }
    cells.iter().any(failed)
}

fn head() {
    let titles = Way::ALL.map(Way::title);
    println!("| what | components | {} |", titles.join(" | "));
    println!("|---|---|{}", "---:|".repeat(titles.len()));
}

/// Prints a line for each pair: each time, with its ratio to the bare edge.
fn print(row: Row, cells: &[Cell]) {
    let find = |pair, way| find(cells, row.id, pair, way);
    let base = find(Pair::Wat, Way::Bare);
    for pair in Pair::ALL {
        let cell = |way| {
            let Some(cell) = find(pair, way) else {
                return "–".to_owned();
            };
            let Ok(taken) = &cell.taken else {
                return "**failed**".to_owned();
            };
            let taken = time(median(taken.clone()));
            let base = base.filter(|_| (pair, way) != (Pair::Wat, Way::Bare));
            match base.and_then(|base| cell.against(base)) {
                Some(against) => format!("{taken} ({})", ratio(against)),
                None => taken,
            }
        };
        let line = Way::ALL.map(cell);
        if line.iter().any(|cell| cell != "–") {
            let (title, line) = (pair.title(), line.join(" | "));
            println!("| {} | {title} | {line} |", row.title);
        }
    }
}

pub(crate) fn find<'a>(cells: &'a [Cell], row: &str, pair: Pair, way: Way) -> Option<&'a Cell> {
    let is_it = |cell: &&Cell| (cell.row.id, cell.pair, cell.way) == (row, pair, way);
    cells.iter().find(is_it)
}
