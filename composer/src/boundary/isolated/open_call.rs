//! Calls on a stack of their own.

use std::any::Any;
use std::mem::{Discriminant, discriminant};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::FutureExt;
use futures::future::BoxFuture;

use crate::boundary::isolated::direct_call::{CallableStore, ReturnedCall};
use crate::boundary::isolated::idle_store::{BegunCall, IdleStore};
use crate::transfer::CallValues;

/// A call on a stack of its own, with the store it runs in.
pub(crate) trait OpenCall: Send {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<ReturnedCall>;

    /// Leaves the memory of the call, which has returned, in its store for the next call
    /// to reuse.
    fn leave_memory(self: Box<Self>, _store: &mut dyn CallableStore) {}
}

impl OpenCall for BoxFuture<'static, ReturnedCall> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<ReturnedCall> {
        self.poll_unpin(cx)
    }
}

/// The memory of calls of one function that run one after another.
///
/// What wasmtime keeps for a call is larger than the blocks that allocators keep at hand,
/// so allocating and freeing it each time is a large part of the cost of a short call.
pub(crate) trait CallMemory<T>: OpenCall {
    /// Whether a call of this function, with arguments of this form, may use it.
    fn is_for(&self, func: usize, args: &CallValues) -> bool;

    /// Begins a call in place of the previous one, which has returned.
    fn begin(&mut self, idle: Box<IdleStore<T>>, args: CallValues, begun: BegunCall);
}

struct ReusedCall<M, F> {
    func: usize,
    form: Discriminant<CallValues>,
    /// Makes a call.
    make: M,
    call: Pin<Box<Option<F>>>,
    /// Leaves this in a store. It is a function pointer because the store's type is known
    /// only where this is made.
    leave: fn(Box<Self>, &mut dyn CallableStore),
}

/// Begins the first call of a function; `make` makes its calls.
pub(crate) fn begin<T, M, F>(
    make: M,
    idle: Box<IdleStore<T>>,
    args: CallValues,
    begun: BegunCall,
) -> Box<dyn OpenCall>
where
    T: Send + 'static,
    M: Fn(Box<IdleStore<T>>, CallValues, BegunCall) -> F + Send + 'static,
    F: Future<Output = ReturnedCall> + Send + 'static,
{
    Box::new(ReusedCall {
        func: begun.func,
        form: discriminant(&args),
        call: Box::pin(Some(make(idle, args, begun))),
        make,
        leave: |memory, store| {
            let store: &mut dyn Any = store;
            if let Some(idle) = store.downcast_mut::<IdleStore<T>>() {
                idle.memory = Some(memory);
            }
        },
    })
}

impl<M: Send, F: Future<Output = ReturnedCall> + Send> OpenCall for ReusedCall<M, F> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<ReturnedCall> {
        match self.call.as_mut().as_pin_mut() {
            Some(call) => call.poll(cx),
            // There is a call as long as it has not returned.
            None => Poll::Pending,
        }
    }

    fn leave_memory(self: Box<Self>, store: &mut dyn CallableStore) {
        let leave = self.leave;
        leave(self, store);
    }
}

impl<T: 'static, M, F> CallMemory<T> for ReusedCall<M, F>
where
    M: Fn(Box<IdleStore<T>>, CallValues, BegunCall) -> F + Send,
    F: Future<Output = ReturnedCall> + Send,
{
    fn is_for(&self, func: usize, args: &CallValues) -> bool {
        self.func == func && self.form == discriminant(args)
    }

    fn begin(&mut self, idle: Box<IdleStore<T>>, args: CallValues, begun: BegunCall) {
        let call = (self.make)(idle, args, begun);
        self.call.set(Some(call));
    }
}
