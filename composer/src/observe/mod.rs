//! Spans, events and metrics of a composition.
//!
//! Every call of a component's function is a span of [`tracing`], whether it is made by
//! the embedder or by another component over an edge. With the feature `metrics`
//! the same calls are counted for the crate `metrics`. The death and the restart of a
//! component are reported as events, and counted too; other changes are events alone.
//!
//! If no subscriber is interested in the spans, and without that feature, a call
//! costs a single enabled-check: no string is made, and no clock is read.
//!
//! # Spans
//!
//! Spans are named `call`, have the target [`TARGET`] and the level `INFO`.
//!
//! | field | meaning |
//! |---|---|
//! | `component`, `interface`, `function` | what is called; there is no `interface` if the function is in none |
//! | `caller` | the component that calls, by an import or in a host function; empty if it is the embedder alone |
//! | `queued_us` | microseconds from when the call was sent until the component accepted it |
//! | `ran_us` | microseconds from then until the call had returned, or its component had ended. This includes the time that a plain function waits for its turn in the store |
//! | `fuel` | the fuel that the component used during the call, if that is [limited](crate::runtime::Limits) and the call returned |
//! | `outcome` | how the call ended: see below |
//! | `error` | the name of the [`CallError`](crate::CallError), such as `dead` or `too-deep`, if there was one |
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
//! A span begins when the call is made, which is before it waits for a component
//! that is about to be restarted or replaced. Wrong numbers of arguments and
//! imports that nothing satisfies are found before there is a call.
//!
//! # Parents
//!
//! The span of a call by the embedder is a child of the span that is current when
//! the call's future is first polled. The span of a call over an edge is a child of
//! the span of the call for which the caller works.
//!
//! While a component works for one call, that call's span is the current one, also
//! in the host functions that it calls. If several calls run at once in one
//! component, none of their spans is current: there [`current_span`] tells them apart.
//!
//! # Events
//!
//! | event | level | fields |
//! |---|---|---|
//! | a component died | `WARN` | `component`, `death` |
//! | a component was restarted | `INFO` | `component`, `restarts` |
//! | a component failed to restart | `WARN` | `component`, `error` |
//! | a component died too often and is left dead | `ERROR` | `component`, `death` |
//! | a component was added, replaced, removed | `INFO` | `component` |
//! | a [`Runtime`](crate::Runtime) begins to compile a component, which may take seconds | `INFO` | `component`, `bytes` |
//! | it was compiled | `INFO` | `component`, `ms` |
//!
//! # Metrics
//!
//! With the feature `metrics`:
//!
//! | name | kind | labels | meaning |
//! |---|---|---|---|
//! | `composer_calls_total` | counter | `component`, `interface`, `function`, `outcome` | calls that are over for their caller |
//! | `composer_call_errors_total` | counter | `component`, `interface`, `function`, `kind` | calls with an error; `kind` is `error` in the span |
//! | `composer_call_queue_seconds` | histogram | `component`, `interface`, `function` | the time that is `queued_us` in the span |
//! | `composer_call_run_seconds` | histogram | `component`, `interface`, `function` | the time that is `ran_us` in the span |
//! | `composer_calls_queued` | gauge | `component` | calls that have been sent and not yet accepted |
//! | `composer_calls_in_flight` | gauge | `component` | calls that are in the component |
//! | `composer_streams_open` | gauge | `component` | ends of streams and futures that the component has open with others |
//! | `composer_stream_items_total` | counter | `component`, `direction` | items that the component has `written` to such streams, and `read` from them |
//! | `composer_stream_bytes_total` | counter | `component`, `direction` | the bytes of these items |
//! | `composer_deaths_total` | counter | `component`, `cause` | deaths, by `trap`, `limit`, `import` (a call of its own failed), `stream` (a stream that it read failed) and `other` |
//! | `composer_restarts_total` | counter | `component` | runs after the first |
//! | `composer_memory_peak_bytes` | gauge | `component` | the most memory that an instance has had, reported as calls end; only of components with [limits](crate::runtime::Limits) |
//!
//! The number of time series depends on the components and their exported functions, not
//! on what callers do. Components of the same name in several compositions add up.
//! Gauges count from when the recorder is installed, so install it before any call.
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
#[cfg(feature = "component-model-async")]
mod stream_metrics;

use tracing::Span;
use wasmtime::AsContextMut;

use crate::boundary::isolated::instance::Instance;

/// The target of the spans of calls.
pub const TARGET: &str = "composer::call";

/// The span of the call for which a component calls a host function, found by the store
/// that the function is given.
///
/// This is the same as [`Span::current`] while the component has no other call, and it is
/// right even if it has. A concurrent host function has to ask before it waits for
/// anything, by `accessor.with(current_span)`: afterwards it is no longer known for which
/// call it was called.
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

/// Describes the [metrics](self#metrics) to the recorder that is installed, with
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
