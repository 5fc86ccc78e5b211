//! The driver's seat: who polls a driver, and when.
//!
//! A driver has a task of its own, its home, that polls it whenever something
//! has woken it. A caller that would stand still anyway may do it instead: it
//! takes the seat if nobody else has it, sends its request, and polls the
//! driver there and then. If the call ends within that poll, no task was
//! changed for it; if it does not, the driver goes on from its home, as if it
//! had been polled there. So nobody holds a store across an await but its
//! driver, and whoever calls may leave at any time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Poll, Wake, Waker};

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::JoinHandle;

use crate::instance::{Direct, lock};

/// How often a caller polls a driver for one call. wasmtime's event loop wakes
/// itself between its turns.
const MOST_POLLS: usize = 8;

type Driver = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Where the driver of one store is polled from.
pub(crate) struct Seat {
    state: Mutex<State>,
    /// Something has happened that the driver has not looked at. Whoever sets it
    /// tells the home, unless the driver is away: then it is looked at when it
    /// is put back.
    woken: AtomicBool,
    /// The runtime of the driver's own task.
    runtime: OnceLock<Handle>,
}

struct State {
    driver: At,
    /// The driver's store, while nothing runs in it, if it can be called in
    /// without the driver.
    resting: Option<Box<dyn Direct>>,
    /// Whether somebody calls in it.
    is_called: bool,
    /// The driver is to be dropped.
    ending: bool,
    home: Home,
}

/// The driver's own task, as others know it.
enum Home {
    /// It begins by looking at everything.
    NotYet,
    Here(Waker),
    /// It was dropped, with its runtime.
    Gone,
}

impl Home {
    /// How it is woken, if that changes anything.
    fn waker(&self) -> Option<Waker> {
        match self {
            Home::Here(waker) => Some(waker.clone()),
            Home::NotYet | Home::Gone => None,
        }
    }

    fn is_gone(&self) -> bool {
        matches!(self, Home::Gone)
    }
}

enum At {
    /// In its seat, and nobody polls it.
    Rest(Driver),
    /// With whoever polls it.
    Away,
    /// It came to its end, or there was none yet.
    Gone,
}

impl Seat {
    pub(crate) fn new() -> Arc<Self> {
        let state = State {
            driver: At::Gone,
            resting: None,
            is_called: false,
            ending: false,
            home: Home::NotYet,
        };
        Arc::new(Seat {
            state: Mutex::new(state),
            woken: AtomicBool::new(true),
            runtime: OnceLock::new(),
        })
    }

    /// Gives the seat its driver, and that a task on the current tokio runtime.
    pub(super) fn fill(self: &Arc<Self>, driver: Driver) -> JoinHandle<()> {
        lock(&self.state).driver = At::Rest(driver);
        let _ = self.runtime.set(Handle::current());
        tokio::spawn(Housed(self.clone()))
    }

    /// Tells the driver that there is something for it to do.
    pub(crate) fn alert(&self) {
        if self.woken.swap(true, Ordering::AcqRel) {
            return;
        }
        let state = lock(&self.state);
        if matches!(state.driver, At::Away) {
            return;
        }
        let home = state.home.waker();
        drop(state);
        home.into_iter().for_each(Waker::wake);
    }

    /// Ends the driver wherever it is in its work, in its own task.
    pub(crate) fn end(&self) {
        let mut state = lock(&self.state);
        state.ending = true;
        let home = state.home.waker();
        drop(state);
        home.into_iter().for_each(Waker::wake);
    }

    /// Whether the driver's own task runs on the thread that asks, and on no
    /// other: then it holds that thread up wherever it is polled from.
    pub(crate) fn is_on_this_thread(&self) -> bool {
        let home = self.runtime.get();
        home.is_some_and(|home| {
            home.runtime_flavor() == RuntimeFlavor::CurrentThread
                && Handle::try_current().is_ok_and(|here| here.id() == home.id())
        })
    }

    /// Takes the seat, unless somebody else has it or the driver is to end.
    pub(crate) fn take(self: &Arc<Self>) -> Option<Turn<'_>> {
        self.turn(&mut lock(&self.state))
    }

    /// The same with the driver's store, if that is to be had.
    pub(crate) fn take_resting(self: &Arc<Self>) -> Option<Turn<'_>> {
        let mut state = lock(&self.state);
        state.resting.as_ref()?;
        let mut turn = self.turn(&mut state)?;
        state.is_called = true;
        turn.resting = state.resting.take();
        Some(turn)
    }

    fn turn(self: &Arc<Self>, state: &mut State) -> Option<Turn<'_>> {
        if state.ending || state.home.is_gone() {
            return None;
        }
        Some(Turn {
            driver: Some(state.driver.take()?),
            resting: None,
            seat: self,
        })
    }

    /// Whether somebody calls in the driver's store without the driver.
    pub(super) fn is_called(&self) -> bool {
        lock(&self.state).is_called
    }

    /// Leaves the driver's store where it can be called in. Only the driver,
    /// while it is polled, does this and takes it back.
    pub(super) fn rest(&self, store: Box<dyn Direct>) {
        lock(&self.state).resting = Some(store);
    }

    /// Takes the driver's store back. `None` if a call has ended it.
    pub(super) fn rouse(&self) -> Option<Box<dyn Direct>> {
        lock(&self.state).resting.take()
    }

    /// Puts a driver back that has been polled, or gives it out again if it was
    /// woken and there are polls `left`. If there is work left for its home,
    /// that is told.
    fn put_back(
        &self,
        driver: Driver,
        resting: Option<Box<dyn Direct>>,
        left: bool,
    ) -> Option<Driver> {
        let mut state = lock(&self.state);
        state.is_called = false;
        if state.home.is_gone() {
            state.driver = At::Gone;
            let resting = resting.or_else(|| state.resting.take());
            drop(state);
            drop((driver, resting));
            return None;
        }
        if resting.is_some() {
            state.resting = resting;
        }
        if left && !state.ending && self.look() {
            return Some(driver);
        }
        state.driver = At::Rest(driver);
        let woken = self.woken.load(Ordering::Acquire);
        let home = (woken || state.ending).then(|| state.home.waker());
        drop(state);
        home.flatten().into_iter().for_each(Waker::wake);
        None
    }

    /// Notes that whatever has happened so far is looked at from here on, and
    /// says whether there was something.
    pub(super) fn look(&self) -> bool {
        self.woken.swap(false, Ordering::AcqRel)
    }

    /// Asks for another poll after the present one.
    pub(super) fn look_again(&self) {
        self.woken.store(true, Ordering::Release);
    }

    fn gone(&self) {
        let mut state = lock(&self.state);
        state.driver = At::Gone;
        let resting = state.resting.take();
        let home = state.home.waker();
        drop(state);
        drop(resting);
        home.into_iter().for_each(Waker::wake);
    }

    /// Polls the driver once; gives it back if it has not come to its end.
    fn poll(self: &Arc<Self>, mut driver: Driver) -> Option<Driver> {
        let waker = Waker::from(self.clone());
        // A panic of a host function ends the component that it served, and
        // nobody who happens to poll its driver.
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

impl At {
    fn take(&mut self) -> Option<Driver> {
        match std::mem::replace(self, At::Away) {
            At::Rest(driver) => Some(driver),
            other => {
                *self = other;
                None
            }
        }
    }
}

impl Wake for Seat {
    fn wake(self: Arc<Self>) {
        self.alert();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.alert();
    }
}

/// The seat, taken by a caller.
pub(crate) struct Turn<'s> {
    seat: &'s Arc<Seat>,
    driver: Option<Driver>,
    /// The driver's store, if it was taken too.
    pub(super) resting: Option<Box<dyn Direct>>,
}

impl Turn<'_> {
    /// Polls the driver until it has nothing more to do for now.
    pub(crate) fn drive(mut self) {
        // Wherever the caller runs, the driver's timers and sockets are those
        // of its own runtime.
        let _runtime = self.seat.runtime.get().map(Handle::enter);
        self.seat.look();
        let mut driver = self.driver.take();
        for left in (0..MOST_POLLS).rev() {
            let Some(ready) = driver else {
                return;
            };
            let polled = self.seat.poll(ready);
            driver = polled.and_then(|polled| self.seat.put_back(polled, None, left > 0));
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if let Some(driver) = self.driver.take() {
            let resting = self.resting.take();
            self.seat.put_back(driver, resting, false);
        }
    }
}

/// A driver's own task.
struct Housed(Arc<Seat>);

impl Future for Housed {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = lock(&self.0.state);
        match &mut state.home {
            Home::Here(waker) => waker.clone_from(cx.waker()),
            home => *home = Home::Here(cx.waker().clone()),
        }
        if matches!(state.driver, At::Gone) {
            return Poll::Ready(());
        }
        if !state.ending && !self.0.woken.load(Ordering::Acquire) {
            return Poll::Pending;
        }
        // Whoever has it now tells when it is back, if there is work left.
        let Some(driver) = state.driver.take() else {
            return Poll::Pending;
        };
        let ending = state.ending;
        self.0.look();
        drop(state);
        if ending {
            drop(driver);
            self.0.gone();
            return Poll::Ready(());
        }
        match self.0.poll(driver) {
            Some(driver) => {
                self.0.put_back(driver, None, false);
                Poll::Pending
            }
            None => Poll::Ready(()),
        }
    }
}

impl Drop for Housed {
    /// The runtime ends, and the driver with it. Whoever polls it at this
    /// moment drops it.
    fn drop(&mut self) {
        let mut state = lock(&self.0.state);
        state.home = Home::Gone;
        let driver = state.driver.take();
        let resting = state.resting.take();
        if driver.is_some() {
            state.driver = At::Gone;
        }
        drop(state);
        drop((driver, resting));
    }
}
