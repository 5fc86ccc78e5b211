//! The instances of one filter.
//!
//! An instance serves one exchange at a time, so what goes wrong in one is
//! nobody else's trouble. It is lent by a [`Lease`] for as long as the filter
//! wants to see more of the exchange: mostly for one call. There is a bounded
//! number of them, made on demand and kept; one that fails is given up.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use composer::wasi::WasiComponent;
use composer::{CallError, ComponentState};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use wasmtime::component::Component;

use crate::config::FilterConfig;
use crate::error::FilterError;
use crate::fault::{Fault, Nonsense};
use crate::limits::{Clock, Limits, part};
use crate::rest::Failures;
use crate::wit::{Exports, Filter, FilterParts, FilterPrepared};

/// A filter: its component, linked, and its instances.
pub struct Pool {
    name: String,
    file: PathBuf,
    config: FilterConfig,
    prepared: FilterPrepared,
    /// A permit for each instance that there may be.
    room: Arc<Semaphore>,
    idle: Mutex<Vec<Arc<Running>>>,
    failures: Mutex<Failures>,
    started: AtomicU64,
    failed: AtomicU64,
}

/// An instance.
struct Running {
    filter: Filter,
    exports: Exports,
    clock: Clock,
}

/// What has happened in a pool so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolStatus {
    /// Instances that were started.
    pub started: u64,
    /// Instances that failed.
    pub failed: u64,
    /// Instances that wait for an exchange.
    pub idle: usize,
    /// Instances that are lent, or on their way to their end.
    pub busy: usize,
}

impl Pool {
    /// Holds a component against the world of filters and links it. Nothing
    /// runs yet.
    ///
    /// # Errors
    ///
    /// [`FilterError::Misfit`].
    pub fn new(
        name: &str,
        config: &FilterConfig,
        component: Component,
    ) -> Result<Arc<Pool>, FilterError> {
        let limits = Limits {
            deadline: Duration::from_millis(config.deadline_ms),
            memory: (config.memory_mib as usize) << 20,
        };
        let parts: FilterParts<WasiComponent> = FilterParts {
            filter: part(component, limits),
        };
        let prepared = Filter::prepare(parts).map_err(|error| FilterError::Misfit {
            filter: name.to_owned(),
            file: config.component.clone(),
            error: Box::new(error),
        })?;
        Ok(Arc::new(Pool {
            name: name.to_owned(),
            file: config.component.clone(),
            prepared,
            room: Arc::new(Semaphore::new(config.instances as usize)),
            idle: Mutex::default(),
            failures: Mutex::new(Failures::default()),
            started: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            config: config.clone(),
        }))
    }

    /// The name that the configuration gives it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How its instances fare.
    pub fn status(&self) -> PoolStatus {
        let idle = lock(&self.idle).len();
        let taken = (self.config.instances as usize).saturating_sub(self.room.available_permits());
        PoolStatus {
            started: self.started.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
            idle,
            busy: taken,
        }
    }

    /// Starts an instance to see that it does.
    ///
    /// # Errors
    ///
    /// [`FilterError::Start`].
    pub async fn check(self: &Arc<Self>) -> Result<(), FilterError> {
        let lease = self.lease().await;
        lease.map(drop).map_err(|fault| FilterError::Start {
            filter: self.name.clone(),
            file: self.file.clone(),
            fault: Box::new(fault),
        })
    }

    /// An instance for one exchange.
    ///
    /// # Errors
    ///
    /// [`Fault::Busy`], [`Fault::Resting`], or whatever keeps a new instance
    /// from starting.
    pub async fn lease(self: &Arc<Self>) -> Result<Lease, Fault> {
        let permit = self.permit().await?;
        let idle = lock(&self.idle).pop();
        let running = match idle {
            Some(running) => running,
            None => self.start().await?,
        };
        Ok(Lease {
            pool: self.clone(),
            running,
            permit: Some(permit),
            broken: AtomicBool::new(false),
            calling: AtomicU64::new(0),
        })
    }

    async fn permit(&self) -> Result<OwnedSemaphorePermit, Fault> {
        // Mostly there is one, and no need for a timer.
        if let Ok(permit) = self.room.clone().try_acquire_owned() {
            return Ok(permit);
        }
        let wait = Duration::from_millis(self.config.wait_ms);
        match timeout(wait, self.room.clone().acquire_owned()).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(Fault::Busy {
                filter: self.name.clone(),
                instances: self.config.instances,
                wait,
            }),
        }
    }

    async fn start(&self) -> Result<Arc<Running>, Fault> {
        let limit = self.config.restarts_per_second;
        if lock(&self.failures).rests(limit) {
            return Err(Fault::Resting {
                filter: self.name.clone(),
                limit,
            });
        }
        self.started.fetch_add(1, Ordering::Relaxed);
        let clock = Clock::default();
        let deadline = self.deadline();
        // A component may wait while it is made, which its clock does not see.
        let made = timeout(4 * deadline, clock.make(self.prepared.compose())).await;
        let filter = match made {
            Err(_) => Err(self.late("instantiation", 4 * deadline)),
            Ok(made) => made.map_err(|error| Fault::Start {
                filter: self.name.clone(),
                error,
            }),
        };
        let filter = filter.inspect_err(|_| self.count_failure())?;
        let running = Running {
            exports: filter.filter(),
            filter,
            clock,
        };
        match self.welcome(&running).await {
            Ok(()) => Ok(Arc::new(running)),
            Err(fault) => {
                self.count_failure();
                running.filter.composition().shutdown(Duration::ZERO).await;
                Err(fault)
            }
        }
    }

    /// Configures a new instance and asks whether it is well.
    async fn welcome(&self, running: &Running) -> Result<(), Fault> {
        let lifecycle = running.filter.lifecycle();
        let config = lifecycle.configure(self.config.config.clone());
        let configured = self.time(running, "configure", config).await?;
        configured.map_err(|reason| self.refused("configure", reason))?;
        let health = self.time(running, "health", lifecycle.health()).await?;
        health.map_err(|reason| self.refused("health", reason))
    }

    fn refused(&self, phase: &'static str, reason: String) -> Fault {
        Fault::Refused {
            filter: self.name.clone(),
            phase,
            reason,
        }
    }

    fn late(&self, phase: &'static str, deadline: Duration) -> Fault {
        Fault::Late {
            filter: self.name.clone(),
            phase,
            deadline,
        }
    }

    fn deadline(&self) -> Duration {
        Duration::from_millis(self.config.deadline_ms)
    }

    /// Waits for a call as long as it may take. One that computes ends a bit
    /// earlier, with a trap that says where it was; one that waits ends here.
    async fn time<T>(
        &self,
        running: &Running,
        phase: &'static str,
        call: impl Future<Output = Result<T, CallError>>,
    ) -> Result<T, Fault> {
        let deadline = self.deadline();
        let _call = running.clock.begin();
        match timeout(4 * deadline, call).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(Fault::Call {
                filter: self.name.clone(),
                error,
            }),
            Err(_) => Err(self.late(phase, 4 * deadline)),
        }
    }

    fn count_failure(&self) {
        self.failed.fetch_add(1, Ordering::Relaxed);
        lock(&self.failures).count(self.config.restarts_per_second);
    }

    /// Tells the instances that it is over, and ends them. Nobody may ask for
    /// one any more.
    pub async fn retire(&self) {
        self.room.close();
        let idle = std::mem::take(&mut *lock(&self.idle));
        for running in idle {
            self.part_with(&running).await;
        }
    }

    /// Tells an instance that it is over, and ends it.
    async fn part_with(&self, running: &Running) {
        let lifecycle = running.filter.lifecycle();
        let told = self.time(running, "shutdown", lifecycle.shutdown()).await;
        if let Err(fault) = told {
            tracing::warn!(filter = self.name, %fault, "a filter did not shut down");
        }
        running.end().await;
    }
}

impl Running {
    async fn end(&self) {
        self.filter.composition().shutdown(Duration::ZERO).await;
    }

    fn is_alive(&self) -> bool {
        let component = self.filter.composition().component("filter");
        component.is_ok_and(|component| matches!(component.status().state, ComponentState::Running))
    }
}

/// An instance that serves one exchange. Dropping it gives the instance back.
pub struct Lease {
    pool: Arc<Pool>,
    running: Arc<Running>,
    /// `None` when it is on its way back.
    permit: Option<OwnedSemaphorePermit>,
    broken: AtomicBool,
    /// Calls that nobody has the answer of yet.
    calling: AtomicU64,
}

impl Lease {
    /// The functions of the instance.
    pub fn exports(&self) -> &Exports {
        &self.running.exports
    }

    /// The filter's pool.
    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Waits for a call of this instance as long as it may take.
    ///
    /// # Errors
    ///
    /// [`Fault::Call`] and [`Fault::Late`]; then the instance is given up.
    pub async fn call<T>(
        &self,
        phase: &'static str,
        call: impl Future<Output = Result<T, CallError>>,
    ) -> Result<T, Fault> {
        self.calling.fetch_add(1, Ordering::AcqRel);
        let answer = self.pool.time(&self.running, phase, call).await;
        // Not if this future was dropped: then the call may still go on.
        self.calling.fetch_sub(1, Ordering::AcqRel);
        if answer.is_err() {
            self.give_up();
        }
        answer
    }

    /// What to say of an instance that answered nonsense, which is given up.
    pub fn nonsense(&self, phase: &'static str, nonsense: Nonsense) -> Fault {
        self.give_up();
        Fault::Nonsense {
            filter: self.pool.name.clone(),
            phase,
            nonsense,
        }
    }

    fn give_up(&self) {
        if !self.broken.swap(true, Ordering::AcqRel) {
            self.pool.count_failure();
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let (permit, running, pool) = (self.permit.take(), self.running.clone(), self.pool.clone());
        let broken = *self.broken.get_mut();
        if !broken && *self.calling.get_mut() == 0 && !pool.room.is_closed() {
            return lock(&pool.idle).push(running);
        }
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        // The permit goes when the store is gone, so that there are never more.
        runtime.spawn(async move {
            let _permit = permit;
            if broken || !pool.settles(&running).await {
                return running.end().await;
            }
            if pool.room.is_closed() {
                return pool.part_with(&running).await;
            }
            lock(&pool.idle).push(running);
        });
    }
}

impl Pool {
    /// Whether an instance comes back from a call that nobody waits for any
    /// more, because a client left.
    async fn settles(&self, running: &Running) -> bool {
        let lifecycle = running.filter.lifecycle();
        let well = self.time(running, "health", lifecycle.health()).await;
        let well = matches!(well, Ok(Ok(()))) && running.is_alive();
        if !well {
            self.count_failure();
        }
        well
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
