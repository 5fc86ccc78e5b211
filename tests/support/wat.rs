//! Components in the text format, for code that no compiler would generate.

use std::path::PathBuf;

use composer::ComposableComponent;
use wasmtime::Store;
use wasmtime::component::{Component, Linker};

use super::engine;

/// Where the text of such a component is.
pub(crate) fn wat_path(name: &str) -> PathBuf {
    let tests = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    tests.join("wat").join(format!("{name}.wat"))
}

/// A component of `tests/wat`.
pub(crate) fn wat(name: &str) -> Component {
    composer::load_component(engine(), wat_path(name)).unwrap()
}

/// A component of `tests/wat` as a part.
pub(crate) fn wat_part(
    name: &str,
    define: impl FnOnce(&mut Linker<()>),
) -> ComposableComponent<()> {
    let mut linker = Linker::new(engine());
    define(&mut linker);
    ComposableComponent::new(wat(name), linker, || Store::new(engine(), ()))
}
