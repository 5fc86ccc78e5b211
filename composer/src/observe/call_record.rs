//! The records of one call, which report it to subscribers and to the metrics recorder:
//! see [`observe`](crate::observe).
//!
//! A call is recorded at two ends. The caller's end, [`CallerRecord`], knows the outcome,
//! and that there is none if the caller leaves. The callee's end, the [`CallRecord`] in
//! the call frame, knows when the call began and what it used. Each end reports its part
//! once, whatever the other end does.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tracing::{Level, Span, span};

use crate::boundary::isolated::incarnation::Incarnation;
use crate::boundary::isolated::instance::Instance;
use crate::boundary::outline::ComponentOutline;
use crate::call::chain::CallFrame;
use crate::error::CallError;
use crate::observe::TARGET;
use crate::observe::metrics::CallOutcome;
use crate::sync::lock;

/// The caller of a call.
#[derive(Clone, Copy)]
pub(crate) enum CallOrigin<'a> {
    /// The embedder, possibly from a host function of a component.
    Host,
    /// A component, through an import.
    Import {
        caller: &'a Incarnation,
        /// Finds the call for which this one is made, if that is known.
        parent: &'a dyn Fn() -> Option<Arc<CallFrame>>,
    },
}

impl CallOrigin<'_> {
    /// The parent of the call's span.
    fn span(self) -> Option<span::Id> {
        let parent = match self {
            CallOrigin::Import { parent, .. } => parent(),
            CallOrigin::Host => None,
        };
        let span = parent.as_ref().and_then(|parent| parent.record().span());
        // The parent is unknown, or no subscriber wanted its span when it began.
        span.map_or_else(|| Span::current().id(), Span::id)
    }
}

/// Displays the calling component; nothing if the embedder alone calls.
impl fmt::Display for CallOrigin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CallOrigin::Import { caller, .. } => f.write_str(caller.name()),
            CallOrigin::Host => match Instance::current() {
                Some(instance) => f.write_str(instance.incarnation.name()),
                None => Ok(()),
            },
        }
    }
}

/// A call as it is reported, shared by both ends; empty if nothing wants the report.
#[derive(Clone, Default)]
pub(crate) struct CallRecord(Option<Arc<CallRecordInner>>);

struct CallRecordInner {
    span: Span,
    outline: Arc<ComponentOutline>,
    func: usize,
    state: Mutex<CallRecordState>,
}

struct CallRecordState {
    phase: CallPhase,
    /// Whether the outcome has been reported.
    over: bool,
}

/// How far the call has come.
#[derive(Clone, Copy)]
enum CallPhase {
    /// The call has been made and not sent.
    Asked,
    /// The call is in the inbox, or waits for a place in it.
    Queued(Instant),
    /// The call is in the store.
    Running(Instant),
    /// The call has left the store.
    Ended,
}

impl CallRecord {
    fn new(outline: &Arc<ComponentOutline>, func: usize, by: CallOrigin<'_>) -> Self {
        let exported = &outline.funcs[func];
        // If no subscriber is interested, none of these values is evaluated.
        let span = span!(
            target: TARGET,
            parent: by.span(),
            Level::INFO,
            "call",
            component = outline.name.as_str(),
            interface = exported.interface.as_ref().map(|name| name.as_str()),
            function = exported.name.as_str(),
            caller = %by,
            queued_us = tracing::field::Empty,
            ran_us = tracing::field::Empty,
            fuel = tracing::field::Empty,
            outcome = tracing::field::Empty,
            error = tracing::field::Empty,
        );
        if span.is_disabled() && !cfg!(feature = "metrics") {
            return CallRecord(None);
        }
        CallRecord(Some(Arc::new(CallRecordInner {
            span,
            outline: outline.clone(),
            func,
            state: Mutex::new(CallRecordState {
                phase: CallPhase::Asked,
                over: false,
            }),
        })))
    }

    /// The span of the call, if there is one.
    pub(crate) fn span(&self) -> Option<&Span> {
        let call = self.0.as_ref()?;
        (!call.span.is_disabled()).then_some(&call.span)
    }

    /// Records that the request is about to be sent.
    pub(crate) fn queued(&self) {
        if let Some(call) = &self.0 {
            call.enter(CallPhase::Queued(Instant::now()));
            call.outline.metrics.queued(1.0);
        }
    }

    /// Records that the driver accepts the call.
    pub(crate) fn begun(&self) {
        let Some(call) = &self.0 else {
            return;
        };
        let now = Instant::now();
        if let CallPhase::Queued(since) = call.enter(CallPhase::Running(now)) {
            let queued = now.saturating_duration_since(since);
            call.span.record("queued_us", micros(queued));
            call.outline.metrics.queued(-1.0);
            call.outline.metrics.waited(call.func, queued);
        }
        call.outline.metrics.in_flight(1.0);
    }

    /// Records the fuel that the call has used.
    pub(crate) fn used(&self, fuel: Option<u64>) {
        if let (Some(call), Some(fuel)) = (&self.0, fuel) {
            call.span.record("fuel", fuel);
        }
    }

    /// Records that the call has left the store. This comes before the caller has its
    /// answer.
    pub(crate) fn ended(&self) {
        let Some(call) = &self.0 else {
            return;
        };
        if let Some(since) = call.leave() {
            let ran = since.elapsed();
            call.span.record("ran_us", micros(ran));
            call.outline.metrics.in_flight(-1.0);
            call.outline.metrics.ran(call.func, ran);
        }
    }
}

impl CallRecordInner {
    /// Changes the phase and returns the previous one. Reports are made outside the lock.
    fn enter(&self, phase: CallPhase) -> CallPhase {
        std::mem::replace(&mut lock(&self.state).phase, phase)
    }

    /// Ends the call, if it is in the store, and returns when it began.
    fn leave(&self) -> Option<Instant> {
        let phase = &mut lock(&self.state).phase;
        match *phase {
            CallPhase::Running(since) => {
                *phase = CallPhase::Ended;
                Some(since)
            }
            _ => None,
        }
    }

    /// Reports the outcome, unless that has been done.
    fn end(&self, outcome: CallOutcome, error: Option<&CallError>) {
        if std::mem::replace(&mut lock(&self.state).over, true) {
            return;
        }
        self.span.record("outcome", outcome.name());
        let metrics = &self.outline.metrics;
        metrics.call(self.func, outcome);
        if let Some(error) = error {
            self.span.record("error", error.kind());
            metrics.error(self.func, error);
        }
    }

    fn outcome(&self, error: &CallError) -> CallOutcome {
        let has_begun = matches!(lock(&self.state).phase, CallPhase::Ended);
        match error {
            CallError::Failed { .. } => CallOutcome::Failed,
            // The call ran until its composition was stopped.
            CallError::Stopped { .. } if has_begun => CallOutcome::Failed,
            _ => CallOutcome::Refused,
        }
    }
}

/// Settles the gauges for a call that never began or never ended.
impl Drop for CallRecordInner {
    fn drop(&mut self) {
        match lock(&self.state).phase {
            CallPhase::Queued(_) => self.outline.metrics.queued(-1.0),
            CallPhase::Running(_) => self.outline.metrics.in_flight(-1.0),
            CallPhase::Asked | CallPhase::Ended => {}
        }
    }
}

/// The caller's end of a call. If it is dropped without an outcome, the call was
/// abandoned.
#[derive(Default)]
pub(crate) struct CallerRecord(CallRecord);

impl CallerRecord {
    /// Records a call of the function at the place `func` in its component.
    pub(crate) fn new(outline: &Arc<ComponentOutline>, func: usize, by: CallOrigin<'_>) -> Self {
        CallerRecord(CallRecord::new(outline, func, by))
    }

    pub(crate) fn record(&self) -> CallRecord {
        self.0.clone()
    }

    /// Whether the call has a span.
    pub(crate) fn has_span(&self) -> bool {
        self.0.span().is_some()
    }

    /// Records an error of one step as the outcome of the call.
    pub(crate) fn check<R>(&self, step: Result<R, CallError>) -> Result<R, CallError> {
        if let (Some(call), Err(error)) = (&self.0.0, &step) {
            call.end(call.outcome(error), Some(error));
        }
        step
    }

    /// Records that the call has returned.
    pub(crate) fn returned(self) {
        if let Some(call) = &self.0.0 {
            call.end(CallOutcome::Returned, None);
        }
    }

    /// Records the outcome of the call.
    pub(crate) fn end<R>(self, result: Result<R, CallError>) -> Result<R, CallError> {
        let result = self.check(result);
        if result.is_ok() {
            self.returned();
        }
        result
    }
}

impl Drop for CallerRecord {
    fn drop(&mut self) {
        if let Some(call) = &self.0.0 {
            call.end(CallOutcome::Abandoned, None);
        }
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
