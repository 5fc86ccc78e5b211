//! The supervisor of a component, which starts it again when it dies.

use std::sync::Arc;

use crate::boundary::isolated::address::Address;
use crate::composition::running_part::{RestartFailure, RunningPart};
use crate::error::StartError;
use crate::observe::metrics::restarted;

/// Starts a part again each time that it dies, until it has died too often or
/// its composition ends.
pub(crate) async fn supervise(part: Arc<RunningPart>, address: Arc<Address>) {
    let _panicked = GiveUpOnPanic(part.clone());
    let component = part.name();
    loop {
        let incarnation = address.incarnation();
        incarnation.ended().await;
        let Some(death) = incarnation.death() else {
            return;
        };
        loop {
            match start_again(&part).await {
                Ok(()) => {
                    let restarts = part.restarts();
                    restarted(component);
                    tracing::info!(component, restarts, "a component was started again");
                    break;
                }
                Err(RestartFailure::Ended) => return,
                Err(RestartFailure::TooOften) => {
                    part.give_up();
                    tracing::error!(component, %death, "a component died too often and is left dead");
                    return;
                }
                Err(RestartFailure::Start(error @ StartError::Once { .. })) => {
                    part.give_up();
                    tracing::error!(component, %error, "a component cannot be started again and is left dead");
                    return;
                }
                Err(RestartFailure::Start(error)) => {
                    tracing::warn!(component, %error, "a component did not start again");
                    // Starts that fail at once, with no time between them, would keep
                    // other tasks from running.
                    tokio::task::yield_now().await;
                }
            }
        }
    }
}

async fn start_again(part: &RunningPart) -> Result<(), RestartFailure> {
    let wait = part.next_wait()?;
    if !wait.is_zero() {
        tokio::time::sleep(wait).await;
    }
    part.restart().await
}

/// Gives up when the supervisor panics, as it does in a runtime without timers: no call
/// may be left waiting for a run that will not come.
struct GiveUpOnPanic(Arc<RunningPart>);

impl Drop for GiveUpOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.give_up();
        }
    }
}
