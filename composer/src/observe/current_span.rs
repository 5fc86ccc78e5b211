//! Which span is the current one while a store is polled.
//!
//! wasmtime runs all guests of a store in one go, so a call's own span cannot
//! be entered where its future is polled. What can be is the span of the one
//! call that runs, as long as it is the only one.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tracing::Span;
use tracing::span::EnteredSpan;

use crate::boundary::isolated::instance::Instance;
use crate::call::chain::CallFrame;
use crate::sync::lock;

thread_local! {
    /// The span that the driver on this thread has entered.
    static ENTERED: RefCell<Option<EnteredSpan>> = const { RefCell::new(None) };
}

/// Whether any thread has ever entered one.
static IS_USED: AtomicBool = AtomicBool::new(false);

/// Counts the calls in a store that have a span.
#[derive(Default)]
pub(crate) struct SpanCount(AtomicUsize);

impl Instance {
    /// A call has begun.
    pub(crate) fn show(&self, frame: &Arc<CallFrame>) {
        if frame.record().span().is_some() {
            self.spans.0.fetch_add(1, Ordering::Relaxed);
        }
        if self.spans.0.load(Ordering::Relaxed) > 0 {
            enter(self.only_span());
        }
    }

    /// A call has ended.
    pub(crate) fn hide(&self, frame: &CallFrame) {
        if frame.record().span().is_some() {
            self.spans.0.fetch_sub(1, Ordering::Relaxed);
            enter(self.only_span());
        }
    }

    fn only_span(&self) -> Option<Span> {
        let only = lock(&self.in_flight).only()?;
        only.record().span().cloned()
    }
}

/// A poll of a store, with what it shows. Whatever was shown on this thread
/// before is back when this is dropped.
pub(crate) struct ShownSpan(Option<Span>);

impl ShownSpan {
    pub(crate) fn begin(instance: &Instance) -> Self {
        let span = match instance.spans.0.load(Ordering::Relaxed) {
            0 => None,
            _ => instance.only_span(),
        };
        ShownSpan(enter(span))
    }
}

impl Drop for ShownSpan {
    fn drop(&mut self) {
        enter(self.0.take());
    }
}

/// Enters a span in place of the one that a driver has entered on this thread.
///
/// That one is left first: a store that is polled by the caller of its call
/// must not pass for a part of that caller.
#[inline]
fn enter(span: Option<Span>) -> Option<Span> {
    // A thread that has entered one itself sees that.
    if span.is_none() && !IS_USED.load(Ordering::Relaxed) {
        return None;
    }
    replace(span)
}

fn replace(span: Option<Span>) -> Option<Span> {
    let before = ENTERED.with_borrow_mut(Option::take);
    let before = before.map(EnteredSpan::exit);
    if let Some(span) = span {
        IS_USED.store(true, Ordering::Relaxed);
        let entered = span.entered();
        ENTERED.set(Some(entered));
    }
    before
}
