//! Exported functions, bound for calls with values in bulk.

use composer_plan::FuncType;
use futures::FutureExt;
use futures::future::BoxFuture;
#[cfg(feature = "component-model-async")]
use wasmtime::component::Accessor;
use wasmtime::component::{Func, TypedFunc};
use wasmtime::{AsContextMut, Store};

#[cfg(feature = "component-model-async")]
use crate::boundary::isolated::bound_func::OnStart;
use crate::boundary::isolated::bound_func::{StaticFunc, unknown_types};
use crate::boundary::isolated::direct_call::{BegunCall, IdleStore};
use crate::boundary::isolated::open_call;
use crate::boundary::isolated::open_call::OpenCall;
use crate::transfer::CallValues;
use crate::transfer::fast::{FlatLayout, IncomingResults, OutgoingArgs, with_slots};

/// An exported function whose results take `N` slots.
struct FlowFunc<const N: usize>(TypedFunc<OutgoingArgs, IncomingResults<N>>);

/// Binds a function for calls with values in bulk, if its type allows it.
pub(crate) fn bind_flow<T: Send + 'static>(
    func: &Func,
    store: &Store<T>,
    ty: &FuncType,
) -> wasmtime::Result<Option<Box<dyn StaticFunc<T>>>> {
    let Some(fit) = FlatLayout::of(ty) else {
        return Ok(None);
    };
    // The results of a plain function take one slot at most.
    if !ty.is_async {
        return Ok(Some(Box::new(FlowFunc::<1>(func.typed(store)?))));
    }
    with_slots!(fit.outcome, N => Ok(Some(Box::new(FlowFunc::<N>(func.typed(store)?)))))
}

fn arguments(args: CallValues) -> wasmtime::Result<OutgoingArgs> {
    OutgoingArgs::new(args).ok_or_else(unknown_types)
}

impl<T: Send + 'static, const N: usize> StaticFunc<T> for FlowFunc<N> {
    fn call_now(&self, store: &mut Store<T>, args: CallValues) -> wasmtime::Result<CallValues> {
        let args = arguments(args)?;
        let IncomingResults(results) = self.0.call(store.as_context_mut(), args)?;
        Ok(results)
    }

    fn begin(
        &self,
        resting: Box<IdleStore<T>>,
        args: CallValues,
        begun: BegunCall,
    ) -> Box<dyn OpenCall> {
        let typed = self.0;
        let make = move |mut resting: Box<IdleStore<T>>, args, begun| async move {
            let results = match arguments(args) {
                Ok(args) => typed.call_async(&mut resting.store, args).await,
                Err(error) => Err(error),
            };
            resting.lift(begun, results.map(|IncomingResults(results)| results))
        };
        open_call::begin(make, resting, args, begun)
    }

    fn call<'c>(
        &'c self,
        store: &'c mut Store<T>,
        args: CallValues,
    ) -> BoxFuture<'c, wasmtime::Result<CallValues>> {
        async move {
            let args = arguments(args)?;
            let IncomingResults(results) = self.0.call_async(store.as_context_mut(), args).await?;
            Ok(results)
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
            let args = arguments(args)?;
            let call = accessor.with(|store| self.0.start_call_concurrent(store, args))?;
            on_start(call.task());
            let IncomingResults(results) = self.0.finish_call_concurrent(accessor, call).await?;
            Ok(results)
        }
        .boxed()
    }
}
