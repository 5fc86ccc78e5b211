//! Calls as trees, each with its time.

use std::fmt;
use std::io::{self, Write};
use std::time::Instant;

use tracing::Subscriber;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// Prints each call from outside to standard error when it has ended, with the calls that
/// components made of each other because of it.
pub struct CallTree;

/// A call, and what it has caused so far.
struct CallNode {
    begun: Instant,
    component: String,
    interface: Option<String>,
    function: String,
    outcome: Option<String>,
    /// Lines about the calls that it made, in the order in which they ended.
    calls: Vec<String>,
}

impl<S> Layer<S> for CallTree
where
    S: Subscriber + for<'s> LookupSpan<'s>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if attributes.metadata().name() != "call" {
            return;
        }
        let mut node = CallNode {
            begun: Instant::now(),
            component: String::new(),
            interface: None,
            function: String::new(),
            outcome: None,
            calls: Vec::new(),
        };
        attributes.record(&mut node);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(node);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(node) = span.extensions_mut().get_mut::<CallNode>()
        {
            values.record(node);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else {
            return;
        };
        let Some(node) = span.extensions_mut().remove::<CallNode>() else {
            return;
        };
        let lines = node.lines();
        for caller in span.scope().skip(1) {
            if let Some(caller) = caller.extensions_mut().get_mut::<CallNode>() {
                caller
                    .calls
                    .extend(lines.iter().map(|line| format!("  {line}")));
                return;
            }
        }
        // Standard error may be closed.
        let _ = writeln!(io::stderr(), "{}", lines.join("\n"));
    }
}

impl CallNode {
    fn lines(&self) -> Vec<String> {
        let interface = self
            .interface
            .as_ref()
            .map(|interface| format!("{interface}#"));
        let outcome = match self.outcome.as_deref() {
            None | Some("returned") => String::new(),
            Some(outcome) => format!(", {outcome}"),
        };
        let line = format!(
            "{} {}{} {:.2?}{outcome}",
            self.component,
            interface.unwrap_or_default(),
            self.function,
            self.begun.elapsed(),
        );
        std::iter::once(line)
            .chain(self.calls.iter().cloned())
            .collect()
    }
}

impl Visit for CallNode {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "component" => self.component = value.to_owned(),
            "interface" => self.interface = Some(value.to_owned()),
            "function" => self.function = value.to_owned(),
            "outcome" => self.outcome = Some(value.to_owned()),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}
