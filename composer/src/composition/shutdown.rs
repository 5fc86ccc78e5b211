//! The shutdown of a composition.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::yield_now;
use tokio::time::{Instant, timeout, timeout_at};

use crate::assembly::PartRunner;
use crate::boundary::isolated::address::{Address, ExportRefs};
use crate::composition::running_part::EndOfPart;
#[cfg(feature = "runtime")]
use crate::composition::{ComponentState, status};
use crate::composition::{Composition, RunningPart};
use crate::limits::durations::MAX_TIMEOUT;

/// How a composition ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Shutdown {
    /// How many calls were still running when the time was up. They failed
    /// with [`CallError::Stopped`](crate::CallError::Stopped).
    pub cut_off: usize,
    /// Components that could not be stopped, because their code runs without ever
    /// returning to the host. Only fuel or an epoch deadline on their stores can end
    /// those.
    pub stuck: Vec<String>,
}

impl Composition {
    /// Takes no more calls, waits up to `grace` for those that run, then ends
    /// every component and drops its store, users before their providers.
    ///
    /// Components that export `composer:lifecycle/lifecycle` (see `wit/lifecycle` in the
    /// repository) are notified before; all of them together get as long again for that.
    /// Then all components get as long again to drop their stores. Afterwards every call
    /// fails with [`CallError::Stopped`](crate::CallError::Stopped). A second shutdown
    /// has nothing left to do and returns at once.
    ///
    /// # Panics
    ///
    /// In a tokio runtime that was built without timers (`Builder::enable_time`), as
    /// tokio itself does.
    ///
    /// # Cancellation
    ///
    /// Dropping the future leaves the composition closed; components that have not ended
    /// by then end when the last handle is dropped, or with another call of this method.
    pub async fn shutdown(&self, grace: Duration) -> Shutdown {
        self.inner.close();
        let cut_off = match timeout(grace, self.idle()).await {
            Ok(()) => 0,
            Err(_) => self.running(),
        };
        let _ = timeout(grace.max(STOP_GRACE), self.notify_end()).await;
        self.stop();
        // The upper bound avoids an overflow, which tokio's `timeout` handles itself.
        let deadline = Instant::now() + grace.clamp(STOP_GRACE, MAX_TIMEOUT);
        let stuck = self.ended_by(deadline).await;
        Shutdown { cut_off, stuck }
    }

    /// Notifies every component that it is about to end, users before their providers.
    pub(crate) async fn notify_end(&self) {
        for part in self.inner.all_parts() {
            part.notify_end().await;
        }
    }

    /// Whether all its components run, and it has not been closed.
    #[cfg(feature = "runtime")]
    pub(crate) fn is_healthy(&self) -> bool {
        let present = self.present();
        let mut parts = present.parts.iter();
        !self.is_closed()
            && parts.all(|part| matches!(status::of(part).state, ComponentState::Running))
    }

    /// Whether one of its components failed, and is not about to be started again.
    #[cfg(feature = "runtime")]
    pub(crate) fn has_died(&self) -> bool {
        let present = self.present();
        let mut parts = present.parts.iter();
        parts.any(|part| matches!(status::of(part).state, ComponentState::Dead(_)))
    }

    /// How many handles of any kind keep it running.
    #[cfg(feature = "runtime")]
    pub(crate) fn holders(&self) -> usize {
        Arc::strong_count(&self.inner)
    }

    /// Whether at most `holders` handles keep it running, and no call runs in it.
    #[cfg(feature = "runtime")]
    pub(crate) fn is_free(&self, holders: usize) -> bool {
        self.running() == 0 && self.holders() <= holders
    }

    /// Waits for the calls that run, up to `grace`. Returns whether they have ended.
    #[cfg(feature = "runtime")]
    pub(crate) async fn idle_within(&self, grace: Duration) -> bool {
        // The runtime may have no timer, and usually none is needed.
        self.running() == 0 || !grace.is_zero() && timeout(grace, self.idle()).await.is_ok()
    }

    /// Takes no more calls.
    #[cfg(feature = "runtime")]
    pub(crate) fn close(&self) {
        self.inner.close();
    }

    /// Takes no more calls, waits up to `grace` for those that run, then ends
    /// every component and waits until their stores are gone, however long that
    /// takes.
    #[cfg(feature = "runtime")]
    pub(crate) async fn wind_down(&self, grace: Duration) {
        self.inner.close();
        self.idle_within(grace).await;
        let mut record = std::pin::pin!(self.notify_end());
        // As above: usually no component has to be notified, and no timer is needed.
        if futures::poll!(&mut record).is_pending() {
            let _ = timeout(grace.max(STOP_GRACE), record).await;
        }
        self.stop();
        self.ended().await;
    }

    /// How many calls run here and in nested compositions.
    fn running(&self) -> usize {
        let nested: usize = self.nested().iter().map(Composition::running).sum();
        let addresses = self.addresses();
        let own: usize = addresses
            .iter()
            .map(|address| address.activity().running())
            .sum();
        own + nested
    }

    /// Waits until no call runs here or in a nested composition.
    async fn idle(&self) {
        // A call in one can begin another elsewhere, so all must be idle at once. Parts may
        // come and go meanwhile.
        while self.running() > 0 {
            for address in self.addresses() {
                address.activity().idle().await;
            }
            for composition in self.nested() {
                Box::pin(composition.idle()).await;
            }
            // Should there be nothing to wait for yet, others have to run.
            yield_now().await;
        }
    }

    fn addresses(&self) -> Vec<Arc<Address>> {
        let parts = self.inner.all_parts();
        let addresses = parts.iter().filter_map(|part| match part.export_refs() {
            ExportRefs::One(address) => Some(address.clone()),
            ExportRefs::Each(_) => None,
        });
        addresses.collect()
    }

    /// Whether nothing of it runs any more.
    pub(super) fn is_gone(&self) -> bool {
        self.inner.all_parts().iter().all(|part| part.is_gone())
    }

    pub(super) fn nested(&self) -> Vec<Composition> {
        let parts = self.inner.all_parts();
        let nested = parts.iter().filter_map(|part| {
            part.with_runner(|runner| match runner {
                Some(PartRunner::Nested(composition)) => Some(composition.clone()),
                _ => None,
            })
        });
        nested.collect()
    }

    /// Waits until every component of a stopped composition is gone.
    pub(crate) async fn ended(&self) {
        for part in self.inner.all_parts() {
            part.ended().await;
        }
    }

    async fn ended_by(&self, deadline: Instant) -> Vec<String> {
        let mut stuck = Vec::new();
        for part in self.inner.all_parts() {
            stuck.extend(part.ended_by(deadline).await);
        }
        stuck
    }
}

impl RunningPart {
    /// Ends a part that is removed, as [`Composition::shutdown`] ends all.
    pub(super) async fn wind_up(&self, grace: Duration) -> Shutdown {
        let nested = self.with_runner(|runner| match runner {
            Some(PartRunner::Nested(composition)) => Some(composition.clone()),
            _ => None,
        });
        if let Some(composition) = nested {
            let Shutdown { cut_off, stuck } = Box::pin(composition.shutdown(grace)).await;
            self.stop();
            let stuck = stuck.into_iter();
            return Shutdown {
                cut_off,
                stuck: stuck
                    .map(|name| format!("{}/{name}", self.name()))
                    .collect(),
            };
        }
        self.stop_supervising().await;
        let mut cut_off = 0;
        if let ExportRefs::One(address) = self.export_refs() {
            address.close();
            if timeout(grace, address.activity().idle()).await.is_err() {
                cut_off = address.activity().running();
            }
        }
        let _ = timeout(grace.max(STOP_GRACE), self.notify_end()).await;
        self.stop();
        // The upper bound avoids an overflow, which tokio's `timeout` handles itself.
        let deadline = Instant::now() + grace.clamp(STOP_GRACE, MAX_TIMEOUT);
        let stuck = self.ended_by(deadline).await;
        Shutdown { cut_off, stuck }
    }

    /// Waits until its store is gone, or returns the components that are stuck.
    async fn ended_by(&self, deadline: Instant) -> Vec<String> {
        let stuck = match self.ending() {
            None => return Vec::new(),
            Some(EndOfPart::Store(task)) => match timeout_at(deadline, task).await {
                Ok(()) => Vec::new(),
                Err(_) => vec![self.name().to_owned()],
            },
            Some(EndOfPart::Nested(inner)) => {
                let stuck = Box::pin(inner.ended_by(deadline)).await.into_iter();
                stuck
                    .map(|name| format!("{}/{name}", self.name()))
                    .collect()
            }
        };
        // A second end need not wait for what is stuck.
        self.forget_runner();
        stuck
    }
}

/// How long a store may take to be dropped, however short the grace for calls.
const STOP_GRACE: Duration = Duration::from_secs(1);
