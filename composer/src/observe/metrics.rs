//! The figures of a component, for the facade `metrics`: see
//! [`observe`](crate::observe).
//!
//! Names and labels are put together once for each component. The recorder is
//! asked for each figure anew, so that one which is installed later is told too.

use std::time::Duration;

use metrics::{Key, Label, Level, Metadata, with_recorder};

use crate::boundary::outline::ExportedFunc;
use crate::error::CallError;
use crate::error::death::{Death, DeathCause};

mod outcome;

pub(crate) use outcome::CallOutcome;

static METADATA: Metadata<'static> =
    Metadata::new("composer", Level::INFO, Some("composer::observe"));

/// What is counted of a component and its functions.
pub(crate) struct ComponentMetrics {
    queued: Key,
    in_flight: Key,
    peak_memory: Key,
    funcs: Vec<FuncFigures>,
}

struct FuncFigures {
    labels: Vec<Label>,
    /// In the order of [`CallOutcome`].
    calls: [Key; CallOutcome::ALL.len()],
    queue_time: Key,
    run_time: Key,
}

impl ComponentMetrics {
    pub(crate) fn new(component: &str, funcs: &[ExportedFunc]) -> Self {
        let label = Label::new("component", component.to_owned());
        let of_component = |name: &'static str| Key::from_parts(name, vec![label.clone()]);
        let of_func = |func: &ExportedFunc| {
            let interface = func.interface.as_ref();
            let interface = interface.map_or(String::new(), |name| name.to_string());
            let labels = vec![
                label.clone(),
                Label::new("interface", interface),
                Label::new("function", func.name.clone()),
            ];
            FuncFigures {
                calls: CallOutcome::ALL.map(|outcome| {
                    let outcome = Label::from_static_parts("outcome", outcome.name());
                    Key::from_parts("composer_calls_total", with(&labels, outcome))
                }),
                queue_time: Key::from_parts("composer_call_queue_seconds", labels.clone()),
                run_time: Key::from_parts("composer_call_run_seconds", labels.clone()),
                labels,
            }
        };
        ComponentMetrics {
            queued: of_component("composer_calls_queued"),
            in_flight: of_component("composer_calls_in_flight"),
            peak_memory: of_component("composer_memory_peak_bytes"),
            funcs: funcs.iter().map(of_func).collect(),
        }
    }

    pub(crate) fn queued(&self, change: f64) {
        with_recorder(|r| r.register_gauge(&self.queued, &METADATA).increment(change));
    }

    pub(crate) fn in_flight(&self, change: f64) {
        with_recorder(|r| {
            r.register_gauge(&self.in_flight, &METADATA)
                .increment(change);
        });
    }

    pub(crate) fn peak_memory(&self, bytes: Option<u64>) {
        if let Some(bytes) = bytes {
            with_recorder(|r| {
                let gauge = r.register_gauge(&self.peak_memory, &METADATA);
                gauge.set(bytes as f64);
            });
        }
    }

    pub(crate) fn waited(&self, func: usize, time: Duration) {
        let key = &self.funcs[func].queue_time;
        with_recorder(|r| r.register_histogram(key, &METADATA).record(time));
    }

    pub(crate) fn ran(&self, func: usize, time: Duration) {
        let key = &self.funcs[func].run_time;
        with_recorder(|r| r.register_histogram(key, &METADATA).record(time));
    }

    pub(crate) fn call(&self, func: usize, outcome: CallOutcome) {
        count(&self.funcs[func].calls[outcome as usize]);
    }

    pub(crate) fn error(&self, func: usize, error: &CallError) {
        let kind = Label::from_static_parts("kind", error.kind());
        let labels = with(&self.funcs[func].labels, kind);
        count(&Key::from_parts("composer_call_errors_total", labels));
    }
}

/// A component died.
pub(crate) fn died(death: &Death) {
    let cause = match death.cause {
        DeathCause::Trap(_) => "trap",
        #[cfg(feature = "runtime")]
        DeathCause::Limit(_) => "limit",
        DeathCause::Import(_) => "import",
        DeathCause::Other(_) => "other",
    };
    let labels = vec![
        Label::new("component", death.component.clone()),
        Label::from_static_parts("cause", cause),
    ];
    count(&Key::from_parts("composer_deaths_total", labels));
}

/// A component was started again.
pub(crate) fn restarted(component: &str) {
    let labels = vec![Label::new("component", component.to_owned())];
    count(&Key::from_parts("composer_restarts_total", labels));
}

fn count(key: &Key) {
    with_recorder(|r| r.register_counter(key, &METADATA).increment(1));
}

fn with(labels: &[Label], label: Label) -> Vec<Label> {
    labels.iter().cloned().chain([label]).collect()
}
