//! The line of calls that components make while their callee takes none, because it is
//! being replaced or started again.
//!
//! They are admitted in the order in which they were made, and before any that are made
//! later. They cannot wait each in its own future: a component that is blocked in a plain
//! call cannot do anything for the calls that it began before.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::oneshot;

use crate::boundary::binding::ExportOffer;
use crate::boundary::isolated::incarnation::{AnswerReceiver, Callee, Incarnation, send};
use crate::boundary::transferred_values::TransferredValues;
use crate::call::chain::{CallFrame, FreezeGuard, check_cycle};
use crate::call::in_flight_count::InFlightGuard;
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
            let incarnation = abandoned.frame.incarnation().clone();
            drop(abandoned);
            incarnation.give_up_request();
        }
    }
}

/// The calls that wait at one address.
#[derive(Default)]
pub(crate) struct WaitingLine {
    waiting: VecDeque<LineEntry>,
    /// Whether a thread is admitting them, one after another.
    pub(crate) is_served: bool,
    /// How many were left when abandoned calls were last cleared away.
    cleared: usize,
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

impl WaitingLine {
    /// Whether a call that is made now has to wait behind others.
    pub(crate) fn must_wait(&self) -> bool {
        self.is_served || !self.waiting.is_empty()
    }

    pub(crate) fn join(&mut self, waiting: LineEntry) {
        // A component could begin and abandon calls without end while it waits.
        if self.waiting.len() >= 2 * self.cleared.max(8) {
            let is_wanted = |waiting: &LineEntry| !waiting.call.is_let_in.is_closed();
            self.waiting.retain(is_wanted);
            self.cleared = self.waiting.len();
        }
        self.waiting.push_back(waiting);
    }

    /// Takes out the first call whose caller still waits.
    pub(crate) fn next(&mut self) -> Option<LineEntry> {
        while let Some(waiting) = self.waiting.pop_front() {
            if !waiting.call.is_let_in.is_closed() {
                return Some(waiting);
            }
        }
        None
    }

    pub(crate) fn put_back(&mut self, waiting: LineEntry) {
        self.waiting.push_front(waiting);
    }
}
