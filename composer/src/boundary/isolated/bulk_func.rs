//! Exported functions that are called with values in bulk.

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
use crate::boundary::isolated::direct_call::{BegunCall, Resting};
use crate::boundary::isolated::open_call;
use crate::boundary::isolated::open_call::OpenCall;
use crate::transfer::Values;
use crate::transfer::fast::{Arguments, Fit, Outcome, with_slots};

/// An exported function whose results take `N` slots.
struct FlowFunc<const N: usize>(TypedFunc<Arguments, Outcome<N>>);

/// Binds a function for calls with values in bulk, if its type allows it.
pub(crate) fn bind_flow<T: Send + 'static>(
    func: &Func,
    store: &Store<T>,
    ty: &FuncType,
) -> wasmtime::Result<Option<Box<dyn StaticFunc<T>>>> {
    let Some(fit) = Fit::of(ty) else {
        return Ok(None);
    };
    // A plain function has its results in one slot at most.
    if !ty.is_async {
        return Ok(Some(Box::new(FlowFunc::<1>(func.typed(store)?))));
    }
    with_slots!(fit.outcome, N => Ok(Some(Box::new(FlowFunc::<N>(func.typed(store)?)))))
}

fn arguments(args: Values) -> wasmtime::Result<Arguments> {
    Arguments::new(args).ok_or_else(unknown_types)
}

impl<T: Send + 'static, const N: usize> StaticFunc<T> for FlowFunc<N> {
    fn call_now(&self, store: &mut Store<T>, args: Values) -> wasmtime::Result<Values> {
        let args = arguments(args)?;
        let Outcome(results) = self.0.call(store.as_context_mut(), args)?;
        Ok(results)
    }

    fn begin(&self, resting: Box<Resting<T>>, args: Values, begun: BegunCall) -> Box<dyn OpenCall> {
        let typed = self.0;
        let make = move |mut resting: Box<Resting<T>>, args, begun| async move {
            let results = match arguments(args) {
                Ok(args) => typed.call_async(&mut resting.store, args).await,
                Err(error) => Err(error),
            };
            resting.lift(begun, results.map(|Outcome(results)| results))
        };
        open_call::begin(make, resting, args, begun)
    }

    fn call<'c>(
        &'c self,
        store: &'c mut Store<T>,
        args: Values,
    ) -> BoxFuture<'c, wasmtime::Result<Values>> {
        async move {
            let args = arguments(args)?;
            let Outcome(results) = self.0.call_async(store.as_context_mut(), args).await?;
            Ok(results)
        }
        .boxed()
    }

    #[cfg(feature = "component-model-async")]
    fn call_concurrent<'c>(
        &'c self,
        accessor: &'c Accessor<T>,
        args: Values,
        on_start: OnStart<'c>,
    ) -> BoxFuture<'c, wasmtime::Result<Values>> {
        async move {
            let args = arguments(args)?;
            let call = accessor.with(|store| self.0.start_call_concurrent(store, args))?;
            on_start(call.task());
            let Outcome(results) = self.0.finish_call_concurrent(accessor, call).await?;
            Ok(results)
        }
        .boxed()
    }
}
