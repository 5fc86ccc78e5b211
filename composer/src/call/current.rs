//! The instance whose code runs on the current thread.
//!
//! All runs of a composition share their linkers, so an import adapter does not know for
//! which run it is called. Nor does a host function that calls into a composition say on
//! whose behalf it runs, yet such calls can wait for themselves. So a thread is marked
//! with the instance whose store it polls, and a function that is called under that mark
//! finds the instance.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::task::{Context, Poll};

use crate::boundary::endpoint::Callee;
use crate::boundary::isolated::instance::Instance;
use crate::boundary::transferred_values::TransferredValues;
use crate::call::admission::AdmittedCall;
use crate::call::chain::{CallFrame, FreezeGuard, check_cycle};
use crate::call::in_flight_count::InFlightGuard;
use crate::call::request::{MadeBy, PollPermission, call};
use crate::error::CallError;
use crate::limits::meter::ThreadSwitch;
use crate::observe::call_record::CallRecord;
use crate::observe::current_span::ShownSpan;
use crate::sync::lock;

thread_local! {
    static DRIVING: RefCell<Option<Arc<Instance>>> = const { RefCell::new(None) };
}

/// How many calls a component makes directly before it lets other tasks on its thread
/// run.
const MOST_DIRECT: u32 = 256;

/// Counts a driver's polls, and those that reached its own loop.
#[derive(Default)]
pub(crate) struct PollCounts {
    begun: AtomicU64,
    reached: AtomicU64,
    /// Calls made directly in this poll.
    direct: AtomicU32,
}

impl PollCounts {
    #[inline]
    pub(crate) fn begin(&self) {
        // Only the thread that polls counts, so there is no race.
        self.begun.store(self.begun() + 1, Ordering::Relaxed);
        self.direct.store(0, Ordering::Relaxed);
    }

    /// Counts a direct call; `false` if there have been so many in this poll that other
    /// tasks on the thread should run.
    #[inline]
    fn count_direct_call(&self) -> bool {
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

    /// Whether the current poll has reached the driver's loop.
    pub(crate) fn reached_loop(&self) -> bool {
        self.reached.load(Ordering::Relaxed) == self.begun()
    }
}

impl Instance {
    /// Counts a direct call that the component makes; `false` if other tasks on the
    /// thread should run first. Code that is interrupted at each tick lets them run then.
    #[inline]
    pub(crate) fn count_direct_call(&self) -> bool {
        self.meter.counts_time() || self.polls.count_direct_call()
    }

    /// The instance whose store is polled right now, if one is.
    ///
    /// It is never inlined: the fiber that wasm runs on may move from thread to thread,
    /// and the address of a thread-local variable must not be kept across such a move.
    #[inline(never)]
    pub(crate) fn current() -> Option<Arc<Instance>> {
        DRIVING.with(|driving| driving.borrow().clone())
    }

    /// Calls `f` with the [current instance](Instance::current). It is taken out
    /// meanwhile, so `f` must not ask for it.
    #[inline(never)]
    pub(crate) fn with_current<R>(f: impl FnOnce(&Arc<Instance>) -> R) -> Option<R> {
        let lent = RestoreCurrent(DRIVING.with(RefCell::take));
        lent.0.as_ref().map(f)
    }
}

/// Restores the instance that was current before.
struct RestoreCurrent(Option<Arc<Instance>>);

impl Drop for RestoreCurrent {
    fn drop(&mut self) {
        let before = self.0.take();
        DRIVING.with(|driving| driving.replace(before));
    }
}

/// Runs `work`, which polls the store of `instance`, and marks the thread as working for
/// that instance meanwhile. `caller` is the instance whose code waits for this, if it is
/// not the one that the thread was marked with before.
pub(crate) fn drive<R>(
    instance: Arc<Instance>,
    caller: Option<&Instance>,
    work: impl FnOnce() -> R,
) -> R {
    instance.polls.begin();
    let show = ShownSpan::begin(&instance);
    let visit = StoreVisit::begin(instance, caller);
    let done = work();
    drop(visit);
    drop(show);
    done
}

/// The time in which the thread polls a store, in place of the store whose code waits for
/// that.
struct StoreVisit<'i> {
    before: RestoreCurrent,
    caller: Option<&'i Instance>,
    measured: bool,
}

impl<'i> StoreVisit<'i> {
    fn begin(here: Arc<Instance>, caller: Option<&'i Instance>) -> Self {
        let before = RestoreCurrent(DRIVING.with(RefCell::take));
        let waits = caller.or(before.0.as_deref());
        let measured = ThreadSwitch::enter(&here, waits);
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
                    ThreadSwitch::leave(here, waits);
                }
            });
        }
    }
}

/// A future that polls the store of `instance`, marking the thread as working
/// for it.
pub(crate) struct DrivenFuture<F> {
    instance: Arc<Instance>,
    driver: Pin<Box<F>>,
}

impl<F: Future> DrivenFuture<F> {
    pub(crate) fn new(instance: Arc<Instance>, driver: F) -> Self {
        DrivenFuture {
            instance,
            driver: Box::pin(driver),
        }
    }
}

impl<F: Future> Future for DrivenFuture<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let DrivenFuture { instance, driver } = &mut *self;
        drive(instance.clone(), None, || driver.as_mut().poll(cx))
    }
}

/// The component on whose behalf the current task calls.
pub(crate) struct HostCaller {
    instance: Arc<Instance>,
    /// Whether its store is frozen until the call returns.
    frozen: bool,
}

impl HostCaller {
    /// The component whose driver polls the current future, if one does.
    ///
    /// The polls of the driver show whether its store is frozen in a sync host function:
    /// a poll reaches the driver's own loop first, except while the store is frozen. That
    /// shows from the next poll on, so this waits for one.
    async fn current() -> Option<HostCaller> {
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
        Some(HostCaller { instance, frozen })
    }
}

/// Calls `callee` for the embedder, or for the component whose host function
/// makes the call.
///
/// If that component runs several calls at once, it is not known for which of them the
/// host function works. The chain then starts anew, and only a cycle through frozen
/// stores is detected.
pub(crate) async fn call_from_host(
    admitted: AdmittedCall,
    args: TransferredValues,
) -> Result<TransferredValues, CallError> {
    let AdmittedCall {
        callee,
        guard,
        caller_record,
    } = admitted;
    let record = caller_record.record();
    caller_record.end(send_from_host(callee, guard, record, args).await)
}

async fn send_from_host(
    callee: Callee,
    guard: InFlightGuard,
    record: CallRecord,
    args: TransferredValues,
) -> Result<TransferredValues, CallError> {
    let Some(caller) = HostCaller::current().await else {
        let permission = match callee.endpoint.is_on_this_thread() {
            true => PollPermission::Thread,
            false => PollPermission::Nothing,
        };
        let frame = CallFrame::new(callee, None, 0, record)?;
        return call(frame, args, guard, permission, MadeBy::Embedder).await;
    };
    let (parent, depth) = {
        let in_flight = lock(&caller.instance.in_flight);
        let depth = in_flight.deepest().map_or(0, |frame| frame.depth() + 1);
        (in_flight.only(), depth)
    };
    let frame = CallFrame::new(callee, parent, depth, record)?;
    let incarnation = &caller.instance.incarnation;
    let _freeze = caller.frozen.then(|| FreezeGuard::new(incarnation, &frame));
    check_cycle(&frame, caller.frozen.then_some(incarnation))?;
    call(
        frame,
        args,
        guard,
        PollPermission::Nothing,
        MadeBy::Embedder,
    )
    .await
}
