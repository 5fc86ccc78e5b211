//! Work that may hang or panic.

use std::future::Future;
use std::sync::LazyLock;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use super::outcome::Outcome;

/// Far longer than anything takes here, so that what has not come by then never will.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where all components run: on one thread, so that nobody does anything while a caller
/// makes a call, and the same file comes to the same each time. It is not the thread that
/// waits for them.
static COMPONENTS: LazyLock<Runtime> = LazyLock::new(|| {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(1).enable_all().build().unwrap()
});

/// Runs something in a task of its own, and says so if it panics or never ends.
pub(super) async fn watched<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, Outcome> {
    let task = COMPONENTS.spawn(work);
    let abort = task.abort_handle();
    match timeout(PATIENCE, task).await {
        Ok(ended) => ended.map_err(|error| Outcome::Panics(error.to_string())),
        Err(_) => {
            abort.abort();
            Err(Outcome::Hangs)
        }
    }
}

/// Computes something where it keeps nobody waiting: compiling takes a while, and is
/// not what is waited for.
pub(super) async fn computed<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Outcome> {
    let computed = tokio::task::spawn_blocking(work).await;
    computed.map_err(|error| Outcome::Panics(error.to_string()))
}
