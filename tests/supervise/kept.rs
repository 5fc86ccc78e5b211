//! The supervision of a component: restarts, and when they stop.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use composer::wasi::{WasiComponent, WasiCtx};
use composer::{
    CallError, ComponentState, ComposableComponent, ComposableDescriptor, ComposableInstance,
    Composer, Composition, DeathCause, Restart, Value,
};
use futures::FutureExt;
use tokio::time::pause;
use wasmtime::Store;
use wasmtime::component::{Component, Linker};

use super::replace::replace;
use super::{AMPLE, Host, ask, engines, is_running, status, trap};
use crate::support::counters::{own, until, within};
use crate::support::events::heard;

/// Longer than anybody waits.
const HOUR: Duration = Duration::from_secs(60 * 60);

fn is_dead(composition: &Composition) -> bool {
    matches!(status(composition).state, ComponentState::Dead(_))
}

fn is_restarting(composition: &Composition) -> bool {
    matches!(status(composition).state, ComponentState::Restarting(_))
}

/// Traps if it is told.
fn mortal(import: &str) -> Component {
    let text = format!(
        r#"(component
            {import}
            (core module $main
                (func (export "base") (result i32) (i32.const 1))
                (func (export "trap") unreachable))
            (core instance $main (instantiate $main))
            (func (export "base") (result u32) (canon lift (core func $main "base")))
            (func (export "trap") (canon lift (core func $main "trap"))))"#
    );
    engines()
        .component_from_bytes("mortal.wat", text.as_bytes())
        .unwrap()
}

/// However often a part could be started again, one that cannot be is dead at once.
#[tokio::test]
async fn what_can_be_started_only_once_stays_dead() {
    pause();
    let component = mortal("");
    let mut store = Store::new(component.engine(), ());
    let linker: Linker<()> = Linker::new(component.engine());
    let instance = linker.instantiate_async(&mut store, &component).await;
    let instance = ComposableInstance::from_existing(instance.unwrap(), store);
    let granted = WasiComponent::new(component).with_ctx(WasiCtx::default());
    for part in [
        ComposableDescriptor::new("version", instance),
        ComposableDescriptor::new("version", granted),
    ] {
        let restart = Restart::on_death().with_limit(u32::MAX, HOUR);
        let mut composer = Composer::new();
        composer.add(part.with_restart(restart));
        let composition = composer.compose().await.unwrap();
        trap(&composition).await;
        let error = within(ask(&composition, "base")).await.unwrap_err();
        assert!(matches!(error, CallError::Dead { .. }), "{error}");
        assert!(is_dead(&composition));
        assert_eq!(status(&composition).restarts, 0);
    }
}

#[tokio::test]
async fn a_failed_replacement_revives_nobody() {
    let host = Host::new();
    let restart = Restart::on_death().with_limit(1, HOUR);
    let composition = host.compose(restart.clone()).await;
    trap(&composition).await;
    until("it runs again", || is_running(&composition)).await;
    trap(&composition).await;
    until("it is given up", || is_dead(&composition)).await;
    // Nor is anything kept to start it again with: one share is the host's.
    until("it is gone", || Arc::strong_count(&host.alive) == 1).await;
    for _ in 0..3 {
        host.failing.store(1, Ordering::SeqCst);
        replace(&composition, host.version(2)).await.unwrap_err();
        assert!(is_dead(&composition));
        let error = within(ask(&composition, "base")).await.unwrap_err();
        assert!(matches!(error, CallError::Dead { .. }), "{error}");
    }
    assert_eq!(status(&composition).restarts, 1);

    // One that succeeds begins anew.
    let with = host.version(2).with_restart(restart);
    replace(&composition, with).await.unwrap();
    trap(&composition).await;
    let base = within(ask(&composition, "base")).await;
    assert_eq!(base.unwrap(), Value::U32(2));
    assert_eq!(status(&composition).restarts, 2);
}

#[tokio::test]
async fn a_failed_replacement_grants_no_more_restarts() {
    pause();
    let host = Host::new();
    let restart = Restart::on_death()
        .with_backoff(Duration::from_secs(1), Duration::from_secs(1))
        .with_limit(2, HOUR);
    let composition = host.compose(restart).await;
    trap(&composition).await;
    until("it runs again", || is_running(&composition)).await;
    trap(&composition).await;
    // More often than it may be started again.
    for _ in 0..4 {
        assert!(is_restarting(&composition));
        host.failing.store(1, Ordering::SeqCst);
        replace(&composition, host.version(2)).await.unwrap_err();
        // Its keeper has its turn; the clock stands still.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    }
    assert!(is_restarting(&composition));
    assert_eq!(status(&composition).restarts, 1);
    let base = within(ask(&composition, "base")).await;
    assert_eq!(base.unwrap(), Value::U32(1));
    assert_eq!(status(&composition).restarts, 2);
    trap(&composition).await;
    let error = within(ask(&composition, "base")).await.unwrap_err();
    assert!(matches!(error, CallError::Dead { .. }), "{error}");
}

/// A composition that ends while a component of it is being started again.
#[test]
fn the_end_comes_first() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let ends: Arc<Mutex<Option<Composition>>> = Arc::default();
    let component = mortal(
        r#"(import "starting" (func $starting))
        (core func $starting' (canon lower (func $starting)))
        (core module $starter (import "" "starting" (func $starting)) (start $starting))
        (core instance (instantiate $starter
            (with "" (instance (export "starting" (func $starting'))))))"#,
    );
    let engine = component.engine().clone();
    let mut linker: Linker<()> = Linker::new(&engine);
    let to_end = ends.clone();
    let starting = move |_: wasmtime::StoreContextMut<'_, ()>, (): ()| {
        if let Some(composition) = to_end.lock().unwrap().take() {
            composition.shutdown(AMPLE).now_or_never();
        }
        Ok(())
    };
    linker.root().func_wrap("starting", starting).unwrap();
    let part = ComposableComponent::new(component, linker, move || Store::new(&engine, ()));
    let restart = Restart::on_death()
        .with_backoff(Duration::ZERO, Duration::ZERO)
        .with_limit(1000, HOUR);
    let events = heard(|| {
        runtime.block_on(async {
            let tasks = || {
                let handle = tokio::runtime::Handle::current();
                handle.metrics().num_alive_tasks()
            };
            let before = tasks();
            let mut composer = Composer::new();
            composer.add(ComposableDescriptor::new("version", part).with_restart(restart));
            let composition = composer.compose().await.unwrap();
            *ends.lock().unwrap() = Some(composition.clone());
            trap(&composition).await;
            until("its tasks end", || tasks() == before).await;
            assert!(ends.lock().unwrap().is_none());
            assert_eq!(status(&composition).restarts, 0);
            let error = ask(&composition, "base").await.unwrap_err();
            assert!(matches!(error, CallError::Stopped { .. }), "{error}");
        });
    });
    let said = events
        .iter()
        .filter_map(|event| event.fields.get("message"));
    let again = said.filter(|said| said.contains("again")).count();
    assert_eq!(again, 0);
}

/// A nested composition is as bad off as the worst of its components.
#[tokio::test]
async fn the_worst_is_told_of() {
    let host = Host::new();
    let restart = || {
        Restart::on_death()
            .with_backoff(HOUR, HOUR)
            .with_limit(100, HOUR)
    };
    for order in [["dead", "down", "well"], ["well", "down", "dead"]] {
        let mut inner = Composer::new();
        for name in order {
            let restart = match name {
                "down" => restart(),
                _ => Restart::never(),
            };
            let part = host.part(super::version(1));
            inner.add(ComposableDescriptor::new(name, part).with_restart(restart));
        }
        let inner = inner.compose().await.unwrap();
        let mut outer = Composer::new();
        outer.add(ComposableDescriptor::new("version", inner.clone()));
        let outer = outer.compose().await.unwrap();
        let kill = async |name| {
            let trap = inner.component(name).unwrap().get_func(None, "trap");
            trap.unwrap().call_owned([]).await.unwrap_err();
        };
        assert!(is_running(&outer));
        // It does not start any more.
        host.failing.store(usize::MAX, Ordering::SeqCst);
        kill("down").await;
        assert!(is_restarting(&outer));
        kill("dead").await;
        let ComponentState::Dead(death) = status(&outer).state else {
            panic!("{:?}", status(&outer));
        };
        assert_eq!(death.component, "dead");
        host.failing.store(0, Ordering::SeqCst);
    }
}

/// Whoever asks why is told of the death, whatever has become of the component
/// since.
#[tokio::test]
async fn errors_know_the_death_behind_them() {
    let host = Host::new();
    let restart = Restart::on_death().with_failing_calls();
    let composition = host
        .compose(restart.with_backoff(HOUR, HOUR).with_limit(100, HOUR))
        .await;
    let died = |error: &CallError| {
        let death = error.death().unwrap();
        assert_eq!(death.component, "version", "{error}");
        assert!(matches!(death.cause, DeathCause::Trap(_)), "{error}");
    };
    let thing = own(ask(&composition, "make").await.unwrap());
    trap(&composition).await;
    until("it runs again", || is_running(&composition)).await;
    let use_ = composition.get_func(None, "use").unwrap();
    let error = use_.call_owned([Value::Borrow(thing.borrow())]).await;
    let error = error.unwrap_err();
    assert!(matches!(error, CallError::Stale { .. }), "{error}");
    died(&error);
    assert!(matches!(error.root(), CallError::Stale { .. }), "{error}");

    trap(&composition).await;
    let error = ask(&composition, "base").await.unwrap_err();
    assert!(matches!(error, CallError::Restarting { .. }), "{error}");
    died(&error);
    // It dies of that.
    let error = ask(&composition, "asked").await.unwrap_err();
    assert!(matches!(error, CallError::Failed { .. }), "{error}");
    died(&error);
    let root = error.root();
    assert!(matches!(root, CallError::Restarting { .. }), "{error}");
}
