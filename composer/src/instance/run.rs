//! One call in its store, from the request to the answer.

use std::sync::Arc;

use wasmtime::component::Func;
#[cfg(feature = "component-model-async")]
use wasmtime::component::{Accessor, AccessorTask};
use wasmtime::{AsContextMut, Store};

use crate::instance::{Frame, Instance, Request, lock};
use crate::resource::Scope;
use crate::transfer::Parcel;

/// A call on an engine that runs one at a time.
pub(super) async fn call_alone<T: Send + 'static>(
    store: &mut Store<T>,
    instance: &Arc<Instance>,
    funcs: &[Func],
    request: Request,
) -> wasmtime::Result<()> {
    let Some((id, frame, args)) = begin(instance, request) else {
        return Ok(());
    };
    let func = frame.func();
    let mut scope = Scope::default();
    let params = match instance.lower_args(store.as_context_mut(), func, args, &mut scope)? {
        Ok(params) => params,
        Err(error) => {
            instance.end(id, Err(error));
            return Ok(());
        }
    };
    let mut results = instance.empty_results(func);
    funcs[func]
        .call_async(&mut *store, &params, &mut results)
        .await?;
    let results = instance.lift_results(store.as_context_mut(), func, results, scope)?;
    instance.end(id, Ok(results));
    Ok(())
}

/// Takes a request in, unless its caller has already left.
fn begin(instance: &Instance, request: Request) -> Option<(u64, Arc<Frame>, Parcel)> {
    let Request {
        frame,
        args,
        reply,
        busy,
    } = request;
    if reply.is_closed() {
        return None;
    }
    let id = lock(&instance.in_flight).begin(frame.clone(), reply, busy);
    Some((id, frame, args))
}

/// A call among others in one store.
#[cfg(feature = "component-model-async")]
pub(super) struct CallTask {
    pub(super) instance: Arc<Instance>,
    pub(super) funcs: Arc<[Func]>,
    pub(super) request: Box<Request>,
}

#[cfg(feature = "component-model-async")]
impl<T: Send + 'static> AccessorTask<T> for CallTask {
    async fn run(self, accessor: &Accessor<T>) -> wasmtime::Result<()> {
        let CallTask {
            instance,
            funcs,
            request,
        } = self;
        let Some((id, frame, args)) = begin(&instance, *request) else {
            return Ok(());
        };
        let func = frame.func();
        let mut scope = Scope::default();
        let lowered = accessor
            .with(|mut store| instance.lower_args(store.as_context_mut(), func, args, &mut scope));
        let params = match lowered? {
            Ok(params) => params,
            Err(error) => {
                instance.end(id, Err(error));
                return Ok(());
            }
        };
        let mut results = instance.empty_results(func);
        let call = accessor
            .with(|store| funcs[func].start_call_concurrent(store, &params, &mut results))?;
        let task = call.task();
        lock(&instance.in_flight).set_task(task, frame);
        funcs[func].finish_call_concurrent(accessor, call).await?;
        lock(&instance.in_flight).end_task(task);
        let results = accessor.with(|mut store| {
            instance.lift_results(store.as_context_mut(), func, results, scope)
        })?;
        instance.end(id, Ok(results));
        Ok(())
    }
}
