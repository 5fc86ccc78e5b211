//! The calls that run in one store.

#[cfg(feature = "component-model-async")]
use std::collections::HashMap;
use std::sync::Arc;

use slab::Slab;
use tokio::sync::oneshot;
#[cfg(feature = "component-model-async")]
use wasmtime::component::GuestTaskId;

use crate::boundary::transferred_values::TransferredValues;
use crate::call::chain::CallFrame;
use crate::call::in_flight_count::InFlightGuard;
use crate::error::CallError;

/// The calls that run, each with its place in the order in which they began and the
/// sender of its answer.
///
/// The senders of answers are kept here and not in the futures that run the calls: when a
/// store dies, those futures are dropped unfinished, and every caller must still get an
/// answer.
#[derive(Default)]
pub(crate) struct InFlight {
    calls: Slab<RunningCall>,
    /// How many calls have begun so far.
    begun: u64,
    #[cfg(feature = "component-model-async")]
    tasks: HashMap<GuestTaskId, Arc<CallFrame>>,
}

/// A call that runs.
pub(crate) struct RunningCall {
    /// Its place in the order in which calls began.
    order: u64,
    pub(crate) frame: Arc<CallFrame>,
    pub(crate) reply: ReplySender,
    _busy: InFlightGuard,
}

/// Where the result of a call goes.
pub(crate) type ReplySender = oneshot::Sender<Result<TransferredValues, CallError>>;

impl InFlight {
    pub(crate) fn len(&self) -> usize {
        self.calls.len()
    }

    pub(crate) fn begin(
        &mut self,
        frame: Arc<CallFrame>,
        reply: ReplySender,
        guard: InFlightGuard,
    ) -> usize {
        self.begun += 1;
        self.calls.insert(RunningCall {
            order: self.begun,
            frame,
            reply,
            _busy: guard,
        })
    }

    /// Takes a call out, to be answered outside of any lock: if the caller has left, the
    /// result is dropped where it is sent.
    pub(crate) fn end(&mut self, id: usize) -> Option<RunningCall> {
        self.calls.try_remove(id)
    }

    /// Takes out all calls in the order in which they began, each with the sender of its
    /// answer.
    pub(crate) fn end_all(&mut self) -> Vec<(Arc<CallFrame>, ReplySender)> {
        #[cfg(feature = "component-model-async")]
        self.tasks.clear();
        let mut calls: Vec<_> = self.calls.drain().collect();
        calls.sort_by_key(|running| running.order);
        calls.into_iter().map(|r| (r.frame, r.reply)).collect()
    }

    /// The calls that run.
    pub(crate) fn frames(&self) -> impl Iterator<Item = &Arc<CallFrame>> {
        self.calls.iter().map(|(_, running)| &running.frame)
    }

    /// The one call that runs, if there is exactly one.
    pub(crate) fn only(&self) -> Option<Arc<CallFrame>> {
        match self.calls.len() {
            1 => self.calls.iter().next().map(|(_, r)| r.frame.clone()),
            _ => None,
        }
    }

    /// The deepest call that runs.
    pub(crate) fn deepest(&self) -> Option<Arc<CallFrame>> {
        self.frames().max_by_key(|frame| frame.depth()).cloned()
    }

    #[cfg(feature = "component-model-async")]
    pub(crate) fn set_task(&mut self, task: GuestTaskId, frame: Arc<CallFrame>) {
        self.tasks.insert(task, frame);
    }

    #[cfg(feature = "component-model-async")]
    pub(crate) fn end_task(&mut self, task: GuestTaskId) {
        self.tasks.remove(&task);
    }

    #[cfg(feature = "component-model-async")]
    pub(crate) fn of_task(&self, task: GuestTaskId) -> Option<Arc<CallFrame>> {
        self.tasks.get(&task).cloned()
    }
}
