//! Who starts a component again.

use std::sync::Arc;

use tokio::time::Instant;

use crate::composition::part::{Down, Part};
use crate::instance::{Post, restarted};
use crate::restart::Attempts;

/// Starts a part again each time that it dies, until it has died too often or
/// its composition ends.
pub(super) async fn keep(part: Arc<Part>, post: Arc<Post>, mut attempts: Attempts) {
    let _panicked = Panicked(post.clone());
    loop {
        let slot = post.slot();
        slot.ended().await;
        let Some(death) = slot.death() else {
            return;
        };
        loop {
            let Some(wait) = attempts.next(Instant::now()) else {
                post.give_up();
                let component = part.name();
                tracing::error!(component, %death, "a component died too often and is left dead");
                return;
            };
            if !wait.is_zero() {
                tokio::time::sleep(wait).await;
            }
            let component = part.name();
            match part.restart().await {
                Ok(()) => {
                    let restarts = part.restarts();
                    restarted(component);
                    tracing::info!(component, restarts, "a component was started again");
                    break;
                }
                Err(Down::Ended) => return,
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

/// Without timers in its runtime a keeper panics, and must leave nobody waiting
/// for a run that will not come.
struct Panicked(Arc<Post>);

impl Drop for Panicked {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.give_up();
        }
    }
}
