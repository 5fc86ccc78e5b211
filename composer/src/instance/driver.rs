//! The sole owner of a store.
//!
//! A driver takes requests from its slot's inbox and starts each at once,
//! whatever else runs in the store; wasmtime lets a call wait for its turn
//! where the component model says so. Between calls it runs the destructors of
//! resources that nobody holds any more.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
#[cfg(feature = "component-model-async")]
use wasmtime::component::{Accessor, AccessorTask, Linker};
use wasmtime::component::{Func, Val};
use wasmtime::{AsContextMut, Engine, Store, StoreContextMut};

use crate::error::CallError;
use crate::instance::context::Driving;
use crate::instance::in_flight::InFlight;
use crate::instance::{Death, Frame, Request, Slot, lock};
use crate::resource::{Crossing, Scope, Tables, TransferError};
use crate::transfer::Parcel;

/// What a driver shares with its own store's import adapters.
pub(crate) struct Instance {
    pub(crate) slot: Arc<Slot>,
    pub(crate) tables: Mutex<Tables>,
    pub(crate) in_flight: Mutex<InFlight>,
    pub(crate) polls: Polls,
    /// Whether calls run beside each other in the store.
    #[cfg(feature = "component-model-async")]
    concurrent: bool,
}

/// Counts a driver's polls, and those that reached its own loop.
#[derive(Default)]
pub(crate) struct Polls {
    begun: AtomicU64,
    reached: AtomicU64,
}

impl Polls {
    pub(crate) fn begin(&self) {
        self.begun.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn begun(&self) -> u64 {
        self.begun.load(Ordering::Relaxed)
    }

    fn reach(&self) {
        self.reached.store(self.begun(), Ordering::Relaxed);
    }

    /// Whether the poll that goes on now has come by the driver's loop.
    pub(crate) fn reached_loop(&self) -> bool {
        self.reached.load(Ordering::Relaxed) == self.begun()
    }
}

impl Instance {
    pub(crate) fn new(slot: Arc<Slot>, engine: &Engine) -> Arc<Self> {
        #[cfg(not(feature = "component-model-async"))]
        let _ = engine;
        Arc::new(Instance {
            #[cfg(feature = "component-model-async")]
            concurrent: supports_concurrency(engine),
            slot,
            tables: Mutex::default(),
            in_flight: Mutex::default(),
            polls: Polls::default(),
        })
    }

    /// The call for which the store's code runs right now, if it runs for one.
    pub(crate) fn current_frame<T>(&self, store: StoreContextMut<'_, T>) -> Option<Arc<Frame>> {
        #[cfg(feature = "component-model-async")]
        if self.concurrent {
            let mut store = store;
            let root = store.async_call_stack().ok()?.last()?;
            return lock(&self.in_flight).of_task(root);
        }
        #[cfg(not(feature = "component-model-async"))]
        let _ = store;
        lock(&self.in_flight).only()
    }

    /// Ends one call. A result whose caller has left is dropped here, and
    /// with it the resources it carries.
    fn end(&self, id: u64, result: Result<Parcel, CallError>) {
        let unwanted = lock(&self.in_flight).end(id, result);
        drop(unwanted);
    }

    /// Moves arguments into the store. A refusal has changed nothing; after an
    /// error some of them are in the store, and no more is known of it.
    fn lower_args<T: 'static>(
        &self,
        mut store: StoreContextMut<'_, T>,
        func: usize,
        args: Parcel,
        scope: &mut Scope,
    ) -> wasmtime::Result<Result<Vec<Val>, CallError>> {
        let Parcel { mut vals, handles } = args;
        if handles.is_empty() {
            return Ok(Ok(vals));
        }
        let lent = |c: &&Crossing| matches!(c, Crossing::Own(_)) && c.entry().is_lent();
        if let Some(crossing) = handles.iter().find(lent) {
            return Ok(Err(CallError::Lent {
                site: self.slot.site(func),
                resource: format!("{:?}", crossing.entry()),
            }));
        }
        if let Some(gone) = handles.iter().find_map(|c| c.entry().origin().death()) {
            return Ok(Err(CallError::Dead {
                site: self.slot.site(func),
                death: gone,
            }));
        }
        let mut handles = handles.into_iter();
        let mut tables = lock(&self.tables);
        let recipe = &self.slot.funcs()[func].recipe;
        recipe
            .visit_args(&mut vals, &mut |carry, id, val| match handles.next() {
                Some(crossing) => {
                    let what = (carry, id);
                    tables.lower(
                        store.as_context_mut(),
                        &self.slot,
                        what,
                        crossing,
                        scope,
                        val,
                    )
                }
                None => Ok(()),
            })
            .map_err(TransferError::into_fatal)?;
        Ok(Ok(vals))
    }

    /// Moves results out of the store and takes back what was lent to it.
    fn lift_results<T: 'static>(
        &self,
        mut store: StoreContextMut<'_, T>,
        func: usize,
        mut vals: Vec<Val>,
        scope: Scope,
    ) -> wasmtime::Result<Parcel> {
        let mut handles = Vec::new();
        let mut tables = lock(&self.tables);
        let recipe = &self.slot.funcs()[func].recipe;
        recipe
            .visit_results(&mut vals, &mut |_, id, val| {
                handles.push(tables.lift(store.as_context_mut(), &self.slot, id, val)?);
                Ok(())
            })
            .and_then(|()| tables.close(store, scope))
            .map_err(TransferError::into_fatal)?;
        Ok(Parcel { vals, handles })
    }
}

/// Owns a store and carries out what its slot is asked for.
pub(crate) struct Driver<T: 'static> {
    pub(crate) instance: Arc<Instance>,
    pub(crate) store: Store<T>,
    /// The component's functions, as [`Slot::funcs`] counts them.
    pub(crate) funcs: Arc<[Func]>,
    pub(crate) requests: mpsc::Receiver<Request>,
    pub(crate) stopped: watch::Receiver<bool>,
}

impl<T: Send + 'static> Driver<T> {
    /// Starts the driver as a task of the current tokio runtime.
    pub(crate) fn spawn(self) -> JoinHandle<()> {
        let instance = self.instance.clone();
        tokio::spawn(Driving::new(instance, self.run()))
    }

    async fn run(mut self) {
        // If a host function panics, the task unwinds: everybody who waits
        // must still be told, so this is a guard and not a last statement.
        let mut end = End {
            instance: self.instance.clone(),
            requests: self.requests,
            outcome: Err(wasmtime::Error::msg("a host function panicked")),
        };
        let serve = serve(
            &mut self.store,
            &self.instance,
            &self.funcs,
            &mut end.requests,
        );
        end.outcome = tokio::select! {
            biased;
            _ = self.stopped.wait_for(|stopped| *stopped) => Ok(()),
            outcome = serve => outcome,
        };
    }
}

/// The end of a driver, told to everybody who waits for it.
struct End {
    instance: Arc<Instance>,
    requests: mpsc::Receiver<Request>,
    outcome: wasmtime::Result<()>,
}

impl Drop for End {
    fn drop(&mut self) {
        let slot = &self.instance.slot;
        let death = match std::mem::replace(&mut self.outcome, Ok(())) {
            Ok(()) => {
                slot.stopped();
                None
            }
            Err(error) => {
                let death = Death::new(slot.name(), error);
                tracing::warn!(component = slot.name(), %death, "a component died");
                slot.die(death.clone());
                Some(death)
            }
        };
        // From here on nobody is admitted; those already in are told.
        self.requests.close();
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
            // A caller who has left needs no answer.
            let _ = reply.send(Err(error));
        }
        // What the store held of others is released, outside of the lock.
        let released = lock(&self.instance.tables).clear();
        drop(released);
    }
}

/// An engine does not tell how it is configured, but one without concurrency
/// support takes no concurrent host functions.
#[cfg(feature = "component-model-async")]
fn supports_concurrency(engine: &Engine) -> bool {
    let mut linker: Linker<()> = Linker::new(engine);
    let nothing = linker
        .root()
        .func_new_concurrent("", |_, _, _, _| Box::pin(async { Ok(()) }));
    nothing.is_ok()
}

enum Event {
    Call(Box<Request>),
    Drops,
    Closed,
}

async fn next_event(instance: &Instance, requests: &mut mpsc::Receiver<Request>) -> Event {
    let slot = &instance.slot;
    let next = async {
        tokio::select! {
            biased;
            () = slot.drops_queued() => Event::Drops,
            request = requests.recv() => match request {
                Some(request) => Event::Call(Box::new(request)),
                None => Event::Closed,
            },
        }
    };
    let mut next = std::pin::pin!(next);
    std::future::poll_fn(|cx| {
        instance.polls.reach();
        next.as_mut().poll(cx)
    })
    .await
}

async fn serve<T: Send + 'static>(
    store: &mut Store<T>,
    instance: &Arc<Instance>,
    funcs: &Arc<[Func]>,
    requests: &mut mpsc::Receiver<Request>,
) -> wasmtime::Result<()> {
    #[cfg(feature = "component-model-async")]
    if instance.concurrent {
        return serve_concurrently(store, instance, funcs, requests).await;
    }
    loop {
        match next_event(instance, requests).await {
            Event::Call(request) => call_alone(store, instance, funcs, *request).await?,
            Event::Drops => run_destructors(store, instance).await?,
            Event::Closed => return Ok(()),
        }
    }
}

#[cfg(feature = "component-model-async")]
async fn serve_concurrently<T: Send + 'static>(
    store: &mut Store<T>,
    instance: &Arc<Instance>,
    funcs: &Arc<[Func]>,
    requests: &mut mpsc::Receiver<Request>,
) -> wasmtime::Result<()> {
    loop {
        // A destructor needs the whole store, so the loop is left for it;
        // calls that wait stay in the store and go on when it is entered again.
        let event = store
            .run_concurrent(async |accessor: &Accessor<T>| -> wasmtime::Result<Event> {
                loop {
                    match next_event(instance, requests).await {
                        Event::Call(request) => {
                            accessor.spawn(CallTask {
                                instance: instance.clone(),
                                funcs: funcs.clone(),
                                request,
                            })?;
                        }
                        event => return Ok(event),
                    }
                }
            })
            .await??;
        match event {
            Event::Drops => run_destructors(store, instance).await?,
            _ => return Ok(()),
        }
    }
}

/// Runs the destructors of resources that nobody outside holds any more.
async fn run_destructors<T: Send + 'static>(
    store: &mut Store<T>,
    instance: &Instance,
) -> wasmtime::Result<()> {
    for key in instance.slot.take_drops() {
        let given = lock(&instance.tables).take_given(key);
        if let Some(resource) = given {
            resource.resource_drop_async(&mut *store).await?;
        }
    }
    Ok(())
}

/// A call on an engine that runs one at a time.
async fn call_alone<T: Send + 'static>(
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
struct CallTask {
    instance: Arc<Instance>,
    funcs: Arc<[Func]>,
    request: Box<Request>,
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

impl Instance {
    /// Room for the results of a function.
    fn empty_results(&self, func: usize) -> Vec<Val> {
        let result = &self.slot.funcs()[func].ty.result;
        result.iter().map(|_| Val::Bool(false)).collect()
    }
}
