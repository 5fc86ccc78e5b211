//! `bench`: what a call costs, isolated and fused.

use std::time::{Duration, Instant};

use composer::{ExportFunc, Value};
use hdrhistogram::Histogram;

use crate::app::{App, fused_whole};
use crate::args::{BenchArgs, Format};
use crate::commands::{as_written, print};
use crate::exit::Exit;
use crate::problem::Problem;
use crate::progress::ProgressLine;
use crate::session::FunctionLookup;
use crate::wave;

/// How calls went that were made one after another.
struct MeasuredCalls {
    name: &'static str,
    calls: u64,
    took: Duration,
    times: Histogram<u64>,
}

pub(super) async fn bench(args: BenchArgs) -> Result<(), Exit> {
    let source = args.fetch.source(vec![args.app.clone()]);
    let app = App::load(&source, &as_written).await?;
    let plan = app.plan()?;
    let lookup = FunctionLookup::new(&app, plan);
    let (interface, name, ty) = lookup.find(&args.function)?;
    let values = || wave::arguments(&args.function, ty, &args.arguments);
    values()?;
    let runtime = app.runtime.clone();
    let isolated = app.composer.compose().await;
    let mut subjects = vec![("isolated", isolated.map_err(Exit::failed)?)];
    // Not every composition can be one component; then there is only the one figure.
    let alone = match fused_whole(&source).await {
        Ok(bytes) => {
            let component = runtime.load_bytes("fused", bytes).await;
            let component = component.map_err(Problem::said)?;
            let mut composer = composer::Composer::new();
            composer.add(composer::ComposableDescriptor::new(
                "fused",
                component.part(),
            ));
            let fused = runtime.compose(composer).await;
            subjects.push(("fused", fused.map_err(Exit::failed)?));
            None
        }
        Err(problems) => problems.iter().next().map(Problem::to_string),
    };
    let mut measured = Vec::new();
    let mut progress = ProgressLine::new("measures", subjects.len(), false);
    for (what, composition) in &subjects {
        progress.step(what);
        let func = composition
            .get_func(interface, name)
            .map_err(Problem::said)?;
        measured.push(measure(what, &func, &args, &values).await?);
    }
    drop(progress);
    print(&match args.format {
        Format::Text => as_text(&measured, alone.as_deref()),
        Format::Json => format!("{:#}\n", as_json(&measured, alone.as_deref())),
    })
}

/// Calls the function again and again. The first tenth of the time does not count.
async fn measure(
    name: &'static str,
    func: &ExportFunc,
    args: &BenchArgs,
    values: &dyn Fn() -> Result<Vec<Value>, Problem>,
) -> Result<MeasuredCalls, Exit> {
    // From 1 ns to more than an hour, with three digits.
    let mut times = Histogram::new_with_bounds(1, 1 << 42, 3).map_err(Problem::new)?;
    let warm_up = Instant::now();
    while warm_up.elapsed() < args.time / 10 {
        once(func, values).await?;
    }
    let begun = Instant::now();
    let mut calls = 0;
    while calls == 0 || begun.elapsed() < args.time {
        let took = once(func, values).await?;
        times.saturating_record(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX).max(1));
        calls += 1;
    }
    Ok(MeasuredCalls {
        name,
        calls,
        took: begun.elapsed(),
        times,
    })
}

async fn once(
    func: &ExportFunc,
    values: &dyn Fn() -> Result<Vec<Value>, Problem>,
) -> Result<Duration, Exit> {
    let values = values()?;
    let begun = Instant::now();
    let called = func.call_owned(values).await;
    called.map_err(Exit::failed)?;
    Ok(begun.elapsed())
}

impl MeasuredCalls {
    fn per_second(&self) -> f64 {
        self.calls as f64 / self.took.as_secs_f64()
    }

    fn at(&self, quantile: f64) -> Duration {
        Duration::from_nanos(self.times.value_at_quantile(quantile))
    }
}

fn as_text(measured: &[MeasuredCalls], alone: Option<&str>) -> String {
    let mut text = format!(
        "{:<10} {:>12} {:>12} {:>12} {:>14}\n",
        "", "median", "99 %", "longest", "calls/second"
    );
    for it in measured {
        text.push_str(&format!(
            "{:<10} {:>12} {:>12} {:>12} {:>14.0}\n",
            it.name,
            format!("{:.2?}", it.at(0.5)),
            format!("{:.2?}", it.at(0.99)),
            format!("{:.2?}", Duration::from_nanos(it.times.max())),
            it.per_second(),
        ));
    }
    if let [isolated, fused] = measured {
        let ratio = isolated.at(0.5).as_secs_f64() / fused.at(0.5).as_secs_f64().max(1e-9);
        text.push_str(&format!(
            "isolated takes {ratio:.2} times as long as fused\n"
        ));
    }
    if let Some(why) = alone {
        text.push_str(&format!("it cannot be fused: {why}\n"));
    }
    text
}

fn as_json(measured: &[MeasuredCalls], alone: Option<&str>) -> serde_json::Value {
    let one = |it: &MeasuredCalls| {
        serde_json::json!({
            "name": it.name,
            "calls": it.calls,
            "median_ns": it.times.value_at_quantile(0.5),
            "p99_ns": it.times.value_at_quantile(0.99),
            "max_ns": it.times.max(),
            "calls_per_second": it.per_second(),
        })
    };
    let forms: Vec<serde_json::Value> = measured.iter().map(one).collect();
    serde_json::json!({ "forms": forms, "cannot_be_fused": alone })
}
