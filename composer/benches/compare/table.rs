//! The results, printed as Markdown.

use std::collections::BTreeMap;

use crate::subjects::Subject;

pub(crate) use crate::figures::{ratio, time};

/// Nanoseconds by row, engine and subject.
#[derive(Default)]
pub(crate) struct Results {
    pub(crate) lines: Vec<Line>,
    /// Results outside of the table, by name.
    pub(crate) single: BTreeMap<String, f64>,
}

pub(crate) struct Line {
    pub(crate) id: &'static str,
    pub(crate) title: String,
    pub(crate) engine: Kind,
    pub(crate) cells: BTreeMap<Subject, f64>,
}

/// An engine with or without concurrency support.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Concurrent,
    Plain,
}

impl Results {
    pub(crate) fn get(&self, id: &str, engine: Kind, subject: Subject) -> Option<f64> {
        let mut lines = self.lines.iter();
        let line = lines.find(|line| line.id == id && line.engine == engine)?;
        line.cells.get(&subject).copied()
    }
}

pub(crate) fn head() {
    let titles = Subject::ALL.map(Subject::title);
    println!("| what | engine | {} |", titles.join(" | "));
    println!("|---|---|{}", "---:|".repeat(titles.len()));
}

impl Line {
    /// Prints each time, with its ratio to that of channel and `Val`.
    pub(crate) fn print(&self) {
        let base = self.cells.get(&Subject::Channel);
        let cell = |subject: Subject| match (self.cells.get(&subject), base) {
            (None, _) => "–".to_owned(),
            (Some(&taken), Some(&base)) if subject != Subject::Channel => {
                format!("{} ({})", time(taken), ratio(taken / base))
            }
            (Some(&taken), _) => time(taken),
        };
        let engine = match self.engine {
            Kind::Concurrent => "concurrent",
            Kind::Plain => "plain",
        };
        let cells = Subject::ALL.map(cell).join(" | ");
        println!("| {} | {engine} | {cells} |", self.title);
    }
}
