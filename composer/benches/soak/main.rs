//! Checks that no call takes much longer than the others, while a pair of components in
//! Rust is used for minutes as most programs would use it: loaded by a `Runtime` with its
//! default limits, on tokio's threads, with nothing else running.
//!
//! Each call from outside makes 100 calls from one component to the other, or 10,000; it
//! comes from the main thread, as with `#[tokio::main]`, or from a task. Each of these
//! four parts has a quarter of the time. After each second of calls, threads do nothing
//! for a second but read the clock, which shows for how long the machine itself stalls.
//! The program ends with 1 if a call fails, answers wrongly or does not return; if the
//! longest call of a part takes more than 50 times the median and the longest stall
//! together, the second longest more than that and the second longest stall, and so on:
//! one stall excuses one call. What others took of the processors meanwhile does not count.
//!
//! ```sh
//! cargo bench -p wasm-composer --bench soak
//! cargo bench -p wasm-composer --bench soak -- --seconds 30
//! ```
//!
//! It makes calls for ten minutes, or the given number of `--seconds`, or eight with
//! `--quick`; with the reading of the clock it takes twice that. `--pair=text` uses the
//! small pair in the text format, without WASI.

#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code)] // others use more of it
#[path = "../compare/figures.rs"]
mod figures;
mod others;
#[allow(dead_code)] // here, two are enough
#[path = "../runtime/pairs.rs"]
mod pairs;

use std::fmt;
use std::num::NonZero;
use std::process::ExitCode;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use composer::{Composition, ExportFunc, Runtime, Value};
use hdrhistogram::Histogram;
use tokio::runtime::{Builder, Runtime as Tokio};

use figures::time;
use others::used_by_others;
use pairs::Pair;

/// A call that takes this many medians is too slow.
const TOO_LONG: u64 = 50;
/// The number of calls before those that count.
const WARM: usize = 20;
/// The fewest calls whose median is meaningful.
const FEWEST: u64 = 20;
/// The number of slow calls to print.
const SHOWN: usize = 10;
/// For how long to make calls before the clock is read for as long.
const TURN: Duration = Duration::from_secs(1);
/// How often to look, between two calls, at what others have used.
const LOOKS: Duration = Duration::from_millis(100);
/// By how much the difference of two looks may be too large: the system counts in
/// hundredths of a second, for each processor.
const GRAIN: Duration = Duration::from_millis(20);

/// A call that takes longer than this counts as hung: three times its limit of time has
/// passed.
const GIVEN_UP: Duration = Duration::from_secs(30);
/// The current step, and when it began.
static NOW: Mutex<Option<(&str, Instant)>> = Mutex::new(None);

#[derive(Clone, Copy)]
enum From {
    Main,
    Task,
}

/// The parts: the number of calls between the components per call, and the origin of
/// that.
const PARTS: [(u32, From); 4] = [
    (100, From::Main),
    (100, From::Task),
    (10_000, From::Main),
    (10_000, From::Task),
];

/// The result of a part.
struct Soaked {
    /// In nanoseconds.
    taken: Histogram<u64>,
    /// The longest calls, without what others used.
    longest: Vec<Call>,
    /// The longest stalls of the machine between the calls, the longest first.
    stalls: Vec<Duration>,
    failed: Option<String>,
}

#[derive(Clone, Copy)]
struct Call {
    begun: Duration,
    taken: Duration,
    /// What others used of the processors in it, and for up to [`LOOKS`] before it.
    others: Duration,
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let seconds = match args.iter().position(|arg| arg == "--seconds") {
        Some(at) => args[at + 1].parse().unwrap(),
        None if args.iter().any(|arg| arg == "--quick") => 8.0,
        None => 600.0,
    };
    let pair = match args.iter().any(|arg| arg == "--pair=text") {
        true => Pair::Wat,
        false => Pair::Rust,
    };
    let each = Duration::from_secs_f64(seconds / PARTS.len() as f64);
    let tokio = Builder::new_multi_thread().enable_all().build().unwrap();

    thread::spawn(watch);
    println!(
        "Components: {}. Each part makes calls for {each:?}.\n",
        pair.title()
    );
    println!(
        "| calls within | from | made | min | p50 | p90 | p99 | p99.9 | p99.99 | max | max / p50 |"
    );
    println!("|---:|---|{}", "---:|".repeat(9));
    let soaked = PARTS.map(|(calls, from)| {
        let soaked = soak(&tokio, pair, calls, from, each);
        soaked.print(calls, from);
        soaked
    });
    println!();
    let mut well = true;
    for ((calls, from), soaked) in PARTS.into_iter().zip(&soaked) {
        well &= soaked.judge(calls, from);
    }
    match well {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

fn soak(tokio: &Tokio, pair: Pair, calls: u32, from: From, time: Duration) -> Soaked {
    let runtime = Runtime::new().unwrap();
    let work = async move {
        now("starting components");
        let composition = pair.load(&runtime).await;
        let soaked = use_it(&composition, calls, time).await;
        now("ending components");
        soaked
    };
    let soaked = match from {
        From::Main => tokio.block_on(work),
        From::Task => tokio.block_on(tokio.spawn(work)).unwrap(),
    };
    *NOW.lock().unwrap() = None;
    soaked
}

/// The longest stalls of a program that uses all processors, caused by the system or by
/// the machine that it runs on.
fn stalls(time: Duration) -> Vec<Duration> {
    let read = move || {
        let start = Instant::now();
        let mut last = start;
        longest(std::iter::from_fn(|| {
            let before = std::mem::replace(&mut last, Instant::now());
            (last - start < time).then(|| last - before)
        }))
    };
    let processors = thread::available_parallelism().unwrap().get();
    let readers: Vec<_> = (0..processors).map(|_| thread::spawn(read)).collect();
    longest(
        readers
            .into_iter()
            .flat_map(|reader| reader.join().unwrap()),
    )
}

/// The [`SHOWN`] longest, the longest first.
fn longest(times: impl Iterator<Item = Duration>) -> Vec<Duration> {
    let mut longest: Vec<Duration> = Vec::with_capacity(SHOWN + 1);
    for time in times {
        if longest.len() == SHOWN && longest.last() >= Some(&time) {
            continue;
        }
        let at = longest.partition_point(|other| *other >= time);
        longest.insert(at, time);
        longest.truncate(SHOWN);
    }
    longest
}

/// Ends the program if a step does not return. It runs in a thread of its own, since all
/// of tokio's threads may be blocked.
fn watch() {
    loop {
        thread::sleep(Duration::from_secs(1));
        let now = *NOW.lock().unwrap();
        if let Some((what, since)) = now
            && since.elapsed() > GIVEN_UP
        {
            println!("\n**{what} has not come to its end after {GIVEN_UP:?}**");
            std::process::exit(1);
        }
    }
}

fn now(what: &'static str) -> Instant {
    let since = Instant::now();
    *NOW.lock().unwrap() = Some((what, since));
    since
}

async fn use_it(composition: &Composition, calls: u32, time: Duration) -> Soaked {
    let adds = composition.get_func(None, "adds").unwrap();
    let mut soaked = Soaked {
        taken: Histogram::new(3).unwrap(),
        longest: Vec::new(),
        stalls: Vec::new(),
        failed: None,
    };
    for _ in 0..WARM {
        let (_, answer) = once(&adds, calls).await;
        if let Err(wrong) = answer {
            soaked.failed = Some(wrong);
            return soaked;
        }
    }
    let start = Instant::now();
    let mut used = Duration::ZERO;
    while used < time && soaked.failed.is_none() {
        let turn = TURN.min(time - used);
        soaked.turn(&adds, calls, start, turn).await;
        used += turn;
        now("reading the clock");
        let stalls = tokio::task::block_in_place(|| stalls(turn));
        soaked.stalls = longest(soaked.stalls.into_iter().chain(stalls));
    }
    soaked
}

/// The time that a call takes, and what is wrong with its answer, if anything is: adding
/// 1 that many times must give the number of calls.
async fn once(adds: &ExportFunc, calls: u32) -> (Duration, Result<(), String>) {
    let begun = now("a call");
    let answer = adds.call_owned([1u32.into(), calls.into()]).await;
    let taken = begun.elapsed();
    let right = match answer {
        Ok(Some(Value::U32(answer))) if answer == calls => Ok(()),
        Ok(other) => Err(format!("{other:?} is not what {calls} calls answer")),
        Err(error) => Err(error.to_string()),
    };
    (taken, right)
}

impl Call {
    /// How long it took, without what others used meanwhile.
    fn alone(&self) -> Duration {
        self.taken.saturating_sub(self.others)
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (taken, begun, others) = (self.taken, self.begun, self.others);
        write!(
            f,
            "{taken:.1?} (after {begun:.1?}; others used {others:.1?})"
        )
    }
}

impl Soaked {
    /// Makes calls, one after the other, until `time` has passed or one fails.
    async fn turn(&mut self, adds: &ExportFunc, calls: u32, start: Instant, time: Duration) {
        let end = start.elapsed() + time;
        let (mut looked, mut before) = (start.elapsed(), used_by_others());
        while start.elapsed() < end {
            let begun = start.elapsed();
            if begun - looked > LOOKS {
                (looked, before) = (begun, used_by_others());
            }
            let (taken, answer) = once(adds, calls).await;
            self.note(begun, taken, before);
            if let Err(wrong) = answer {
                self.failed = Some(wrong);
                return;
            }
        }
    }

    /// Counts a call; before it, others had used `before`.
    fn note(&mut self, begun: Duration, taken: Duration, before: Duration) {
        self.taken.record(taken.as_nanos() as u64).unwrap();
        let shortest = self.longest.last().map(Call::alone);
        if self.longest.len() == SHOWN && shortest >= Some(taken) {
            return;
        }
        let processors = thread::available_parallelism().map_or(1, NonZero::get);
        let others = used_by_others().saturating_sub(before + GRAIN * processors as u32);
        let call = Call {
            begun,
            taken,
            others,
        };
        let at = self
            .longest
            .partition_point(|other| other.alone() >= call.alone());
        self.longest.insert(at, call);
        self.longest.truncate(SHOWN);
    }

    fn median(&self) -> u64 {
        self.taken.value_at_quantile(0.5)
    }

    fn print(&self, calls: u32, from: From) {
        let taken = &self.taken;
        let at = |quantile| taken.value_at_quantile(quantile);
        let figures = [
            taken.min(),
            self.median(),
            at(0.9),
            at(0.99),
            at(0.999),
            at(0.9999),
            taken.max(),
        ];
        let figures = figures.map(|nanoseconds| time(nanoseconds as f64));
        let (made, figures) = (taken.len(), figures.join(" | "));
        let ratio = taken.max() as f64 / self.median().max(1) as f64;
        println!(
            "| {calls} | {} | {made} | {figures} | {ratio:.1} |",
            from.title()
        );
    }

    /// Prints and returns whether all calls were fast enough, on a machine that stalls by
    /// itself.
    fn judge(&self, calls: u32, from: From) -> bool {
        let what = format!("{calls} calls within, from {}", from.title());
        if let Some(failed) = &self.failed {
            println!("* {what}: **a call failed**: {failed}");
        }
        let few = self.taken.len();
        if few < FEWEST {
            println!("* {what}: **{few} calls are too few to tell**");
            return false;
        }
        // The histogram's figures are rounded, so this uses the calls themselves.
        let median = Duration::from_nanos(TOO_LONG * self.median());
        let stalls = self.stalls.iter().copied();
        let stalls = stalls.chain(std::iter::repeat(Duration::ZERO));
        let ranked = self.longest.iter().zip(stalls);
        let long = ranked.filter(|(call, stall)| call.alone() > median + *stall);
        let long: Vec<String> = long
            .map(|(call, stall)| format!("{call}, beside a stall of {stall:.1?}"))
            .collect();
        match long.len() {
            0 => println!(
                "* {what}: no call took more than {TOO_LONG} times the median and the stall of \
                 its rank"
            ),
            few => println!(
                "* {what}: **{few} of the {SHOWN} longest calls took more than {TOO_LONG} times \
                 the median and the stall of their rank**: {}",
                long.join("; ")
            ),
        }
        println!("  The longest stalls: {:.1?}", self.stalls);
        if let Some(longest) = self.longest.first() {
            println!("  The longest one, without what others used: {longest}");
        }
        self.failed.is_none() && long.is_empty()
    }
}

impl From {
    fn title(self) -> &'static str {
        match self {
            From::Main => "the main thread",
            From::Task => "a task",
        }
    }
}
