//! Who starts a component again.

use std::sync::Arc;

use crate::boundary::isolated::address::Post;
use crate::composition::running_part::{Down, Part};
use crate::error::StartError;
use crate::observe::metrics::restarted;

/// Starts a part again each time that it dies, until it has died too often or
/// its composition ends.
pub(crate) async fn keep(part: Arc<Part>, post: Arc<Post>) {
    let _panicked = Panicked(part.clone());
    let component = part.name();
    loop {
        let slot = post.slot();
        slot.ended().await;
        let Some(death) = slot.death() else {
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
                Err(Down::Ended) => return,
                Err(Down::TooOften) => {
                    part.give_up();
                    tracing::error!(component, %death, "a component died too often and is left dead");
                    return;
                }
                Err(Down::Start(error @ StartError::Once { .. })) => {
                    part.give_up();
                    tracing::error!(component, %error, "a component cannot be started again and is left dead");
                    return;
                }
                Err(Down::Start(error)) => {
                    tracing::warn!(component, %error, "a component did not start again");
                    // Starts that fail at once, with no time between them, would
                    // let nobody else run.
                    tokio::task::yield_now().await;
                }
            }
        }
    }
}

async fn start_again(part: &Part) -> Result<(), Down> {
    let wait = part.next_wait()?;
    if !wait.is_zero() {
        tokio::time::sleep(wait).await;
    }
    part.restart().await
}

/// Without timers in its runtime a keeper panics, and must leave nobody waiting
/// for a run that will not come.
struct Panicked(Arc<Part>);

impl Drop for Panicked {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.give_up();
        }
    }
}
