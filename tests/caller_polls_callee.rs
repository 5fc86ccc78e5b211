//! The place where a callee's driver runs: with its caller, if the caller blocks and
//! nothing else uses the callee; otherwise in its own task.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use composer::{
    CallError, ComposableComponent, ComposableDescriptor, Composer, Composition, DeathCause,
    ExportFunc, Value,
};
use tokio::runtime::{Builder, Handle, Id as RuntimeId, Runtime};
use tokio::task::Id as TaskId;

use crate::support::gated::Gate;
use crate::support::wat::wat_part;

const LINK: &str = "test:chain/link@0.1.0";

/// The task and runtime in which something ran.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Place {
    task: Option<TaskId>,
    runtime: RuntimeId,
}

impl Place {
    fn here() -> Place {
        Place {
            task: tokio::task::try_id(),
            runtime: Handle::current().id(),
        }
    }
}

/// The places where the links of a chain ran, in order.
#[derive(Clone, Default)]
struct Ran(Arc<Mutex<Vec<Place>>>);

impl Ran {
    fn note(&self) {
        self.0.lock().unwrap().push(Place::here());
    }

    fn take(&self) -> Vec<Place> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    /// A link that notes where it runs.
    fn link(&self, wat: &str) -> ComposableComponent<()> {
        wat_part(wat, |linker| {
            let ran = self.clone();
            let here = move |_: wasmtime::StoreContextMut<'_, ()>, (): ()| {
                ran.note();
                Ok(())
            };
            linker.root().func_wrap("here", here).unwrap();
        })
    }

    /// A last link that notes where it runs before and after the gate.
    fn gated(&self, gate: &Gate) -> ComposableComponent<()> {
        wat_part("last", |linker| {
            let (ran, gate) = (self.clone(), gate.clone());
            let mut root = linker.root();
            root.func_wrap_async("here", move |_, (): ()| {
                let (ran, gate) = (ran.clone(), gate.clone());
                Box::new(async move {
                    ran.note();
                    gate.pass().await;
                    ran.note();
                    Ok(())
                })
            })
            .unwrap();
        })
    }

    /// A chain of `steps` links in front of a last one.
    async fn chain(&self, steps: usize, last: ComposableComponent<()>) -> Composition {
        self.chain_before(steps, ComposableDescriptor::new("last", last))
            .compose()
            .await
            .unwrap()
    }

    fn chain_before(&self, steps: usize, last: ComposableDescriptor) -> Composer {
        let mut composer = Composer::new();
        composer.add(last).with_export_hint(LINK, "step-0");
        for step in 0..steps {
            let next = match step + 1 {
                next if next == steps => "last".to_owned(),
                next => format!("step-{next}"),
            };
            let link = ComposableDescriptor::new(format!("step-{step}"), self.link("step"));
            composer.add(match steps {
                1 => link,
                _ => link.with_import_hint(LINK, next),
            });
        }
        composer
    }
}

async fn go(composition: &Composition, name: &str) -> Result<Value, CallError> {
    let go = composition.get_func(Some(LINK), name).unwrap();
    Ok(go.call_owned([]).await?.unwrap())
}

fn same(places: &[Place]) -> bool {
    places.windows(2).all(|pair| pair[0] == pair[1])
}

/// With more workers a driver might get its first poll on another thread meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn idle_callees_run_in_the_task_of_their_caller() {
    let ran = Ran::default();
    let chain = ran.chain(3, ran.link("last")).await;
    assert_eq!(go(&chain, "go").await.unwrap(), Value::U32(4));
    let places = ran.take();
    assert_eq!(places.len(), 4);
    assert!(same(&places), "{places:?}");
    // The embedder's own task is never blocked.
    assert_ne!(places[0], Place::here());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_other_things_to_do_lends_nothing() {
    let ran = Ran::default();
    let chain = ran.chain(2, ran.link("last")).await;
    assert_eq!(go(&chain, "go-async").await.unwrap(), Value::U32(3));
    let places = ran.take();
    assert_eq!(places.len(), 3);
    assert!(places[0] != places[1] && places[1] != places[2] && places[0] != places[2]);
}

/// On several threads the gate might be open before the call reaches it.
#[tokio::test]
async fn a_callee_that_waits_goes_on_at_home() {
    let ran = Ran::default();
    let gate = Gate::new();
    let chain = ran.chain(1, ran.gated(&gate)).await;
    let opening = async {
        gate.waiting().await;
        gate.open();
    };
    let (sum, ()) = tokio::join!(go(&chain, "go"), opening);
    assert_eq!(sum.unwrap(), Value::U32(2));
    let places = ran.take();
    assert_eq!(places[0], places[1], "it begins with its caller");
    assert_ne!(places[1], places[2], "and ends at home");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_callee_takes_calls_in_turn() {
    let ran = Ran::default();
    let gate = Gate::new();
    let chain = ran.chain(1, ran.gated(&gate)).await;
    let last = chain.component("last").unwrap();
    let direct = last.get_func(Some(LINK), "go").unwrap();
    let first = tokio::spawn(async move { direct.call_owned([]).await });
    gate.waiting().await;
    let second = tokio::spawn({
        let chain = chain.clone();
        async move { go(&chain, "go").await }
    });
    while last.status().queued == 0 {
        tokio::task::yield_now().await;
    }
    gate.open();
    assert_eq!(first.await.unwrap().unwrap(), Some(Value::U32(1)));
    gate.waiting().await;
    gate.open();
    assert_eq!(second.await.unwrap().unwrap(), Value::U32(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_may_leave_a_callee_that_it_ran() {
    let ran = Ran::default();
    let gate = Gate::new();
    let chain = ran.chain(1, ran.gated(&gate)).await;
    let left = tokio::spawn({
        let chain = chain.clone();
        async move { go(&chain, "go").await }
    });
    gate.waiting().await;
    left.abort();
    assert!(left.await.unwrap_err().is_cancelled());
    gate.open();
    gate.open();
    assert_eq!(go(&chain, "go").await.unwrap(), Value::U32(2));
}

/// The depth of nested calls on one stack does not depend on the length of the chain.
#[test]
fn long_chains() {
    for runtime in [
        Builder::new_current_thread().enable_time().build().unwrap(),
        Builder::new_multi_thread().enable_time().build().unwrap(),
    ] {
        for steps in [200, 1000] {
            let ran = Ran::default();
            let sum = steps as u32 + 1;
            runtime.block_on(async {
                let chain = ran.chain(steps, ran.link("last")).await;
                assert_eq!(go(&chain, "go").await.unwrap(), Value::U32(sum));
                assert_eq!(go(&chain, "go-async").await.unwrap(), Value::U32(sum));
                chain.shutdown(Duration::from_secs(60)).await;
            });
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_ends_the_one_that_it_happened_in_and_its_caller() {
    let ran = Ran::default();
    let last = wat_part("last", |linker| {
        let here = |_: wasmtime::StoreContextMut<'_, ()>, (): ()| -> wasmtime::Result<()> {
            panic!("a host's mistake")
        };
        linker.root().func_wrap("here", here).unwrap();
    });
    let chain = ran.chain(2, last).await;
    let error = go(&chain, "go").await.unwrap_err();
    // Each error names the component that it waited for, down to the host's panic.
    let mut dead = Vec::new();
    let mut cause = &error;
    loop {
        let (CallError::Failed { death, .. } | CallError::Dead { death, .. }) = cause else {
            panic!("{cause:?}");
        };
        dead.push(death.component.clone());
        match &death.cause {
            DeathCause::Import(next) => cause = next,
            DeathCause::Other(error) => {
                assert!(error.to_string().contains("panicked"), "{error}");
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(dead, ["step-0", "step-1", "last"]);
}

/// Calls that never wait yield the thread now and then, as everything does that awaits
/// tokio's channels.
#[tokio::test]
async fn calls_without_end_do_not_starve_others() {
    let ran = Ran::default();
    let chain = ran.chain(1, ran.link("last")).await;
    let step = chain.component("step-0").unwrap();
    let repeat = step.get_func(None, "repeat").unwrap();
    let turns = Arc::new(AtomicUsize::new(0));
    let other = tokio::spawn({
        let turns = turns.clone();
        async move {
            loop {
                turns.fetch_add(1, Ordering::Relaxed);
                tokio::task::yield_now().await;
            }
        }
    });
    let sum = repeat.call_owned([10_000u32.into()]).await.unwrap();
    assert_eq!(sum, Some(Value::U32(10_000)));
    let turns = turns.load(Ordering::Relaxed);
    assert!(turns >= 50, "{turns}");
    other.abort();
}

/// Polls a call once.
fn poll_once(call: impl Future) -> bool {
    let mut call = pin!(call);
    call.as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
        .is_ready()
}

#[tokio::test]
async fn on_the_only_thread_a_call_from_outside_is_one_poll() {
    let ran = Ran::default();
    let chain = ran.chain(2, ran.link("last")).await;
    let func: ExportFunc = chain.get_func(Some(LINK), "go").unwrap();
    let polled = poll_fn(|_| Poll::Ready(poll_once(func.call_owned([])))).await;
    assert!(polled);
    assert_eq!(ran.take().len(), 3);
}

/// A runtime with an idle composition of one last link.
fn elsewhere(ran: &Ran) -> (Runtime, Composition) {
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .build()
        .unwrap();
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("inner", ran.link("last")));
    let composition = runtime.block_on(composer.compose()).unwrap();
    // After these turns the only worker has nothing else to do.
    let turns = runtime.spawn(async {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    });
    runtime.block_on(turns).unwrap();
    (runtime, composition)
}

#[test]
fn a_driver_stays_in_its_own_runtime() {
    let ran = Ran::default();
    let (theirs, last) = elsewhere(&ran);
    let ours = Builder::new_multi_thread().build().unwrap();
    ours.block_on(async {
        let last = ComposableDescriptor::new("last", last);
        let chain = ran.chain_before(1, last).compose().await.unwrap();
        assert_eq!(go(&chain, "go").await.unwrap(), Value::U32(2));
        let places = ran.take();
        // The driver uses a thread of ours, but not our timers and sockets.
        assert_eq!(places[0].task, places[1].task);
        assert_eq!(places[0].runtime, Handle::current().id());
        assert_eq!(places[1].runtime, theirs.handle().id());
    });
    theirs.shutdown_background();
}

#[test]
fn a_runtime_that_ends_takes_its_drivers_along() {
    let ran = Ran::default();
    let (theirs, last) = elsewhere(&ran);
    let ours = Builder::new_current_thread().build().unwrap();
    let last = ComposableDescriptor::new("last", last);
    let chain = ours.block_on(ran.chain_before(1, last).compose()).unwrap();
    ours.block_on(go(&chain, "go")).unwrap();
    drop(theirs);
    let error = ours.block_on(go(&chain, "go")).unwrap_err();
    let CallError::Failed { death, .. } = &error else {
        panic!("{error:?}");
    };
    assert!(matches!(&death.cause, DeathCause::Import(cause)
        if matches!(**cause, CallError::Stopped { .. })));
}
