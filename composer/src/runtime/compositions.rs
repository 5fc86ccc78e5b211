//! The compositions that a runtime ends with itself.

use std::sync::Mutex;
use std::time::Duration;

use futures::future::join_all;

use crate::composition::{Composition, Shutdown, WeakComposition};
use crate::error::{CompositionError, StartError};
use crate::instance::lock;
use crate::{Composer, PreparedComposition, Runtime};

/// `None` once there are to be no more of them.
pub(super) struct Compositions(Mutex<Option<Vec<WeakComposition>>>);

impl Compositions {
    pub(super) fn new() -> Self {
        Compositions(Mutex::new(Some(Vec::new())))
    }

    fn add(&self, composition: &Composition) -> bool {
        let mut all = lock(&self.0);
        let Some(all) = &mut *all else {
            return false;
        };
        // Those that are gone take up room until there are more of them than of
        // others.
        if all.len() == all.capacity() {
            all.retain(|known| known.upgrade().is_some());
        }
        let added = composition.downgrade();
        if !all.iter().any(|known| known.is(&added)) {
            all.push(added);
        }
        true
    }

    fn present(&self) -> Vec<Composition> {
        let all = lock(&self.0);
        let all = all.iter().flatten();
        all.filter_map(WeakComposition::upgrade).collect()
    }

    fn close(&self) -> Vec<Composition> {
        let all = lock(&self.0).take();
        let all = all.into_iter().flatten();
        all.filter_map(|known| known.upgrade()).collect()
    }

    fn is_closed(&self) -> bool {
        lock(&self.0).is_none()
    }
}

impl Drop for Compositions {
    fn drop(&mut self) {
        for composition in self.close() {
            composition.stop();
        }
    }
}

impl Runtime {
    /// Composes, and sees to the end of it: [`Runtime::shutdown`] shuts the
    /// composition down, and when the last handle of the runtime is dropped, it is
    /// stopped.
    ///
    /// The parts may be of this runtime or not.
    ///
    /// # Errors
    ///
    /// As [`Composer::compose`], and [`StartError::RuntimeClosed`] after a
    /// shutdown.
    ///
    /// # Cancellation
    ///
    /// As [`Composer::compose`].
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use composer::{ComposableDescriptor, Composer, Runtime};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), composer::CompositionError> {
    /// let runtime = Runtime::new()?;
    /// # let plugin = br#"(component)"#;
    /// let plugin = runtime.load_bytes("plugin", plugin).await?;
    /// let mut composer = Composer::new();
    /// composer.add(ComposableDescriptor::new("plugin", runtime.part(&plugin)));
    /// let composition = runtime.compose(composer).await?;
    ///
    /// let ends = runtime.shutdown(Duration::from_secs(5)).await;
    /// assert_eq!((ends.len(), ends[0].cut_off), (1, 0));
    /// # drop(composition);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn compose(&self, composer: Composer) -> Result<Composition, CompositionError> {
        self.compose_prepared(&composer.prepare()?).await
    }

    /// As [`Runtime::compose`], of a composition that is prepared.
    ///
    /// # Errors
    ///
    /// As [`PreparedComposition::compose`], and [`StartError::RuntimeClosed`]
    /// after a shutdown.
    ///
    /// # Cancellation
    ///
    /// As [`PreparedComposition::compose`].
    pub async fn compose_prepared(
        &self,
        prepared: &PreparedComposition,
    ) -> Result<Composition, CompositionError> {
        if self.compositions.is_closed() {
            return Err(StartError::RuntimeClosed.into());
        }
        let composition = prepared.compose().await?;
        // It may have been closed meanwhile.
        self.adopt(&composition)?;
        Ok(composition)
    }

    /// Sees to the end of a composition, as of those that it composes itself: for
    /// what [`compose!`](crate::compose!) has composed, or a [`Composer`].
    ///
    /// # Errors
    ///
    /// [`StartError::RuntimeClosed`] after a shutdown. The composition is left as it
    /// was.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use composer::{ComposableDescriptor, Composer, Runtime};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), composer::CompositionError> {
    /// let runtime = Runtime::new()?;
    /// # let plugin = br#"(component)"#;
    /// let plugin = runtime.load_bytes("plugin", plugin).await?;
    /// let mut composer = Composer::new();
    /// composer.add(ComposableDescriptor::new("plugin", plugin.part()));
    /// let composition = composer.compose().await?;
    /// runtime.adopt(&composition)?;
    ///
    /// assert_eq!(runtime.shutdown(Duration::from_secs(5)).await.len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn adopt(&self, composition: &Composition) -> Result<(), StartError> {
        match self.compositions.add(composition) {
            true => Ok(()),
            false => Err(StartError::RuntimeClosed),
        }
    }

    /// The compositions that it sees to and that somebody still holds.
    pub fn compositions(&self) -> Vec<Composition> {
        self.compositions.present()
    }

    /// Composes nothing more, and [shuts down](Composition::shutdown) all
    /// compositions at once, each with this time of grace. Says how each of them
    /// ended.
    ///
    /// # Panics
    ///
    /// As [`Composition::shutdown`].
    ///
    /// # Cancellation
    ///
    /// As [`Composition::shutdown`]. Nothing is composed afterwards.
    pub async fn shutdown(&self, grace: Duration) -> Vec<Shutdown> {
        let all = self.compositions.close();
        join_all(all.iter().map(|composition| composition.shutdown(grace))).await
    }
}
