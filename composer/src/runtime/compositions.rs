//! The compositions that a runtime owns and shuts down when it ends.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::{join, join_all};

use crate::composition::{Composition, Shutdown, WeakComposition};
use crate::error::{CompositionError, StartError};
use crate::runtime::pool::{ClosingPools, PoolClosed, PoolScheduler};
use crate::sync::lock;
use crate::{Composer, PreparedComposition, Runtime};

pub(super) struct OwnedCompositions {
    /// `None` once the runtime has been shut down.
    all: Mutex<Option<Vec<WeakComposition>>>,
    /// The pools, which own their compositions themselves.
    pools: Arc<PoolScheduler>,
}

/// How a [`Runtime`] was shut down.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RuntimeShutdown {
    /// How each composition of the runtime ended, if a handle to it still existed.
    pub compositions: Vec<Shutdown>,
    /// How each pool of the runtime was closed.
    pub pools: Vec<PoolClosed>,
}

impl OwnedCompositions {
    pub(super) fn new(pools: Arc<PoolScheduler>) -> Self {
        OwnedCompositions {
            all: Mutex::new(Some(Vec::new())),
            pools,
        }
    }

    fn add(&self, composition: &Composition) -> bool {
        let mut all = lock(&self.all);
        let Some(all) = &mut *all else {
            return false;
        };
        // Before the list grows, those that are gone are removed.
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
        let all = lock(&self.all);
        let all = all.iter().flatten();
        all.filter_map(WeakComposition::upgrade).collect()
    }

    fn close(&self) -> Vec<Composition> {
        let all = lock(&self.all).take();
        let all = all.into_iter().flatten();
        all.filter_map(|known| known.upgrade()).collect()
    }

    fn is_closed(&self) -> bool {
        lock(&self.all).is_none()
    }
}

impl Drop for OwnedCompositions {
    fn drop(&mut self) {
        for composition in self.close() {
            composition.stop();
        }
        ClosingPools::new(&self.pools).stop();
    }
}

impl Runtime {
    /// Composes, and makes this runtime responsible for the composition's end:
    /// [`Runtime::shutdown`] shuts the composition down, and it is stopped when the last
    /// handle of the runtime is dropped.
    ///
    /// The parts may belong to this runtime or not.
    ///
    /// # Errors
    ///
    /// The same as [`Composer::compose`], and [`StartError::RuntimeClosed`] after a
    /// shutdown.
    ///
    /// # Cancellation
    ///
    /// The same as [`Composer::compose`].
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
    /// assert_eq!(ends.compositions[0].cut_off, 0);
    /// # drop(composition);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn compose(&self, composer: Composer) -> Result<Composition, CompositionError> {
        self.compose_prepared(&composer.prepare()?).await
    }

    /// Like [`Runtime::compose`], for a prepared composition.
    ///
    /// # Errors
    ///
    /// The same as [`PreparedComposition::compose`], and [`StartError::RuntimeClosed`]
    /// after a shutdown.
    ///
    /// # Cancellation
    ///
    /// The same as [`PreparedComposition::compose`].
    pub async fn compose_prepared(
        &self,
        prepared: &PreparedComposition,
    ) -> Result<Composition, CompositionError> {
        if self.compositions.is_closed() {
            return Err(StartError::RuntimeClosed.into());
        }
        let composition = prepared.compose().await?;
        // The runtime may have been shut down meanwhile.
        self.adopt(&composition)?;
        Ok(composition)
    }

    /// Makes this runtime responsible for the end of a composition that was made by
    /// [`compose!`](crate::compose!) or a [`Composer`], as it is for those that it
    /// composes itself.
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
    /// let ends = runtime.shutdown(Duration::from_secs(5)).await;
    /// assert_eq!(ends.compositions.len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn adopt(&self, composition: &Composition) -> Result<(), StartError> {
        match self.compositions.add(composition) {
            true => Ok(()),
            false => Err(StartError::RuntimeClosed),
        }
    }

    /// The compositions of this runtime to which a handle still exists.
    pub fn compositions(&self) -> Vec<Composition> {
        self.compositions.present()
    }

    /// Shuts the runtime down: it composes nothing more,
    /// [shuts down](Composition::shutdown) all compositions and
    /// [closes](crate::runtime::Pool::close) all pools at once, each with this grace
    /// period. Returns how each of them ended.
    ///
    /// Dropping the last handle of the runtime stops all of them too, without waiting.
    ///
    /// # Panics
    ///
    /// The same as [`Composition::shutdown`].
    ///
    /// # Cancellation
    ///
    /// The same as [`Composition::shutdown`]. Nothing is composed afterwards.
    pub async fn shutdown(&self, grace: Duration) -> RuntimeShutdown {
        let all = self.compositions.close();
        let pools = ClosingPools::new(&self.compositions.pools);
        let compositions = join_all(all.iter().map(|composition| composition.shutdown(grace)));
        let (compositions, pools) = join(compositions, pools.end(grace)).await;
        RuntimeShutdown {
            compositions,
            pools,
        }
    }
}
