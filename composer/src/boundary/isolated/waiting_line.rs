//! Calls of components that come while their callee cannot take any: it is being
//! replaced, or started again.
//!
//! They are let in in the order in which they were made, and before any that are made
//! later. To wait each in its own future would not do: a component that stands still in
//! a plain call cannot do anything for those that it began before.

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

/// A call with all that it takes to make it without its caller.
pub(crate) struct CallInLine {
    pub(crate) parent: Option<Arc<CallFrame>>,
    pub(crate) record: CallRecord,
    pub(crate) args: TransferredValues,
    /// The component that stands still for it, if it is of a plain function.
    pub(crate) frozen: Option<Arc<Incarnation>>,
    pub(crate) is_let_in: oneshot::Sender<Result<LetIn, CallError>>,
}

/// A call that has been let in, and made.
pub(crate) struct LetIn {
    pub(crate) frame: Arc<CallFrame>,
    pub(crate) freeze: Option<FreezeGuard>,
    pub(crate) answer: AnswerReceiver,
}

impl CallInLine {
    /// Makes the call, or says why it cannot be made.
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

/// Those that wait in front of one address.
#[derive(Default)]
pub(crate) struct WaitingLine {
    waiting: VecDeque<LineEntry>,
    /// Whether a thread lets them in, one after another.
    pub(crate) is_served: bool,
    /// How many there were when those that were given up were last cleared away.
    cleared: usize,
}

/// A call, and what it is of: as for [`Spot::enter`](crate::boundary::isolated::address::ExportRef::enter).
pub(crate) struct LineEntry {
    pub(crate) export: usize,
    pub(crate) planned: Arc<ExportOffer>,
    pub(crate) name: String,
    pub(crate) func: Option<usize>,
    pub(crate) call: CallInLine,
}

impl WaitingLine {
    /// Whether a call that is made now has to stand behind others.
    pub(crate) fn is_in_the_way(&self) -> bool {
        self.is_served || !self.waiting.is_empty()
    }

    pub(crate) fn join(&mut self, waiting: LineEntry) {
        // A component could begin calls and give them up for as long as it waits.
        if self.waiting.len() >= 2 * self.cleared.max(8) {
            let is_wanted = |waiting: &LineEntry| !waiting.call.is_let_in.is_closed();
            self.waiting.retain(is_wanted);
            self.cleared = self.waiting.len();
        }
        self.waiting.push_back(waiting);
    }

    /// The first whose caller still waits.
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
