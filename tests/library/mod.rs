//! Components that a runtime loads and caches.

mod disk;
mod feed;
mod key;
mod memory;
mod processes;
mod watched;

use composer::Runtime;
use composer::runtime::LoadedComponent;
use composer::{ComposableDescriptor, Composer, Value};

/// A component whose function `number` returns this number.
fn number(number: u32) -> String {
    format!(
        r#"(component
        (core module $m (func (export "number") (result i32) i32.const {number}))
        (core instance $i (instantiate $m))
        (func (export "number") (result u32) (canon lift (core func $i "number"))))"#
    )
}

/// The result of a component's function `number`.
async fn ask(component: &LoadedComponent) -> u32 {
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("guest", component.part()));
    let composition = composer.compose().await.unwrap();
    let number = composition.get_func(None, "number").unwrap();
    match number.call_owned([]).await.unwrap() {
        Some(Value::U32(number)) => number,
        other => panic!("{other:?}"),
    }
}

/// The numbers of components that a runtime compiled, found on disk, and refused there.
fn counts(runtime: &Runtime) -> (u64, u64, u64) {
    let statistics = runtime.statistics();
    (
        statistics.compiled,
        statistics.disk_hits,
        statistics.disk_rejected,
    )
}
