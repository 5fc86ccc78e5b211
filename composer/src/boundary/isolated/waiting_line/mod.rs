//! The line of calls that components make while their callee takes none, because it is
//! being replaced or started again.
//!
//! They are admitted in the order in which they were made, and before any that are made
//! later. They cannot wait each in its own future: a component that is blocked in a plain
//! call cannot do anything for the calls that it began before.

#[cfg(test)]
mod model;

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::oneshot;

use crate::boundary::binding::ExportOffer;
use crate::boundary::endpoint::Callee;
use crate::boundary::isolated::incarnation::Incarnation;
use crate::boundary::transferred_values::TransferredValues;
use crate::call::chain::{CallFrame, FreezeGuard, check_cycle};
use crate::call::in_flight_count::InFlightGuard;
use crate::call::request::{AnswerReceiver, send};
use crate::error::CallError;
use crate::observe::call_record::CallRecord;

/// A waiting call, with everything that is needed to make it without its caller.
pub(crate) struct CallInLine {
    pub(crate) parent: Option<Arc<CallFrame>>,
    pub(crate) record: CallRecord,
    pub(crate) args: TransferredValues,
    /// The component that the call freezes, if it is a call of a plain function.
    pub(crate) frozen: Option<Arc<Incarnation>>,
    pub(crate) is_let_in: oneshot::Sender<Result<LetIn, CallError>>,
}

/// A call that has been admitted and made.
pub(crate) struct LetIn {
    pub(crate) frame: Arc<CallFrame>,
    pub(crate) freeze: Option<FreezeGuard>,
    pub(crate) answer: AnswerReceiver,
}

impl CallInLine {
    /// Makes the call, or reports why it cannot be made.
    pub(crate) fn let_in(self, admitted: Result<(Callee, InFlightGuard), CallError>) {
        let CallInLine {
            parent,
            record,
            args,
            frozen,
            is_let_in,
        } = self;
        let make = |(callee, guard): (Callee, InFlightGuard)| {
            let depth = parent.as_ref().map_or(0, |parent| parent.depth() + 1);
            let frame = CallFrame::new(callee, parent, depth, record)?;
            let freeze = frozen
                .as_ref()
                .map(|caller| FreezeGuard::new(caller, &frame));
            check_cycle(&frame, frozen.as_ref())?;
            let answer = send(&frame, args, guard)?;
            Ok(LetIn {
                frame,
                freeze,
                answer,
            })
        };
        if let Err(Ok(abandoned)) = is_let_in.send(admitted.and_then(make)) {
            // The caller left meanwhile.
            let endpoint = abandoned.frame.endpoint().clone();
            drop(abandoned);
            endpoint.give_up_request();
        }
    }
}

/// What waits at an address.
pub(crate) enum LineItem {
    Call(LineEntry),
    /// An own resource that nothing outside of the component holds any more, by its key.
    /// Its destructor comes behind the calls that were made before.
    Drop {
        incarnation: Arc<Incarnation>,
        key: u64,
    },
}

/// A waiting call, and the function that it calls. The fields are those of
/// [`ExportRef::enter`](crate::boundary::isolated::address::ExportRef::enter).
pub(crate) struct LineEntry {
    pub(crate) export: usize,
    pub(crate) planned: Arc<ExportOffer>,
    pub(crate) name: String,
    pub(crate) func: Option<usize>,
    pub(crate) call: CallInLine,
}

/// An item of a line, as the line needs to know it.
pub(crate) trait Waiting {
    /// Whether nothing waits for it any more.
    fn is_abandoned(&self) -> bool;
}

impl Waiting for LineItem {
    fn is_abandoned(&self) -> bool {
        match self {
            LineItem::Call(entry) => entry.call.is_let_in.is_closed(),
            LineItem::Drop { .. } => false,
        }
    }
}

/// The calls and the dropped resources that wait at one address.
///
/// Items that were abandoned are handed out, and not dropped: they may hold resources, and
/// what lets go of those must not hold the lock of an address.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct WaitingLine<I = LineItem> {
    waiting: VecDeque<I>,
    /// Whether a thread is admitting them, one after another.
    pub(crate) is_served: bool,
    /// How many were left when abandoned calls were last cleared away.
    cleared: usize,
}

impl<I> Default for WaitingLine<I> {
    fn default() -> Self {
        WaitingLine {
            waiting: VecDeque::new(),
            is_served: false,
            cleared: 0,
        }
    }
}

impl<I: Waiting> WaitingLine<I> {
    /// Whether a call that is made now has to wait behind others.
    pub(crate) fn must_wait(&self) -> bool {
        self.is_served || !self.waiting.is_empty()
    }

    /// Adds an item at the end. Returns abandoned ones.
    #[must_use]
    pub(crate) fn join(&mut self, item: I) -> VecDeque<I> {
        let mut abandoned = VecDeque::new();
        // A component could begin and abandon calls without end while it waits.
        if self.waiting.len() >= 2 * self.cleared.max(8) {
            let all = std::mem::take(&mut self.waiting);
            (abandoned, self.waiting) = all.into_iter().partition(Waiting::is_abandoned);
            self.cleared = self.waiting.len();
        }
        self.waiting.push_back(item);
        abandoned
    }

    /// Takes out the first item that is not abandoned. Those before it are added to
    /// `abandoned`.
    pub(crate) fn next(&mut self, abandoned: &mut Vec<I>) -> Option<I> {
        while let Some(item) = self.waiting.pop_front() {
            if !item.is_abandoned() {
                return Some(item);
            }
            abandoned.push(item);
        }
        None
    }

    pub(crate) fn put_back(&mut self, item: I) {
        self.waiting.push_front(item);
    }
}
