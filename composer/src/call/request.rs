//! Requests: how a call is sent to its callee, and how its answer is awaited.

use std::sync::Arc;

use tokio::sync::oneshot;

use crate::boundary::endpoint::Endpoint;
use crate::boundary::isolated::inbox::InboxPermit;
use crate::boundary::transferred_values::TransferredValues;
use crate::call::chain::CallFrame;
use crate::call::in_flight::ReplySender;
use crate::call::in_flight_count::InFlightGuard;
use crate::error::CallError;

/// A call on its way to a driver.
pub(crate) struct CallRequest {
    pub(crate) frame: Arc<CallFrame>,
    pub(crate) args: TransferredValues,
    pub(crate) reply: ReplySender,
    pub(crate) guard: InFlightGuard,
    /// Its room in the inbox; `None` for the call of a component, which needs none.
    pub(crate) room: Option<InboxPermit>,
}

/// Whether a caller may poll its callee's driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PollPermission {
    /// The caller's thread would be blocked by the call anyway. If no other thread polls
    /// the callee's driver, the caller does.
    Thread,
    /// The caller has other work, which must continue whatever the callee does.
    Nothing,
}

/// The kind of caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MadeBy {
    /// The call waits for room in the callee's inbox.
    Embedder,
    /// Its calls begin in the order in which it makes them.
    Component,
}

/// Sends `args` to the callee of `frame` and waits for its results. The request of a
/// component is sent in the first poll.
///
/// Dropping the future abandons the call: a request that was not yet taken from the inbox
/// is skipped, a call that runs continues to its end in its own store, and its results
/// are dropped there.
pub(crate) async fn call(
    frame: Arc<CallFrame>,
    args: TransferredValues,
    guard: InFlightGuard,
    permission: PollPermission,
    by: MadeBy,
) -> Result<TransferredValues, CallError> {
    let endpoint = frame.endpoint();
    if !endpoint.is_running() {
        return Err(endpoint.refusal(&frame));
    }
    frame.record().queued();
    let Endpoint::Isolated(incarnation) = endpoint;
    let room = match by {
        MadeBy::Component => None,
        MadeBy::Embedder => {
            let room = incarnation.inbox.room().await;
            Some(room.ok_or_else(|| endpoint.refusal(&frame))?)
        }
    };
    // The poll cell is taken before the request is sent, which would wake the home task.
    let poll_guard = match permission {
        PollPermission::Thread => incarnation.poll_cell().take(),
        PollPermission::Nothing => None,
    };
    let answer = request(&frame, args, guard, room)?;
    if let Some(poll_guard) = poll_guard {
        poll_guard.drive();
    }
    answered(&frame, answer).await
}

/// Sends a component's `args` to the callee of `frame`.
pub(crate) fn send(
    frame: &Arc<CallFrame>,
    args: TransferredValues,
    guard: InFlightGuard,
) -> Result<AnswerReceiver, CallError> {
    let endpoint = frame.endpoint();
    if !endpoint.is_running() {
        return Err(endpoint.refusal(frame));
    }
    frame.record().queued();
    request(frame, args, guard, None)
}

fn request(
    frame: &Arc<CallFrame>,
    args: TransferredValues,
    guard: InFlightGuard,
    room: Option<InboxPermit>,
) -> Result<AnswerReceiver, CallError> {
    let (reply, answer) = oneshot::channel();
    let request = Box::new(CallRequest {
        frame: frame.clone(),
        args,
        reply,
        guard,
        room,
    });
    let endpoint = frame.endpoint();
    let Endpoint::Isolated(incarnation) = endpoint;
    match incarnation.inbox.push(request) {
        Ok(()) => Ok(answer),
        Err(_) => Err(endpoint.refusal(frame)),
    }
}

/// The receiving end of the answer to a call.
pub(crate) type AnswerReceiver = oneshot::Receiver<Result<TransferredValues, CallError>>;

/// Waits for the answer to a call.
pub(crate) async fn answered(
    frame: &CallFrame,
    answer: AnswerReceiver,
) -> Result<TransferredValues, CallError> {
    let endpoint = frame.endpoint();
    let mut waits = WaitsForAnswer {
        endpoint,
        answer,
        is_over: false,
    };
    let answer = (&mut waits.answer).await;
    waits.is_over = true;
    answer.unwrap_or_else(|_| Err(endpoint.refusal(frame)))
}

/// A caller that waits. If it leaves, its request is abandoned.
struct WaitsForAnswer<'s> {
    endpoint: &'s Endpoint,
    answer: AnswerReceiver,
    is_over: bool,
}

impl Drop for WaitsForAnswer<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.answer.close();
            self.endpoint.give_up_request();
        }
    }
}
