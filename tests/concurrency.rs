//! Concurrent calls in one store, and calls that would wait for themselves.

use composer::{CallError, Value};

use crate::support::flow::{DRIVER, Flow, STEPS};

#[tokio::test]
async fn a_slow_call_holds_up_no_later_one() {
    let mut flow = Flow::start().await;
    let slow = flow.begin_slow(1, "slow").await;

    let quick = flow.call(STEPS, "quick", ["quick".into()]).await.unwrap();
    assert_eq!(quick, Value::String("quick".into()));
    assert_eq!(
        flow.call(STEPS, "bump", [2u32.into()]).await.unwrap(),
        Value::U32(2)
    );
    let other = flow.begin_slow(2, "other").await;
    flow.open(2);
    assert_eq!(other.await.unwrap().unwrap(), Value::String("other".into()));

    assert!(!slow.is_finished());
    flow.open(1);
    assert_eq!(slow.await.unwrap().unwrap(), Value::String("slow".into()));
}

#[tokio::test]
async fn a_component_makes_many_calls_at_once() {
    let mut flow = Flow::start().await;
    let all = flow.spawn(DRIVER, "fan-out", [100u32.into(), 1u32.into()]);
    // The gate opens only after every one of them has begun.
    for tag in 0..100 {
        flow.noted(&format!("begin {tag}")).await;
    }
    flow.open(1);
    let expected: Vec<String> = (0..100).map(|tag| tag.to_string()).collect();
    assert_eq!(all.await.unwrap().unwrap(), expected.into());
}

#[tokio::test]
async fn a_sync_call_waits_until_its_instance_is_free() {
    let mut flow = Flow::start().await;
    let freezing = flow.spawn(STEPS, "relay-back", ["gate:1 -".into(), 7u32.into()]);
    flow.noted("called back gate:1 -").await;
    let waiting = flow.spawn(STEPS, "bump", [1u32.into()]);
    while flow.composition.component("steps").unwrap().status().queued == 0 {
        tokio::task::yield_now().await;
    }
    flow.open(1);
    assert_eq!(waiting.await.unwrap().unwrap(), Value::U32(1));
    assert_eq!(freezing.await.unwrap().unwrap(), Value::U32(7));
}

#[tokio::test]
async fn an_inbox_holds_no_more_than_its_capacity() {
    let mut flow = Flow::with_inbox(2).await;
    let freezing = flow.spawn(STEPS, "relay-back", ["gate:1 -".into(), 0u32.into()]);
    flow.noted("called back gate:1 -").await;
    let steps = flow.composition.component("steps").unwrap();
    let waiting: Vec<_> = (0..20)
        .map(|_| flow.spawn(STEPS, "bump", [1u32.into()]))
        .collect();
    for _ in 0..100 {
        tokio::task::yield_now().await;
        assert!(steps.status().queued <= 2);
    }
    assert_eq!(steps.status().queued, 2);
    assert_eq!(steps.status().inbox_capacity, 2);
    flow.open(1);
    for call in waiting {
        call.await.unwrap().unwrap();
    }
    freezing.await.unwrap().unwrap();
    assert_eq!(flow.call(STEPS, "count", []).await.unwrap(), Value::U32(20));
}

#[tokio::test]
async fn an_inbox_does_not_keep_what_was_given_up() {
    let mut flow = Flow::with_inbox(8).await;
    let freezing = flow.spawn(STEPS, "relay-back", ["gate:1 -".into(), 0u32.into()]);
    flow.noted("called back gate:1 -").await;
    let steps = flow.composition.component("steps").unwrap();
    let waiting: Vec<_> = (0..8)
        .map(|_| flow.spawn(STEPS, "bump", [1u32.into()]))
        .collect();
    while steps.status().queued < 8 {
        tokio::task::yield_now().await;
    }
    // The store is frozen, so its driver removes nothing from the queue.
    for call in waiting {
        call.abort();
        assert!(call.await.unwrap_err().is_cancelled());
    }
    assert_eq!(steps.status().queued, 0);
    flow.open(1);
    freezing.await.unwrap().unwrap();
    assert_eq!(flow.call(STEPS, "count", []).await.unwrap(), Value::U32(0));
}

/// The cycle that `result` failed with.
fn cycle(result: Result<Value, CallError>) -> Vec<String> {
    match result.unwrap_err().root() {
        CallError::Cycle { path, .. } => path.clone(),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_chain_that_would_wait_for_itself_fails_at_once() {
    let flow = Flow::start().await;
    let back = [format!("{DRIVER}#bump-twice").into(), 1u32.into()];
    let result = flow.call(DRIVER, "back", back).await;
    assert!(
        result
            .as_ref()
            .unwrap_err()
            .to_string()
            .contains("steps-user → steps → steps-user")
    );
    assert_eq!(cycle(result), ["steps-user", "steps", "steps-user"]);
}

#[tokio::test]
async fn a_component_that_would_wait_for_itself_fails_at_once() {
    let flow = Flow::start().await;
    let back = [format!("{STEPS}#bump").into(), 1u32.into()];
    assert_eq!(
        cycle(flow.call(STEPS, "relay-back", back).await),
        ["steps", "steps"]
    );
}

#[tokio::test]
async fn two_chains_that_would_wait_for_each_other_fail_at_once() {
    let mut flow = Flow::start().await;
    let back = [format!("gate:1 {DRIVER}#bump-twice").into(), 1u32.into()];
    let one = flow.spawn(STEPS, "relay-back", back);
    flow.noted(&format!("called back gate:1 {DRIVER}#bump-twice"))
        .await;
    // `steps` is frozen in its host function; `steps-user` freezes on `steps`.
    let other = flow.spawn(DRIVER, "bump-twice", []);
    while flow.composition.component("steps").unwrap().status().queued == 0 {
        tokio::task::yield_now().await;
    }
    flow.open(1);
    assert_eq!(cycle(one.await.unwrap()), ["steps", "steps-user", "steps"]);
    assert_eq!(
        cycle(other.await.unwrap()),
        ["steps", "steps-user", "steps"]
    );
}

#[tokio::test]
async fn a_component_that_waits_in_an_async_call_takes_the_call_back() {
    let flow = Flow::start().await;
    let back = [format!("{STEPS}#bump").into(), 1u32.into()];
    assert_eq!(
        flow.call(STEPS, "relay-back-async", back).await.unwrap(),
        Value::U32(1)
    );
    let back = [format!("{DRIVER}#bump-twice").into(), 1u32.into()];
    assert_eq!(
        flow.call(DRIVER, "back-async", back).await.unwrap(),
        Value::U32(3)
    );
}

#[tokio::test]
async fn a_chain_without_end_is_cut() {
    let flow = Flow::start().await;
    let back = [format!("{DRIVER}#back-async").into(), u32::MAX.into()];
    let error = flow.call(DRIVER, "back-async", back).await.unwrap_err();
    assert!(
        matches!(error.root(), CallError::TooDeep { limit: 1024, .. }),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn clones_are_used_from_many_threads() {
    let flow = Flow::start().await;
    let callers: Vec<_> = (0..8)
        .map(|_| {
            let composition = flow.composition.clone();
            tokio::spawn(async move {
                let bump = composition.get_func(Some(DRIVER), "bump-twice").unwrap();
                for _ in 0..50 {
                    bump.call_owned([]).await.unwrap();
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
    assert_eq!(
        flow.call(STEPS, "count", []).await.unwrap(),
        Value::U32(800)
    );
}

/// Composing needs new stores, and wasmtime forbids some uses of those inside another
/// store's event loop.
#[tokio::test]
async fn a_host_function_composes_while_it_is_called() {
    use crate::support::{call, compose, engine, guest};
    use composer::{ComposableDescriptor, Composer};
    use wasmtime::component::Linker;

    let mut linker: Linker<()> = Linker::new(engine());
    let mut host = linker.instance("test:text/transform@0.1.0").unwrap();
    host.func_wrap_async("apply", |_, (text,): (String,)| {
        Box::new(async move {
            let inner = compose(&["text-base"]).await;
            match call(&inner, "test:text/transform", "apply", [text.into()]).await {
                Value::String(text) => Ok((text,)),
                other => panic!("{other:?}"),
            }
        })
    })
    .unwrap();
    let store = || wasmtime::Store::new(engine(), ());
    let part = composer::ComposableComponent::new(guest("text-upper"), linker, store);
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("upper", part));
    let composition = composer.compose().await.unwrap();
    let text = call(
        &composition,
        "test:text/transform",
        "apply",
        [" hi ".into()],
    )
    .await;
    assert_eq!(text, "HI".into());
}

#[test]
fn handles_go_anywhere() {
    fn shared<T: Clone + Send + Sync + 'static>() {}
    shared::<composer::Composition>();
    shared::<composer::ExportFunc>();
    shared::<composer::ComponentHandle>();
    shared::<composer::WeakComposition>();
    shared::<composer::ResourceBorrow>();
    fn sent<T: Send + Sync + 'static>() {}
    sent::<composer::ResourceHandle>();
    sent::<Value>();
    sent::<composer::CompositionError>();
}
