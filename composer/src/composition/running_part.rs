//! One part of a running composition, through all its runs.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::{BoxFuture, Shared};
use tokio::runtime::Handle;
use tokio::sync::OnceCell;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::assembly::prepared::PreparedPart;
use crate::assembly::{PartLocation, PartRunner, StartContext, StartPart};
use crate::boundary::binding::{ExportOffers, ImportSource};
use crate::boundary::isolated::address::{Address, DownPolicy, ExportRefs};
use crate::composition::restart::{Restart, RestartAttempts};
use crate::composition::{Composition, lifecycle, supervisor};
use crate::error::StartError;
use crate::sync::lock;

pub(crate) struct RunningPart {
    name: String,
    export_refs: ExportRefs,
    /// What its first run offered.
    offers: Arc<ExportOffers>,
    /// How often it was started again.
    restarts: AtomicU64,
    /// The runtime that its supervisor runs on. A replacement can be abandoned outside of
    /// that runtime.
    runtime: Handle,
    /// Set when it has been notified of its end.
    notified: OnceCell<()>,
    state: Mutex<RunningPartState>,
}

struct RunningPartState {
    /// `None` once the part has ended.
    runner: Option<PartRunner>,
    /// `None` if the part is not to be started again. It holds what the embedder gave to
    /// make the part from, so it is not kept for longer than it is needed.
    again: Option<RestartState>,
    supervisor: Option<JoinHandle<()>>,
}

/// Everything that is needed to run a part once more.
#[derive(Clone)]
pub(crate) struct StartSpec {
    pub(crate) start: Arc<dyn StartPart>,
    pub(crate) imports: Vec<ImportSource>,
    pub(crate) restart: Restart,
}

/// How a part is started again, and how often it still may be. It outlives a
/// supervisor, which ends for each attempt to replace the part.
struct RestartState {
    spec: StartSpec,
    attempts: RestartAttempts,
}

impl RestartState {
    fn if_wanted(spec: StartSpec) -> Option<Self> {
        let attempts = spec.restart.attempts()?;
        Some(RestartState { spec, attempts })
    }
}

/// Why a part was not started again.
pub(crate) enum RestartFailure {
    /// Its composition has ended.
    Ended,
    /// It died too often.
    TooOften,
    Start(StartError),
}

impl From<StartError> for RestartFailure {
    fn from(error: StartError) -> Self {
        RestartFailure::Start(error)
    }
}

impl RunningPart {
    pub(crate) fn new(prepared: &PreparedPart, spec: StartSpec, first: PendingRun) -> Arc<Self> {
        let (at, runner) = first.into_parts();
        let export_refs = match at {
            PartLocation::Incarnation(incarnation) => {
                let down = spec.restart.while_down();
                ExportRefs::One(Address::new(incarnation, prepared.offers.clone(), down))
            }
            PartLocation::ExportRefs(export_refs) => ExportRefs::Each(export_refs),
        };
        let state = RunningPartState {
            runner,
            again: RestartState::if_wanted(spec),
            supervisor: None,
        };
        let part = Arc::new(RunningPart {
            name: prepared.name.clone(),
            export_refs,
            offers: prepared.offers.clone(),
            restarts: AtomicU64::new(0),
            runtime: Handle::current(),
            notified: OnceCell::new(),
            state: Mutex::new(state),
        });
        part.supervise();
        part
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn export_refs(&self) -> &ExportRefs {
        &self.export_refs
    }

    /// What it offers now: a component that replaced another may offer more.
    pub(crate) fn offers(&self) -> Arc<ExportOffers> {
        match &self.export_refs {
            ExportRefs::One(address) => address.offers(),
            ExportRefs::Each(_) => self.offers.clone(),
        }
    }

    pub(crate) fn restarts(&self) -> u64 {
        self.restarts.load(Ordering::Relaxed)
    }

    /// Notifies the part, and what is nested in it, that it is about to end: once, however
    /// many tasks end it.
    pub(crate) async fn notify_end(&self) {
        let notify = || self.notify_end_now();
        self.notified.get_or_init(notify).await;
    }

    async fn notify_end_now(&self) {
        let nested = self.with_runner(|runner| match runner {
            Some(PartRunner::Nested(composition)) => Some(composition.clone()),
            _ => None,
        });
        match (&self.export_refs, nested) {
            (_, Some(composition)) => Box::pin(composition.notify_end()).await,
            (ExportRefs::One(address), None) => lifecycle::stop(&address.incarnation()).await,
            _ => {}
        }
    }

    /// Looks at the runner of the part, if there still is one.
    pub(crate) fn with_runner<R>(&self, look: impl FnOnce(Option<&PartRunner>) -> R) -> R {
        look(lock(&self.state).runner.as_ref())
    }

    /// Starts a supervisor, which starts the part again when a run dies, if the part's
    /// policy asks for that.
    pub(crate) fn supervise(self: &Arc<Self>) {
        let (ExportRefs::One(address), mut state) = (&self.export_refs, lock(&self.state)) else {
            return;
        };
        let Some(again) = &state.again else {
            return;
        };
        address.down_policy(again.spec.restart.while_down());
        let supervisor = supervisor::supervise(self.clone(), address.clone());
        state.supervisor = Some(self.runtime.spawn(supervisor));
    }

    /// Stops the supervisor. Once this returns, the part is not started again when a run
    /// dies.
    pub(crate) async fn stop_supervising(&self) {
        let supervisor = lock(&self.state).supervisor.take();
        if let Some(supervisor) = supervisor {
            supervisor.abort();
            let _ = supervisor.await;
        }
    }

    /// How long to wait before the part is started again.
    pub(crate) fn next_wait(&self) -> Result<Duration, RestartFailure> {
        let mut state = lock(&self.state);
        let again = state.again.as_mut().ok_or(RestartFailure::Ended)?;
        again
            .attempts
            .next(Instant::now())
            .ok_or(RestartFailure::TooOften)
    }

    /// Starts the part once more, in place of a dead run.
    pub(crate) async fn restart(&self) -> Result<(), RestartFailure> {
        let again = |state: &RunningPartState| state.again.as_ref().map(|again| again.spec.clone());
        let spec = again(&lock(&self.state)).ok_or(RestartFailure::Ended)?;
        let next = PendingRun::start(&spec).await;
        if let Some(again) = &mut lock(&self.state).again {
            again.attempts.made();
        }
        let (next, down_policy) = (next?, spec.restart.while_down());
        // A caller that the new run answers must find the restart counted.
        self.restarts.fetch_add(1, Ordering::Relaxed);
        let put = self.put(&mut lock(&self.state), next, down_policy, None);
        let before = put.map_err(|_| {
            self.restarts.fetch_sub(1, Ordering::Relaxed);
            RestartFailure::Ended
        })?;
        before.iter().for_each(PartRunner::stop);
        Ok(())
    }

    /// Installs a run of another part. Returns the runner of the previous run, or the new
    /// run if the composition has ended.
    pub(crate) fn replace(
        &self,
        next: PendingRun,
        spec: StartSpec,
        offers: Arc<ExportOffers>,
    ) -> Result<Option<PartRunner>, PendingRun> {
        let down_policy = spec.restart.while_down();
        let mut again = RestartState::if_wanted(spec);
        let mut state = lock(&self.state);
        let put = self.put(&mut state, next, down_policy, Some(offers));
        if put.is_ok() {
            std::mem::swap(&mut state.again, &mut again);
        }
        // What the embedder gave is dropped when nothing is locked.
        drop(state);
        put
    }

    fn put(
        &self,
        state: &mut RunningPartState,
        mut next: PendingRun,
        down_policy: Option<DownPolicy>,
        offers: Option<Arc<ExportOffers>>,
    ) -> Result<Option<PartRunner>, PendingRun> {
        match (&self.export_refs, &next.at) {
            (ExportRefs::One(address), PartLocation::Incarnation(incarnation))
                if address.install(incarnation.clone(), offers, down_policy) =>
            {
                Ok(std::mem::replace(&mut state.runner, next.runner.take()))
            }
            // The composition has ended, so the run is not needed.
            _ => Err(next),
        }
    }

    /// Leaves the part dead until it is replaced.
    pub(crate) fn give_up(&self) {
        let again = lock(&self.state).again.take();
        if let ExportRefs::One(address) = &self.export_refs {
            address.give_up();
        }
        drop(again);
    }

    /// Asks for the end, without waiting for it.
    pub(crate) fn stop(&self) {
        if let ExportRefs::One(address) = &self.export_refs {
            address.close();
        }
        let mut state = lock(&self.state);
        if let Some(supervisor) = state.supervisor.take() {
            supervisor.abort();
        }
        let again = state.again.take();
        if let Some(runner) = &state.runner {
            runner.stop();
        }
        drop(state);
        drop(again);
    }

    /// Whether nothing of it runs any more.
    pub(crate) fn is_gone(&self) -> bool {
        self.with_runner(|runner| match runner {
            None => true,
            Some(PartRunner::Driver { incarnation, .. }) => !incarnation.is_running(),
            Some(PartRunner::Nested(composition)) => composition.is_gone(),
        })
    }

    /// Ends the part and waits until its store is gone.
    pub(crate) async fn end(&self) {
        self.stop();
        self.ended().await;
    }

    /// Waits until the store of a part that was stopped is gone. Any number of tasks may
    /// wait.
    pub(crate) async fn ended(&self) {
        match self.ending() {
            None => return,
            Some(EndOfPart::Store(task)) => task.await,
            Some(EndOfPart::Nested(composition)) => Box::pin(composition.ended()).await,
        }
        self.forget_runner();
    }

    /// What there is to wait for.
    pub(crate) fn ending(&self) -> Option<EndOfPart> {
        self.with_runner(|runner| {
            Some(match runner? {
                PartRunner::Driver { task, .. } => EndOfPart::Store(task.clone()),
                PartRunner::Nested(composition) => EndOfPart::Nested(composition.clone()),
            })
        })
    }

    /// Drops the runner of a part that has ended, or is stuck.
    pub(crate) fn forget_runner(&self) {
        let runner = lock(&self.state).runner.take();
        drop(runner);
    }
}

/// The end of a part that was stopped.
pub(crate) enum EndOfPart {
    Store(Shared<BoxFuture<'static, ()>>),
    Nested(Composition),
}

/// A run that has begun and is not installed yet. Dropping this ends the run.
pub(crate) struct PendingRun {
    at: PartLocation,
    runner: Option<PartRunner>,
}

impl PendingRun {
    pub(crate) async fn start(spec: &StartSpec) -> Result<PendingRun, StartError> {
        let env = StartContext {
            imports: spec.imports.clone(),
        };
        let started = spec.start.start(env).await?;
        let next = PendingRun {
            at: started.at,
            runner: Some(started.runner),
        };
        if let PartLocation::Incarnation(incarnation) = &next.at {
            lifecycle::start(incarnation).await?;
        }
        Ok(next)
    }

    /// Takes the run apart, without ending it.
    fn into_parts(mut self) -> (PartLocation, Option<PartRunner>) {
        let none = PartLocation::ExportRefs(Vec::new());
        (std::mem::replace(&mut self.at, none), self.runner.take())
    }
}

impl Drop for PendingRun {
    fn drop(&mut self) {
        if let Some(runner) = &self.runner {
            runner.stop();
        }
    }
}
