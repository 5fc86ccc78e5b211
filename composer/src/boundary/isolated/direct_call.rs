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
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::FutureExt;
use futures::future::{BoxFuture, ready};
use futures::task::waker_ref;
use wasmtime::{AsContextMut, Store};

use crate::boundary::isolated::bound_func::BoundFunc;
use crate::boundary::isolated::driver::{died, run_destructors};
use crate::boundary::isolated::incarnation::Incarnation;
use crate::boundary::isolated::instance::Instance;
use crate::boundary::isolated::open_call::{CallMemory, OpenCall};
use crate::boundary::isolated::poll_cell::PollGuard;
use crate::boundary::resources::CallScope;
use crate::boundary::transferred_values::TransferredValues;
use crate::call::chain::CallFrame;
use crate::call::current::drive;
use crate::call::in_flight::ReplySender;
use crate::call::in_flight_count::InFlightGuard;
use crate::error::CallError;
use crate::limits::meter::MeteredCall;
use crate::sync::lock;
use crate::transfer::CallValues;

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
        let (Some(direct), Some(mut store)) =
            (incarnation.direct(), self.poll_guard.resting.take())
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
                        drive(instance, Some(caller), || store.call(func, args))
                    }
                    false => store.call(func, args),
                };
                if called.is_ok() {
                    self.poll_guard.resting = Some(store);
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
                let polled = drive(instance, Some(caller), || {
                    catch_unwind(AssertUnwindSafe(&mut poll))
                });
                match polled {
                    Ok(Ok(returned)) => settle(returned).map(|(mut store, outcome, _)| {
                        call.leave_memory(&mut *store);
                        self.poll_guard.resting = Some(store);
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
                    Ok(Err(None)) => Err(wasmtime::Error::msg("nobody's call waits")),
                    Err(_) => Err(wasmtime::Error::msg("a host function panicked")),
                }
            }
        };
        DirectCallResult::Returned(outcome.unwrap_or_else(|error| {
            let death = died(incarnation, error);
            // The driver has to notice the death.
            incarnation.poll_cell().look_again();
            let site = incarnation.site(func);
            Err(Box::new(CallError::Failed { site, death }))
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

/// The idle store that a driver leaves in its poll cell, with what a direct call needs.
pub(crate) struct IdleStore<T: 'static> {
    pub(crate) store: Store<T>,
    pub(crate) funcs: Arc<[BoundFunc<T>]>,
    pub(crate) instance: Arc<Instance>,
    /// The memory of the last call on a stack of its own, for the next one to reuse.
    pub(crate) memory: Option<Box<dyn CallMemory<T>>>,
}

impl<T: Send + 'static> IdleStore<T> {
    pub(crate) fn new(
        store: Store<T>,
        funcs: Arc<[BoundFunc<T>]>,
        instance: Arc<Instance>,
    ) -> Box<Self> {
        Box::new(IdleStore {
            store,
            funcs,
            instance,
            memory: None,
        })
    }

    /// The idle store that was left in a poll cell, if it is of this type.
    pub(crate) fn found(left: Box<dyn CallableStore>) -> Option<Box<Self>> {
        let left: Box<dyn Any> = left;
        left.downcast().ok()
    }

    /// Begins a call in the store.
    fn begin_now(mut self: Box<Self>, func: usize, args: TransferredValues) -> Box<dyn OpenCall> {
        let (args, begun) = match self.lower(func, args) {
            Ok(lowered) => lowered,
            Err(outcome) => return self.has_returned(outcome),
        };
        if let Some(mut memory) = self.memory.take()
            && memory.is_for(func, &args)
        {
            memory.begin(self, args, begun);
            return memory;
        }
        let funcs = self.funcs.clone();
        funcs[func].begin(self, args, begun)
    }

    /// A call that ended before it began.
    fn has_returned(
        self: Box<Self>,
        outcome: wasmtime::Result<DirectCallOutcome>,
    ) -> Box<dyn OpenCall> {
        let returned: BoxFuture<'static, ReturnedCall> =
            ready(self.returned(outcome, None)).boxed();
        Box::new(returned)
    }

    /// Moves arguments into the store, for a call that begins now. An `Err` is the
    /// outcome of a call that cannot begin.
    fn lower(
        &mut self,
        func: usize,
        args: TransferredValues,
    ) -> Result<(CallValues, BegunCall), wasmtime::Result<DirectCallOutcome>> {
        let IdleStore {
            store, instance, ..
        } = self;
        let mut scope = CallScope::default();
        let args = instance.lower_args(store.as_context_mut(), func, args, &mut scope);
        let args = args.map_err(Err)?;
        let args = args.map_err(|error| Ok(Err(error)))?;
        let metered = instance.meter.begin(store.as_context_mut(), func, false);
        let metered = metered.map_err(Err)?;
        let begun = BegunCall {
            func,
            scope,
            metered,
        };
        Ok((args, begun))
    }

    /// Moves the results of a call out of the store. The account of the call stays open.
    pub(crate) fn lift(
        mut self: Box<Self>,
        begun: BegunCall,
        results: wasmtime::Result<CallValues>,
    ) -> ReturnedCall {
        let IdleStore {
            store, instance, ..
        } = &mut *self;
        let lift = |results| {
            let store = store.as_context_mut();
            let lifted = instance.lift_results(store, begun.func, results, begun.scope);
            lifted.map(Ok)
        };
        let outcome = results.and_then(lift);
        self.returned(outcome, begun.metered)
    }

    pub(crate) fn returned(
        mut self: Box<Self>,
        outcome: wasmtime::Result<DirectCallOutcome>,
        metered: MeteredCall,
    ) -> ReturnedCall {
        let IdleStore {
            store, instance, ..
        } = &mut *self;
        let outcome = outcome.map_err(|error| instance.explain(store, error));
        ReturnedCall {
            store: self,
            outcome,
            metered,
        }
    }
}

/// A call whose arguments are in the store.
pub(crate) struct BegunCall {
    pub(crate) func: usize,
    scope: CallScope,
    metered: MeteredCall,
}

impl<T: Send + 'static> CallableStore for IdleStore<T> {
    fn call(
        &mut self,
        func: usize,
        args: TransferredValues,
    ) -> wasmtime::Result<DirectCallOutcome> {
        let IdleStore {
            store,
            funcs,
            instance,
            ..
        } = self;
        let incarnation = &instance.incarnation;
        if incarnation.inbox.has_drops() {
            for resource in instance.take_released() {
                resource.resource_drop(&mut *store)?;
            }
        }
        let count = incarnation.count_results(func);
        let mut scope = CallScope::default();
        let args = match instance.lower_args(store.as_context_mut(), func, args, &mut scope)? {
            Ok(args) => args,
            Err(error) => return Ok(Err(error)),
        };
        let metered = instance.meter.begin(store.as_context_mut(), func, false)?;
        let results = funcs[func].call_now(store, args, count);
        let results = results.map_err(|error| instance.explain(store, error))?;
        let outline = &incarnation.outline;
        instance
            .meter
            .end(store.as_context_mut(), outline, metered)?;
        let results = instance.lift_results(store.as_context_mut(), func, results, scope)?;
        Ok(Ok(results))
    }

    fn begin(mut self: Box<Self>, func: usize, args: TransferredValues) -> Box<dyn OpenCall> {
        if !self.instance.incarnation.inbox.has_drops() {
            return self.begin_now(func, args);
        }
        // Run the destructors first, as the driver does before it takes in a call.
        let begun = async move {
            let IdleStore {
                store, instance, ..
            } = &mut *self;
            if let Err(error) = run_destructors(store, instance).await {
                return self.returned(Err(error), None);
            }
            instance.meter.rest();
            let mut call = self.begin_now(func, args);
            poll_fn(|cx| call.poll(cx)).await
        };
        Box::new(begun.boxed())
    }

    fn settle(&mut self, metered: MeteredCall) -> wasmtime::Result<Option<u64>> {
        let IdleStore {
            store, instance, ..
        } = self;
        let outline = &instance.incarnation.outline;
        instance.meter.end(store.as_context_mut(), outline, metered)
    }

    fn instance(&self) -> &Arc<Instance> {
        &self.instance
    }
}
