//! Limits of a runtime, each with a guest that runs into it.

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

/// Calls a function that stands in no interface.
async fn call(
    composition: &Composition,
    name: &str,
    args: impl IntoIterator<Item = Value>,
) -> Result<Option<Value>, CallError> {
    let func = composition.get_func(None, name).unwrap();
    func.call_owned(args).await
}

/// The limit that a call of `function` ran into, as its error tells.
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
