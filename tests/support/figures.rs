//! A recorder for the facade `metrics` on one thread.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit,
};

/// Figures by their names and labels, such as `calls{component=a,function=f}`.
#[derive(Clone, Default)]
pub(crate) struct Figures(Arc<Mutex<BTreeMap<String, Figure>>>);

#[derive(Clone, Copy, Default)]
struct Figure {
    value: f64,
    /// The highest that it was.
    peak: f64,
}

struct One {
    figures: Figures,
    name: String,
}

impl Figures {
    /// A counter's or a gauge's value, or how many values a histogram has; 0 if
    /// nothing was told.
    pub(crate) fn get(&self, name: &str) -> f64 {
        self.find(name).value
    }

    /// The highest value of a gauge.
    pub(crate) fn peak(&self, name: &str) -> f64 {
        self.find(name).peak
    }

    fn find(&self, name: &str) -> Figure {
        let figures = self.0.lock().unwrap();
        figures.get(name).copied().unwrap_or_default()
    }

    /// The sum of all whose names begin with this.
    pub(crate) fn sum(&self, prefix: &str) -> f64 {
        let figures = self.0.lock().unwrap();
        let some = figures.iter().filter(|(name, _)| name.starts_with(prefix));
        some.map(|(_, figure)| figure.value).sum()
    }

    fn one(&self, key: &Key) -> Arc<One> {
        let labels = key.labels();
        let labels = labels.map(|label| format!("{}={}", label.key(), label.value()));
        let labels: Vec<_> = labels.collect();
        Arc::new(One {
            figures: self.clone(),
            name: format!("{}{{{}}}", key.name(), labels.join(",")),
        })
    }
}

impl One {
    fn set(&self, change: impl FnOnce(f64) -> f64) {
        let mut figures = self.figures.0.lock().unwrap();
        let figure = figures.entry(self.name.clone()).or_default();
        figure.value = change(figure.value);
        figure.peak = figure.peak.max(figure.value);
    }
}

impl CounterFn for One {
    fn increment(&self, value: u64) {
        self.set(|before| before + value as f64);
    }

    fn absolute(&self, value: u64) {
        self.set(|_| value as f64);
    }
}

impl GaugeFn for One {
    fn increment(&self, value: f64) {
        self.set(|before| before + value);
    }

    fn decrement(&self, value: f64) {
        self.set(|before| before - value);
    }

    fn set(&self, value: f64) {
        self.set(|_| value);
    }
}

impl HistogramFn for One {
    fn record(&self, value: f64) {
        assert!(value >= 0.0);
        self.set(|before| before + 1.0);
    }
}

impl Recorder for Figures {
    fn describe_counter(&self, name: KeyName, _: Option<Unit>, _: SharedString) {
        self.describe(&name);
    }

    fn describe_gauge(&self, name: KeyName, _: Option<Unit>, _: SharedString) {
        self.describe(&name);
    }

    fn describe_histogram(&self, name: KeyName, _: Option<Unit>, _: SharedString) {
        self.describe(&name);
    }

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.one(key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.one(key))
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.one(key))
    }
}

impl Figures {
    fn describe(&self, name: &KeyName) {
        let name = format!("described {}", name.as_str());
        self.0.lock().unwrap().entry(name).or_default().value += 1.0;
    }

    /// All that was told of, without labels.
    pub(crate) fn names(&self) -> Vec<String> {
        let figures = self.0.lock().unwrap();
        let names = figures.keys().filter_map(|name| name.split('{').next());
        let mut names: Vec<_> = names.map(str::to_owned).collect();
        names.dedup();
        names
    }
}
