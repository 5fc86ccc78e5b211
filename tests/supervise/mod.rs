//! Components that are restarted, replaced, added or removed while others continue.

mod add;
mod changes_nested;
mod declared;
mod freed;
mod kept;
mod lifecycle;
mod lists;
mod remove;
mod replace;
mod restart;
mod typed;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use composer::{
    CallError, ComponentState, ComponentStatus, ComposableComponent, ComposableDescriptor,
    Composer, Composition, Engines, Restart, Value,
};
use wasmtime::Store;
use wasmtime::component::{Component, Linker};

use crate::support::gated::Gate;

/// The time that calls get to finish.
const AMPLE: Duration = Duration::from_secs(60);

/// Components on engines without concurrency support, since they need none.
fn engines() -> &'static Engines {
    static ENGINES: LazyLock<Engines> = LazyLock::new(|| Engines::new().unwrap());
    &ENGINES
}

/// `version.wat` with this number.
fn version(base: u32) -> Component {
    let text = include_str!("../wat/version.wat").replace("BASE", &base.to_string());
    engines()
        .component_from_bytes("version.wat", text.as_bytes())
        .unwrap()
}

/// Passes the number of a `version` on as `asked`.
const ASKER: &str = r#"(component
    (import "base" (func $base (result u32)))
    (core func $base' (canon lower (func $base)))
    (core module $main
        (import "" "base" (func $base (result i32)))
        (func (export "asked") (result i32) (call $base)))
    (core instance $main (instantiate $main
        (with "" (instance (export "base" (func $base'))))))
    (func (export "asked") (result u32) (canon lift (core func $main "asked"))))"#;

fn asker() -> Component {
    engines()
        .component_from_bytes("asker.wat", ASKER.as_bytes())
        .unwrap()
}

/// The host of `version.wat`.
#[derive(Clone)]
struct Host {
    gate: Gate,
    /// The number of starts that are still to fail.
    failing: Arc<AtomicUsize>,
    /// Shared by each store and each linker, so that they can be counted.
    alive: Arc<()>,
}

impl Host {
    fn new() -> Host {
        Host {
            gate: Gate::new(),
            failing: Arc::default(),
            alive: Arc::default(),
        }
    }

    fn part(&self, component: Component) -> ComposableComponent<Arc<()>> {
        let engine = component.engine().clone();
        let mut linker: Linker<Arc<()>> = Linker::new(&engine);
        let mut root = linker.root();
        let failing = self.failing.clone();
        root.func_wrap("starting", move |_, (): ()| {
            let one_less = |n: usize| n.checked_sub(1);
            match failing.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less) {
                Ok(_) => Err(wasmtime::Error::msg("it is not to start")),
                Err(_) => Ok(()),
            }
        })
        .unwrap();
        let gate = self.gate.clone();
        root.func_wrap_async("wait", move |_, (): ()| {
            let gate = gate.clone();
            Box::new(async move {
                gate.pass().await;
                Ok(())
            })
        })
        .unwrap();
        let alive = self.alive.clone();
        ComposableComponent::new(component, linker, move || {
            Store::new(&engine, alive.clone())
        })
    }

    /// `version` with this number, as a component of that name.
    fn version(&self, base: u32) -> ComposableDescriptor {
        ComposableDescriptor::new("version", self.part(version(base)))
    }

    /// A `version`, and an `asker`.
    async fn compose(&self, restart: Restart) -> Composition {
        let mut composer = Composer::new();
        composer.add(self.version(1).with_restart(restart));
        composer.add(ComposableDescriptor::new("asker", asker()));
        composer.compose().await.unwrap()
    }
}

async fn ask(composition: &Composition, name: &str) -> Result<Value, CallError> {
    let func = composition.get_func(None, name).unwrap();
    Ok(func.call_owned([]).await?.unwrap_or(Value::Bool(true)))
}

/// Makes the component trap.
async fn trap(composition: &Composition) {
    let error = ask(composition, "trap").await.unwrap_err();
    assert!(matches!(error, CallError::Failed { .. }), "{error}");
}

fn status(composition: &Composition) -> ComponentStatus {
    composition.component("version").unwrap().status()
}

fn is_running(composition: &Composition) -> bool {
    matches!(status(composition).state, ComponentState::Running)
}
