//! Components that are removed from a composition while it runs.

use std::sync::Arc;
use std::time::Duration;

use composer::{
    CallError, ComponentState, ComposableDescriptor, Composer, RemoveError, ReplaceError, Restart,
    Value,
};

use super::{AMPLE, Host, ask, asker, engines, is_running};
use crate::support::counters::{until, within};

#[tokio::test]
async fn it_is_gone_with_its_store() {
    let host = Host::new();
    let mut composer = Composer::new();
    composer.add(host.version(1).with_restart(Restart::on_death()));
    let composition = composer.compose().await.unwrap();
    let version = composition.component("version").unwrap();
    let base = composition.get_func(None, "base").unwrap();

    let end = within(version.remove(AMPLE)).await.unwrap();
    assert_eq!(end.cut_off, 0);
    assert!(end.stuck.is_empty());
    until("it is gone", || Arc::strong_count(&host.alive) == 1).await;

    assert!(composition.component("version").is_err());
    assert!(composition.get_func(None, "base").is_err());
    assert!(composition.components().is_empty());
    let error = base.call_owned([]).await.unwrap_err();
    assert!(matches!(error, CallError::Stopped { .. }), "{error}");
    assert!(matches!(version.status().state, ComponentState::Stopped));
    assert!(version.exports().is_empty());
    assert!(version.get_func(None, "base").is_err());

    let again = version.remove(AMPLE).await.unwrap_err();
    assert!(matches!(again, RemoveError::Gone { .. }), "{again}");
    let replaced = version.replace(host.version(2), AMPLE).await.unwrap_err();
    assert!(
        matches!(replaced, ReplaceError::Removed { .. }),
        "{replaced}"
    );

    // The name is free, and the old handles do not lead to the new one.
    within(composition.add(host.version(2))).await.unwrap();
    assert_eq!(ask(&composition, "base").await.unwrap(), Value::U32(2));
    assert!(base.call_owned([]).await.is_err());
    assert!(version.get_func(None, "base").is_err());
}

#[tokio::test]
async fn not_while_others_import_from_it() {
    let composition = Host::new().compose(Restart::never()).await;
    let version = composition.component("version").unwrap();
    let error = version.remove(AMPLE).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "`version` cannot be removed: `asker` imports from it; remove that one first, or replace \
         `version`"
    );
    assert!(is_running(&composition));
    let more = ComposableDescriptor::new("more", asker());
    within(composition.add(more)).await.unwrap();
    let error = version.remove(AMPLE).await.unwrap_err().to_string();
    assert!(
        error.contains("`asker` and `more` import from it; remove those"),
        "{error}"
    );
    for user in ["asker", "more"] {
        let user = composition.component(user).unwrap();
        within(user.remove(AMPLE)).await.unwrap();
    }
    within(version.remove(AMPLE)).await.unwrap();
}

#[tokio::test]
async fn calls_that_run_end_first() {
    let host = Host::new();
    let composition = host.compose(Restart::never()).await;
    composition
        .component("asker")
        .unwrap()
        .remove(AMPLE)
        .await
        .unwrap();
    let slow = composition.get_func(None, "slow-base").unwrap();
    let slow = tokio::spawn(async move { slow.call_owned([]).await });
    host.gate.waiting().await;
    let version = composition.component("version").unwrap();
    let base = version.get_func(None, "base").unwrap();
    let mut removed = Box::pin(version.remove(AMPLE));
    assert!(futures::poll!(&mut removed).is_pending());
    // New ones are refused.
    assert!(composition.component("version").is_err());
    let error = within(base.call_owned([])).await.unwrap_err();
    assert!(matches!(error, CallError::Stopped { .. }), "{error}");
    host.gate.open();
    assert_eq!(within(removed).await.unwrap().cut_off, 0);
    assert_eq!(slow.await.unwrap().unwrap(), Some(Value::U32(1)));
}

#[tokio::test]
async fn calls_that_do_not_end_are_cut_off() {
    for is_dropped in [false, true] {
        let host = Host::new();
        let composition = host.compose(Restart::never()).await;
        composition
            .component("asker")
            .unwrap()
            .remove(AMPLE)
            .await
            .unwrap();
        let slow = composition.get_func(None, "slow-base").unwrap();
        let slow = tokio::spawn(async move { slow.call_owned([]).await });
        host.gate.waiting().await;
        let version = composition.component("version").unwrap();
        if is_dropped {
            let mut removed = Box::pin(version.remove(AMPLE));
            assert!(futures::poll!(&mut removed).is_pending());
        } else {
            let removed = within(version.remove(Duration::from_millis(1))).await;
            assert_eq!(removed.unwrap().cut_off, 1);
        }
        let error = within(slow).await.unwrap().unwrap_err();
        assert!(matches!(error, CallError::Stopped { .. }), "{error}");
        until("its store is gone", || Arc::strong_count(&host.alive) == 1).await;
        assert!(composition.components().is_empty());
    }
}

#[tokio::test]
async fn a_dead_one() {
    let host = Host::new();
    let mut composer = Composer::new();
    composer.add(host.version(1));
    let composition = composer.compose().await.unwrap();
    super::trap(&composition).await;
    let version = composition.component("version").unwrap();
    within(version.remove(AMPLE)).await.unwrap();
    until("it is gone", || Arc::strong_count(&host.alive) == 1).await;
}

#[tokio::test]
async fn a_nested_composition() {
    let host = Host::new();
    let mut inner = Composer::new();
    inner.add(host.version(3));
    let mut outer = Composer::new();
    outer.add(ComposableDescriptor::new("inner", inner));
    let composition = outer.compose().await.unwrap();
    assert_eq!(ask(&composition, "base").await.unwrap(), Value::U32(3));
    let inner = composition.component("inner").unwrap();
    within(inner.remove(AMPLE)).await.unwrap();
    until("it is gone", || Arc::strong_count(&host.alive) == 1).await;
    // And one that is added.
    let mut inner = Composer::new();
    inner.add(host.version(4));
    let inner = ComposableDescriptor::new("inner", inner);
    within(composition.add(inner)).await.unwrap();
    assert_eq!(ask(&composition, "base").await.unwrap(), Value::U32(4));
}

/// Who is part of another composition keeps what that one was given.
#[tokio::test]
async fn what_another_composition_shows() {
    let host = Host::new();
    let mut inner = Composer::new();
    inner.add(host.version(3));
    let inner = inner.compose().await.unwrap();
    let extra = r#"(component
        (core module $m (func (export "extra")))
        (core instance $i (instantiate $m))
        (func (export "extra") (canon lift (core func $i "extra"))))"#;
    let extra = engines()
        .component_from_bytes("extra.wat", extra.as_bytes())
        .unwrap();
    let mut outer = Composer::new();
    outer.add(ComposableDescriptor::new("inner", inner.clone()));
    outer.add(ComposableDescriptor::new("asker", asker()));
    let outer = outer.compose().await.unwrap();
    let error = inner
        .component("version")
        .unwrap()
        .remove(AMPLE)
        .await
        .unwrap_err();
    assert!(matches!(error, RemoveError::Given { .. }), "{error}");
    assert_eq!(ask(&outer, "asked").await.unwrap(), Value::U32(3));
    // What came later is not shown.
    within(inner.add(ComposableDescriptor::new("extra", extra)))
        .await
        .unwrap();
    assert!(outer.get_func(None, "extra").is_err());
}

/// What was written about a component applies again once it is back.
#[tokio::test]
async fn hints_and_open_imports_outlast_it() {
    let host = Host::new();
    let mut composer = Composer::new();
    composer
        .add(ComposableDescriptor::new("one", asker()))
        .add(ComposableDescriptor::new("two", asker()))
        .with_open_import("base")
        .with_export_hint("asked", "two");
    let composition = composer.compose().await.unwrap();
    let remove = async |name: &str| {
        let one = composition.component(name).unwrap();
        within(one.remove(AMPLE)).await.unwrap();
    };
    remove("two").await;
    remove("one").await;
    assert!(composition.plan().open_imports.is_empty());
    for name in ["one", "two"] {
        let part = ComposableDescriptor::new(name, asker());
        within(composition.add(part)).await.unwrap();
    }
    assert_eq!(composition.plan().open_imports.len(), 1);
    let asked = composition.get_func(None, "asked").unwrap();
    assert_eq!(asked.site().component, "two");
    // The import that was left open is bound as before.
    let mut outer = Composer::new();
    outer.add(ComposableDescriptor::new("inner", composition));
    outer.add(host.version(9));
    let outer = outer.compose().await.unwrap();
    assert_eq!(ask(&outer, "asked").await.unwrap(), Value::U32(9));
}
