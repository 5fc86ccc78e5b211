//! Limits of a runtime, each with a guest that exceeds it.

mod allocations;
mod at_once;
mod background;
mod busy;
mod cycles;
mod fuel;
mod presets;
mod size;
mod stack;
mod start;
mod streams;
mod time;
mod toolchains;
mod value_size;

use composer::runtime::SandboxedComponent;
use composer::{
    CallError, ComposableDescriptor, Composer, Composition, Limit, LimitExceeded, Value,
};

use crate::support::sandbox::{loaded, wat};

/// A composition of one sandboxed component, called `guest`.
async fn alone(part: SandboxedComponent) -> Composition {
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("guest", part));
    composer.compose().await.unwrap()
}

/// Calls a function that belongs to no interface.
async fn call(
    composition: &Composition,
    name: &str,
    args: impl IntoIterator<Item = Value>,
) -> Result<Option<Value>, CallError> {
    let func = composition.get_func(None, name).unwrap();
    func.call_owned(args).await
}

/// A component whose `add` only calls its import of this name.
fn hands_on(import: &str) -> String {
    format!(
        r#"(component
    (import "{import}" (func $import (param "a" u32) (param "b" u32) (result u32)))
    (core func $lowered (canon lower (func $import)))
    (core module $m
        (import "" "import" (func $import (param i32 i32) (result i32)))
        (func (export "add") (param i32 i32) (result i32)
            (call $import (local.get 0) (local.get 1))))
    (core instance $i (instantiate $m (with "" (instance (export "import" (func $lowered))))))
    (func (export "add") (param "a" u32) (param "b" u32) (result u32)
        (canon lift (core func $i "add"))))"#
    )
}

/// The limit that a call of `function` exceeded, from its error.
fn exceeded(error: &CallError, limit: Limit, function: &str) -> LimitExceeded {
    let CallError::Failed { site, death } = error else {
        panic!("{error}");
    };
    assert_eq!(site.function, function);
    let exceeded = death.limit().unwrap_or_else(|| panic!("{error}"));
    assert_eq!(exceeded.limit, limit);
    let text = error.to_string();
    assert!(text.contains(limit.setting()), "{text}");
    assert!(text.contains(&exceeded.allowed.to_string()), "{text}");
    exceeded.clone()
}
