//! Measures what the instrumentation of calls costs.
//!
//! A component calls another one in a loop, which measures one edge:
//!
//! * `nobody`: no subscriber;
//! * `nothing`: a subscriber that is interested in nothing;
//! * `spans`: a subscriber that keeps the spans without their fields;
//! * `fields`: a subscriber that formats their fields.
//!
//! Built with the feature `metrics`, each row includes the metrics, without a recorder.
//! The subscribers run one after another in this order, since each call site caches
//! whether a subscriber is interested. With the argument `nobody` it ends before the
//! first of them, which is for a profiler.
//!
//! ```sh
//! cargo bench -p wasm-composer --bench observe
//! ```

#![allow(clippy::unwrap_used, missing_docs)]

use std::fmt::{self, Write};
use std::time::{Duration, Instant};

use composer::{ComposableDescriptor, Composer, Engines, ExportFunc};
use tokio::runtime::{Builder, Runtime};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Dispatch, Subscriber, dispatcher};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, registry};

const CALLS: u32 = 10_000;
const SAMPLES: usize = 25;

const ADD: &str = r#"(component
    (core module $m (func (export "add") (param i32 i32) (result i32)
        (i32.add (local.get 0) (local.get 1))))
    (core instance $i (instantiate $m))
    (func (export "add") (param "a" u32) (param "b" u32) (result u32)
        (canon lift (core func $i "add"))))"#;

const SUM: &str = r#"(component
    (import "add" (func $add (param "a" u32) (param "b" u32) (result u32)))
    (core func $add' (canon lower (func $add)))
    (core module $m
        (import "" "add" (func $add (param i32 i32) (result i32)))
        (func (export "sum") (param i32) (result i32) (local i32)
            (loop $again
                (local.set 1 (call $add (local.get 1) (local.get 0)))
                (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
            (local.get 1)))
    (core instance $i (instantiate $m (with "" (instance (export "add" (func $add'))))))
    (func (export "sum") (param "n" u32) (result u32) (canon lift (core func $i "sum"))))"#;

/// Formats the fields of spans.
struct Fields;

#[derive(Default)]
struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, "{field}={value:?} ").unwrap();
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Fields {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut line = Line::default();
        attributes.record(&mut line);
        context.span(id).unwrap().extensions_mut().insert(line);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let span = context.span(id).unwrap();
        let mut extensions = span.extensions_mut();
        values.record(extensions.get_mut::<Line>().unwrap());
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let span = context.span(&id).unwrap();
        std::hint::black_box(&span.extensions().get::<Line>().unwrap().0);
    }
}

async fn start() -> ExportFunc {
    let engines = Engines::new().unwrap();
    let mut composer = Composer::new();
    for (name, text) in [("add", ADD), ("sum", SUM)] {
        let component = engines.component_from_bytes(name, text.as_bytes());
        composer.add(ComposableDescriptor::new(name, component.unwrap()));
    }
    let composition = composer.compose().await.unwrap();
    composition.get_func(None, "sum").unwrap()
}

/// The median time of one call over the edge.
fn measure(runtime: &Runtime, sum: &ExportFunc) -> Duration {
    let once = || {
        let begun = Instant::now();
        runtime.block_on(sum.call_owned([CALLS.into()])).unwrap();
        begun.elapsed() / CALLS
    };
    once();
    let mut samples: Vec<_> = (0..SAMPLES).map(|_| once()).collect();
    samples.sort();
    samples[SAMPLES / 2]
}

fn main() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let sum = runtime.block_on(start());
    let nobody = measure(&runtime, &sum);
    let row = |name: &str, time: Duration| {
        let ratio = time.as_secs_f64() / nobody.as_secs_f64();
        println!("{name:8} {:6} ns {ratio:6.2}×", time.as_nanos());
    };
    row("nobody", nobody);
    if std::env::args().any(|word| word == "nobody") {
        return;
    }
    // Each subscriber is made just before its measurement: one that exists counts as
    // interested.
    type Make = fn() -> Dispatch;
    let subscribers: [(&str, Make); 3] = [
        ("nothing", || {
            Dispatch::new(registry().with(LevelFilter::OFF))
        }),
        ("spans", || Dispatch::new(registry())),
        ("fields", || Dispatch::new(registry().with(Fields))),
    ];
    for (name, subscriber) in subscribers {
        dispatcher::with_default(&subscriber(), || row(name, measure(&runtime, &sum)));
    }
}
