//! The store of a component between calls.

use std::any::Any;
use std::future::poll_fn;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::{BoxFuture, ready};
use wasmtime::{AsContextMut, Store};

use crate::boundary::isolated::bound_func::BoundFunc;
use crate::boundary::isolated::direct_call::{CallableStore, DirectCallOutcome, ReturnedCall};
use crate::boundary::isolated::driver::run_destructors;
use crate::boundary::isolated::instance::Instance;
use crate::boundary::isolated::open_call::{CallMemory, OpenCall};
use crate::boundary::resources::CallScope;
use crate::boundary::transferred_values::TransferredValues;
use crate::limits::meter::MeteredCall;
use crate::transfer::CallValues;

/// The idle store that a driver leaves in its poll cell, with what a direct call needs.
pub(crate) struct IdleStore<T: 'static> {
    pub(crate) store: Store<T>,
    pub(crate) funcs: Arc<[BoundFunc<T>]>,
    pub(crate) instance: Arc<Instance>,
    /// The memory of the last call on a stack of its own, for the next one to reuse.
    pub(crate) memory: Option<Box<dyn CallMemory<T>>>,
    /// Moves the results of a call out of the store. It is a function pointer because
    /// calls in Rust types are compiled with the program that has the types, and what is
    /// behind this is not to be compiled there once more.
    lift: fn(Box<Self>, BegunCall, wasmtime::Result<CallValues>) -> ReturnedCall,
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
            lift: IdleStore::lift,
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
        let metered = instance.meter.begin_alone(store.as_context_mut(), func);
        let metered = metered.map_err(Err)?;
        let begun = BegunCall {
            func,
            scope,
            metered,
        };
        Ok((args, begun))
    }

    /// As [`lift`](Self::lift).
    pub(crate) fn finish(
        self: Box<Self>,
        begun: BegunCall,
        results: wasmtime::Result<CallValues>,
    ) -> ReturnedCall {
        (self.lift)(self, begun, results)
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
        let metered = instance.meter.begin_alone(store.as_context_mut(), func)?;
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
