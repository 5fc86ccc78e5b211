//! Guests in a runtime's sandbox.

use std::sync::LazyLock;

use composer::Runtime;
use composer::runtime::LoadedComponent;

use super::guest_path;

/// The runtime of most tests. It watches all that there are limits for.
pub(crate) fn runtime() -> &'static Runtime {
    static RUNTIME: LazyLock<Runtime> =
        LazyLock::new(|| Runtime::builder().count_fuel(true).seed(7).build().unwrap());
    &RUNTIME
}

/// A guest, compiled once.
pub(crate) async fn loaded(name: &str) -> LoadedComponent {
    runtime().load_file(guest_path(name)).await.unwrap()
}

/// A component from its text.
pub(crate) async fn wat(text: &str) -> LoadedComponent {
    runtime().load_bytes(text, text).await.unwrap()
}
