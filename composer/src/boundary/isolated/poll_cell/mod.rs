//! The poll cell of a driver, which decides who polls the driver and when.
//!
//! A driver has a task of its own, its home task, which polls it whenever something has
//! woken it. A caller that would be blocked anyway may do so instead: it takes the poll
//! cell if no other caller has it, sends its request, and polls the driver itself. If the
//! call ends within that poll, it needed no switch of tasks; if it does not, the driver
//! continues in its home task, as if it had been polled there. So only the driver holds
//! its store across an await, and a caller may leave at any time.

mod guard;
mod home;
#[cfg(test)]
mod model;
#[cfg(test)]
mod model_of_calls;
mod state;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use futures::task::{ArcWake, waker_ref};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::JoinHandle;

use crate::boundary::isolated::direct_call::{CallableStore, UnfinishedCall};
pub(crate) use guard::PollGuard;
use home::{HomePoller, HomeStep, live_at_home};

use crate::boundary::isolated::poll_cell::state::{AtHome, GoesOn, NextStep, PollState, PutBack};
use crate::sync::lock;

/// How often a caller polls a driver for one call. wasmtime's event loop wakes
/// itself between its turns.
const MOST_POLLS: usize = 8;

type DriverFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The queue of drivers whose code computes for long.
pub(crate) trait ComputeQueue: Send + Sync {
    /// Queues a driver, to be [polled](PollCell::poll_elsewhere) soon; `false` if no
    /// thread would poll it.
    fn push(&self, poll_cell: Arc<PollCell>) -> bool;
}

/// Where the driver of one store is polled from.
pub(crate) struct PollCell {
    inner: Mutex<PollCellInner>,
    /// The runtime of the driver's own task.
    runtime: OnceLock<Handle>,
    /// The queue where the code in its store continues when it has computed for a tick.
    compute: OnceLock<Arc<dyn ComputeQueue>>,
}

struct PollCellInner {
    state: PollState<DriverFuture>,
    /// The waker of the home task, once that task has run.
    home: Option<Waker>,
    /// The driver's store while nothing runs in it, if it can be called without the
    /// driver.
    idle: Option<Box<dyn CallableStore>>,
    /// A call that was begun without the driver and that waits for something.
    unfinished: Option<UnfinishedCall>,
    /// Whether a caller is making a direct call in the store.
    is_called: bool,
    /// When the driver was first woken since it last looked, if `notes_wakes` was set
    /// then.
    woken_at: Option<Instant>,
    notes_wakes: bool,
}

impl PollCellInner {
    /// The waker of the task to wake for `next`, if there is one.
    fn waker(&self, next: NextStep) -> Option<Waker> {
        match next {
            NextStep::WakeHome if self.state.has_home() => self.home.clone(),
            _ => None,
        }
    }
}

impl PollCell {
    pub(crate) fn new() -> Arc<Self> {
        let inner = PollCellInner {
            state: PollState::new(),
            home: None,
            idle: None,
            unfinished: None,
            is_called: false,
            woken_at: None,
            notes_wakes: false,
        };
        Arc::new(PollCell {
            inner: Mutex::new(inner),
            runtime: OnceLock::new(),
            compute: OnceLock::new(),
        })
    }

    /// Gives the poll cell its driver, and the driver a task on the current tokio
    /// runtime. Code that computes for long continues on the threads of `compute`, if
    /// there are any and that runtime has more than one thread: on a runtime of one
    /// thread, tasks take turns.
    pub(crate) fn fill(
        self: &Arc<Self>,
        driver: DriverFuture,
        compute: Option<Arc<dyn ComputeQueue>>,
    ) -> JoinHandle<()> {
        lock(&self.inner).state.fill(driver);
        let runtime = Handle::current();
        if runtime.runtime_flavor() != RuntimeFlavor::CurrentThread
            && let Some(compute) = compute
        {
            let _ = self.compute.set(compute);
        }
        let _ = self.runtime.set(runtime);
        tokio::spawn(live_at_home(HomePoller(self.clone())))
    }

    /// Notes that the driver has something to do, and wakes its home task if necessary.
    pub(crate) fn alert(&self) {
        let mut inner = lock(&self.inner);
        if inner.notes_wakes && inner.woken_at.is_none() {
            inner.woken_at = Some(Instant::now());
        }
        let next = inner.state.alert();
        let waker = inner.waker(next);
        drop(inner);
        waker.into_iter().for_each(Waker::wake);
    }

    /// Ends the driver in its home task, wherever it is in its work.
    pub(crate) fn end(&self) {
        let mut inner = lock(&self.inner);
        let next = inner.state.end();
        let waker = inner.waker(next);
        drop(inner);
        waker.into_iter().for_each(Waker::wake);
    }

    /// Notes that the code in the store has computed for a tick and gives way in the
    /// present poll.
    pub(crate) fn give_way(&self) {
        lock(&self.inner).state.give_way();
    }

    /// Whether the code in the store gave way in the present poll.
    pub(crate) fn gave_way(&self) -> bool {
        lock(&self.inner).state.gave_way()
    }

    /// Notes the time of the next wake.
    pub(crate) fn note_wakes(&self) {
        let mut inner = lock(&self.inner);
        inner.woken_at = inner.state.is_woken().then(Instant::now);
        inner.notes_wakes = true;
    }

    /// When the driver was woken since [`note_wakes`](PollCell::note_wakes).
    pub(crate) fn woken_at(&self) -> Option<Instant> {
        let mut inner = lock(&self.inner);
        inner.notes_wakes = false;
        inner.woken_at.take()
    }

    /// Whether the home task runs on the current thread and on no other. Then the driver
    /// occupies that thread wherever it is polled from.
    pub(crate) fn is_on_this_thread(&self) -> bool {
        let home = self.runtime.get();
        home.is_some_and(|home| {
            home.runtime_flavor() == RuntimeFlavor::CurrentThread
                && Handle::try_current().is_ok_and(|here| here.id() == home.id())
        })
    }

    /// Takes the poll cell, unless it is taken or the driver is to end.
    pub(crate) fn take(self: &Arc<Self>) -> Option<PollGuard<'_>> {
        let driver = lock(&self.inner).state.take_for_caller()?;
        Some(PollGuard::new(self, driver))
    }

    /// Like `take`, and takes the idle store; `None` if it is in use.
    pub(crate) fn take_with_store(self: &Arc<Self>) -> Option<PollGuard<'_>> {
        let mut inner = lock(&self.inner);
        inner.idle.as_ref()?;
        let mut guard = PollGuard::new(self, inner.state.take_for_caller()?);
        inner.is_called = true;
        guard.idle = inner.idle.take();
        Some(guard)
    }

    /// Whether a caller is making a direct call in the driver's store.
    pub(crate) fn is_called(&self) -> bool {
        lock(&self.inner).is_called
    }

    /// Leaves the driver's store where direct calls find it. Only the driver, while it is
    /// polled, does this and takes the store back.
    pub(crate) fn rest(&self, store: Box<dyn CallableStore>) {
        lock(&self.inner).idle = Some(store);
    }

    /// Takes the driver's store back. `None` if a direct call has ended it.
    pub(crate) fn take_idle_store(&self) -> Option<Box<dyn CallableStore>> {
        lock(&self.inner).idle.take()
    }

    /// Takes the call that was begun without the driver and that the driver has to
    /// finish.
    pub(crate) fn unfinished(&self) -> Option<UnfinishedCall> {
        lock(&self.inner).unfinished.take()
    }

    /// Notes that the driver looks at everything that has happened so far.
    pub(crate) fn look(&self) {
        lock(&self.inner).state.look();
    }

    /// Asks for another poll after the present one.
    pub(crate) fn look_again(&self) {
        lock(&self.inner).state.look_again();
    }

    fn goes_on(&self) -> GoesOn {
        match self.compute.get() {
            Some(_) => GoesOn::Elsewhere,
            None => GoesOn::AtHome,
        }
    }

    /// Puts back a driver that has been polled, or returns it for another poll if it was
    /// woken and there are polls `left`. If work is left for the home task, wakes it.
    fn put_back(
        self: &Arc<Self>,
        driver: DriverFuture,
        idle: Option<Box<dyn CallableStore>>,
        left: bool,
    ) -> Option<DriverFuture> {
        let mut inner = lock(&self.inner);
        inner.is_called = false;
        if idle.is_some() {
            inner.idle = idle;
        }
        match inner.state.put_back(driver, left, self.goes_on()) {
            PutBack::Again(driver) => Some(driver),
            PutBack::Done(NextStep::Queue) => {
                drop(inner);
                self.compute_elsewhere();
                None
            }
            PutBack::Done(next) => {
                let waker = inner.waker(next);
                drop(inner);
                waker.into_iter().for_each(Waker::wake);
                None
            }
            PutBack::Drop(driver) => {
                let left = (inner.idle.take(), inner.unfinished.take());
                drop(inner);
                drop((driver, left));
                None
            }
        }
    }

    fn compute_elsewhere(self: &Arc<Self>) {
        let queued = self
            .compute
            .get()
            .is_some_and(|compute| compute.push(self.clone()));
        if !queued {
            let mut inner = lock(&self.inner);
            let next = inner.state.leave_queue();
            let waker = inner.waker(next);
            drop(inner);
            waker.into_iter().for_each(Waker::wake);
        }
    }

    /// Polls the driver once, on a compute thread.
    pub(crate) fn poll_elsewhere(self: &Arc<Self>) {
        let driver = lock(&self.inner).state.take_from_queue();
        if let Some(driver) = driver {
            let _runtime = self.runtime.get().map(Handle::enter);
            if let Some(driver) = self.poll(driver) {
                self.put_back(driver, None, false);
            }
        }
    }

    /// Polls the driver in its home task, if there is something to do. Ready when the
    /// driver has ended, or has to give way to other tasks of its thread.
    fn poll_at_home(self: &Arc<Self>, cx: &Context<'_>) -> Poll<HomeStep> {
        let mut inner = lock(&self.inner);
        match &mut inner.home {
            Some(waker) => waker.clone_from(cx.waker()),
            home => *home = Some(cx.waker().clone()),
        }
        inner.state.at_home();
        let driver = match inner.state.take_for_home() {
            AtHome::Poll(driver) => driver,
            AtHome::Wait => return Poll::Pending,
            AtHome::Ended => return Poll::Ready(HomeStep::Ended),
            AtHome::Drop(driver) => {
                drop(inner);
                drop(driver);
                self.gone();
                return Poll::Ready(HomeStep::Ended);
            }
        };
        drop(inner);
        let Some(driver) = self.poll(driver) else {
            return Poll::Ready(HomeStep::Ended);
        };
        if self.gave_way() && self.goes_on() == GoesOn::AtHome {
            // This task yields and so polls again by itself, later than if it were woken.
            let put_back = lock(&self.inner)
                .state
                .put_back(driver, false, GoesOn::AtHome);
            drop(put_back);
            return Poll::Ready(HomeStep::GivesWay);
        }
        self.put_back(driver, None, false);
        Poll::Pending
    }

    fn gone(&self) {
        let mut inner = lock(&self.inner);
        let next = inner.state.gone();
        let left = (inner.idle.take(), inner.unfinished.take());
        let waker = inner.waker(next);
        drop(inner);
        drop(left);
        waker.into_iter().for_each(Waker::wake);
    }

    /// Polls the driver once; returns it if it has not ended.
    fn poll(self: &Arc<Self>, mut driver: DriverFuture) -> Option<DriverFuture> {
        let waker = waker_ref(self);
        // A panic of a host function ends the component that it served, and not the
        // caller or task that happens to poll its driver.
        let polled = catch_unwind(AssertUnwindSafe(|| {
            driver.as_mut().poll(&mut Context::from_waker(&waker))
        }));
        match polled {
            Ok(Poll::Pending) => Some(driver),
            Ok(Poll::Ready(())) | Err(_) => {
                drop(driver);
                self.gone();
                None
            }
        }
    }
}

impl ArcWake for PollCell {
    fn wake_by_ref(poll_cell: &Arc<Self>) {
        poll_cell.alert();
    }
}
