//! Panics of the program's functions, which end the component that called them.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use futures::FutureExt;

/// Polls a store, and makes an error of a panic.
pub(crate) async fn without_panic<R>(
    work: impl Future<Output = wasmtime::Result<R>>,
) -> wasmtime::Result<R> {
    let outcome = AssertUnwindSafe(work).catch_unwind().await;
    outcome.unwrap_or_else(|panic| Err(host_panic(&*panic)))
}

/// The same for work that does not wait.
pub(crate) fn without_panic_now<R>(
    work: impl FnOnce() -> wasmtime::Result<R>,
) -> wasmtime::Result<R> {
    let outcome = catch_unwind(AssertUnwindSafe(work));
    outcome.unwrap_or_else(|panic| Err(host_panic(&*panic)))
}

/// The error in place of a panic that is not known to be of one function.
fn host_panic(panic: &(dyn Any + Send)) -> wasmtime::Error {
    wasmtime::Error::msg(format!("a host function panicked{}", panic_text(panic)))
}

/// What a panic said, after a colon.
pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> String {
    let said = panic.downcast_ref::<String>().map(String::as_str);
    let said = said.or_else(|| panic.downcast_ref::<&str>().copied());
    said.map_or(String::new(), |said| format!(": {said}"))
}
