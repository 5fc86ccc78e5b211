//! What is told of a composition, to whom, and when.
//!
//! Every call of a component's function is a span of [`tracing`], be it made by
//! the embedder or by another component over an edge. With the feature `metrics`
//! the same calls are counted for the crate `metrics`. Whether a component died
//! or was started again is told as events, and counted too.
//!
//! If no subscriber is interested in the spans, and without that feature, a call
//! costs one look at whether somebody is: no string is made, and no clock read.
//!
//! # Spans
//!
//! Spans are named `call`, have the target [`TARGET`] and the level `INFO`.
//!
//! | field | what it says |
//! |---|---|
//! | `component`, `interface`, `function` | what is called; there is no `interface` if the function is in none |
//! | `caller` | the component that calls, by an import or in a host function; empty if it is the embedder alone |
//! | `queued_us` | microseconds from when the call was sent until the component took it in |
//! | `ran_us` | microseconds from then until it had returned, or its component had ended. A plain function that waits for its turn in the store does so here |
//! | `fuel` | the fuel that the component used meanwhile, if that is [limited](crate::runtime::Limits) and the call returned |
//! | `outcome` | how it ended: see below |
//! | `error` | if there was one, which: the name of the [`CallError`](crate::CallError), as `dead` or `too-deep` |
//!
//! There are four outcomes, and each call has one:
//!
//! * `returned`: the caller has the results;
//! * `failed`: the component died, or was stopped, while the call was in it;
//! * `refused`: any other error. The function did not run;
//! * `abandoned`: the caller left before there was an outcome. A call that was in
//!   its component by then still runs to its end there, and its span is open until
//!   then, so `ran_us` may come after this.
//!
//! A span begins when the call is made, and so before it waits for a component
//! that is about to be started again or replaced. Wrong numbers of arguments and
//! imports that nothing satisfies are found before there is a call.
//!
//! # Who belongs to whom
//!
//! The span of a call by the embedder is a child of the span that is current when
//! the call's future is first polled. The span of a call over an edge is a child of
//! the span of the call for which the caller works.
//!
//! While a component works for one call, that call's span is the current one, also
//! in the host functions that it calls. If several calls run at once in one
//! component, none of their spans is: there [`current_span`] tells them apart.
//!
//! # Events
//!
//! | event | level | fields |
//! |---|---|---|
//! | a component died | `WARN` | `component`, `death` |
//! | a component was started again | `INFO` | `component`, `restarts` |
//! | a component did not start again | `WARN` | `component`, `error` |
//! | a component died too often and is left dead | `ERROR` | `component`, `death` |
//!
//! # Figures
//!
//! With the feature `metrics`:
//!
//! | name | kind | labels | what it says |
//! |---|---|---|---|
//! | `composer_calls_total` | counter | `component`, `interface`, `function`, `outcome` | calls that are over for their caller |
//! | `composer_call_errors_total` | counter | `component`, `interface`, `function`, `kind` | those with an error, by what is `error` in the span |
//! | `composer_call_queue_seconds` | histogram | `component`, `interface`, `function` | what is `queued_us` in the span |
//! | `composer_call_run_seconds` | histogram | `component`, `interface`, `function` | what is `ran_us` in the span |
//! | `composer_calls_queued` | gauge | `component` | calls that have been sent and not taken in |
//! | `composer_calls_in_flight` | gauge | `component` | calls that are in the component |
//! | `composer_deaths_total` | counter | `component`, `cause` | deaths, by `trap`, `limit`, `import` (a call of its own failed) and `other` |
//! | `composer_restarts_total` | counter | `component` | runs after the first |
//! | `composer_memory_peak_bytes` | gauge | `component` | the most memory an instance has had, told as calls end; only of components with [limits](crate::runtime::Limits) |
//!
//! There are as many labels as components and exported functions, whatever callers
//! do. Components of the same name in several compositions add up. Gauges count
//! from when the recorder is installed, so that should be before any call.
//!
//! # Example
//!
//! With the crate `tracing-subscriber`, one line for each call when it is over:
//!
//! ```
//! use composer::{ComposableDescriptor, Composer, CompositionError, Engines};
//! use tracing::Instrument;
//! use tracing_subscriber::filter::{LevelFilter, Targets};
//! use tracing_subscriber::layer::SubscriberExt;
//!
//! # const ONE: &[u8] = br#"(component
//! #     (core module $m (func (export "one") (result i32) i32.const 1))
//! #     (core instance $i (instantiate $m))
//! #     (func (export "one") (result u32) (canon lift (core func $i "one"))))"#;
//! # struct Closed;
//! # impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Closed {}
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), CompositionError> {
//! # let your_layer = Closed;
//! let calls = Targets::new().with_target(composer::observe::TARGET, LevelFilter::INFO);
//! let subscriber = tracing_subscriber::registry().with(calls).with(your_layer);
//! let _listening = tracing::subscriber::set_default(subscriber);
//!
//! let mut composer = Composer::new();
//! let one = Engines::new()?.component_from_bytes("one.wat", ONE)?;
//! composer.add(ComposableDescriptor::new("one", one));
//! let composition = composer.compose().await?;
//!
//! // The call's span is a child of this one.
//! let request = tracing::info_span!("request");
//! let one = composition.get_func(None, "one")?;
//! one.call_owned([]).instrument(request).await?;
//! # Ok(())
//! # }
//! ```

pub(crate) mod call_record;
pub(crate) mod current_span;
pub(crate) mod metrics;
mod recorder;

use tracing::Span;
use wasmtime::AsContextMut;

use crate::boundary::isolated::instance::Instance;

/// The target of the spans of calls.
pub const TARGET: &str = "composer::call";

/// The span of the call for which a component calls the embedder's function, by
/// the store that the function is given.
///
/// It is the same as [`Span::current`] while the component has no other call,
/// and right if it has. A function of the kind that runs beside others asks
/// before it waits for anything, by `accessor.with(current_span)`: later it is
/// not known any more for whom it was called.
///
/// ```
/// use composer::observe::current_span;
/// use composer::{ComposableComponent, component_from_bytes};
/// use wasmtime::component::Linker;
/// use wasmtime::{Engine, Store};
///
/// let engine = Engine::default();
/// let mut linker = Linker::new(&engine);
/// linker.root().func_wrap("log", |store: wasmtime::StoreContextMut<'_, ()>, (line,): (String,)| {
///     tracing::info!(parent: &current_span(store), "{line}");
///     Ok(())
/// })?;
/// # let component = component_from_bytes(&engine, "c.wat", b"(component)").unwrap();
/// let part = ComposableComponent::new(component, linker, move || Store::new(&engine, ()));
/// # drop(part);
/// # Ok::<(), wasmtime::Error>(())
/// ```
pub fn current_span(mut store: impl AsContextMut) -> Span {
    let frame = Instance::current().and_then(|i| i.current_frame(store.as_context_mut()));
    let span = frame.and_then(|frame| frame.record().span().cloned());
    span.unwrap_or_else(Span::current)
}

/// Describes the [figures](self#figures) to the recorder that is installed, with
/// their units.
///
/// ```
/// # // Without a recorder nobody is told.
/// composer::observe::describe_metrics();
/// ```
#[cfg(feature = "metrics")]
pub fn describe_metrics() {
    use ::metrics::{Unit, describe_counter, describe_gauge, describe_histogram};

    describe_counter!("composer_calls_total", "Calls that are over, by outcome");
    describe_counter!(
        "composer_call_errors_total",
        "Calls with an error, by its kind"
    );
    describe_histogram!(
        "composer_call_queue_seconds",
        Unit::Seconds,
        "Time from a call's sending until its component takes it in"
    );
    describe_histogram!(
        "composer_call_run_seconds",
        Unit::Seconds,
        "Time that calls are in their components"
    );
    describe_gauge!(
        "composer_calls_queued",
        "Calls that wait to be taken in by their component"
    );
    describe_gauge!("composer_calls_in_flight", "Calls in a component");
    describe_counter!("composer_deaths_total", "Deaths of components, by cause");
    describe_counter!(
        "composer_restarts_total",
        "Components that were started again"
    );
    describe_gauge!(
        "composer_memory_peak_bytes",
        Unit::Bytes,
        "The most memory that an instance has had"
    );
}
