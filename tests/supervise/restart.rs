//! Restart of a component that died.

use std::time::Duration;

use composer::{CallError, ComponentState, Composer, Restart, Value};
use tokio::time::pause;

use super::{Host, ask, is_running, status, trap};
use crate::support::counters::{own, until, within};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn without_a_policy_it_stays_dead() {
    let composition = Host::new().compose(Restart::never()).await;
    trap(&composition).await;
    let error = ask(&composition, "base").await.unwrap_err();
    assert!(matches!(error, CallError::Dead { .. }), "{error}");
    assert!(matches!(
        status(&composition).state,
        ComponentState::Dead(_)
    ));
}

#[tokio::test]
async fn calls_wait_and_go_to_the_next_run() {
    let composition = Host::new().compose(Restart::on_death()).await;
    let count = composition.get_func(None, "count").unwrap();
    for n in 1..=3u32 {
        assert_eq!(count.call_owned([]).await.unwrap(), Some(n.into()));
    }
    trap(&composition).await;
    within(async {
        // By a handle, and through another component.
        assert_eq!(count.call_owned([]).await.unwrap(), Some(1u32.into()));
        assert_eq!(ask(&composition, "asked").await.unwrap(), Value::U32(1));
    })
    .await;
    assert_eq!(status(&composition).restarts, 1);
    assert!(is_running(&composition));
}

/// A caller in another component waits; that component has no part in it.
#[tokio::test]
async fn calls_through_others_wait_too() {
    let composition = Host::new().compose(Restart::on_death()).await;
    trap(&composition).await;
    let asked = within(ask(&composition, "asked")).await;
    assert_eq!(asked.unwrap(), Value::U32(1));
}

#[tokio::test]
async fn calls_fail_meanwhile_if_that_is_wanted() {
    pause();
    let restart = Restart::on_death().with_failing_calls();
    let composition = Host::new().compose(restart).await;
    // The first restart comes at once.
    trap(&composition).await;
    until("it runs again", || is_running(&composition)).await;
    trap(&composition).await;
    assert!(matches!(
        status(&composition).state,
        ComponentState::Restarting(_)
    ));
    let error = ask(&composition, "base").await.unwrap_err();
    assert!(matches!(error, CallError::Restarting { .. }), "{error}");
    assert_eq!(
        error.to_string().lines().next().unwrap(),
        "call of `base` of component `version` refused, it is being restarted: \
         component `version` trapped: wasm `unreachable` instruction executed"
    );
    // The clock stands still but for this.
    tokio::time::sleep(SECOND).await;
    until("it runs again", || is_running(&composition)).await;
    assert_eq!(ask(&composition, "base").await.unwrap(), Value::U32(1));
}

#[tokio::test]
async fn a_crash_loop_ends() {
    pause();
    let restart = Restart::on_death().with_limit(2, 60 * SECOND);
    let composition = Host::new().compose(restart).await;
    for _ in 0..3 {
        trap(&composition).await;
    }
    // This one waited for a third restart that does not come.
    let error = within(ask(&composition, "base")).await.unwrap_err();
    assert!(matches!(error, CallError::Dead { .. }), "{error}");
    let status = status(&composition);
    assert!(matches!(status.state, ComponentState::Dead(_)));
    assert_eq!(status.restarts, 2);
    // The others go on: `asker` died of its own call, and of nothing else.
    let asker = composition.component("asker").unwrap();
    assert!(matches!(asker.status().state, ComponentState::Running));
}

#[tokio::test]
async fn a_start_that_fails_is_tried_again() {
    pause();
    let host = Host::new();
    let composition = host.compose(Restart::on_death()).await;
    host.failing.store(2, std::sync::atomic::Ordering::SeqCst);
    trap(&composition).await;
    let base = within(ask(&composition, "base")).await;
    assert_eq!(base.unwrap(), Value::U32(1));
    assert_eq!(status(&composition).restarts, 1);
}

#[tokio::test]
async fn starts_that_always_fail_end() {
    pause();
    let host = Host::new();
    let composition = host.compose(Restart::on_death()).await;
    host.failing
        .store(usize::MAX, std::sync::atomic::Ordering::SeqCst);
    trap(&composition).await;
    let error = within(ask(&composition, "base")).await.unwrap_err();
    assert!(matches!(error, CallError::Dead { .. }), "{error}");
    assert_eq!(status(&composition).restarts, 0);
}

#[tokio::test]
async fn what_was_of_the_earlier_run_says_so() {
    let composition = Host::new().compose(Restart::on_death()).await;
    let thing = own(ask(&composition, "make").await.unwrap());
    trap(&composition).await;
    let new = own(within(ask(&composition, "make")).await.unwrap());
    let use_ = composition.get_func(None, "use").unwrap();
    let error = use_
        .call_owned([Value::Borrow(thing.borrow())])
        .await
        .unwrap_err();
    let CallError::Stale { death, .. } = &error else {
        panic!("{error}");
    };
    assert!(death.is_some());
    assert_eq!(
        error.to_string(),
        "call of `use` of component `version` refused: the resource thing #0 of `version` is \
         gone, since `version` has been restarted; get a new one"
    );
    let used = use_
        .call_owned([Value::Borrow(new.borrow())])
        .await
        .unwrap();
    assert_eq!(used, Some(Value::U32(1)));
    drop((thing, new));
    assert_eq!(ask(&composition, "base").await.unwrap(), Value::U32(1));
    assert_eq!(status(&composition).resources_given, 0);
}

/// Whoever waits for a restart hears of the end, and nothing is left.
#[tokio::test]
async fn it_can_be_shut_down_meanwhile() {
    pause();
    let host = Host::new();
    let tasks = || {
        tokio::runtime::Handle::current()
            .metrics()
            .num_alive_tasks()
    };
    let before = tasks();
    let composition = host.compose(Restart::on_death()).await;
    host.failing
        .store(usize::MAX, std::sync::atomic::Ordering::SeqCst);
    trap(&composition).await;
    let base = composition.get_func(None, "base").unwrap();
    let mut waiting = Box::pin(base.call_owned([]));
    assert!(futures::poll!(&mut waiting).is_pending());
    composition.shutdown(Duration::ZERO).await;
    let error = waiting.await.unwrap_err();
    assert!(matches!(error, CallError::Stopped { .. }), "{error}");
    until("its tasks end", || tasks() == before).await;
    assert_eq!(std::sync::Arc::strong_count(&host.alive), 1);
}

/// Restarts of a nested composition's components are its own affair, and what
/// leads there from outside stays good.
#[tokio::test]
async fn in_a_nested_composition() {
    let host = Host::new();
    let mut inner = Composer::new();
    inner.add(host.version(1).with_restart(Restart::on_death()));
    let mut outer = Composer::new();
    outer.add(composer::ComposableDescriptor::new("inner", inner));
    let composition = outer.compose().await.unwrap();
    let count = composition.get_func(None, "count").unwrap();
    assert_eq!(count.call_owned([]).await.unwrap(), Some(1u32.into()));
    trap(&composition).await;
    let again = within(count.call_owned([])).await;
    assert_eq!(again.unwrap(), Some(1u32.into()));
    let status = composition.component("inner").unwrap().status();
    assert_eq!(status.restarts, 1);
    assert!(matches!(status.state, ComponentState::Running));
}
