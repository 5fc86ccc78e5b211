//! The driver: the task that owns a component's store.
//!
//! A driver takes requests from its incarnation's inbox and starts each at once, whatever
//! else runs in the store; wasmtime makes a call wait where the component model requires
//! it. Between calls the driver runs the destructors of resources that have no holder
//! left.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

#[cfg(feature = "component-model-async")]
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
#[cfg(feature = "component-model-async")]
use wasmtime::AsContextMut;
use wasmtime::Store;
#[cfg(feature = "component-model-async")]
use wasmtime::component::{Accessor, AccessorTask};

use crate::boundary::isolated::bound_func::BoundFunc;
use crate::boundary::isolated::direct_call::{UnfinishedCall, settle};
use crate::boundary::isolated::driver_end::DriverEnd;
use crate::boundary::isolated::host_panic::without_panic;
use crate::boundary::isolated::idle_store::IdleStore;
use crate::boundary::isolated::inbox::InboxReceiver;
use crate::boundary::isolated::instance::Instance;
use crate::call::current::DrivenFuture;
use crate::call::request::CallRequest;
use crate::call::run::call_alone;
#[cfg(feature = "component-model-async")]
use crate::call::run::{CallTask, begin};
use crate::limits::meter::WorkKind;
#[cfg(feature = "component-model-async")]
use crate::sync::lock;

/// Owns a store and carries out the requests to its incarnation.
pub(crate) struct Driver<T: 'static> {
    pub(crate) instance: Arc<Instance>,
    pub(crate) store: Store<T>,
    /// The component's functions, in the order of [`Incarnation::funcs`].
    pub(crate) funcs: Arc<[BoundFunc<T>]>,
    pub(crate) requests: InboxReceiver,
}

impl<T: Send + 'static> Driver<T> {
    /// Starts the driver as a task of the current tokio runtime.
    pub(crate) fn spawn(self) -> JoinHandle<()> {
        let instance = self.instance.clone();
        let poll_cell = instance.incarnation.poll_cell().clone();
        let compute = instance.incarnation.outline.compute();
        if instance.incarnation.direct().is_none() {
            let driver = DrivenFuture::new(instance, self.run());
            return poll_cell.fill(Box::pin(driver), compute);
        }
        poll_cell.rest(IdleStore::new(self.store, self.funcs, instance.clone()));
        let run = run_between_direct_calls::<T>(instance.clone(), self.requests);
        poll_cell.fill(Box::pin(DrivenFuture::new(instance, run)), compute)
    }

    async fn run(self) {
        let Driver {
            instance,
            mut store,
            funcs,
            requests,
        } = self;
        // This future is dropped if the composition or the runtime ends. All callers that
        // wait must still be answered, so this is a guard and not a last statement.
        let mut end = DriverEnd {
            instance: instance.clone(),
            requests,
            outcome: None,
        };
        let serve = serve(&mut store, &instance, &funcs);
        let outcome = instance.within_deadline(without_panic(serve)).await;
        end.outcome = Some(outcome.map_err(|error| instance.explain(&mut store, error)));
    }
}

enum DriverEvent {
    Call(Box<CallRequest>),
    /// A call that was begun without the driver and that waits.
    Unfinished(UnfinishedCall),
    Drops,
    /// Parked streams are to be connected or closed.
    #[cfg(feature = "component-model-async")]
    Streams,
    Closed,
}

/// The next thing for the driver to do. `has_new_work` says whether the driver has just
/// spawned a task or connected a stream, neither of which has been polled.
async fn next_event(instance: &Instance, has_new_work: &mut bool) -> DriverEvent {
    let poll_cell = instance.incarnation.poll_cell();
    let inbox = &instance.incarnation.inbox;
    poll_fn(|cx| {
        instance.polls.reach();
        instance.meter.rest();
        #[cfg(feature = "component-model-async")]
        instance.end_idle_streams(cx);
        // A wake of a call that was about to end needs no further poll: the driver's loop
        // comes first in each round, and by now the call has ended. But in its last round
        // of a poll, wasmtime polls this loop alone. What the loop starts there is polled
        // in the next poll, for which the driver has to stay woken.
        if !std::mem::take(has_new_work) {
            poll_cell.look();
        }
        let event = match inbox.has_drops() {
            _ if let Some(call) = poll_cell.unfinished() => {
                Poll::Ready(DriverEvent::Unfinished(call))
            }
            #[cfg(feature = "component-model-async")]
            _ if inbox.has_signals() => Poll::Ready(DriverEvent::Streams),
            true => Poll::Ready(DriverEvent::Drops),
            // A direct call has ended the component.
            false if !instance.incarnation.is_running() => Poll::Ready(DriverEvent::Closed),
            false if instance.is_full(cx) => Poll::Pending,
            // Everything that enters the inbox alerts the poll cell.
            false => match inbox.take_request() {
                Some(request) => Poll::Ready(DriverEvent::Call(request)),
                None => Poll::Pending,
            },
        };
        if event.is_ready() {
            poll_cell.look_again();
        }
        event
    })
    .await
}

async fn serve<T: Send + 'static>(
    store: &mut Store<T>,
    instance: &Arc<Instance>,
    funcs: &Arc<[BoundFunc<T>]>,
) -> wasmtime::Result<()> {
    #[cfg(feature = "component-model-async")]
    if instance.concurrent {
        return serve_concurrently(store, instance, funcs, None).await;
    }
    loop {
        match next_event(instance, &mut false).await {
            DriverEvent::Call(request) => call_alone(store, instance, funcs, request).await?,
            DriverEvent::Drops => run_destructors(store, instance).await?,
            // In this mode, no call is begun without the driver, and there are no streams.
            #[cfg(feature = "component-model-async")]
            DriverEvent::Streams => return Ok(()),
            DriverEvent::Unfinished(_) | DriverEvent::Closed => return Ok(()),
        }
    }
}

/// Drives a store that is left in the poll cell between calls.
async fn run_between_direct_calls<T: Send + 'static>(
    instance: Arc<Instance>,
    requests: InboxReceiver,
) {
    let mut end = DriverEnd {
        instance: instance.clone(),
        requests,
        outcome: None,
    };
    let serve = serve_between_direct_calls::<T>(&instance);
    end.outcome = Some(instance.within_deadline(without_panic(serve)).await);
}

async fn serve_between_direct_calls<T: Send + 'static>(
    instance: &Arc<Instance>,
) -> wasmtime::Result<()> {
    let poll_cell = instance.incarnation.poll_cell();
    loop {
        let event = match next_event(instance, &mut false).await {
            DriverEvent::Unfinished(call) => {
                finish(instance, call).await?;
                continue;
            }
            event => event,
        };
        let Some(mut idle) = poll_cell.take_idle_store().and_then(IdleStore::<T>::found) else {
            // A direct call has ended the component.
            return Ok(());
        };
        let IdleStore { store, funcs, .. } = &mut *idle;
        let done = match event {
            DriverEvent::Call(request) => {
                #[cfg(feature = "component-model-async")]
                if request.frame.is_async() {
                    // An `async func` may keep running after it has returned, so the
                    // store is not idle again.
                    let first = Some(request);
                    let served = serve_concurrently(store, instance, funcs, first).await;
                    return served.map_err(|error| instance.explain(store, error));
                }
                call_alone(store, instance, funcs, request).await
            }
            DriverEvent::Drops => run_destructors(store, instance).await,
            // Components with streams are not called directly.
            #[cfg(feature = "component-model-async")]
            DriverEvent::Streams => return Ok(()),
            DriverEvent::Unfinished(_) | DriverEvent::Closed => return Ok(()),
        };
        done.map_err(|error| instance.explain(store, error))?;
        poll_cell.rest(idle);
    }
}

/// Finishes a call that was begun without the driver, and leaves the store in the poll
/// cell again.
async fn finish(instance: &Instance, unfinished: UnfinishedCall) -> wasmtime::Result<()> {
    let UnfinishedCall {
        mut call,
        id,
        frame,
    } = unfinished;
    let returned = poll_fn(|cx| call.poll(cx)).await;
    let (store, outcome, fuel) = settle(returned)?;
    frame.record().used(fuel);
    // This comes before the answer, so that the caller's next call can be a direct one.
    instance.incarnation.poll_cell().rest(store);
    instance.end(id, outcome.map_err(|error| *error));
    Ok(())
}

#[cfg(feature = "component-model-async")]
async fn serve_concurrently<T: Send + 'static>(
    store: &mut Store<T>,
    instance: &Arc<Instance>,
    funcs: &Arc<[BoundFunc<T>]>,
    mut first: Option<Box<CallRequest>>,
) -> wasmtime::Result<()> {
    loop {
        let first = first.take();
        // A destructor needs the whole store, so the event loop is left for it; calls
        // that wait stay in the store and continue when the loop is entered again.
        let event = store
            .run_concurrent(
                async |accessor: &Accessor<T>| -> wasmtime::Result<DriverEvent> {
                    let mut first = first.map(DriverEvent::Call);
                    let mut has_new_work = false;
                    loop {
                        let event = match first.take() {
                            Some(first) => first,
                            None => next_event(instance, &mut has_new_work).await,
                        };
                        match event {
                            DriverEvent::Call(request) => {
                                let alone = instance.runs_alone(&request);
                                let Some(begun) = begin(instance, *request) else {
                                    continue;
                                };
                                let task = CallTask {
                                    instance: instance.clone(),
                                    funcs: funcs.clone(),
                                    begun,
                                };
                                if alone {
                                    task.run(accessor).await?;
                                } else {
                                    accessor.spawn(task)?;
                                    has_new_work = true;
                                }
                            }
                            DriverEvent::Streams => {
                                accessor.with(|mut store| {
                                    instance.serve_streams(store.as_context_mut())
                                })?;
                                has_new_work = true;
                            }
                            DriverEvent::Drops => {
                                let_calls_start(instance, accessor).await?;
                                return Ok(DriverEvent::Drops);
                            }
                            event => return Ok(event),
                        }
                    }
                },
            )
            .await??;
        match event {
            DriverEvent::Drops => run_destructors(store, instance).await?,
            // From here on, no call is begun without the driver.
            DriverEvent::Unfinished(_)
            | DriverEvent::Call(_)
            | DriverEvent::Streams
            | DriverEvent::Closed => {
                return Ok(());
            }
        }
    }
}

/// Waits until the code of all calls that were taken in has begun.
///
/// wasmtime's event loop has one queue of work. It first polls the task of a call, and
/// the task then puts the call itself at the end of the queue. So when two further tasks
/// have run, one after the other, all calls from before them have begun.
#[cfg(feature = "component-model-async")]
async fn let_calls_start<T: Send + 'static>(
    instance: &Instance,
    accessor: &Accessor<T>,
) -> wasmtime::Result<()> {
    struct LastInQueue(oneshot::Sender<()>);

    impl<T: Send + 'static> AccessorTask<T> for LastInQueue {
        async fn run(self, _: &Accessor<T>) -> wasmtime::Result<()> {
            // The receiver waits for it below.
            let _ = self.0.send(());
            Ok(())
        }
    }

    if lock(&instance.in_flight).len() == 0 {
        return Ok(());
    }
    for _ in 0..2 {
        let (sender, has_run) = oneshot::channel();
        accessor.spawn(LastInQueue(sender))?;
        // It can fail only with the store, which drops this future too.
        let _ = has_run.await;
    }
    Ok(())
}

/// Runs the destructors of resources that have no holder left outside the store.
pub(crate) async fn run_destructors<T: Send + 'static>(
    store: &mut Store<T>,
    instance: &Instance,
) -> wasmtime::Result<()> {
    for resource in instance.take_released() {
        instance.meter.begin_background(WorkKind::Destructor);
        resource.resource_drop_async(&mut *store).await?;
    }
    Ok(())
}
