//! Prepared compositions: planned and linked, to be started any number of times.

use std::fmt;
use std::sync::Arc;

use composer_plan::Plan;
use futures::FutureExt;
use futures::future::BoxFuture;

use crate::assembly::{PartRunner, StartPart};
use crate::boundary::binding::{
    ExportOffers, ImportBinding, ImportSource, OpenImportCell, PlannedSource,
};
use crate::boundary::isolated::address::ExportRefs;
use crate::composition::restart::Restart;
use crate::composition::{Composition, CompositionLayout, PendingRun, RunningPart, StartSpec};
use crate::error::{CompositionError, StartError};

/// A composition for which everything that does not depend on a run is done: it is
/// planned, and the imports of each component are linked. What is left is to make the
/// stores and to instantiate the components.
///
/// Made by [`Composer::prepare`](crate::Composer::prepare). It is a handle that
/// is cheap to clone, can be used from any task or thread, and keeps nothing
/// running.
///
/// The compositions that it starts share nothing but the linkers of their components:
/// each has its own stores, state and resources, and fails and ends alone. Host functions
/// in a linker serve all of them, so state of one composition belongs in the data of its
/// stores.
///
/// It is [`Composable`](crate::Composable) itself, as a nested composition that
/// each outer one starts for itself.
#[derive(Clone)]
pub struct PreparedComposition {
    inner: Arc<PreparedInner>,
}

struct PreparedInner {
    layout: Arc<CompositionLayout>,
    /// In start order.
    parts: Vec<PreparedPart>,
}

/// A part with its imports linked.
pub(crate) struct PreparedPart {
    pub(crate) name: String,
    pub(crate) imports: Vec<PlannedSource>,
    pub(crate) start: Arc<dyn StartPart>,
    pub(crate) offers: Arc<ExportOffers>,
    pub(crate) restart: Restart,
}

impl PreparedComposition {
    pub(crate) fn new(layout: CompositionLayout, parts: Vec<PreparedPart>) -> Self {
        let layout = Arc::new(layout);
        PreparedComposition {
            inner: Arc::new(PreparedInner { layout, parts }),
        }
    }

    /// The plan that every composition of it carries out.
    pub fn plan(&self) -> &Plan {
        &self.inner.layout.plan
    }

    /// Starts a composition: providers before their users, each component in a
    /// store of its own with its own task on the current tokio runtime.
    ///
    /// It can be called again at any time, and many of its futures can run concurrently.
    ///
    /// # Errors
    ///
    /// [`CompositionError::Start`], which names the component: it
    /// [fails](StartError::Instantiate) while it is instantiated, there is [no
    /// room](StartError::PoolExhausted) for it in its engine's pool, or it is a part that
    /// can be started [only once](StartError::Once). Components that had been started by
    /// then are stopped. Other compositions keep running.
    ///
    /// # Cancellation
    ///
    /// Dropping the future stops the components that it had started.
    pub async fn compose(&self) -> Result<Composition, CompositionError> {
        Ok(self.run(self.open_import_cells()).await?)
    }

    /// How many instances a run makes, those of nested compositions included.
    #[cfg(feature = "runtime")]
    pub(crate) fn instances(&self) -> usize {
        let parts = self.inner.parts.iter();
        parts.map(|part| part.start.instances()).sum()
    }

    /// Cells for the imports that a run leaves open.
    pub(crate) fn open_import_cells(&self) -> Vec<Arc<OpenImportCell>> {
        let open = self.plan().open_imports.iter();
        open.map(|open| OpenImportCell::new(open.name.to_string()))
            .collect()
    }

    /// Whether this running composition is inside.
    pub(crate) fn contains(&self, composition: &Composition) -> bool {
        let mut parts = self.inner.parts.iter();
        parts.any(|part| part.start.contains(composition))
    }

    pub(crate) fn layout(&self) -> &CompositionLayout {
        &self.inner.layout
    }

    /// The future is boxed, so that it is compiled with this crate, and not with every
    /// program that composes.
    pub(crate) fn run(
        &self,
        open_import_cells: Vec<Arc<OpenImportCell>>,
    ) -> BoxFuture<'_, Result<Composition, StartError>> {
        self.start(open_import_cells).boxed()
    }

    async fn start(
        &self,
        open_import_cells: Vec<Arc<OpenImportCell>>,
    ) -> Result<Composition, StartError> {
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(StartError::NoRuntime);
        }
        let PreparedInner { layout, parts } = &*self.inner;
        // Stops what runs if a later part fails or the future is dropped.
        let mut running = StartedParts(Vec::with_capacity(parts.len()));
        for part in parts {
            match part.run(&running.0, &open_import_cells).await {
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
        Ok(Composition::new(layout.clone(), open_import_cells, parts))
    }
}

impl PreparedPart {
    /// What a run of the part begins with, its imports bound to the parts before it.
    pub(crate) fn spec(
        &self,
        before: &[Arc<RunningPart>],
        open_import_cells: &[Arc<OpenImportCell>],
    ) -> StartSpec {
        StartSpec {
            start: self.start.clone(),
            imports: bind(&self.imports, open_import_cells, |part| {
                before[part].export_refs()
            }),
            restart: self.restart.clone(),
        }
    }

    /// Starts the part.
    pub(crate) async fn run(
        &self,
        before: &[Arc<RunningPart>],
        open_import_cells: &[Arc<OpenImportCell>],
    ) -> Result<Arc<RunningPart>, StartError> {
        let spec = self.spec(before, open_import_cells);
        let first = PendingRun::start(&spec).await?;
        Ok(RunningPart::new(self, spec, first))
    }
}

/// The sources of a part's imports in one run.
fn bind<'p>(
    planned: &[PlannedSource],
    open_import_cells: &[Arc<OpenImportCell>],
    export_refs: impl Fn(usize) -> &'p ExportRefs,
) -> Vec<ImportSource> {
    let bind = |source: &PlannedSource| match source {
        PlannedSource::Part {
            part,
            export,
            offer,
        } => ImportSource::Bound(ImportBinding {
            offer: offer.clone(),
            export_ref: export_refs(*part).of(*export),
        }),
        PlannedSource::Open(index) => ImportSource::Open(open_import_cells[*index].clone()),
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

struct StartedParts(Vec<Arc<RunningPart>>);

impl Drop for StartedParts {
    fn drop(&mut self) {
        self.0.iter().for_each(|part| part.stop());
    }
}

impl PartRunner {
    /// Asks for the end, without waiting for it.
    pub(crate) fn stop(&self) {
        match self {
            PartRunner::Driver { incarnation, .. } => incarnation.stop(),
            PartRunner::Nested(composition) => composition.stop(),
        }
    }

    /// Ends and waits until the store is gone.
    pub(crate) async fn end(self) {
        self.stop();
        match self {
            // If its runtime has ended, the driver has ended too, and has answered all
            // callers.
            PartRunner::Driver { task, .. } => task.await,
            PartRunner::Nested(composition) => Box::pin(composition.ended()).await,
        }
    }
}
