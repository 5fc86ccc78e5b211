//! A busy machine ends no component, and does not block calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use composer::runtime::{Limits, Usage};
use composer::{ComposableDescriptor, Composer, Composition, Limit, Runtime, Value};
use tokio::runtime::Builder;
use tokio::sync::Mutex;

use super::{alone, call, exceeded, hands_on, wat};

/// Computes for as many rounds as it is told; or for ever.
const COMPUTES: &str = r#"(component
    (core module $m
        (func (export "compute") (param i32) (result i32) (local i32)
            (loop $again
                (local.set 1 (i32.mul
                    (i32.xor (local.get 1) (local.get 0))
                    (i32.const 0x01000193)))
                (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
            (local.get 1))
        (func (export "spin") (loop $again (br $again))))
    (core instance $i (instantiate $m))
    (func (export "compute") (param "n" u32) (result u32) (canon lift (core func $i "compute")))
    (func (export "spin") (canon lift (core func $i "spin"))))"#;

/// Held by the tests that keep the machine busy: one at a time is busy enough.
static BUSY: Mutex<()> = Mutex::const_new(());

/// Threads of other programs, as it were, until this is dropped.
struct Spinners(Arc<AtomicBool>, Vec<std::thread::JoinHandle<()>>);

impl Spinners {
    fn start(count: usize) -> Self {
        let done = Arc::new(AtomicBool::new(false));
        let spin = |_| {
            let done = done.clone();
            std::thread::spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            })
        };
        let threads = (0..count).map(spin).collect();
        Spinners(done, threads)
    }
}

impl Drop for Spinners {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
        self.1.drain(..).for_each(|thread| thread.join().unwrap());
    }
}

async fn compute(composition: &Composition, rounds: u32) {
    let answer = call(composition, "compute", [rounds.into()]).await;
    assert!(matches!(answer.unwrap(), Some(Value::U32(_))));
}

/// How many rounds take a processor for some 20 ms, however busy it is.
async fn rounds() -> u32 {
    let part = wat(COMPUTES).await.part();
    let usage = part.usage();
    let composition = alone(part).await;
    let mut rounds = 100_000;
    loop {
        compute(&composition, rounds).await;
        if time(&usage) >= Duration::from_millis(20) {
            return rounds;
        }
        rounds += rounds / 4;
    }
}

fn time(usage: &Usage) -> Duration {
    usage.last_call().unwrap().time
}

/// Twelve calls at once, each of its own component. None has twice what it needs, and
/// on the wall each takes many times that.
async fn honest_calls() {
    let rounds = rounds().await;
    let limits = Limits::default().with_time(Some(Duration::from_millis(60)));
    let part = wat(COMPUTES).await.part().with_limits(limits);
    let usage = part.usage();
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("guest", part));
    let prepared = composer.prepare().unwrap();
    let calls = (0..12).map(|_| async {
        let composition = prepared.compose().await.unwrap();
        compute(&composition, rounds).await;
    });
    futures::future::join_all(calls).await;
    assert_eq!(usage.calls(), 12);
    // Each went on for more than a tick, however fast the processor has become meanwhile.
    let time = usage.time();
    assert!(time >= Duration::from_millis(12), "{time:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_programs_end_no_one() {
    let _busy = BUSY.lock().await;
    let _spinners = Spinners::start(24);
    honest_calls().await;
}

/// On the thread of a runtime that has one.
#[tokio::test]
async fn nor_on_one_thread() {
    let _busy = BUSY.lock().await;
    let _spinners = Spinners::start(24);
    honest_calls().await;
}

/// Twenty that spin for as long as it takes, and longer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_components_end_no_one() {
    let _busy = BUSY.lock().await;
    let limits = Limits::default().with_time(Some(Duration::from_secs(3_600)));
    let part = wat(COMPUTES).await.part().with_limits(limits);
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("spinner", part));
    let prepared = composer.prepare().unwrap();
    let mut spinners = Vec::new();
    for _ in 0..20 {
        let composition = prepared.compose().await.unwrap();
        let spinning = composition.clone();
        let task = tokio::spawn(async move { call(&spinning, "spin", []).await });
        spinners.push((composition, task));
    }
    honest_calls().await;
    for (composition, task) in spinners {
        assert_eq!(composition.shutdown(Duration::ZERO).await.cut_off, 1);
        task.await.unwrap().unwrap_err();
    }
}

/// Who does spin ends, and for that.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_spins_ends_on_a_busy_machine() {
    let _busy = BUSY.lock().await;
    let _spinners = Spinners::start(24);
    let limits = Limits::default().with_time(Some(Duration::from_millis(60)));
    let calls = (0..4).map(|_| async {
        let composition = alone(wat(COMPUTES).await.part().with_limits(limits.clone())).await;
        let error = call(&composition, "spin", []).await.unwrap_err();
        exceeded(&error, Limit::Time, "spin");
    });
    futures::future::join_all(calls).await;
}

/// Spins before it has started.
const SPINS_AT_START: &str = r#"(component
    (core module $m
        (func $spin (loop $again (br $again)))
        (start $spin))
    (core instance (instantiate $m)))"#;

/// The clock of a runtime stops when nothing works for a while. Code that has given way,
/// and whose thread was kept for longer than that, is interrupted again all the same.
#[tokio::test]
async fn who_spins_ends_on_a_thread_that_is_kept() {
    // No other component keeps its clock going.
    let runtime = Runtime::new().unwrap();
    let time = Some(Duration::from_millis(2));
    let limits = Limits::default().with_time(time).with_start_time(time);
    let load = async |text: &str| {
        let loaded = runtime.load_bytes("spinner", text).await.unwrap();
        loaded.part().with_limits(limits.clone())
    };
    let spins = alone(load(COMPUTES).await).await;
    let starts = load(SPINS_AT_START).await;
    let keeps = tokio::spawn(async {
        loop {
            std::thread::sleep(Duration::from_millis(300));
            tokio::task::yield_now().await;
        }
    });
    let error = call(&spins, "spin", []).await.unwrap_err();
    exceeded(&error, Limit::Time, "spin");
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("starts", starts));
    let error = composer.compose().await.err().unwrap().to_string();
    assert!(error.contains("start_time"), "{error}");
    keeps.abort();
}

const LEAF: &str = r#"(component
    (core module $m (func (export "add") (param i32 i32) (result i32)
        (i32.add (local.get 0) (local.get 1))))
    (core instance $i (instantiate $m))
    (func (export "add") (param "a" u32) (param "b" u32) (result u32)
        (canon lift (core func $i "add"))))"#;

/// Counts with another component.
const HEAD: &str = r#"(component
    (import "add" (func $add (param "a" u32) (param "b" u32) (result u32)))
    (core func $lowered (canon lower (func $add)))
    (core module $m
        (import "" "add" (func $add (param i32 i32) (result i32)))
        (func (export "count") (param i32) (result i32) (local i32)
            (loop $again
                (local.set 1 (call $add (local.get 1) (i32.const 1)))
                (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
            (local.get 1)))
    (core instance $i (instantiate $m (with "" (instance (export "add" (func $lowered))))))
    (func (export "count") (param "n" u32) (result u32) (canon lift (core func $i "count"))))"#;

/// A component that counts, and a chain of so many that lead to the one that adds.
async fn chain(links: usize) -> Composition {
    let mut composer = Composer::new();
    let part = async |text: &str| wat(text).await.part();
    let hands_on = hands_on("add");
    composer.add(ComposableDescriptor::new("leaf", part(LEAF).await));
    let head = ComposableDescriptor::new("head", part(HEAD).await);
    if links == 0 {
        composer.add(head);
        return composer.compose().await.unwrap();
    }
    for link in 0..links {
        let next = match link + 1 {
            next if next == links => "leaf".to_owned(),
            next => format!("link-{next}"),
        };
        let descriptor = ComposableDescriptor::new(format!("link-{link}"), part(&hands_on).await);
        composer.add(match links {
            // There is no other.
            1 => descriptor,
            _ => descriptor.with_import_hint("add", next),
        });
    }
    composer.add(head.with_import_hint("add", "link-0"));
    composer.with_export_hint("add", "link-0");
    composer.compose().await.unwrap()
}

/// Callers that compute for long while each call they make waits for a callee that
/// does so too: what a caller holds, no callee needs.
#[test]
fn callers_hold_nothing_that_callees_need() {
    for threads in [1, 2, 4, 16] {
        let mut runtime = Builder::new_multi_thread();
        let runtime = runtime
            .worker_threads(threads)
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let counts = [(0, 4_000), (1, 1_000), (8, 200)]
                .into_iter()
                .cycle()
                .take(12);
            let calls = counts.map(|(links, count)| {
                tokio::spawn(async move {
                    let chain = chain(links).await;
                    for _ in 0..10 {
                        let counted = call(&chain, "count", [Value::U32(count)]).await;
                        assert_eq!(counted.unwrap(), Some(count.into()));
                    }
                })
            });
            for call in calls.collect::<Vec<_>>() {
                call.await.unwrap();
            }
        });
    }
}
