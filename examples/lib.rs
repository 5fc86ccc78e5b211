//! What the examples share: where the components are, and values as text.
//!
//! The components are the guests of the tests, built and committed; their
//! sources stand beside them in `tests/guests`.

use std::path::{Path, PathBuf};

use composer::{Engines, LoadError, Value};
use wasmtime::component::Component;

/// The file of a guest's component.
pub fn guest_file(name: &str) -> PathBuf {
    let guests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/guests");
    guests.join(name).join(name).with_extension("wasm")
}

/// A guest that needs nothing from its embedder.
pub fn guest(engines: &Engines, name: &str) -> Result<Component, LoadError> {
    engines.load_component(guest_file(name))
}

/// The result of a call as text.
pub fn show(result: &Option<Value>) -> String {
    result
        .as_ref()
        .map_or("nothing".to_owned(), Value::to_string)
}

/// The README's Rust, compiled with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
