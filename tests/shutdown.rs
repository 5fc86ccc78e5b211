//! Shutdown: calls are drained or cut off, every store is dropped, and no task is left.

use std::sync::Arc;
use std::time::Duration;

use composer::{
    CallError, ComposableComponent, ComposableDescriptor, Composer, Composition, Runtime, Value,
};
use wasmtime::Store;
use wasmtime::component::Linker;

use crate::support::flow::{DRIVER, Flow, STEPS};
use crate::support::{call, engine, guest};

/// A timeout that no test reaches.
const AMPLE: Duration = Duration::from_secs(60);

/// The number of tasks on this runtime, without the test itself.
fn tasks() -> usize {
    tokio::runtime::Handle::current()
        .metrics()
        .num_alive_tasks()
}

async fn until(mut holds: impl FnMut() -> bool) {
    let came = async {
        while !holds() {
            tokio::task::yield_now().await;
        }
    };
    // The work of other threads takes longer when the rest of the machine is busy, so the
    // timeout is long.
    let came = tokio::time::timeout(AMPLE, came).await;
    came.expect("it never came to be");
}

/// A shop in which every store holds a share of the `Arc`.
async fn shop() -> (Composition, Arc<()>) {
    let alive = Arc::new(());
    let mut composer = Composer::new();
    for name in ["catalog", "till", "tax-eu"] {
        let share = alive.clone();
        let store = move || Store::new(engine(), share.clone());
        let part = ComposableComponent::new(guest(name), Linker::new(engine()), store);
        composer.add(ComposableDescriptor::new(name, part));
    }
    (composer.compose().await.unwrap(), alive)
}

#[tokio::test]
async fn drops_every_store_and_leaves_no_task() {
    let before = tasks();
    let (composition, alive) = shop().await;
    assert_eq!((tasks(), Arc::strong_count(&alive)), (before + 3, 4));
    call(&composition, "shop:tax/rates", "region", []).await;

    let end = composition.shutdown(AMPLE).await;
    assert_eq!((end.cut_off, end.stuck.len()), (0, 0));
    assert_eq!((tasks(), Arc::strong_count(&alive)), (before, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn does_so_on_several_threads() {
    let before = tasks();
    let (composition, alive) = shop().await;
    call(&composition, "shop:tax/rates", "region", []).await;
    composition.shutdown(AMPLE).await;
    assert_eq!(Arc::strong_count(&alive), 1);
    // The schedulers of other threads update their count a little after a task has ended.
    until(|| tasks() == before).await;
}

#[tokio::test]
async fn refuses_calls_afterwards_and_can_be_repeated() {
    let (composition, _alive) = shop().await;
    let region = composition
        .get_func(Some("shop:tax/rates"), "region")
        .unwrap();
    composition.shutdown(AMPLE).await;
    let error = region.call_owned([]).await.unwrap_err();
    assert!(
        matches!(&error, CallError::Stopped { site } if site.component == "tax-eu"),
        "{error}"
    );
    let again = composition.shutdown(AMPLE).await;
    assert_eq!((again.cut_off, again.stuck.len()), (0, 0));
}

#[tokio::test]
async fn dropping_the_last_handle_ends_it() {
    let before = tasks();
    let (composition, alive) = shop().await;
    let region = composition
        .get_func(Some("shop:tax/rates"), "region")
        .unwrap();
    let weak = composition.downgrade();
    drop(composition);
    // A function keeps its composition running.
    assert!(weak.upgrade().is_some());
    region.call_owned([]).await.unwrap();
    drop(region);
    assert!(weak.upgrade().is_none());
    until(|| tasks() == before && Arc::strong_count(&alive) == 1).await;
}

#[tokio::test]
async fn drains_what_runs() {
    let before = tasks();
    let mut flow = Flow::start().await;
    let slow = flow.spawn(DRIVER, "relay-slow", [1u32.into(), "slow".into()]);
    flow.noted("begin slow").await;

    let composition = flow.composition.clone();
    let end = tokio::spawn(async move { composition.shutdown(AMPLE).await });
    until(|| {
        let refused = flow.composition.get_func(Some(STEPS), "count").unwrap();
        let mut call = Box::pin(refused.call_owned([]));
        futures::FutureExt::now_or_never(&mut call).is_some()
    })
    .await;
    assert!(!end.is_finished());

    flow.open(1);
    assert_eq!(slow.await.unwrap().unwrap(), Value::String("slow".into()));
    assert_eq!(end.await.unwrap().cut_off, 0);
    until(|| tasks() == before).await;
}

#[tokio::test]
async fn cuts_off_what_does_not_end_in_time() {
    let before = tasks();
    let mut flow = Flow::start().await;
    let slow = flow.begin_slow(1, "slow").await;
    let frozen = flow.spawn(DRIVER, "back", ["gate:2 -".into(), 0u32.into()]);
    flow.noted("called back gate:2 -").await;

    let end = flow.composition.shutdown(Duration::ZERO).await;
    // These are two calls from outside, and the one between the components.
    assert_eq!((end.cut_off, end.stuck.len()), (3, 0));
    for call in [slow, frozen] {
        let error = call.await.unwrap().unwrap_err();
        assert!(matches!(error.root(), CallError::Stopped { .. }), "{error}");
    }
    until(|| tasks() == before).await;
}

#[tokio::test]
async fn drains_what_runs_in_a_nested_composition() {
    let before = tasks();
    let mut flow = Flow::start().await;
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("inner", flow.composition.clone()));
    let outer = composer.compose().await.unwrap();
    let slow = outer.get_func(Some(STEPS), "slow").unwrap();
    let slow = tokio::spawn(async move { slow.call_owned([1u32.into(), "slow".into()]).await });
    flow.noted("begin slow").await;

    let end = tokio::spawn(async move { outer.shutdown(AMPLE).await });
    tokio::task::yield_now().await;
    assert!(!end.is_finished());
    flow.open(1);
    assert_eq!(slow.await.unwrap().unwrap(), Some("slow".into()));
    assert_eq!(end.await.unwrap().cut_off, 0);
    until(|| tasks() == before).await;
}

/// Such a grace means no limit, even if it exceeds the range of the clock.
#[tokio::test]
async fn a_grace_without_end() {
    let before = tasks();
    let mut flow = Flow::start().await;
    let slow = flow.begin_slow(1, "slow").await;
    let composition = flow.composition.clone();
    let end = tokio::spawn(async move { composition.shutdown(Duration::MAX).await });
    tokio::task::yield_now().await;
    assert!(!end.is_finished());
    flow.open(1);
    assert_eq!(slow.await.unwrap().unwrap(), Value::String("slow".into()));
    let end = end.await.unwrap();
    assert_eq!((end.cut_off, end.stuck.len()), (0, 0));
    until(|| tasks() == before).await;

    let alive = Arc::new(());
    let runtime = Runtime::new().unwrap();
    let mut held = Vec::new();
    for name in ["tax-eu", "tax-us"] {
        let share = alive.clone();
        let store = move || Store::new(engine(), share.clone());
        let part = ComposableComponent::new(guest(name), Linker::new(engine()), store);
        let mut composer = Composer::new();
        composer.add(ComposableDescriptor::new(name, part));
        held.push(runtime.compose(composer).await.unwrap());
    }
    let ends = runtime.shutdown(Duration::MAX).await;
    assert_eq!(
        ends.compositions
            .iter()
            .map(|end| end.cut_off)
            .collect::<Vec<_>>(),
        [0, 0]
    );
    assert_eq!(Arc::strong_count(&alive), 1);
}
