//! Events of `tracing`, as a test hears them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Once;

use tracing::field::{Field, Visit};
use tracing::{Level, Subscriber};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::{Layer, Registry};

thread_local! {
    /// What this thread has told of since it listens.
    static HEARD: RefCell<Option<Vec<Heard>>> = const { RefCell::new(None) };
}

/// An event.
#[derive(Clone)]
pub(crate) struct Heard {
    pub(crate) target: &'static str,
    pub(crate) level: Level,
    pub(crate) fields: BTreeMap<&'static str, String>,
}

/// Listens to all threads. Whether an event is of interest is decided once for
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

impl<S: Subscriber> Layer<S> for Listener {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let mut fields = BTreeMap::new();
        event.record(&mut Fields(&mut fields));
        let heard = Heard {
            target: event.metadata().target(),
            level: *event.metadata().level(),
            fields,
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
    work();
    HEARD.take().unwrap_or_default()
}

/// What it has told of so far.
pub(crate) fn so_far() -> Vec<Heard> {
    HEARD.with_borrow(|heard| heard.clone().unwrap_or_default())
}
