//! What is told of a call to those who listen: see [`observe`](crate::observe).
//!
//! A call has two ends that know of it. The caller's, [`CallerRecord`], knows the
//! outcome, and that there is none if the caller leaves. The callee's is the
//! [`CallRecord`] in the call's frame, which knows when it began and what it took.
//! Whoever has something to tell tells it once, whatever the other end does.

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

/// Who calls.
#[derive(Clone, Copy)]
pub(crate) enum CallOrigin<'a> {
    /// The embedder, be it in a host function of a component.
    Host,
    /// A component by an import.
    Import {
        caller: &'a Incarnation,
        /// Finds the call that it is made for, if that is known.
        parent: &'a dyn Fn() -> Option<Arc<CallFrame>>,
    },
}

impl CallOrigin<'_> {
    /// The span that the call belongs to.
    fn span(self) -> Option<span::Id> {
        let parent = match self {
            CallOrigin::Import { parent, .. } => parent(),
            CallOrigin::Host => None,
        };
        let span = parent.as_ref().and_then(|parent| parent.record().span());
        // Nothing is known of the parent, or nobody listened when it began.
        span.map_or_else(|| Span::current().id(), Span::id)
    }
}

/// The caller's component; nothing if it is the embedder alone.
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

/// A call as it is told of, shared by both ends; empty if nobody listens.
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
    /// Whether the outcome has been told.
    over: bool,
}

/// Where the call is.
#[derive(Clone, Copy)]
enum CallPhase {
    /// On its way.
    Asked,
    /// In the inbox, or waiting for a place in it.
    Queued(Instant),
    /// In the store.
    Running(Instant),
    /// It was in the store.
    Ended,
}

impl CallRecord {
    fn new(outline: &Arc<ComponentOutline>, func: usize, by: CallOrigin<'_>) -> Self {
        let exported = &outline.funcs[func];
        // Where nobody is interested, none of these values is looked at.
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

    /// The request is about to be sent.
    pub(crate) fn queued(&self) {
        if let Some(call) = &self.0 {
            call.enter(CallPhase::Queued(Instant::now()));
            call.outline.figures.queued(1.0);
        }
    }

    /// The driver takes the call in.
    pub(crate) fn begun(&self) {
        let Some(call) = &self.0 else {
            return;
        };
        let now = Instant::now();
        if let CallPhase::Queued(since) = call.enter(CallPhase::Running(now)) {
            let queued = now.saturating_duration_since(since);
            call.span.record("queued_us", micros(queued));
            call.outline.figures.queued(-1.0);
            call.outline.figures.waited(call.func, queued);
        }
        call.outline.figures.in_flight(1.0);
    }

    /// What it has taken of the store's fuel is known.
    pub(crate) fn used(&self, fuel: Option<u64>) {
        if let (Some(call), Some(fuel)) = (&self.0, fuel) {
            call.span.record("fuel", fuel);
        }
    }

    /// The call has left the store. Its caller must not know yet.
    pub(crate) fn ended(&self) {
        let Some(call) = &self.0 else {
            return;
        };
        if let Some(since) = call.leave() {
            let ran = since.elapsed();
            call.span.record("ran_us", micros(ran));
            call.outline.figures.in_flight(-1.0);
            call.outline.figures.ran(call.func, ran);
        }
    }
}

impl CallRecordInner {
    /// Gives back the phase before. What is told is told outside of the lock.
    fn enter(&self, phase: CallPhase) -> CallPhase {
        std::mem::replace(&mut lock(&self.state).phase, phase)
    }

    /// It has ended, if it had begun; then this is when.
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

    /// Tells the outcome, if that has not been done.
    fn end(&self, outcome: CallOutcome, error: Option<&CallError>) {
        if std::mem::replace(&mut lock(&self.state).over, true) {
            return;
        }
        self.span.record("outcome", outcome.name());
        let figures = &self.outline.figures;
        figures.call(self.func, outcome);
        if let Some(error) = error {
            self.span.record("error", error.kind());
            figures.error(self.func, error);
        }
    }

    fn outcome(&self, error: &CallError) -> CallOutcome {
        let has_begun = matches!(lock(&self.state).phase, CallPhase::Ended);
        match error {
            CallError::Failed { .. } => CallOutcome::Failed,
            // It ran, and its composition ended.
            CallError::Stopped { .. } if has_begun => CallOutcome::Failed,
            _ => CallOutcome::Refused,
        }
    }
}

/// A call that never began was still queued.
impl Drop for CallRecordInner {
    fn drop(&mut self) {
        match lock(&self.state).phase {
            CallPhase::Queued(_) => self.outline.figures.queued(-1.0),
            CallPhase::Running(_) => self.outline.figures.in_flight(-1.0),
            CallPhase::Asked | CallPhase::Ended => {}
        }
    }
}

/// The caller's end of a call. Dropped without an outcome, the call has been
/// abandoned.
#[derive(Default)]
pub(crate) struct CallerRecord(CallRecord);

impl CallerRecord {
    /// The call of a function, by its place in its component.
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

    /// If this is an error, it is the outcome.
    pub(crate) fn check<R>(&self, step: Result<R, CallError>) -> Result<R, CallError> {
        if let (Some(call), Err(error)) = (&self.0.0, &step) {
            call.end(call.outcome(error), Some(error));
        }
        step
    }

    /// The call has returned.
    pub(crate) fn returned(self) {
        if let Some(call) = &self.0.0 {
            call.end(CallOutcome::Returned, None);
        }
    }

    /// This is the outcome.
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
