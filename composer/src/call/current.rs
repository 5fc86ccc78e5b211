//! Whose code runs on this thread.
//!
//! Linkers are shared by all runs of a composition, so an import adapter in one
//! does not know for which of them it is called. Nor does a function of the
//! embedder's own linker that calls into a composition say on whose behalf it
//! runs, yet such calls can wait for themselves. So whoever polls a store marks
//! the thread meanwhile, and what is called under that mark finds its instance.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::task::{Context, Poll};

use crate::boundary::isolated::address::Entered;
use crate::boundary::isolated::incarnation::{Callee, Lend, MadeBy, call};
use crate::boundary::isolated::instance::Instance;
use crate::call::chain::{Frame, Freeze, check_cycle};
use crate::call::in_flight_count::Busy;
use crate::error::CallError;
use crate::limits::meter::OnThread;
use crate::observe::call_record::Told;
use crate::observe::current_span::Show;
use crate::sync::lock;
use crate::transfer::Parcel;

thread_local! {
    static DRIVING: RefCell<Option<Arc<Instance>>> = const { RefCell::new(None) };
}

/// How many calls a component makes directly before it lets others on its
/// thread have their turn.
const MOST_DIRECT: u32 = 256;

/// Counts a driver's polls, and those that reached its own loop.
#[derive(Default)]
pub(crate) struct Polls {
    begun: AtomicU64,
    reached: AtomicU64,
    /// Calls made directly in this poll.
    direct: AtomicU32,
}

impl Polls {
    #[inline]
    pub(crate) fn begin(&self) {
        // Only the thread that polls counts, so no other one gets in between.
        self.begun.store(self.begun() + 1, Ordering::Relaxed);
        self.direct.store(0, Ordering::Relaxed);
    }

    /// Counts a direct call; `false` if there have been so many in this poll that
    /// others on the thread should have their turn.
    #[inline]
    fn may_stay(&self) -> bool {
        let calls = self.direct.load(Ordering::Relaxed);
        self.direct.store(calls.wrapping_add(1), Ordering::Relaxed);
        calls < MOST_DIRECT
    }

    pub(crate) fn begun(&self) -> u64 {
        self.begun.load(Ordering::Relaxed)
    }

    pub(crate) fn reach(&self) {
        self.reached.store(self.begun(), Ordering::Relaxed);
    }

    /// Whether the poll that goes on now has come by the driver's loop.
    pub(crate) fn reached_loop(&self) -> bool {
        self.reached.load(Ordering::Relaxed) == self.begun()
    }
}

impl Instance {
    /// Counts a direct call that the component makes; `false` if others on the thread
    /// should have their turn first. Code that is interrupted at each tick lets them
    /// have it then.
    #[inline]
    pub(crate) fn may_stay(&self) -> bool {
        self.meter.counts_time() || self.polls.may_stay()
    }

    /// The instance whose store is polled right now, if one is.
    ///
    /// It is never inlined: the fiber that wasm runs on may go from thread to
    /// thread, and the address of a thread's own variable must not be kept
    /// from one to the next.
    #[inline(never)]
    pub(crate) fn current() -> Option<Arc<Instance>> {
        DRIVING.with(|driving| driving.borrow().clone())
    }

    /// Calls `f` with [the same](Instance::current), which must not be asked
    /// for meanwhile: it is lent.
    #[inline(never)]
    pub(crate) fn with_current<R>(f: impl FnOnce(&Arc<Instance>) -> R) -> Option<R> {
        let lent = Restore(DRIVING.with(RefCell::take));
        lent.0.as_ref().map(f)
    }
}

/// Puts back who was there before.
struct Restore(Option<Arc<Instance>>);

impl Drop for Restore {
    fn drop(&mut self) {
        let before = self.0.take();
        DRIVING.with(|driving| driving.replace(before));
    }
}

/// Does `work`, which polls the store of `instance`, and marks the thread as working
/// for it meanwhile. `caller` is the instance whose code waits for that, if it is not
/// the one that the thread is marked with.
pub(crate) fn drive<R>(
    instance: Arc<Instance>,
    caller: Option<&Instance>,
    work: impl FnOnce() -> R,
) -> R {
    instance.polls.begin();
    let show = Show::begin(&instance);
    let visit = StoreVisit::begin(instance, caller);
    let done = work();
    drop(visit);
    drop(show);
    done
}

/// A thread that polls a store, in place of the one whose code waits for that.
struct StoreVisit<'i> {
    before: Restore,
    caller: Option<&'i Instance>,
    measured: bool,
}

impl<'i> StoreVisit<'i> {
    fn begin(here: Arc<Instance>, caller: Option<&'i Instance>) -> Self {
        let before = Restore(DRIVING.with(RefCell::take));
        let waits = caller.or(before.0.as_deref());
        let measured = OnThread::come(&here, waits);
        DRIVING.with(|driving| driving.replace(Some(here)));
        StoreVisit {
            before,
            caller,
            measured,
        }
    }
}

impl Drop for StoreVisit<'_> {
    fn drop(&mut self) {
        if self.measured {
            let waits = self.caller.or(self.before.0.as_deref());
            DRIVING.with(|driving| {
                if let Some(here) = &*driving.borrow() {
                    OnThread::leave(here, waits);
                }
            });
        }
    }
}

/// A future that polls the store of `instance`, marking the thread as working
/// for it.
pub(crate) struct Driving<F> {
    instance: Arc<Instance>,
    driver: Pin<Box<F>>,
}

impl<F: Future> Driving<F> {
    pub(crate) fn new(instance: Arc<Instance>, driver: F) -> Self {
        Driving {
            instance,
            driver: Box::pin(driver),
        }
    }
}

impl<F: Future> Future for Driving<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let Driving { instance, driver } = &mut *self;
        drive(instance.clone(), None, || driver.as_mut().poll(cx))
    }
}

/// The component on whose behalf the current task calls.
pub(crate) struct Caller {
    instance: Arc<Instance>,
    /// Whether its store stands still until the call returns.
    frozen: bool,
}

impl Caller {
    /// The component whose driver polls the current future, if one does.
    ///
    /// A store that is frozen in a sync host function is told from one that
    /// goes on by what its driver polls: its own loop comes first, except
    /// while the store is frozen. That shows from the next poll on, so this
    /// lets one go by.
    async fn current() -> Option<Caller> {
        let instance = Instance::current()?;
        let first = instance.polls.begun();
        poll_fn(|cx| {
            if instance.polls.begun() != first {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
        let frozen = !instance.polls.reached_loop();
        Some(Caller { instance, frozen })
    }
}

/// Calls `callee` for the embedder, or for the component whose host function
/// makes the call.
///
/// If that component runs several calls at once it is not known for which of
/// them the host function works; the chain then starts anew, and only a cycle
/// through frozen stores is seen.
pub(crate) async fn call_from_host(entered: Entered, args: Parcel) -> Result<Parcel, CallError> {
    let Entered {
        callee,
        busy,
        asked,
    } = entered;
    let told = asked.told();
    asked.end(send_from_host(callee, busy, told, args).await)
}

async fn send_from_host(
    callee: Callee,
    busy: Busy,
    told: Told,
    args: Parcel,
) -> Result<Parcel, CallError> {
    let Some(caller) = Caller::current().await else {
        let lend = match callee.slot.seat().is_on_this_thread() {
            true => Lend::Thread,
            false => Lend::Nothing,
        };
        let frame = Frame::new(callee, None, 0, told)?;
        return call(frame, args, busy, lend, MadeBy::Embedder).await;
    };
    let (parent, depth) = {
        let in_flight = lock(&caller.instance.in_flight);
        let depth = in_flight.deepest().map_or(0, |frame| frame.depth() + 1);
        (in_flight.only(), depth)
    };
    let frame = Frame::new(callee, parent, depth, told)?;
    let slot = &caller.instance.slot;
    let _freeze = caller.frozen.then(|| Freeze::new(slot, &frame));
    check_cycle(&frame, caller.frozen.then_some(slot))?;
    call(frame, args, busy, Lend::Nothing, MadeBy::Embedder).await
}
