//! The sole owner of a store.
//!
//! A driver takes requests from its slot's inbox and starts each at once,
//! whatever else runs in the store; wasmtime lets a call wait for its turn
//! where the component model says so. Between calls it runs the destructors of
//! resources that nobody holds any more.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

#[cfg(feature = "component-model-async")]
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use wasmtime::Store;
#[cfg(feature = "component-model-async")]
use wasmtime::component::{Accessor, AccessorTask};

use crate::boundary::isolated::bound_func::BoundFunc;
use crate::boundary::isolated::direct_call::{Resting, UnfinishedCall, settle};
use crate::boundary::isolated::inbox::InboxReceiver;
use crate::boundary::isolated::incarnation::{Request, Slot};
use crate::boundary::isolated::instance::Instance;
use crate::call::current::Driving;
use crate::call::run::call_alone;
#[cfg(feature = "component-model-async")]
use crate::call::run::{CallTask, begin};
use crate::error::CallError;
use crate::error::death::Death;
use crate::limits::meter::Work;
use crate::observe::metrics;
use crate::sync::lock;

/// Owns a store and carries out what its slot is asked for.
pub(crate) struct Driver<T: 'static> {
    pub(crate) instance: Arc<Instance>,
    pub(crate) store: Store<T>,
    /// The component's functions, as [`Slot::funcs`] counts them.
    pub(crate) funcs: Arc<[BoundFunc<T>]>,
    pub(crate) requests: InboxReceiver,
}

impl<T: Send + 'static> Driver<T> {
    /// Starts the driver as a task of the current tokio runtime.
    pub(crate) fn spawn(self) -> JoinHandle<()> {
        let instance = self.instance.clone();
        let seat = instance.slot.seat().clone();
        let compute = instance.slot.outline.compute();
        if instance.slot.direct().is_none() {
            let driver = Driving::new(instance, self.run());
            return seat.fill(Box::pin(driver), compute);
        }
        seat.rest(Resting::new(self.store, self.funcs, instance.clone()));
        let run = run_between_direct_calls::<T>(instance.clone(), self.requests);
        seat.fill(Box::pin(Driving::new(instance, run)), compute)
    }

    async fn run(self) {
        let Driver {
            instance,
            mut store,
            funcs,
            requests,
        } = self;
        // If a host function panics, this unwinds, and if the composition or
        // the runtime ends, it is dropped: everybody who waits must still be
        // told, so this is a guard and not a last statement.
        let mut end = End {
            instance: instance.clone(),
            requests,
            outcome: None,
        };
        let serve = serve(&mut store, &instance, &funcs);
        let outcome = instance.in_time(serve).await;
        end.outcome = Some(outcome.map_err(|error| instance.explain(&mut store, error)));
    }
}

/// The end of a driver, told to everybody who waits for it.
struct End {
    instance: Arc<Instance>,
    requests: InboxReceiver,
    /// `None` if the driver did not come to its end by itself.
    outcome: Option<wasmtime::Result<()>>,
}

impl Drop for End {
    fn drop(&mut self) {
        let slot = &self.instance.slot;
        let outcome = self.outcome.take().unwrap_or_else(|| {
            if std::thread::panicking() {
                return Err(wasmtime::Error::msg("a host function panicked"));
            }
            Ok(())
        });
        let death = match outcome {
            // It may have died of a direct call.
            Ok(()) => {
                slot.stopped();
                slot.death()
            }
            Err(error) => Some(died(slot, error)),
        };
        // From here on nobody is admitted; those already in are told.
        self.requests.close();
        self.instance.meter.close();
        let calls = lock(&self.instance.in_flight).end_all();
        for (frame, reply) in calls {
            let site = frame.site();
            let error = match &death {
                Some(death) => CallError::Failed {
                    site,
                    death: death.clone(),
                },
                None => CallError::Stopped { site },
            };
            frame.told().ended();
            self.instance.hide(&frame);
            // A caller who has left needs no answer.
            let _ = reply.send(Err(error));
        }
        // What the store held of others is released, outside of the lock.
        let released = lock(&self.instance.tables).clear();
        drop(released);
        let embedders = std::mem::take(&mut *lock(&self.instance.host));
        drop(embedders);
    }
}

/// Notes what ended the store of a slot, and tells those who listen.
pub(crate) fn died(slot: &Slot, error: wasmtime::Error) -> Arc<Death> {
    let death = Death::new(slot.name(), error);
    tracing::warn!(component = slot.name(), %death, "a component died");
    metrics::died(&death);
    slot.die(death.clone());
    death
}

enum Event {
    Call(Box<Request>),
    /// A call that was begun without the driver, and that waits.
    Unfinished(UnfinishedCall),
    Drops,
    Closed,
}

/// What the driver does next. `has_spawned` says whether it has just begun something
/// that has not been polled.
async fn next_event(instance: &Instance, has_spawned: &mut bool) -> Event {
    let seat = instance.slot.seat();
    let inbox = &instance.slot.inbox;
    poll_fn(|cx| {
        instance.polls.reach();
        instance.meter.rest();
        // What wakes a call on its way to its end needs no further poll: the
        // loop comes first in each round, and by now the call has ended. But
        // wasmtime's last round in a poll is the loop alone: what that begins is
        // polled in the next one, for which the driver has to stay woken.
        if !std::mem::take(has_spawned) {
            seat.look();
        }
        let event = match inbox.has_drops() {
            _ if let Some(call) = seat.unfinished() => Poll::Ready(Event::Unfinished(call)),
            true => Poll::Ready(Event::Drops),
            // A direct call has ended it.
            false if !instance.slot.is_running() => Poll::Ready(Event::Closed),
            false if instance.is_full(cx) => Poll::Pending,
            // Whatever comes into the inbox alerts the seat.
            false => match inbox.take_request() {
                Some(request) => Poll::Ready(Event::Call(request)),
                None => Poll::Pending,
            },
        };
        if event.is_ready() {
            seat.look_again();
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
            Event::Call(request) => call_alone(store, instance, funcs, request).await?,
            Event::Drops => run_destructors(store, instance).await?,
            // No call is begun without the driver here.
            Event::Unfinished(_) | Event::Closed => return Ok(()),
        }
    }
}

/// Drives a store that is left in the seat between calls.
async fn run_between_direct_calls<T: Send + 'static>(
    instance: Arc<Instance>,
    requests: InboxReceiver,
) {
    let mut end = End {
        instance: instance.clone(),
        requests,
        outcome: None,
    };
    let serve = serve_between_direct_calls::<T>(&instance);
    end.outcome = Some(instance.in_time(serve).await);
}

async fn serve_between_direct_calls<T: Send + 'static>(
    instance: &Arc<Instance>,
) -> wasmtime::Result<()> {
    let seat = instance.slot.seat();
    loop {
        let event = match next_event(instance, &mut false).await {
            Event::Unfinished(call) => {
                finish(instance, call).await?;
                continue;
            }
            event => event,
        };
        let Some(mut resting) = seat.rouse().and_then(Resting::<T>::found) else {
            // A direct call has ended it.
            return Ok(());
        };
        let Resting { store, funcs, .. } = &mut *resting;
        let done = match event {
            Event::Call(request) => {
                #[cfg(feature = "component-model-async")]
                if request.frame.is_async() {
                    // Who knows what it does after it has returned?
                    let first = Some(request);
                    let served = serve_concurrently(store, instance, funcs, first).await;
                    return served.map_err(|error| instance.explain(store, error));
                }
                call_alone(store, instance, funcs, request).await
            }
            Event::Drops => run_destructors(store, instance).await,
            Event::Unfinished(_) | Event::Closed => return Ok(()),
        };
        done.map_err(|error| instance.explain(store, error))?;
        seat.rest(resting);
    }
}

/// Goes on with a call that was begun without the driver, and leaves the store in
/// the seat again.
async fn finish(instance: &Instance, unfinished: UnfinishedCall) -> wasmtime::Result<()> {
    let UnfinishedCall {
        mut call,
        id,
        frame,
    } = unfinished;
    let returned = poll_fn(|cx| call.poll(cx)).await;
    let (store, outcome, fuel) = settle(returned)?;
    frame.told().used(fuel);
    // Before its caller knows: the next call may be a direct one.
    instance.slot.seat().rest(store);
    instance.end(id, outcome.map_err(|error| *error));
    Ok(())
}

#[cfg(feature = "component-model-async")]
async fn serve_concurrently<T: Send + 'static>(
    store: &mut Store<T>,
    instance: &Arc<Instance>,
    funcs: &Arc<[BoundFunc<T>]>,
    mut first: Option<Box<Request>>,
) -> wasmtime::Result<()> {
    loop {
        let first = first.take();
        // A destructor needs the whole store, so the loop is left for it;
        // calls that wait stay in the store and go on when it is entered again.
        let event = store
            .run_concurrent(async |accessor: &Accessor<T>| -> wasmtime::Result<Event> {
                let mut first = first.map(Event::Call);
                let mut has_spawned = false;
                loop {
                    let event = match first.take() {
                        Some(first) => first,
                        None => next_event(instance, &mut has_spawned).await,
                    };
                    match event {
                        Event::Call(request) => {
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
                                has_spawned = true;
                            }
                        }
                        Event::Drops => {
                            let_calls_start(instance, accessor).await?;
                            return Ok(Event::Drops);
                        }
                        event => return Ok(event),
                    }
                }
            })
            .await??;
        match event {
            Event::Drops => run_destructors(store, instance).await?,
            // No call is begun without the driver any more.
            Event::Unfinished(_) | Event::Call(_) | Event::Closed => return Ok(()),
        }
    }
}

/// Lets the code begin of all calls that were taken in.
///
/// wasmtime's event loop has one queue of work. It first polls the task of a call, and
/// the task then puts the call itself at the end. So two tasks that run one after the
/// other run behind all calls that were there before them.
#[cfg(feature = "component-model-async")]
async fn let_calls_start<T: Send + 'static>(
    instance: &Instance,
    accessor: &Accessor<T>,
) -> wasmtime::Result<()> {
    struct Behind(oneshot::Sender<()>);

    impl<T: Send + 'static> AccessorTask<T> for Behind {
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
        accessor.spawn(Behind(sender))?;
        // It can fail only with the store, which drops this future too.
        let _ = has_run.await;
    }
    Ok(())
}

/// Runs the destructors of resources that nobody outside holds any more.
pub(crate) async fn run_destructors<T: Send + 'static>(
    store: &mut Store<T>,
    instance: &Instance,
) -> wasmtime::Result<()> {
    for resource in instance.unheld() {
        instance.meter.begin_aside(Work::Destructor);
        resource.resource_drop_async(&mut *store).await?;
    }
    Ok(())
}
