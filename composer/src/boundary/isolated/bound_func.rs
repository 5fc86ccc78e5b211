//! The exported functions of an instance, bound to its store.

use futures::FutureExt;
use futures::future::{BoxFuture, ready};
use wasmtime::Store;
#[cfg(feature = "component-model-async")]
use wasmtime::component::{Accessor, GuestTaskId};
use wasmtime::component::{Func, TypedFunc, Val};

use crate::boundary::isolated::idle_store::{BegunCall, IdleStore};
use crate::boundary::isolated::open_call;
use crate::boundary::isolated::open_call::OpenCall;
use crate::transfer::{CallValues, LiftValues, LowerValues};

/// An exported function of an instance in a driver's store.
pub(crate) struct BoundFunc<T: 'static> {
    pub(crate) func: Func,
    /// The function with its Rust types, if they were declared.
    pub(crate) typed: Option<Box<dyn StaticFunc<T>>>,
    /// The function for values in bulk, if its type allows it.
    #[cfg(feature = "fast-transfer")]
    pub(crate) bulk: Option<Box<dyn StaticFunc<T>>>,
}

/// A callback for the moment when a call has become a task of its store.
#[cfg(feature = "component-model-async")]
pub(crate) type OnStart<'c> = &'c mut (dyn FnMut(GuestTaskId) + Send);

impl<T: Send + 'static> BoundFunc<T> {
    /// The binding for arguments of this form, which is not that of `Val`s.
    fn taking(&self, args: &CallValues) -> Option<&dyn StaticFunc<T>> {
        match args {
            #[cfg(feature = "fast-transfer")]
            CallValues::Image(_) | CallValues::Scalars(_) => self.bulk.as_deref(),
            _ => self.typed.as_deref(),
        }
    }

    /// Calls the function on the caller's stack. It must be a plain function, in a store
    /// that never waits.
    pub(crate) fn call_now(
        &self,
        store: &mut Store<T>,
        args: CallValues,
        results: usize,
    ) -> wasmtime::Result<CallValues> {
        match args {
            CallValues::Dynamic(args) => {
                let mut results = vec![Val::Bool(false); results];
                self.func.call(store, &args, &mut results)?;
                Ok(CallValues::Dynamic(results))
            }
            args => {
                let func = self.taking(&args).ok_or_else(unknown_types)?;
                func.call_now(store, args)
            }
        }
    }

    /// Begins a call of the function in a store that nothing else runs in.
    pub(crate) fn begin(
        &self,
        idle: Box<IdleStore<T>>,
        args: CallValues,
        begun: BegunCall,
    ) -> Box<dyn OpenCall> {
        if !matches!(args, CallValues::Dynamic(_)) {
            return match self.taking(&args) {
                Some(known) => known.begin(idle, args, begun),
                None => Box::new(ready(idle.lift(begun, Err(unknown_types()))).boxed()),
            };
        }
        let typed = self.func;
        let make = move |mut idle: Box<IdleStore<T>>, args: CallValues, begun: BegunCall| async move {
            let args = args.into_vals();
            let count = idle.instance.incarnation.count_results(begun.func);
            let mut results = vec![Val::Bool(false); count];
            let called = typed.call_async(&mut idle.store, &args, &mut results);
            let results = called.await.map(|()| CallValues::Dynamic(results));
            idle.lift(begun, results)
        };
        open_call::begin(make, idle, args, begun)
    }

    /// Calls the function on an engine that runs one call at a time.
    pub(crate) async fn call(
        &self,
        store: &mut Store<T>,
        args: CallValues,
        results: usize,
    ) -> wasmtime::Result<CallValues> {
        match args {
            CallValues::Dynamic(args) => {
                let mut results = vec![Val::Bool(false); results];
                self.func.call_async(store, &args, &mut results).await?;
                Ok(CallValues::Dynamic(results))
            }
            args => {
                let func = self.taking(&args).ok_or_else(unknown_types)?;
                func.call(store, args).await
            }
        }
    }

    /// Calls the function as a task beside others.
    #[cfg(feature = "component-model-async")]
    pub(crate) async fn call_concurrent(
        &self,
        accessor: &Accessor<T>,
        args: CallValues,
        results: usize,
        on_start: OnStart<'_>,
    ) -> wasmtime::Result<CallValues> {
        match args {
            CallValues::Dynamic(args) => {
                let mut results = vec![Val::Bool(false); results];
                let call = accessor
                    .with(|store| self.func.start_call_concurrent(store, &args, &mut results))?;
                on_start(call.task());
                self.func.finish_call_concurrent(accessor, call).await?;
                Ok(CallValues::Dynamic(results))
            }
            args => {
                let func = self.taking(&args).ok_or_else(unknown_types)?;
                func.call_concurrent(accessor, args, on_start).await
            }
        }
    }
}

/// An internal error: values are sent only in a form that the callee takes.
pub(crate) fn unknown_types() -> wasmtime::Error {
    wasmtime::Error::msg("the arguments are of another type than the function's")
}

/// A function whose Rust types are known.
pub(crate) trait StaticFunc<T: 'static>: Send + Sync {
    fn call_now(&self, store: &mut Store<T>, args: CallValues) -> wasmtime::Result<CallValues>;

    /// Begins a call in a store that nothing else runs in.
    fn begin(
        &self,
        idle: Box<IdleStore<T>>,
        args: CallValues,
        begun: BegunCall,
    ) -> Box<dyn OpenCall>;

    fn call<'c>(
        &'c self,
        store: &'c mut Store<T>,
        args: CallValues,
    ) -> BoxFuture<'c, wasmtime::Result<CallValues>>;

    #[cfg(feature = "component-model-async")]
    fn call_concurrent<'c>(
        &'c self,
        accessor: &'c Accessor<T>,
        args: CallValues,
        on_start: OnStart<'c>,
    ) -> BoxFuture<'c, wasmtime::Result<CallValues>>;
}

impl<T, P, R> StaticFunc<T> for TypedFunc<P, R>
where
    T: Send + 'static,
    P: LowerValues,
    R: LiftValues,
{
    fn call_now(&self, store: &mut Store<T>, args: CallValues) -> wasmtime::Result<CallValues> {
        let results = TypedFunc::call(self, store, typed_args::<P>(args)?)?;
        Ok(results.into_values())
    }

    fn begin(
        &self,
        idle: Box<IdleStore<T>>,
        args: CallValues,
        begun: BegunCall,
    ) -> Box<dyn OpenCall> {
        let typed = *self;
        let make = move |mut idle: Box<IdleStore<T>>, args, begun| async move {
            let results = match typed_args::<P>(args) {
                Ok(args) => typed.call_async(&mut idle.store, args).await,
                Err(error) => Err(error),
            };
            idle.finish(begun, results.map(LiftValues::into_values))
        };
        open_call::begin(make, idle, args, begun)
    }

    fn call<'c>(
        &'c self,
        store: &'c mut Store<T>,
        args: CallValues,
    ) -> BoxFuture<'c, wasmtime::Result<CallValues>> {
        async move {
            let args = typed_args::<P>(args)?;
            let results = self.call_async(store, args).await?;
            Ok(results.into_values())
        }
        .boxed()
    }

    #[cfg(feature = "component-model-async")]
    fn call_concurrent<'c>(
        &'c self,
        accessor: &'c Accessor<T>,
        args: CallValues,
        on_start: OnStart<'c>,
    ) -> BoxFuture<'c, wasmtime::Result<CallValues>> {
        async move {
            let args = typed_args::<P>(args)?;
            let call = accessor.with(|store| self.start_call_concurrent(store, args))?;
            on_start(call.task());
            let results = self.finish_call_concurrent(accessor, call).await?;
            Ok(results.into_values())
        }
        .boxed()
    }
}

fn typed_args<P: LowerValues>(args: CallValues) -> wasmtime::Result<P> {
    P::from_values(args).ok_or_else(unknown_types)
}
