//! Measures what limits of fuel and of time add to calls.
//!
//! * `calls`: a component calls another one in a loop, which measures one call over an
//!   edge, with the accounting for it;
//! * `loop`: one call runs a loop of five instructions, which measures the code that
//!   wasmtime adds for interrupts and for counting;
//! * `function`: the same with a loop that calls a small function, whose entry has a
//!   check too;
//! * `matrix`: two matrices of 64 by 64 `f64` are multiplied, as an example of real
//!   computing.
//!
//! The columns take turns, sample by sample. None of the limits is reached.
//!
//! ```sh
//! cargo bench -p wasm-composer --bench limits
//! ```

#![allow(clippy::unwrap_used, missing_docs)]

use std::time::{Duration, Instant};

use composer::runtime::Limits;
use composer::{ComposableDescriptor, Composer, ExportFunc, Runtime};
use tokio::runtime::{Builder, Runtime as Tokio};

const SAMPLES: usize = 25;

const ADD: &str = r#"(component
    (core module $m (func (export "add") (param i32 i32) (result i32)
        (i32.add (local.get 0) (local.get 1))))
    (core instance $i (instantiate $m))
    (func (export "add") (param "a" u32) (param "b" u32) (result u32)
        (canon lift (core func $i "add"))))"#;

const WORK: &str = r#"(component
    (import "add" (func $add (param "a" u32) (param "b" u32) (result u32)))
    (core func $add' (canon lower (func $add)))
    (core module $m
        (import "" "add" (func $add (param i32 i32) (result i32)))
        (memory 2)
        (func (export "calls") (param i32) (result i32) (local i32)
            (loop $again
                (local.set 1 (call $add (local.get 1) (local.get 0)))
                (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
            (local.get 1))
        (func (export "loop") (param i32) (result i32) (local i32)
            (loop $again
                (local.set 1 (i32.mul
                    (i32.xor (local.get 1) (local.get 0))
                    (i32.const 0x01000193)))
                (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
            (local.get 1))
        (func $step (param i32) (result i32) (local $at i32)
            (local.set $at (i32.and (i32.shl (local.get 0) (i32.const 2)) (i32.const 0xfffc)))
            (i32.store (local.get $at) (i32.add
                (i32.load (local.get $at))
                (if (result i32) (i32.and (local.get 0) (i32.const 4))
                    (then (i32.const 3))
                    (else (i32.rotl (local.get 0) (i32.const 5))))))
            (i32.load (local.get $at)))
        (func (export "function") (param i32) (result i32) (local i32)
            (loop $again
                (local.set 1 (i32.xor (local.get 1) (call $step (local.get 0))))
                (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
            (local.get 1))
        ;; From 64 KiB on, the sum of a row and a column for each element.
        (func $multiply (local $i i32) (local $j i32) (local $k i32) (local $sum f64)
            (loop $rows
                (local.set $j (i32.const 0))
                (loop $columns
                    (local.set $k (i32.const 0))
                    (local.set $sum (f64.const 0))
                    (loop $sum
                        (local.set $sum (f64.add (local.get $sum) (f64.mul
                            (f64.load (i32.add
                                (i32.shl (local.get $i) (i32.const 9))
                                (i32.shl (local.get $k) (i32.const 3))))
                            (f64.load offset=32768 (i32.add
                                (i32.shl (local.get $k) (i32.const 9))
                                (i32.shl (local.get $j) (i32.const 3)))))))
                        (br_if $sum (i32.lt_u
                            (local.tee $k (i32.add (local.get $k) (i32.const 1)))
                            (i32.const 64))))
                    (f64.store offset=65536
                        (i32.add
                            (i32.shl (local.get $i) (i32.const 9))
                            (i32.shl (local.get $j) (i32.const 3)))
                        (local.get $sum))
                    (br_if $columns (i32.lt_u
                        (local.tee $j (i32.add (local.get $j) (i32.const 1)))
                        (i32.const 64))))
                (br_if $rows (i32.lt_u
                    (local.tee $i (i32.add (local.get $i) (i32.const 1)))
                    (i32.const 64)))))
        (func (export "matrix") (param i32) (result i32)
            (loop $again
                (call $multiply)
                (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
            (i32.load (i32.const 65536))))
    (core instance $i (instantiate $m (with "" (instance (export "add" (func $add'))))))
    (func (export "calls") (param "n" u32) (result u32) (canon lift (core func $i "calls")))
    (func (export "loop") (param "n" u32) (result u32) (canon lift (core func $i "loop")))
    (func (export "function") (param "n" u32) (result u32)
        (canon lift (core func $i "function")))
    (func (export "matrix") (param "n" u32) (result u32) (canon lift (core func $i "matrix"))))"#;

/// The functions to measure, with the iterations of each in one sample.
const ROWS: [(&str, u32); 4] = [
    ("calls", 10_000),
    ("loop", 20_000_000),
    ("function", 5_000_000),
    ("matrix", 50),
];

const COLUMNS: [(&str, bool, bool); 4] = [
    ("none", false, false),
    ("time", true, false),
    ("fuel", false, true),
    ("both", true, true),
];

/// Both components with a column's limits, ready to be called.
struct Held {
    column: &'static str,
    funcs: Vec<ExportFunc>,
    /// Ends its clock when it is dropped.
    _runtime: Runtime,
}

impl Held {
    async fn new((column, time, fuel): (&'static str, bool, bool)) -> Held {
        let limits = Limits::default()
            .with_time(time.then_some(Duration::from_secs(60)))
            .with_fuel(fuel.then_some(1 << 50));
        // The runtime counts what is limited, and nothing else.
        let runtime = Runtime::builder().limits(limits).build().unwrap();
        let mut composer = Composer::new();
        for (name, text) in [("add", ADD), ("work", WORK)] {
            let component = runtime.load_bytes(name, text).await.unwrap();
            composer.add(ComposableDescriptor::new(name, component.part()));
        }
        let composition = runtime.compose(composer).await.unwrap();
        let find = |(name, _): (&str, u32)| composition.get_func(None, name).unwrap();
        Held {
            column,
            funcs: ROWS.map(find).into(),
            _runtime: runtime,
        }
    }

    fn once(&self, tokio: &Tokio, row: usize) -> Duration {
        let begun = Instant::now();
        let times = ROWS[row].1;
        let called = tokio.block_on(self.funcs[row].call_owned([times.into()]));
        std::hint::black_box(called.unwrap());
        begun.elapsed()
    }
}

fn main() {
    let tokio = Builder::new_current_thread().enable_all().build().unwrap();
    let columns = COLUMNS.map(|column| tokio.block_on(Held::new(column)));
    for (row, (name, times)) in ROWS.into_iter().enumerate() {
        let mut samples = [const { Vec::new() }; COLUMNS.len()];
        for sample in 0..=SAMPLES {
            for (held, samples) in columns.iter().zip(&mut samples) {
                let taken = held.once(&tokio, row);
                // The first sample warms the caches and is dropped.
                if sample > 0 {
                    samples.push(taken);
                }
            }
        }
        let each = samples.map(|mut samples| {
            samples.sort();
            samples[SAMPLES / 2].as_secs_f64() * 1e9 / f64::from(times)
        });
        for (held, time) in columns.iter().zip(each) {
            let ratio = time / each[0];
            println!("{name:8} {:5} {time:10.2} ns {ratio:6.2}×", held.column);
        }
    }
}
