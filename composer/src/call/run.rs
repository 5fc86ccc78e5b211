//! One call in its store, from the request to the answer.

use std::sync::Arc;

#[cfg(feature = "component-model-async")]
use wasmtime::component::{Accessor, AccessorTask};
use wasmtime::{AsContextMut, Store};

use crate::boundary::isolated::bound_func::BoundFunc;
use crate::boundary::isolated::instance::Instance;
use crate::boundary::resources::CallScope;
use crate::boundary::transferred_values::TransferredValues;
use crate::call::chain::CallFrame;
use crate::call::request::CallRequest;
use crate::sync::lock;

/// Runs a call in a store that runs one call at a time.
pub(crate) async fn call_alone<T: Send + 'static>(
    store: &mut Store<T>,
    instance: &Arc<Instance>,
    funcs: &[BoundFunc<T>],
    request: Box<CallRequest>,
) -> wasmtime::Result<()> {
    let Some(begun) = begin(instance, *request) else {
        return Ok(());
    };
    let BegunRequest { id, frame, args } = begun;
    let func = frame.func();
    let mut scope = CallScope::default();
    let args = match instance.lower_args(store.as_context_mut(), func, args, &mut scope)? {
        Ok(args) => args,
        Err(error) => {
            instance.end(id, Err(*error));
            return Ok(());
        }
    };
    let count = instance.incarnation.count_results(func);
    let metered = instance.meter.begin(store.as_context_mut(), func, false)?;
    let results = funcs[func].call(store, args, count).await?;
    let outline = &instance.incarnation.outline;
    let fuel = instance
        .meter
        .end(store.as_context_mut(), outline, metered)?;
    frame.record().used(fuel);
    let results = instance.lift_results(store.as_context_mut(), func, results, scope)?;
    instance.end(id, Ok(results));
    Ok(())
}

/// A request that has been taken in, and is one of the calls in flight.
pub(crate) struct BegunRequest {
    id: usize,
    frame: Arc<CallFrame>,
    args: TransferredValues,
}

/// Takes a request in, unless its caller has already left.
pub(crate) fn begin(instance: &Instance, request: CallRequest) -> Option<BegunRequest> {
    let CallRequest {
        frame,
        args,
        reply,
        guard,
        room: _,
    } = request;
    if reply.is_closed() {
        return None;
    }
    let id = lock(&instance.in_flight).begin(frame.clone(), reply, guard);
    instance.show(&frame);
    frame.record().begun();
    Some(BegunRequest { id, frame, args })
}

/// A call that runs beside others in one store.
#[cfg(feature = "component-model-async")]
pub(crate) struct CallTask<T: 'static> {
    pub(crate) instance: Arc<Instance>,
    pub(crate) funcs: Arc<[BoundFunc<T>]>,
    pub(crate) begun: BegunRequest,
}

#[cfg(feature = "component-model-async")]
impl<T: Send + 'static> AccessorTask<T> for CallTask<T> {
    async fn run(self, accessor: &Accessor<T>) -> wasmtime::Result<()> {
        let CallTask {
            instance,
            funcs,
            begun: BegunRequest { id, frame, args },
        } = self;
        let func = frame.func();
        let mut scope = CallScope::default();
        let lowered = accessor.with(|mut store| {
            let args = instance.lower_args(store.as_context_mut(), func, args, &mut scope)?;
            let metered = match args {
                Ok(_) => {
                    let is_async = frame.is_async();
                    instance
                        .meter
                        .begin(store.as_context_mut(), func, is_async)?
                }
                Err(_) => None,
            };
            Ok::<_, wasmtime::Error>(args.map(|args| (args, metered)))
        });
        let (args, metered) = match lowered? {
            Ok(lowered) => lowered,
            Err(error) => {
                instance.end(id, Err(*error));
                return Ok(());
            }
        };
        let count = instance.incarnation.count_results(func);
        let mut task = None;
        let mut on_start = |started| {
            task = Some(started);
            lock(&instance.in_flight).set_task(started, frame.clone());
        };
        let call = funcs[func].call_concurrent(accessor, args, count, &mut on_start);
        let results = call.await?;
        if let Some(task) = task {
            lock(&instance.in_flight).end_task(task);
        }
        let results = accessor.with(|mut store| {
            let outline = &instance.incarnation.outline;
            let fuel = instance
                .meter
                .end(store.as_context_mut(), outline, metered)?;
            frame.record().used(fuel);
            instance.lift_results(store.as_context_mut(), func, results, scope)
        })?;
        instance.end(id, Ok(results));
        Ok(())
    }
}
