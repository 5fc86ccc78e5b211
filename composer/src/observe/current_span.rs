//! The span that is current while a store is polled.
//!
//! wasmtime runs all guests of a store in one poll, so a span cannot be entered around
//! the future of its call. But while only one call runs in the store, its span can be
//! entered for the whole poll.

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

/// Whether a driver has ever entered a span, on any thread.
static IS_USED: AtomicBool = AtomicBool::new(false);

/// Counts the calls in a store that have a span.
#[derive(Default)]
pub(crate) struct SpanCount(AtomicUsize);

impl Instance {
    /// Enters the span of a call that has begun, if it is the only call.
    pub(crate) fn show(&self, frame: &Arc<CallFrame>) {
        if frame.record().span().is_some() {
            self.spans.0.fetch_add(1, Ordering::Relaxed);
        }
        if self.spans.0.load(Ordering::Relaxed) > 0 {
            enter(self.only_span());
        }
    }

    /// Leaves the span of a call that has ended; that of a single remaining call becomes
    /// current.
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

/// The current span for one poll of a store. When this is dropped, the span that a driver
/// had entered on this thread before is entered again.
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
/// That one is left first: a store may be polled on the thread of its caller, whose span
/// must not appear as the current one in the callee.
#[inline]
fn enter(span: Option<Span>) -> Option<Span> {
    // A relaxed load suffices: a thread sees its own store, and there is nothing to leave
    // on a thread that has entered none.
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
