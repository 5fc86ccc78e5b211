//! The instances of one filter.
//!
//! An instance serves one exchange at a time, so a failure in one affects no other
//! exchange. A [`Lease`] holds it for as long as the filter wants to see more of the
//! exchange: mostly for one call. A [`composer::runtime::Pool`] leases the instances,
//! starts them and replaces those that fail; this module defines what an instance of a
//! filter is.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use composer::runtime::{
    Limits, LoadedComponent, PoolStatus, Reset, Runtime, SandboxedComponent, TypedLease, TypedPool,
};
use composer::{CallError, Composition, LeaseError};
use tokio::time::timeout;

use crate::body::BodyError;
use crate::config::FilterConfig;
use crate::error::FilterError;
use crate::fault::{Fault, Nonsense};
use crate::wit::{Exports, Filter, FilterParts};

/// A filter: its component, linked, and its instances.
pub struct Pool {
    name: Arc<str>,
    file: PathBuf,
    config: FilterConfig,
    instances: TypedPool<Instance>,
}

/// A configured instance.
struct Instance {
    filter: Filter,
    exports: Exports,
}

/// The time that instances may need to end, beyond their deadline.
const LET_GO: Duration = Duration::from_secs(30);

/// The limits of an instance of a filter and of each call. It has no grants, so it can
/// only compute.
///
/// A body may take as long as its client needs: [`crate::filtered`] finds out which
/// filter does not go on.
fn limits(config: &FilterConfig) -> Limits {
    Limits::default()
        .with_memory((config.memory_mib as usize) << 20)
        .with_time(Some(config.time()))
        .with_background_time(Some(config.time()))
        .with_deadline(Some(config.deadline()))
        .with_stream_idle(None)
}

impl Pool {
    /// Checks a component against the world of filters and links it. Nothing runs yet.
    ///
    /// # Errors
    ///
    /// [`FilterError::Misfit`], or [`FilterError::Pool`] outside of a tokio runtime.
    pub fn new(
        name: &str,
        config: &FilterConfig,
        runtime: &Runtime,
        component: &LoadedComponent,
    ) -> Result<Arc<Pool>, FilterError> {
        let parts: FilterParts<SandboxedComponent> = FilterParts {
            filter: component.part().with_limits(limits(config)),
        };
        let prepared = Filter::prepare(parts).map_err(|error| FilterError::Misfit {
            filter: name.to_owned(),
            file: config.component.clone(),
            error: Box::new(error),
        })?;
        let name: Arc<str> = name.into();
        let (started, ended) = (name.clone(), name.clone());
        let text: Arc<str> = config.config.as_str().into();
        let instances = runtime
            .pool(prepared.prepared())
            .name(&*name)
            .max(config.instances as usize)
            .reset(Reset::Keep)
            // A call that a client has abandoned ends by then, unless the machine is too
            // busy for it.
            .drain(config.deadline() + LET_GO)
            .max_failures(config.restarts_per_second, Duration::from_secs(1))
            .on_start(move |instance| Instance::begin(instance, started.clone(), text.clone()))
            .on_end(move |instance| Instance::end(instance, ended.clone()))
            .build();
        let instances = instances.map_err(|error| FilterError::Pool {
            filter: name.to_string(),
            error,
        })?;
        Ok(Arc::new(Pool {
            name,
            file: config.component.clone(),
            config: config.clone(),
            instances,
        }))
    }

    /// The filter's name in the configuration.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The state of its instances.
    pub fn status(&self) -> PoolStatus {
        self.instances.status()
    }

    /// Starts an instance as a check.
    ///
    /// # Errors
    ///
    /// [`FilterError::Start`].
    pub async fn check(self: &Arc<Self>) -> Result<(), FilterError> {
        let lease = self.lease().await;
        lease.map(drop).map_err(|fault| FilterError::Start {
            filter: self.name.to_string(),
            file: self.file.clone(),
            fault: Box::new(fault),
        })
    }

    /// Leases an instance for one exchange.
    ///
    /// # Errors
    ///
    /// [`Fault::Busy`], [`Fault::Resting`], or the fault that keeps a new instance from
    /// starting.
    pub async fn lease(self: &Arc<Self>) -> Result<Lease, Fault> {
        // Usually an instance is free, and no timer is needed.
        let lease = match self.instances.try_lease().await {
            Err(LeaseError::Exhausted { .. }) => {
                self.instances.lease_within(self.config.wait()).await
            }
            lease => lease,
        };
        Ok(Lease {
            pool: self.clone(),
            instance: Some(lease.map_err(|error| self.fault(error))?),
            broken: AtomicBool::new(false),
        })
    }

    fn fault(&self, error: LeaseError) -> Fault {
        let filter = self.name.to_string();
        match error {
            LeaseError::Timeout { waited, max, .. } => Fault::Busy {
                filter,
                instances: max,
                wait: waited,
            },
            LeaseError::Resting { failures, .. } => Fault::Resting {
                filter,
                limit: failures,
            },
            LeaseError::Start { error, .. } => Fault::Start {
                filter,
                error: error.into(),
            },
            LeaseError::Setup { pool, error } => match error.downcast() {
                Ok(fault) => *fault,
                Err(error) => Fault::Lease {
                    filter,
                    error: LeaseError::Setup { pool, error },
                },
            },
            error => Fault::Lease { filter, error },
        }
    }

    /// Calls `shutdown` on the instances and ends them; those that still serve an
    /// exchange end after it. No instance can be leased any more.
    pub async fn retire(&self) {
        // The timeout drops this future early, which leaves leased instances alone.
        let close = self.instances.close(Duration::from_secs(60 * 60));
        let _ = timeout(self.config.deadline() + LET_GO, close).await;
    }
}

impl Instance {
    /// Configures a new instance and checks its health.
    async fn begin(
        composition: Composition,
        name: Arc<str>,
        config: Arc<str>,
    ) -> Result<Instance, Fault> {
        let filter = Filter::from_composition(composition).map_err(|error| Fault::Start {
            filter: name.to_string(),
            error,
        })?;
        let configured = filter.lifecycle().configure(&*config).await;
        answered(&name, "configure", configured)?;
        let instance = Instance {
            exports: filter.filter(),
            filter,
        };
        instance.health(&name).await?;
        Ok(instance)
    }

    /// Asks an instance for its health.
    async fn health(&self, name: &str) -> Result<(), Fault> {
        answered(name, "health", self.filter.lifecycle().health().await)
    }

    /// Calls `shutdown` on an instance.
    async fn end(instance: Arc<Instance>, name: Arc<str>) {
        let told = instance.filter.lifecycle().shutdown().await;
        if let Err(error) = told {
            tracing::warn!(filter = &*name, %error, "a filter did not shut down");
        }
    }
}

/// The answer of a filter that may refuse.
fn answered(
    filter: &str,
    phase: &'static str,
    answer: Result<Result<(), String>, CallError>,
) -> Result<(), Fault> {
    let filter = || filter.to_owned();
    let answer = answer.map_err(|error| Fault::Call {
        filter: filter(),
        error,
    })?;
    answer.map_err(|reason| Fault::Refused {
        filter: filter(),
        phase,
        reason,
    })
}

/// An instance that serves one exchange. Dropping it gives the instance back.
pub struct Lease {
    pool: Arc<Pool>,
    /// `None` while the instance is being returned.
    instance: Option<TypedLease<Instance>>,
    broken: AtomicBool,
}

impl Lease {
    /// The functions of the instance.
    pub fn exports(&self) -> &Exports {
        &self.instance().exports
    }

    fn instance(&self) -> &Instance {
        // It is `None` only in `drop`.
        self.instance.as_ref().unwrap_or_else(|| unreachable!())
    }

    /// Asks the instance for its health; whatever else it can do is done before it answers.
    ///
    /// # Errors
    ///
    /// [`Fault::Call`], or [`Fault::Refused`]; then the instance is given up.
    pub async fn health(&self) -> Result<(), Fault> {
        let health = self.instance().health(&self.pool.name).await;
        health.inspect_err(|_| self.give_up())
    }

    /// Awaits a call of this instance.
    ///
    /// # Errors
    ///
    /// [`Fault::Call`]; then the instance is given up.
    pub async fn call<T>(
        &self,
        call: impl Future<Output = Result<T, CallError>>,
    ) -> Result<T, Fault> {
        call.await.map_err(|error| {
            self.give_up();
            Fault::Call {
                filter: self.pool.name.to_string(),
                error,
            }
        })
    }

    /// The fault of an instance whose answer is not valid; the instance is given up.
    pub fn nonsense(&self, phase: &'static str, nonsense: Nonsense) -> Fault {
        self.give_up();
        Fault::Nonsense {
            filter: self.pool.name.to_string(),
            phase,
            nonsense,
        }
    }

    /// The fault of an instance that ended in the middle of a body; it is given up.
    pub fn body(&self, error: BodyError) -> Fault {
        self.give_up();
        Fault::Body {
            filter: self.pool.name.to_string(),
            error,
        }
    }

    /// The time for which an instance may do nothing with a body that it has.
    pub fn patience(&self) -> Duration {
        self.pool.config.deadline()
    }

    /// The fault of an instance that has done nothing for so long; it is given up.
    pub fn stuck(&self) -> Fault {
        self.give_up();
        Fault::Stuck {
            filter: self.pool.name.to_string(),
            patience: self.patience(),
        }
    }

    fn give_up(&self) {
        self.broken.store(true, Ordering::Release);
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let broken = *self.broken.get_mut();
        if let Some(instance) = self.instance.take().filter(|_| broken) {
            instance.discard();
        }
    }
}
