//! Futures of calls that are dropped at every possible point.
//!
//! A future can be dropped between any two of its polls. So each test drops it after no
//! poll, after one, after two …, until it completes before it is dropped. All other tasks
//! run in between.

use std::pin::pin;
use std::sync::LazyLock;
use std::task::Poll;

use composer::{Composition, ExportFunc, Value};
use tokio::runtime::{Builder, Runtime};

use crate::support::flow::{DRIVER, Flow, STEPS};
use crate::support::{call, compose};

const COUNTERS: &str = "test:resources/counters";

/// A call from another runtime than the callee's has to wait for the callee's task at
/// every step. On the callee's own thread a call may complete within one poll, which
/// leaves no point at which it could be dropped.
static ELSEWHERE: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().build().unwrap());

/// Polls a call `polls` times, lets all other tasks run after each poll, and drops it.
/// Returns whether it had completed by then.
async fn drop_after(polls: usize, call: impl Future) -> bool {
    let mut call = pin!(call);
    for _ in 0..polls {
        let polled = std::future::poll_fn(|cx| {
            let _elsewhere = ELSEWHERE.enter();
            Poll::Ready(call.as_mut().poll(cx))
        })
        .await;
        if polled.is_ready() {
            return true;
        }
        tokio::task::yield_now().await;
    }
    false
}

/// Drops a call at each of its await points, and runs `after` each time. Returns the
/// number of those points.
async fn drop_everywhere<F: Future>(
    mut start: impl FnMut() -> F,
    mut after: impl AsyncFnMut(),
) -> usize {
    for polls in 0..1000 {
        let done = drop_after(polls, start()).await;
        after().await;
        if done {
            return polls;
        }
    }
    panic!("the call is never done");
}

/// Waits until no call is queued or in flight in any of these components.
async fn quiet(composition: &Composition, components: &[&str]) {
    for component in components {
        let component = composition.component(component).unwrap();
        loop {
            let status = component.status();
            assert!(matches!(status.state, composer::ComponentState::Running));
            if status.queued == 0 && status.in_flight == 0 {
                break;
            }
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn a_sync_call() {
    let flow = Flow::start().await;
    let bump = flow.composition.get_func(Some(STEPS), "bump").unwrap();
    let points = drop_everywhere(
        || bump.call_owned([1u32.into()]),
        async || {
            quiet(&flow.composition, &["steps"]).await;
            flow.call(STEPS, "bump", [1u32.into()]).await.unwrap();
        },
    );
    assert!(points.await >= 2);
}

#[tokio::test]
async fn a_sync_call_through_another_component() {
    let flow = Flow::start().await;
    let bump = flow
        .composition
        .get_func(Some(DRIVER), "bump-twice")
        .unwrap();
    let points = drop_everywhere(
        || bump.call_owned([]),
        async || {
            quiet(&flow.composition, &["steps", "steps-user"]).await;
            flow.call(DRIVER, "bump-twice", []).await.unwrap();
        },
    );
    assert!(points.await >= 2);
}

#[tokio::test]
async fn an_async_call_that_waits_in_the_host() {
    let mut flow = Flow::start().await;
    let slow = flow
        .composition
        .get_func(Some(DRIVER), "relay-slow")
        .unwrap();
    for polls in 0..20 {
        let args: [Value; 2] = [1u32.into(), "abandoned".into()];
        assert!(!drop_after(polls, slow.call_owned(args)).await);
        // The store continues, whether the call had begun or not.
        let quick = flow.call(STEPS, "quick", ["quick".into()]).await.unwrap();
        assert_eq!(quick, Value::String("quick".into()));
        flow.call(DRIVER, "bump-twice", []).await.unwrap();
    }
    // Calls that had begun run to their end.
    flow.open(1);
    quiet(&flow.composition, &["steps", "steps-user"]).await;
    flow.noted("end abandoned").await;
}

#[tokio::test]
async fn a_call_that_froze_its_store() {
    let mut flow = Flow::start().await;
    let back = flow.composition.get_func(Some(DRIVER), "back").unwrap();
    let mut call = Box::pin(back.call_owned(["gate:1 -".into(), 5u32.into()]));
    tokio::select! {
        biased;
        _ = flow.noted("called back gate:1 -") => {}
        _ = &mut call => unreachable!("the gate is shut"),
    }
    drop(call);
    let next = flow.spawn(DRIVER, "bump-twice", []);
    flow.open(1);
    assert_eq!(next.await.unwrap().unwrap(), Value::U32(2));
    quiet(&flow.composition, &["steps", "steps-user"]).await;
}

#[tokio::test]
async fn a_call_still_in_the_inbox_never_begins() {
    let mut flow = Flow::start().await;
    let freezing = flow.spawn(STEPS, "relay-back", ["gate:1 -".into(), 0u32.into()]);
    flow.noted("called back gate:1 -").await;
    // So many that one which is given up is not cleared away at once.
    let others: Vec<_> = (0..7)
        .map(|_| flow.spawn(STEPS, "bump", [1u32.into()]))
        .collect();
    let steps = flow.composition.component("steps").unwrap();
    while steps.status().queued < others.len() {
        tokio::task::yield_now().await;
    }
    let bump = flow.composition.get_func(Some(STEPS), "bump").unwrap();
    assert!(!drop_after(3, bump.call_owned([1u32.into()])).await);
    flow.open(1);
    freezing.await.unwrap().unwrap();
    for other in others {
        other.await.unwrap().unwrap();
    }
    quiet(&flow.composition, &["steps"]).await;
    assert_eq!(flow.call(STEPS, "count", []).await.unwrap(), Value::U32(7));
}

#[tokio::test]
async fn a_call_that_returns_resources() {
    for owner in ["counters", "counters-c"] {
        let composition = compose(&[owner]).await;
        let make = composition.get_func(Some(COUNTERS), "make-list").unwrap();
        let points = drop_everywhere(
            || make.call_owned([5u32.into()]),
            async || {
                quiet(&composition, &[owner]).await;
                none_live(&composition).await;
            },
        );
        assert!(points.await >= 2);
    }
}

#[tokio::test]
async fn a_call_that_is_given_resources() {
    let composition = compose(&["counters", "counters-relay"]).await;
    let relay = "test:resources/relay";
    let make = composition
        .get_func(Some(COUNTERS), "[constructor]counter")
        .unwrap();
    let pass_own = composition.get_func(Some(relay), "pass-own").unwrap();
    let pass_borrow = composition.get_func(Some(relay), "pass-borrow").unwrap();

    let new = async |make: &ExportFunc| match make.call_owned([7u32.into()]).await.unwrap() {
        Some(Value::Own(counter)) => counter,
        other => panic!("{other:?}"),
    };
    for polls in 0..20 {
        let counter = new(&make).await;
        drop_after(polls, pass_own.call_owned([counter.into()])).await;
        quiet(&composition, &["counters", "counters-relay"]).await;
        none_live(&composition).await;

        // The borrow ends with the call, not with the caller that gave up.
        let counter = new(&make).await;
        drop_after(polls, pass_borrow.call_owned([counter.borrow().into()])).await;
        drop(counter);
        quiet(&composition, &["counters", "counters-relay"]).await;
        none_live(&composition).await;
    }
}

/// Waits until the owner has destroyed every counter.
async fn none_live(composition: &Composition) {
    let status = || {
        let plan = composition.plan();
        let parts = plan
            .components
            .iter()
            .map(|c| composition.component(&c.name).unwrap());
        parts.map(|part| part.status()).collect::<Vec<_>>()
    };
    for _ in 0..10_000 {
        let all_gone = status()
            .iter()
            .all(|s| s.resources_given == 0 && s.resources_held == 0);
        if all_gone && call(composition, COUNTERS, "live", []).await == Value::U32(0) {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("{:?}", status());
}
