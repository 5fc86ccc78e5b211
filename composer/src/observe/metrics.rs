//! The metrics of a component and its functions: see [`observe`](crate::observe).
//!
//! Names and labels are built once for each component.

use std::time::Duration;

use crate::boundary::outline::ExportedFunc;
use crate::error::CallError;
use crate::error::death::{Death, DeathCause};
use crate::observe::recorder::MetricKey;
#[cfg(feature = "component-model-async")]
use crate::observe::stream_metrics::StreamMetrics;

/// How a call ended.
#[derive(Clone, Copy)]
pub(crate) enum CallOutcome {
    Returned,
    Failed,
    Refused,
    Abandoned,
}

impl CallOutcome {
    const ALL: [CallOutcome; 4] = [
        CallOutcome::Returned,
        CallOutcome::Failed,
        CallOutcome::Refused,
        CallOutcome::Abandoned,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            CallOutcome::Returned => "returned",
            CallOutcome::Failed => "failed",
            CallOutcome::Refused => "refused",
            CallOutcome::Abandoned => "abandoned",
        }
    }
}

/// The metrics of a component and its functions.
pub(crate) struct ComponentMetrics {
    component: String,
    queued: MetricKey,
    in_flight: MetricKey,
    peak_memory: MetricKey,
    #[cfg(feature = "component-model-async")]
    pub(crate) streams: StreamMetrics,
    funcs: Vec<FuncMetrics>,
}

struct FuncMetrics {
    interface: String,
    function: String,
    /// In the order of [`CallOutcome`].
    calls: [MetricKey; CallOutcome::ALL.len()],
    queue_time: MetricKey,
    run_time: MetricKey,
}

impl ComponentMetrics {
    pub(crate) fn new(component: &str, funcs: &[ExportedFunc]) -> Self {
        let of_component = |name| MetricKey::new(name, &[("component", component)]);
        let of_func = |func: &ExportedFunc| {
            let interface = func.interface.as_ref();
            let interface = interface.map_or(String::new(), |name| name.to_string());
            let labels = [
                ("component", component),
                ("interface", interface.as_str()),
                ("function", func.name.as_str()),
            ];
            let [component, of_interface, function] = labels;
            FuncMetrics {
                calls: CallOutcome::ALL.map(|outcome| {
                    let outcome = ("outcome", outcome.name());
                    let labels = [component, of_interface, function, outcome];
                    MetricKey::new("composer_calls_total", &labels)
                }),
                queue_time: MetricKey::new("composer_call_queue_seconds", &labels),
                run_time: MetricKey::new("composer_call_run_seconds", &labels),
                function: func.name.clone(),
                interface: interface.clone(),
            }
        };
        ComponentMetrics {
            component: component.to_owned(),
            queued: of_component("composer_calls_queued"),
            in_flight: of_component("composer_calls_in_flight"),
            peak_memory: of_component("composer_memory_peak_bytes"),
            #[cfg(feature = "component-model-async")]
            streams: StreamMetrics::new(component),
            funcs: funcs.iter().map(of_func).collect(),
        }
    }

    pub(crate) fn queued(&self, change: f64) {
        self.queued.add(change);
    }

    pub(crate) fn in_flight(&self, change: f64) {
        self.in_flight.add(change);
    }

    pub(crate) fn peak_memory(&self, bytes: Option<u64>) {
        if let Some(bytes) = bytes {
            self.peak_memory.set(bytes);
        }
    }

    pub(crate) fn waited(&self, func: usize, time: Duration) {
        self.funcs[func].queue_time.record(time);
    }

    pub(crate) fn ran(&self, func: usize, time: Duration) {
        self.funcs[func].run_time.record(time);
    }

    pub(crate) fn call(&self, func: usize, outcome: CallOutcome) {
        self.funcs[func].calls[outcome as usize].count();
    }

    pub(crate) fn error(&self, func: usize, error: &CallError) {
        let func = &self.funcs[func];
        let labels = [
            ("component", self.component.as_str()),
            ("interface", func.interface.as_str()),
            ("function", func.function.as_str()),
            ("kind", error.kind()),
        ];
        MetricKey::new("composer_call_errors_total", &labels).count();
    }
}

/// Counts the death of a component.
pub(crate) fn died(death: &Death) {
    let cause = match death.cause {
        DeathCause::Trap(_) => "trap",
        DeathCause::Exited(_) => "exit",
        DeathCause::Limit(_) => "limit",
        DeathCause::Import(_) => "import",
        DeathCause::Stream(_) => "stream",
        DeathCause::Other(_) => "other",
    };
    let labels = [("component", death.component.as_str()), ("cause", cause)];
    MetricKey::new("composer_deaths_total", &labels).count();
}

/// Counts another start of a component.
pub(crate) fn restarted(component: &str) {
    MetricKey::new("composer_restarts_total", &[("component", component)]).count();
}
