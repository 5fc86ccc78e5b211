//! Helpers that the examples share: the paths of components, and values as text.
//!
//! The components are the guests of the tests, built and committed; their sources are
//! beside them in `tests/guests`.

use std::path::{Path, PathBuf};

use composer::runtime::SandboxedComponent;
use composer::{LoadError, Runtime, Value};

/// The file of a guest's component.
pub fn guest_file(name: &str) -> PathBuf {
    let guests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/guests");
    guests.join(name).join(name).with_extension("wasm")
}

/// A guest as a part of a composition.
pub async fn guest(runtime: &Runtime, name: &str) -> Result<SandboxedComponent, LoadError> {
    Ok(runtime.load_file(guest_file(name)).await?.part())
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
