//! What the rest of a composition holds of a running component.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use composer_plan::{ResourceId, World};
use tokio::sync::{Notify, mpsc, oneshot, watch};

use crate::error::{CallError, Site};
use crate::instance::in_flight::Reply;
use crate::instance::outline::Owner;
use crate::instance::{Death, ExportedFunc, Frame, Outline};
use crate::link::{ImportSource, Origin};
use crate::transfer::Parcel;

/// A place in a composition and the component that runs there.
///
/// An edge of the plan points to a slot and never to a store: a slot can be
/// held, asked and called from any task, whatever state its component is in.
pub(crate) struct Slot {
    pub(super) outline: Arc<Outline>,
    /// Where the imports of its world come from, in their order.
    imports: Vec<ImportSource>,
    inbox: mpsc::Sender<Request>,
    activity: Arc<Activity>,
    state: Mutex<State>,
    /// The call that this component's store is frozen in: a sync import
    /// stops everything in a store until it returns.
    frozen: Mutex<Option<Arc<Frame>>>,
    /// Keys of own resources that nobody outside holds any more. It grows by
    /// one entry at most for each resource that was given out; `None` once
    /// there is no store left to run destructors in.
    drops: Mutex<Option<Vec<u64>>>,
    drops_queued: Notify,
    stop: watch::Sender<bool>,
}

#[derive(Clone)]
enum State {
    Running,
    Dead(Arc<Death>),
    Stopped,
}

/// A function of a component in a slot.
#[derive(Clone)]
pub(crate) struct Callee {
    pub(crate) slot: Arc<Slot>,
    pub(crate) func: usize,
}

/// A call on its way to a driver.
pub(crate) struct Request {
    pub(crate) frame: Arc<Frame>,
    pub(crate) args: Parcel,
    pub(crate) reply: Reply,
    pub(crate) busy: Busy,
}

impl Slot {
    pub(crate) fn new(
        outline: Arc<Outline>,
        imports: Vec<ImportSource>,
        activity: Arc<Activity>,
    ) -> (Arc<Self>, mpsc::Receiver<Request>, watch::Receiver<bool>) {
        let (inbox, requests) = mpsc::channel(outline.inbox);
        let (stop, stopped) = watch::channel(false);
        let slot = Slot {
            outline,
            imports,
            inbox,
            activity,
            state: Mutex::new(State::Running),
            frozen: Mutex::new(None),
            drops: Mutex::new(Some(Vec::new())),
            drops_queued: Notify::new(),
            stop,
        };
        (Arc::new(slot), requests, stopped)
    }

    pub(crate) fn name(&self) -> &str {
        &self.outline.name
    }

    pub(crate) fn world(&self) -> &Arc<World> {
        &self.outline.world
    }

    pub(crate) fn funcs(&self) -> &[ExportedFunc] {
        &self.outline.funcs
    }

    /// Where an import comes from, by its place in the world.
    pub(crate) fn import(&self, index: usize) -> &ImportSource {
        &self.imports[index]
    }

    pub(crate) fn origin(&self, id: ResourceId) -> Origin {
        match &self.outline.owners[id.0 as usize] {
            Owner::Here => Origin::Here,
            Owner::Import(import, name) => self.import(*import).origin(name),
            Owner::Nobody => Origin::Nobody,
        }
    }

    /// Requests that wait in the inbox.
    pub(crate) fn queued(&self) -> usize {
        self.inbox.max_capacity() - self.inbox.capacity()
    }

    pub(crate) fn inbox_capacity(&self) -> usize {
        self.inbox.max_capacity()
    }

    pub(crate) fn is_running(&self) -> bool {
        matches!(*lock(&self.state), State::Running)
    }

    pub(crate) fn death(&self) -> Option<Arc<Death>> {
        match &*lock(&self.state) {
            State::Dead(death) => Some(death.clone()),
            _ => None,
        }
    }

    /// The store is gone because of `death`. The first cause stays.
    pub(crate) fn die(&self, death: Arc<Death>) {
        let mut state = lock(&self.state);
        if matches!(*state, State::Running) {
            *state = State::Dead(death);
        }
        drop(state);
        lock(&self.drops).take();
    }

    /// The store is gone because the composition ended.
    pub(crate) fn stopped(&self) {
        let mut state = lock(&self.state);
        if matches!(*state, State::Running) {
            *state = State::Stopped;
        }
        drop(state);
        lock(&self.drops).take();
    }

    /// Asks the driver to drop its store.
    pub(crate) fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Why `frame` cannot be answered here any more.
    fn refusal(&self, frame: &Frame) -> CallError {
        match &*lock(&self.state) {
            State::Dead(death) => CallError::Dead {
                site: frame.site(),
                death: death.clone(),
            },
            _ => CallError::Stopped { site: frame.site() },
        }
    }

    pub(crate) fn queue_drop(&self, key: u64) {
        if let Some(drops) = &mut *lock(&self.drops) {
            drops.push(key);
            self.drops_queued.notify_one();
        }
    }

    pub(crate) fn take_drops(&self) -> Vec<u64> {
        lock(&self.drops)
            .as_mut()
            .map(std::mem::take)
            .unwrap_or_default()
    }

    /// Waits until [`Slot::take_drops`] has something to give.
    pub(crate) async fn drops_queued(&self) {
        loop {
            let queued = self.drops_queued.notified();
            if lock(&self.drops)
                .as_ref()
                .is_some_and(|drops| !drops.is_empty())
            {
                return;
            }
            queued.await;
        }
    }

    pub(crate) fn frozen(&self) -> Option<Arc<Frame>> {
        lock(&self.frozen).clone()
    }

    pub(crate) fn set_frozen(&self, frame: Option<Arc<Frame>>) -> Option<Arc<Frame>> {
        std::mem::replace(&mut *lock(&self.frozen), frame)
    }

    pub(crate) fn site(&self, func: usize) -> Site {
        self.outline.site(func)
    }
}

/// Sends `args` to the callee of `frame` and waits for its results.
///
/// Dropping the future abandons the call: a request that was not yet taken
/// from the inbox is skipped, one that runs goes on to its end in its own
/// store, and what it returns is dropped there.
pub(crate) async fn call(frame: Arc<Frame>, args: Parcel) -> Result<Parcel, CallError> {
    let slot = frame.slot().clone();
    if !slot.is_running() {
        return Err(slot.refusal(&frame));
    }
    let (reply, answer) = oneshot::channel();
    let request = Request {
        frame: frame.clone(),
        args,
        reply,
        busy: slot.activity.enter(),
    };
    if slot.inbox.send(request).await.is_err() {
        return Err(slot.refusal(&frame));
    }
    match answer.await {
        Ok(result) => result,
        Err(_) => Err(slot.refusal(&frame)),
    }
}

/// Counts the calls that run or wait anywhere in one composition.
#[derive(Default)]
pub(crate) struct Activity {
    running: AtomicUsize,
    idle: Notify,
}

/// One call of an [`Activity`], from its request to its end.
pub(crate) struct Busy(Arc<Activity>);

impl Activity {
    fn enter(self: &Arc<Self>) -> Busy {
        self.running.fetch_add(1, Ordering::AcqRel);
        Busy(self.clone())
    }

    pub(crate) fn running(&self) -> usize {
        self.running.load(Ordering::Acquire)
    }

    /// Waits until no call runs.
    pub(crate) async fn idle(&self) {
        loop {
            let idle = self.idle.notified();
            tokio::pin!(idle);
            idle.as_mut().enable();
            if self.running() == 0 {
                return;
            }
            idle.await;
        }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        if self.0.running.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.idle.notify_waiters();
        }
    }
}

/// No lock of this module is held while anything can panic, so a poisoned one
/// still guards a whole value.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
