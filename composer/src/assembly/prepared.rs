//! A composition that is decided and linked, to be started any number of times.

use std::fmt;
use std::sync::Arc;

use composer_plan::Plan;

use crate::assembly::{Life, Start};
use crate::boundary::binding::{Binding, ImportSource, Offers, PlannedSource, Socket};
use crate::boundary::isolated::address::Spots;
use crate::composition::restart::Restart;
use crate::composition::{Composition, Layout, Next, Part, Way};
use crate::error::{CompositionError, StartError};

/// A composition of which everything is done that does not depend on a run: it
/// is planned, and the imports of each component are linked. What is left is
/// to make the stores and instantiate.
///
/// Made by [`Composer::prepare`](crate::Composer::prepare). It is a handle that
/// is cheap to clone, can be used from any task or thread, and keeps nothing
/// running.
///
/// Compositions of it have nothing in common but the linkers of their
/// components: each has its own stores, state and resources, and fails and ends
/// alone. Host functions in a linker serve all of them, so what belongs to one
/// composition belongs into the data of its stores.
///
/// It is [`Composable`](crate::Composable) itself, as a nested composition that
/// each outer one starts for itself.
#[derive(Clone)]
pub struct PreparedComposition {
    inner: Arc<Inner>,
}

struct Inner {
    layout: Arc<Layout>,
    /// In start order.
    parts: Vec<PreparedPart>,
}

/// A part with its imports linked.
pub(crate) struct PreparedPart {
    pub(crate) name: String,
    pub(crate) imports: Vec<PlannedSource>,
    pub(crate) start: Arc<dyn Start>,
    pub(crate) offers: Arc<Offers>,
    pub(crate) restart: Restart,
}

impl PreparedComposition {
    pub(crate) fn new(layout: Layout, parts: Vec<PreparedPart>) -> Self {
        let layout = Arc::new(layout);
        PreparedComposition {
            inner: Arc::new(Inner { layout, parts }),
        }
    }

    /// The plan that every composition of it carries out.
    pub fn plan(&self) -> &Plan {
        &self.inner.layout.plan
    }

    /// Starts a composition: providers before their users, each component in a
    /// store of its own with its own task on the current tokio runtime.
    ///
    /// It can be called again at any time, and many of its futures can run
    /// beside each other.
    ///
    /// # Errors
    ///
    /// [`CompositionError::Start`], which names the component: it
    /// [fails](StartError::Instantiate) while it is instantiated, there is
    /// [no room](StartError::PoolExhausted) for it in its engine's pool, or it
    /// is a part that can be started [only once](StartError::Once). What had
    /// been started by then is stopped. Other compositions go on.
    ///
    /// # Cancellation
    ///
    /// Dropping the future stops what it had started.
    pub async fn compose(&self) -> Result<Composition, CompositionError> {
        Ok(self.run(self.sockets()).await?)
    }

    /// How many instances a run makes, those of nested compositions included.
    #[cfg(feature = "runtime")]
    pub(crate) fn instances(&self) -> usize {
        let parts = self.inner.parts.iter();
        parts.map(|part| part.start.instances()).sum()
    }

    /// What a run leaves open.
    pub(crate) fn sockets(&self) -> Vec<Arc<Socket>> {
        let open = self.plan().open_imports.iter();
        open.map(|open| Socket::new(open.name.to_string()))
            .collect()
    }

    pub(crate) fn layout(&self) -> &Layout {
        &self.inner.layout
    }

    pub(crate) async fn run(&self, sockets: Vec<Arc<Socket>>) -> Result<Composition, StartError> {
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(StartError::NoRuntime);
        }
        let Inner { layout, parts } = &*self.inner;
        // Stops what runs if a later part fails or the future is dropped.
        let mut running = Running(Vec::with_capacity(parts.len()));
        for part in parts {
            match part.run(&running.0, &sockets).await {
                Ok(part) => running.0.push(part),
                Err(error) => {
                    for part in running.0.drain(..).rev() {
                        part.end().await;
                    }
                    return Err(error);
                }
            }
        }
        let parts = std::mem::take(&mut running.0);
        Ok(Composition::new(layout.clone(), sockets, parts))
    }
}

impl PreparedPart {
    /// Starts it beside the parts before it.
    async fn run(
        &self,
        before: &[Arc<Part>],
        sockets: &[Arc<Socket>],
    ) -> Result<Arc<Part>, StartError> {
        let way = Way {
            start: self.start.clone(),
            imports: bind(&self.imports, sockets, |part| before[part].spots()),
            restart: self.restart.clone(),
        };
        let first = Next::start(&way).await?;
        Ok(Part::new(self, way, first))
    }
}

/// What the imports of a part are bound to in one run.
pub(crate) fn bind<'p>(
    planned: &[PlannedSource],
    sockets: &[Arc<Socket>],
    spots: impl Fn(usize) -> &'p Spots,
) -> Vec<ImportSource> {
    let bind = |source: &PlannedSource| match source {
        PlannedSource::Part {
            part,
            export,
            offer,
        } => ImportSource::Bound(Binding {
            offer: offer.clone(),
            spot: spots(*part).of(*export),
        }),
        PlannedSource::Open(index) => ImportSource::Open(sockets[*index].clone()),
        PlannedSource::Elsewhere => ImportSource::Elsewhere,
    };
    planned.iter().map(bind).collect()
}

impl fmt::Debug for PreparedComposition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let components = self.plan().components.iter();
        let names: Vec<_> = components.map(|component| &component.name).collect();
        write!(f, "PreparedComposition({names:?})")
    }
}

struct Running(Vec<Arc<Part>>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.iter().for_each(|part| part.stop());
    }
}

impl Life {
    /// Asks for the end, without waiting for it.
    pub(crate) fn stop(&self) {
        match self {
            Life::Driver { slot, .. } => slot.stop(),
            Life::Nested(composition) => composition.stop(),
        }
    }

    /// Ends and waits until the store is gone.
    pub(crate) async fn end(self) {
        self.stop();
        match self {
            // If its runtime has ended, so has the driver, and told everybody.
            Life::Driver { task, .. } => drop(task.await),
            Life::Nested(composition) => Box::pin(composition.ended()).await,
        }
    }
}
