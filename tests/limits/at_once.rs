//! Calls that run at once, and calls that wait.

use composer::runtime::{Clocks, Grants, Limits};
use composer::{ComposableDescriptor, Composer};

use super::{alone, call, loaded, wat};
use crate::support::counters::until;
use crate::support::hostile::{FAULTS, Hostile};
use crate::support::part;

/// Of a thousand calls that never end only so many are begun.
#[tokio::test]
async fn no_more_calls_run_than_allowed() {
    let limits = Limits::default()
        .with_calls(8)
        .with_inbox(16)
        .with_deadline(None);
    let hostile = Hostile::with(loaded("hostile").await.part().with_limits(limits)).await;
    let hang = hostile
        .composition
        .get_func(Some(FAULTS), "async-hang")
        .unwrap();
    let calls: Vec<_> = (0..1_000)
        .map(|_| {
            let hang = hang.clone();
            tokio::spawn(async move { hang.call_owned([]).await })
        })
        .collect();
    loop {
        let status = hostile.status();
        assert!(status.in_flight <= 8 && status.queued <= 16);
        // The inbox may be full before so many have begun.
        if (status.in_flight, status.queued) == (8, 16) {
            break;
        }
        tokio::task::yield_now().await;
    }
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
        let status = hostile.status();
        assert_eq!((status.in_flight, status.queued), (8, 16));
    }
    assert_eq!(hostile.status().inbox_capacity, 16);
    calls.iter().for_each(tokio::task::JoinHandle::abort);
}

/// A call whose caller has left takes its place until it ends.
#[tokio::test]
async fn a_call_that_was_given_up_counts() {
    let limits = Limits::default().with_calls(1).with_deadline(None);
    let hostile = Hostile::with(loaded("hostile").await.part().with_limits(limits)).await;
    let hang = hostile
        .composition
        .get_func(Some(FAULTS), "async-hang")
        .unwrap();
    let begin = || {
        let hang = hang.clone();
        tokio::spawn(async move { hang.call_owned([]).await })
    };
    let first = begin();
    until("running", || hostile.status().in_flight == 1).await;
    first.abort();
    first.await.unwrap_err();
    let second = begin();
    until("queued", || hostile.status().queued == 1).await;
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
        let status = hostile.status();
        assert_eq!((status.in_flight, status.queued), (1, 1));
    }
    second.abort();
}

/// A thousand calls that all end, one set after another.
#[tokio::test]
async fn those_that_wait_come_in_when_others_end() {
    let later = loaded("wasi-later").await.part();
    let usage = later.usage();
    let clocks = Clocks::Virtual(std::time::SystemTime::UNIX_EPOCH);
    let later = later
        .with_limits(Limits::default().with_calls(3))
        .with_grants(Grants::none().with_clocks(clocks));
    let mut composer = Composer::new();
    composer
        .add(ComposableDescriptor::new("later", later))
        .add(ComposableDescriptor::new("base", part("text-base")));
    let composition = composer.compose().await.unwrap();
    let wait = composition
        .get_func(Some("test:wasi/later"), "wait")
        .unwrap();
    let calls: Vec<_> = (0..1_000)
        .map(|_| {
            let wait = wait.clone();
            tokio::spawn(async move { wait.call_owned([5u32.into()]).await })
        })
        .collect();
    for call in calls {
        let handle = composition.component("later").unwrap();
        assert!(handle.status().in_flight <= 3);
        call.await.unwrap().unwrap();
    }
    assert_eq!(usage.calls(), 1_000);
}

#[tokio::test]
async fn the_descriptor_has_the_last_word_on_the_inbox() {
    let empty = wat("(component)").await.part();
    let limits = Limits::default().with_inbox(5);
    let mut composer = Composer::new();
    composer
        .add(ComposableDescriptor::new(
            "a",
            empty.clone().with_limits(limits.clone()),
        ))
        .add(ComposableDescriptor::new("b", empty.with_limits(limits)).with_inbox_capacity(9));
    let composition = composer.compose().await.unwrap();
    let inbox = |name| composition.component(name).unwrap().status().inbox_capacity;
    assert_eq!((inbox("a"), inbox("b")), (5, 9));
}

/// On an engine that runs one call at a time the limit is never reached.
#[tokio::test]
async fn a_component_without_async_functions() {
    let text = r#"(component
        (core module $m (func (export "f") (result i32) i32.const 3))
        (core instance $i (instantiate $m))
        (func (export "f") (result u32) (canon lift (core func $i "f"))))"#;
    let limits = Limits::default().with_calls(1);
    let guest = alone(wat(text).await.part().with_limits(limits)).await;
    let calls = (0..100).map(|_| call(&guest, "f", []));
    for result in futures::future::join_all(calls).await {
        assert_eq!(result.unwrap(), Some(3u32.into()));
    }
}
