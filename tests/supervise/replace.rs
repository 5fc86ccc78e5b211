//! Replacement of a component by another version.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use composer::runtime::Limits;
use composer::{
    CallError, ComposableDescriptor, Composer, Composition, ReplaceError, Restart, Runtime, Value,
};

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::task::JoinHandle;

use super::{AMPLE, Host, ask, engines, is_running, trap};
use crate::support::counters::{own, until, within};

pub(super) async fn replace(
    composition: &Composition,
    with: ComposableDescriptor,
) -> Result<(), ReplaceError> {
    let version = composition.component("version").unwrap();
    within(version.replace(with, AMPLE)).await
}

/// Begins a call, as a task, that then waits at the gate.
async fn begin_slow(
    host: &Host,
    composition: &Composition,
) -> JoinHandle<Result<Option<Value>, CallError>> {
    let slow = composition.get_func(None, "slow-base").unwrap();
    let slow = tokio::spawn(async move { slow.call_owned([]).await });
    host.gate.waiting().await;
    slow
}

#[tokio::test]
async fn handles_and_links_lead_to_the_new_one() {
    let host = Host::new();
    let composition = host.compose(Restart::never()).await;
    let base = composition.get_func(None, "base").unwrap();
    for version in 2..5 {
        replace(&composition, host.version(version)).await.unwrap();
        assert_eq!(base.call_owned([]).await.unwrap(), Some(version.into()));
        let asked = ask(&composition, "asked").await.unwrap();
        assert_eq!(asked, Value::U32(version));
    }
}

/// How callers ask for the number of the version, each time anew.
pub(super) type Asks = dyn Fn() -> BoxFuture<'static, u32> + Send + Sync;

/// Many callers, by each of these ways, while versions come and go: every call is
/// answered, by a version that was there at the time.
pub(super) async fn under_load(host: &Host, composition: &Composition, ways: &[Arc<Asks>]) {
    const CALLERS: usize = 4;
    const VERSIONS: u32 = 20;
    // What the newest version is for sure, and what it may be.
    let (done, begun) = (Arc::new(AtomicU32::new(1)), Arc::new(AtomicU32::new(1)));
    let ends = Arc::new(AtomicBool::new(false));
    // How many callers have had an answer.
    let answered = Arc::new(AtomicU32::new(0));
    let callers = ways.iter().flat_map(|asks| [asks; CALLERS]);
    let callers: Vec<_> = callers
        .map(|asks| {
            let (done, begun, ends) = (done.clone(), begun.clone(), ends.clone());
            let (asks, answered) = (asks.clone(), answered.clone());
            tokio::spawn(async move {
                let mut calls = 0;
                while !ends.load(Ordering::SeqCst) {
                    let least = done.load(Ordering::SeqCst);
                    let answer = asks().await;
                    let most = begun.load(Ordering::SeqCst);
                    let there = least..=most;
                    assert!(there.contains(&answer), "{answer} is not of {there:?}");
                    calls += 1;
                    if calls == 1 {
                        answered.fetch_add(1, Ordering::SeqCst);
                    }
                }
                calls
            })
        })
        .collect();
    let all = callers.len() as u32;
    until("all of them call", || {
        answered.load(Ordering::SeqCst) == all
    })
    .await;
    for version in 2..=VERSIONS {
        begun.store(version, Ordering::SeqCst);
        replace(composition, host.version(version)).await.unwrap();
        done.store(version, Ordering::SeqCst);
        // Some calls for each.
        for _ in 0..20 {
            for asks in ways {
                assert_eq!(asks().await, version);
            }
        }
    }
    ends.store(true, Ordering::SeqCst);
    for caller in callers {
        assert!(caller.await.unwrap() > 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_call_is_lost_under_load() {
    let host = Host::new();
    let composition = host.compose(Restart::never()).await;
    // From outside, and through another component.
    let ways = ["base", "asked"].map(|name| -> Arc<Asks> {
        let func = composition.get_func(None, name).unwrap();
        Arc::new(move || {
            let func = func.clone();
            let asked = async move {
                match func.call_owned([]).await {
                    Ok(Some(Value::U32(n))) => n,
                    other => panic!("{other:?}"),
                }
            };
            asked.boxed()
        })
    });
    under_load(&host, &composition, &ways).await;
}

#[tokio::test]
async fn calls_in_the_old_one_end_there() {
    let host = Host::new();
    let composition = host.compose(Restart::never()).await;
    let slow = begin_slow(&host, &composition).await;
    let mut replaced = Box::pin(replace(&composition, host.version(2)));
    assert!(futures::poll!(&mut replaced).is_pending());
    // It waits for the slow one, and this one waits for it.
    let base = composition.get_func(None, "base").unwrap();
    let mut base = Box::pin(base.call_owned([]));
    assert!(futures::poll!(&mut base).is_pending());
    host.gate.open();
    replaced.await.unwrap();
    assert_eq!(slow.await.unwrap().unwrap(), Some(1u32.into()));
    assert_eq!(base.await.unwrap(), Some(2u32.into()));
}

/// How long a replacement takes is not what limits of others are for.
#[tokio::test]
async fn who_waits_for_it_spends_no_time() {
    const SPINNER: &str = r#"(component
        (core module $m (func (export "spin") (loop $again (br $again))))
        (core instance $i (instantiate $m))
        (func (export "spin") (canon lift (core func $i "spin"))))"#;
    let runtime = Runtime::new().unwrap();
    let limited = async |text: &str, limits: Limits| {
        let component = runtime.load_bytes("limited", text.as_bytes()).await;
        component.unwrap().part().with_limits(limits)
    };
    let host = Host::new();
    let mut composer = Composer::new();
    composer.add(host.version(1));
    let ms = |ms| Some(Duration::from_millis(ms));
    let asker = limited(super::ASKER, Limits::default().with_deadline(ms(200))).await;
    composer.add(ComposableDescriptor::new("asker", asker));
    let clock = limited(SPINNER, Limits::default().with_time(ms(600))).await;
    composer.add(ComposableDescriptor::new("clock", clock));
    let composition = composer.compose().await.unwrap();

    let slow = begin_slow(&host, &composition).await;
    let mut replaced = Box::pin(replace(&composition, host.version(2)));
    assert!(futures::poll!(&mut replaced).is_pending());
    let asked = tokio::spawn({
        let composition = composition.clone();
        async move { ask(&composition, "asked").await }
    });
    // It computes for no longer than that takes on the wall, so when its time is over
    // the one who asks has waited three times as long as it may.
    ask(&composition, "spin").await.unwrap_err();
    let asker = composition.component("asker").unwrap();
    assert_eq!(asker.status().in_flight, 1);
    host.gate.open();
    replaced.await.unwrap();
    slow.await.unwrap().unwrap();
    assert_eq!(asked.await.unwrap().unwrap(), Value::U32(2));
}

#[tokio::test]
async fn one_that_does_not_come_to_rest_stays() {
    let host = Host::new();
    let composition = host.compose(Restart::never()).await;
    let slow = begin_slow(&host, &composition).await;
    let version = composition.component("version").unwrap();
    let error = version
        .replace(host.version(2), Duration::ZERO)
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "`version` was not replaced: 1 calls were in it when the time was up"
    );
    host.gate.open();
    assert_eq!(slow.await.unwrap().unwrap(), Some(1u32.into()));
    assert_eq!(ask(&composition, "base").await.unwrap(), Value::U32(1));
}

#[tokio::test]
async fn giving_up_lets_calls_through_again() {
    let host = Host::new();
    let composition = host.compose(Restart::on_death()).await;
    let slow = begin_slow(&host, &composition).await;
    let mut replaced = Box::pin(replace(&composition, host.version(2)));
    assert!(futures::poll!(&mut replaced).is_pending());
    drop(replaced);
    host.gate.open();
    assert_eq!(ask(&composition, "base").await.unwrap(), Value::U32(1));
    slow.await.unwrap().unwrap();
    // Its restart policy is in force as before.
    trap(&composition).await;
    let base = within(ask(&composition, "base")).await;
    assert_eq!(base.unwrap(), Value::U32(1));
}

#[tokio::test]
async fn one_that_does_not_start_changes_nothing() {
    let host = Host::new();
    let composition = host.compose(Restart::never()).await;
    ask(&composition, "count").await.unwrap();
    host.failing.store(1, Ordering::SeqCst);
    let error = replace(&composition, host.version(2)).await.unwrap_err();
    assert!(matches!(error, ReplaceError::Start(_)), "{error}");
    // The same run, with its state.
    assert_eq!(ask(&composition, "count").await.unwrap(), Value::U32(2));
    assert_eq!(ask(&composition, "asked").await.unwrap(), Value::U32(1));
}

#[tokio::test]
async fn one_that_does_not_fit_is_refused_before_anything_changes() {
    let host = Host::new();
    let composition = host.compose(Restart::never()).await;
    let wat = |text: &str| {
        let component = engines()
            .component_from_bytes("new.wat", text.as_bytes())
            .unwrap();
        ComposableDescriptor::new("version", component)
    };
    let refused = async |with| replace(&composition, with).await.unwrap_err();

    let error = refused(wat("(component)")).await;
    let ReplaceError::Misfit { misfits, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!(misfits.len(), 7, "{error}");
    assert!(
        error.to_string().starts_with(
            "another `version` must export what this one does: it does not export `thing`"
        ),
        "{error}"
    );

    let error = refused(ComposableDescriptor::new(
        "verson",
        host.part(super::version(2)),
    ))
    .await;
    assert_eq!(
        error.to_string(),
        "`verson` cannot take the place of `version`: names stay; describe it as `version`"
    );

    // Without its host it lacks imports.
    let error = refused(ComposableDescriptor::new("version", super::version(2))).await;
    assert!(matches!(error, ReplaceError::Plan { .. }), "{error}");
    assert_eq!(ask(&composition, "base").await.unwrap(), Value::U32(1));
}

#[tokio::test]
async fn its_resources_are_gone_with_it() {
    let host = Host::new();
    let composition = host.compose(Restart::never()).await;
    let thing = own(ask(&composition, "make").await.unwrap());
    replace(&composition, host.version(2)).await.unwrap();
    let use_ = composition.get_func(None, "use").unwrap();
    let error = use_
        .call_owned([Value::Borrow(thing.borrow())])
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "call of `use` of component `version` refused: the resource thing #0 of `version` is \
         gone, since `version` has been replaced; get a new one"
    );
    assert!(is_running(&composition));
    let new = own(ask(&composition, "make").await.unwrap());
    let used = use_
        .call_owned([Value::Borrow(new.borrow())])
        .await
        .unwrap();
    assert_eq!(used, Some(Value::U32(2)));
}

#[tokio::test]
async fn one_that_is_dead_can_be_replaced() {
    let host = Host::new();
    let composition = host.compose(Restart::never()).await;
    trap(&composition).await;
    replace(&composition, host.version(2)).await.unwrap();
    assert_eq!(ask(&composition, "asked").await.unwrap(), Value::U32(2));
}

#[tokio::test]
async fn nothing_of_the_old_one_is_left() {
    let host = Host::new();
    let tasks = || {
        tokio::runtime::Handle::current()
            .metrics()
            .num_alive_tasks()
    };
    let before = tasks();
    let composition = host.compose(Restart::never()).await;
    for version in 2..10 {
        replace(&composition, host.version(version)).await.unwrap();
        assert_eq!(tasks(), before + 2);
        // The host's own, and that of the one store.
        assert_eq!(Arc::strong_count(&host.alive), 2);
    }
    composition.shutdown(AMPLE).await;
    until("its tasks end", || tasks() == before).await;
    assert_eq!(Arc::strong_count(&host.alive), 1);
    let error = composition.component("version").unwrap();
    let error = error.replace(host.version(2), AMPLE).await.unwrap_err();
    assert!(matches!(error, ReplaceError::Stopped { .. }), "{error}");
}

/// A new version may import what the old one did not, in another order of start,
/// and have its interface in a compatible version.
#[tokio::test]
async fn the_new_one_is_wired_anew() {
    let api = |name: &str, import: &str, body: &str| {
        format!(
            r#"(component
                {import}
                (core module $main
                    (import "" "" (func $more (result i32)))
                    (func (export "answer") (result i32) {body}))
                (core instance $main (instantiate $main
                    (with "" (instance (export "" (func $more'))))))
                (func $answer (result u32) (canon lift (core func $main "answer")))
                (instance $api (export "answer" (func $answer)))
                (export "test:swap/{name}" (instance $api)))"#
        )
    };
    let own = r#"(core module $own (func (export "more") (result i32) (i32.const 20)))
        (core instance $own (instantiate $own))
        (alias core export $own "more" (core func $more'))"#;
    let more = r#"(import "test:swap/more@1.0.0" (instance $more (export "answer" (func (result u32)))))
        (core func $more' (canon lower (func $more "answer")))"#;
    let part = |name: &str, text: String| {
        let component = engines()
            .component_from_bytes(name, text.as_bytes())
            .unwrap();
        ComposableDescriptor::new(name, component)
    };
    let mut composer = Composer::new();
    composer.add(part("api", api("api@1.0.0", own, "(i32.const 1)")));
    composer.add(part("more", api("more@1.0.0", own, "(call $more)")));
    let composition = composer.compose().await.unwrap();
    let answer = composition
        .get_func(Some("test:swap/api@1.0.0"), "answer")
        .unwrap();
    assert_eq!(answer.call_owned([]).await.unwrap(), Some(1u32.into()));

    let new = api("api@1.1.0", more, "(i32.add (call $more) (i32.const 2))");
    let component = composition.component("api").unwrap();
    component.replace(part("api", new), AMPLE).await.unwrap();
    assert_eq!(answer.call_owned([]).await.unwrap(), Some(22u32.into()));
    let wired: Vec<_> = composition.resolved_imports().collect();
    assert_eq!(wired[0].0, "api");
    assert_eq!(composition.plan().components[0].name, "more");
    assert_eq!(component.exports(), ["test:swap/api@1.1.0"]);
    let again = composition
        .get_func(Some("test:swap/api@1.1.0"), "answer")
        .unwrap();
    assert_eq!(again.call_owned([]).await.unwrap(), Some(22u32.into()));

    let mut nested = Composer::new();
    nested.add(part("api", api("api@1.1.0", own, "(i32.const 4)")));
    let nested = ComposableDescriptor::new("api", nested);
    let error = component.replace(nested, AMPLE).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "`api` cannot be replaced: the new one is a composition, and not one component"
    );
    assert_eq!(answer.call_owned([]).await.unwrap(), Some(22u32.into()));

    // Back again, which leaves a handle for the newer one where it was.
    let old = api("api@1.0.0", own, "(i32.const 3)");
    let error = component.replace(part("api", old), AMPLE).await;
    assert!(error.is_ok(), "{error:?}");
    assert_eq!(again.call_owned([]).await.unwrap(), Some(3u32.into()));
}

/// Whoever waits for the new version may leave.
#[tokio::test]
async fn callers_may_leave_meanwhile() {
    let host = Host::new();
    let composition = host.compose(Restart::never()).await;
    let slow = begin_slow(&host, &composition).await;
    let mut replaced = Box::pin(replace(&composition, host.version(2)));
    assert!(futures::poll!(&mut replaced).is_pending());
    for name in ["base", "asked"] {
        let call = composition.get_func(None, name).unwrap();
        let mut call = Box::pin(call.call_owned([]));
        assert!(futures::poll!(&mut call).is_pending());
    }
    host.gate.open();
    replaced.await.unwrap();
    slow.await.unwrap().unwrap();
    assert_eq!(ask(&composition, "asked").await.unwrap(), Value::U32(2));
}

/// The future can be dropped where there is no runtime.
#[test]
fn giving_up_outside_of_the_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let host = Host::new();
    let composition = runtime.block_on(host.compose(Restart::on_death()));
    let slow = runtime.block_on(begin_slow(&host, &composition));
    let version = composition.component("version").unwrap();
    let mut replaced = Box::pin(version.replace(host.version(2), AMPLE));
    runtime.block_on(async {
        assert!(futures::poll!(&mut replaced).is_pending());
    });
    drop(replaced);
    host.gate.open();
    runtime.block_on(async {
        slow.await.unwrap().unwrap();
        trap(&composition).await;
        let base = within(ask(&composition, "base")).await;
        assert_eq!(base.unwrap(), Value::U32(1));
    });
}
