//! Direct calls, which run in a callee's store without its driver.
//!
//! While nothing runs in a component's store, its driver leaves the store in its [poll
//! cell](crate::boundary::isolated::poll_cell::PollCell), and a caller that takes the
//! poll cell may call the component itself, without a switch of tasks, a request or an
//! answer. Two kinds of callees allow it:
//!
//! * [`OnCallersStack`](DirectCalls::OnCallersStack): whatever the code does, it never
//!   waits and is never interrupted. It needs no stack that can be suspended, and stacks
//!   are most of the cost of an edge.
//! * [`OnOwnStack`](DirectCalls::OnOwnStack): the code may wait for the host, or give way
//!   when it has computed for a tick. If it does, the call is left to the driver, which
//!   finishes it like any other call.

use std::any::Any;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::task::waker_ref;

use crate::boundary::isolated::driver_end::{ended, success};
use crate::boundary::isolated::host_panic::without_panic_now;
use crate::boundary::isolated::incarnation::Incarnation;
use crate::boundary::isolated::instance::Instance;
use crate::boundary::isolated::open_call::OpenCall;
use crate::boundary::isolated::poll_cell::PollGuard;
use crate::boundary::transferred_values::TransferredValues;
use crate::call::chain::CallFrame;
use crate::call::current::drive;
use crate::call::in_flight::ReplySender;
use crate::call::in_flight_count::InFlightGuard;
use crate::error::CallError;
use crate::limits::meter::MeteredCall;
use crate::sync::lock;

/// The outcome of a direct call. The error is boxed because these calls are so short that
/// moving a large error type is a noticeable part of their time, even without an error.
pub(crate) type DirectCallOutcome = Result<TransferredValues, Box<CallError>>;

/// How a component can be called without its driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DirectCalls {
    /// On the caller's stack, of which the call needs this many bytes.
    OnCallersStack(usize),
    OnOwnStack,
}

/// An idle store, which can be called directly.
pub(crate) trait CallableStore: Any + Send {
    /// Calls one of the component's plain functions on the current stack. After an
    /// error the store cannot be used any more.
    fn call(&mut self, func: usize, args: TransferredValues)
    -> wasmtime::Result<DirectCallOutcome>;

    /// Begins a call on a stack of its own.
    fn begin(self: Box<Self>, func: usize, args: TransferredValues) -> Box<dyn OpenCall>;

    /// Closes the account of a call that has returned. Returns the fuel that it used, if
    /// fuel is limited.
    fn settle(&mut self, metered: MeteredCall) -> wasmtime::Result<Option<u64>>;

    fn instance(&self) -> &Arc<Instance>;
}

/// The end of an [`OpenCall`]: its store and its outcome.
pub(crate) struct ReturnedCall {
    pub(crate) store: Box<dyn CallableStore>,
    /// After an error the store cannot be used any more.
    pub(crate) outcome: wasmtime::Result<DirectCallOutcome>,
    pub(crate) metered: MeteredCall,
}

/// A call that its caller began and that waits; the driver finishes it.
pub(crate) struct UnfinishedCall {
    pub(crate) call: Box<dyn OpenCall>,
    /// Its key among the calls in flight.
    pub(crate) id: usize,
    pub(crate) frame: Arc<CallFrame>,
}

/// The permission to make one direct call.
pub(crate) struct DirectCall<'s> {
    incarnation: &'s Incarnation,
    /// Keeps the driver and other callers out of the store.
    poll_guard: PollGuard<'s>,
}

/// The result of starting a direct call.
pub(crate) enum DirectCallResult<'s> {
    Returned(DirectCallOutcome),
    /// The call waits for something.
    Waits(WaitingCall<'s>),
}

/// A call that waits and has not been left to its driver yet.
pub(crate) struct WaitingCall<'s> {
    instance: Arc<Instance>,
    poll_guard: PollGuard<'s>,
    call: Box<dyn OpenCall>,
}

impl<'s> DirectCall<'s> {
    pub(crate) fn new(incarnation: &'s Incarnation, poll_guard: PollGuard<'s>) -> Self {
        DirectCall {
            incarnation,
            poll_guard,
        }
    }

    /// Calls one of the component's plain functions, for the code of `caller`.
    pub(crate) fn call(
        mut self,
        caller: &Instance,
        func: usize,
        args: TransferredValues,
    ) -> DirectCallResult<'s> {
        let incarnation = self.incarnation;
        let (Some(direct), Some(mut store)) = (incarnation.direct(), self.poll_guard.idle.take())
        else {
            let site = incarnation.site(func);
            return DirectCallResult::Returned(Err(Box::new(CallError::Stopped { site })));
        };
        let outcome = match direct {
            DirectCalls::OnCallersStack(_) => {
                let called = match incarnation.calls_host() {
                    // Host functions must find the instance that calls them.
                    true => {
                        let _runtime = self
                            .poll_guard
                            .enter_runtime_from(caller.incarnation.poll_cell());
                        let instance = store.instance().clone();
                        // A panic of a host function ends the component that it served.
                        drive(instance, Some(caller), || {
                            without_panic_now(|| store.call(func, args))
                        })
                    }
                    false => store.call(func, args),
                };
                if called.is_ok() {
                    self.poll_guard.idle = Some(store);
                }
                called
            }
            DirectCalls::OnOwnStack => {
                let instance = store.instance().clone();
                let mut call = store.begin(func, args);
                // Timers and sockets of host functions belong to the driver's runtime.
                let _runtime = match incarnation.calls_host() {
                    true => self
                        .poll_guard
                        .enter_runtime_from(caller.incarnation.poll_cell()),
                    false => None,
                };
                let waker = waker_ref(self.poll_guard.poll_cell());
                let mut poll = || match call.poll(&mut Context::from_waker(&waker)) {
                    Poll::Ready(returned) => Ok(returned),
                    Poll::Pending => Err(Instance::current()),
                };
                // A panic of a host function ends the component that it served.
                let polled = drive(instance, Some(caller), || without_panic_now(|| Ok(poll())));
                match polled {
                    Ok(Ok(returned)) => settle(returned).map(|(mut store, outcome, _)| {
                        call.leave_memory(&mut *store);
                        self.poll_guard.idle = Some(store);
                        outcome
                    }),
                    Ok(Err(Some(instance))) => {
                        let poll_guard = self.poll_guard;
                        return DirectCallResult::Waits(WaitingCall {
                            instance,
                            poll_guard,
                            call,
                        });
                    }
                    // Cannot happen: the thread is marked while it polls.
                    Ok(Err(None)) => Err(wasmtime::Error::msg(
                        "a waiting call belongs to no instance",
                    )),
                    Err(error) => Err(error),
                }
            }
        };
        DirectCallResult::Returned(outcome.unwrap_or_else(|error| {
            let is_command = incarnation.funcs()[func].is_command();
            let death = ended(incarnation, is_command, error);
            // The driver has to notice the end.
            incarnation.poll_cell().look_again();
            match death {
                Some(death) => {
                    let site = incarnation.site(func);
                    Err(Box::new(CallError::Failed { site, death }))
                }
                None => Ok(success()),
            }
        }))
    }
}

/// Closes the account of a call that has left its store.
pub(crate) fn settle(
    returned: ReturnedCall,
) -> wasmtime::Result<(Box<dyn CallableStore>, DirectCallOutcome, Option<u64>)> {
    let ReturnedCall {
        mut store,
        outcome,
        metered,
    } = returned;
    let outcome = outcome?;
    let fuel = store.settle(metered)?;
    Ok((store, outcome, fuel))
}

impl WaitingCall<'_> {
    /// Leaves the call to its driver, which sends the answer to `reply`.
    pub(crate) fn leave(self, frame: Arc<CallFrame>, reply: ReplySender, guard: InFlightGuard) {
        let WaitingCall {
            instance,
            poll_guard,
            call,
        } = self;
        let id = lock(&instance.in_flight).begin(frame.clone(), reply, guard);
        instance.show(&frame);
        poll_guard.leave(UnfinishedCall { call, id, frame });
    }
}
