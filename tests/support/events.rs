//! Events and spans of `tracing`, as a test records them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Once;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, Registry};

thread_local! {
    /// What this thread has told of since it listens.
    static HEARD: RefCell<Option<Vec<Heard>>> = const { RefCell::new(None) };
    static SPANS: RefCell<Vec<Span>> = const { RefCell::new(Vec::new()) };
}

/// An event.
#[derive(Clone)]
pub(crate) struct Heard {
    pub(crate) target: &'static str,
    pub(crate) level: Level,
    pub(crate) fields: BTreeMap<&'static str, String>,
    /// The place of the span that it is told in, among [`spans`].
    pub(crate) within: Option<usize>,
}

/// A span.
#[derive(Clone, Debug)]
pub(crate) struct Span {
    id: u64,
    pub(crate) name: &'static str,
    pub(crate) target: &'static str,
    /// The place of its parent among [`spans`].
    pub(crate) parent: Option<usize>,
    pub(crate) fields: BTreeMap<&'static str, String>,
    /// How often each field was told.
    pub(crate) told: BTreeMap<&'static str, usize>,
    pub(crate) is_closed: bool,
}

/// The place of a span that is open. Its number is used again when it is closed.
fn find(spans: &[Span], id: &Id) -> Option<usize> {
    let id = id.into_u64();
    spans
        .iter()
        .rposition(|span| span.id == id && !span.is_closed)
}

fn note(span: &mut Span, record: impl FnOnce(&mut Fields<'_>)) {
    let mut fields = BTreeMap::new();
    record(&mut Fields(&mut fields));
    for (name, value) in fields {
        *span.told.entry(name).or_default() += 1;
        span.fields.insert(name, value);
    }
}

fn is_listening() -> bool {
    HEARD
        .try_with(|heard| heard.borrow().is_some())
        .unwrap_or(false)
}

/// Listens to all threads, as long as they want to hear something. Whether an event is of interest is decided once for
/// all of them, so there is one listener, and none that comes and goes.
struct Listener;

struct Fields<'a>(&'a mut BTreeMap<&'static str, String>);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Listener {
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }

    fn enabled(&self, _: &Metadata<'_>, _: Context<'_, S>) -> bool {
        is_listening()
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let parent = context.span(id).and_then(|span| span.parent());
        SPANS.with_borrow_mut(|spans| {
            let metadata = attributes.metadata();
            let mut span = Span {
                id: id.into_u64(),
                name: metadata.name(),
                target: metadata.target(),
                parent: parent.and_then(|parent| find(spans, &parent.id())),
                fields: BTreeMap::new(),
                told: BTreeMap::new(),
                is_closed: false,
            };
            note(&mut span, |fields| attributes.record(fields));
            spans.push(span);
        });
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: Context<'_, S>) {
        SPANS.with_borrow_mut(|spans| {
            if let Some(at) = find(spans, id) {
                note(&mut spans[at], |fields| values.record(fields));
            }
        });
    }

    fn on_close(&self, id: Id, _: Context<'_, S>) {
        let close = |spans: &RefCell<Vec<Span>>| {
            let mut spans = spans.borrow_mut();
            if let Some(at) = find(&spans, &id) {
                spans[at].is_closed = true;
            }
        };
        // A thread may be ending.
        let _ = SPANS.try_with(close);
    }

    fn on_event(&self, event: &tracing::Event<'_>, context: Context<'_, S>) {
        let mut fields = BTreeMap::new();
        event.record(&mut Fields(&mut fields));
        let heard = Heard {
            target: event.metadata().target(),
            level: *event.metadata().level(),
            fields,
            within: context
                .event_span(event)
                .and_then(|span| SPANS.with_borrow(|spans| find(spans, &span.id()))),
        };
        HEARD.with_borrow_mut(|all| all.iter_mut().for_each(|all| all.push(heard.clone())));
    }
}

/// What this thread tells of while `work` is done on it.
pub(crate) fn heard(work: impl FnOnce()) -> Vec<Heard> {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| {
        tracing::subscriber::set_global_default(Registry::default().with(Listener)).unwrap();
    });
    HEARD.set(Some(Vec::new()));
    SPANS.take();
    work();
    HEARD.take().unwrap_or_default()
}

/// What it has told of so far.
pub(crate) fn so_far() -> Vec<Heard> {
    HEARD.with_borrow(|heard| heard.clone().unwrap_or_default())
}

/// The spans that this thread has begun since it listens.
pub(crate) fn spans() -> Vec<Span> {
    SPANS.with_borrow(Clone::clone)
}
