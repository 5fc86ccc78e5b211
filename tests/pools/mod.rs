//! Pools of running compositions.

mod cancelled;
mod ends;
mod failures;
mod maximum;
mod prepared;
mod reset;
mod starts;
mod streams;
mod together;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use composer::runtime::{Lease, Pool, PoolBuilder, PoolStatus};
use composer::{
    CallError, ComposableComponent, ComposableDescriptor, Composer, Composition, LeaseError,
    PreparedComposition, Value,
};
use tokio::runtime::Handle;
use wasmtime::Store;
use wasmtime::component::{Component, Linker};

use crate::support::counters::until;
use crate::support::engine;
use crate::support::gated::Gate;

fn tasks() -> usize {
    Handle::current().metrics().num_alive_tasks()
}

/// `version.wat`, compiled once.
fn component() -> Component {
    static COMPONENT: std::sync::OnceLock<Component> = std::sync::OnceLock::new();
    let compile = || {
        let text = include_str!("../wat/version.wat").replace("BASE", "1");
        composer::component_from_bytes(engine(), "version.wat", text.as_bytes()).unwrap()
    };
    COMPONENT.get_or_init(compile).clone()
}

/// The host of `version.wat`, which counts its stores.
#[derive(Clone, Default)]
struct Host {
    /// The gate at which a call of `slow-base` waits.
    gate: Option<Gate>,
    /// The gate at which a start waits, if there is one.
    start: Option<Gate>,
    /// The number of starts that are still to fail.
    failing: Arc<AtomicUsize>,
    /// The number of stores whose creation is still to panic.
    panicking: Arc<AtomicUsize>,
    alive: Arc<AtomicUsize>,
    /// The greatest number of stores that existed at once.
    most: Arc<AtomicUsize>,
}

/// The data of each store, which counts it as alive.
struct Living(Arc<AtomicUsize>);

impl Drop for Living {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A counter.
#[derive(Clone, Default)]
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn one(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    fn get(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// Decrements the counter unless it is zero; returns whether it did.
fn one_less(left: &AtomicUsize) -> bool {
    let less = |n: usize| n.checked_sub(1);
    left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less)
        .is_ok()
}

impl Host {
    fn gated() -> (Host, Gate) {
        let gate = Gate::new();
        let host = Host {
            gate: Some(gate.clone()),
            ..Host::default()
        };
        (host, gate)
    }

    fn part(&self) -> ComposableComponent<Living> {
        let mut linker: Linker<Living> = Linker::new(engine());
        let mut root = linker.root();
        let (start, failing) = (self.start.clone(), self.failing.clone());
        root.func_wrap_async("starting", move |_, (): ()| {
            let (start, failing) = (start.clone(), failing.clone());
            Box::new(async move {
                if let Some(start) = start {
                    start.pass().await;
                }
                match one_less(&failing) {
                    true => Err(wasmtime::Error::msg("it is not to start")),
                    false => Ok(()),
                }
            })
        })
        .unwrap();
        let gate = self.gate.clone();
        root.func_wrap_async("wait", move |_, (): ()| {
            let gate = gate.clone();
            Box::new(async move {
                gate.unwrap().pass().await;
                Ok(())
            })
        })
        .unwrap();
        let host = self.clone();
        ComposableComponent::new(component(), linker, move || {
            assert!(!one_less(&host.panicking), "no store, as it was told");
            let alive = host.alive.fetch_add(1, Ordering::SeqCst) + 1;
            host.most.fetch_max(alive, Ordering::SeqCst);
            Store::new(engine(), Living(host.alive.clone()))
        })
    }

    /// A prepared composition of one `version`.
    fn prepared(&self) -> PreparedComposition {
        let mut composer = Composer::new();
        composer.add(ComposableDescriptor::new("version", self.part()));
        composer.prepare().unwrap()
    }

    fn pool(&self) -> PoolBuilder {
        Pool::builder(&self.prepared()).name("versions")
    }

    fn alive(&self) -> usize {
        self.alive.load(Ordering::SeqCst)
    }

    fn most(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }
}

async fn ask(composition: &Composition, name: &str) -> Result<Value, CallError> {
    let func = composition.get_func(None, name).unwrap();
    Ok(func.call_owned([]).await?.unwrap_or(Value::Bool(true)))
}

/// The number of this call since the start.
async fn count(composition: &Composition) -> Value {
    ask(composition, "count").await.unwrap()
}

async fn trap(composition: &Composition) {
    let error = ask(composition, "trap").await.unwrap_err();
    assert!(matches!(error, CallError::Failed { .. }), "{error}");
}

/// Begins a call that waits at the gate, and drops its future there.
async fn abandon(composition: &Composition, gate: &Gate) {
    let slow = composition.get_func(None, "slow-base").unwrap();
    let mut call = Box::pin(slow.call_owned([]));
    tokio::select! {
        _ = &mut call => panic!("nobody has opened the gate"),
        () = gate.waiting() => {}
    }
}

fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    std::pin::Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
}

async fn until_status(pool: &Pool, what: &str, holds: impl Fn(PoolStatus) -> bool) {
    until(what, || holds(pool.status())).await;
}

/// Waits until the pool is idle.
async fn rest(pool: &Pool) -> PoolStatus {
    until_status(pool, "it rests", |it| it.starting + it.leaving == 0).await;
    pool.status()
}

fn is_closed(lease: &Result<Lease, LeaseError>) -> bool {
    matches!(lease, Err(LeaseError::Closed { pool }) if pool == "versions")
}
