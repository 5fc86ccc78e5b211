//! The instances of one filter.
//!
//! An instance serves one exchange at a time, so what goes wrong in one is
//! nobody else's trouble. It is lent by a [`Lease`] for as long as the filter
//! wants to see more of the exchange: mostly for one call. Who lends them, starts
//! them and replaces those that fail is a [`composer::runtime::Pool`]; what is here
//! is what a filter is to it.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use composer::runtime::{
    Limits, LoadedComponent, PoolStatus, Reset, Runtime, SandboxedComponent, TypedLease, TypedPool,
};
use composer::{CallError, Composition, LeaseError};
use tokio::time::timeout;

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

/// An instance that has its configuration.
struct Instance {
    filter: Filter,
    exports: Exports,
}

/// What instances may need beyond their waiting to come to an end.
const LET_GO: Duration = Duration::from_secs(30);

/// What an instance of a filter, and each call of it, may take. Nothing is granted
/// to it but to compute.
fn limits(config: &FilterConfig) -> Limits {
    Limits::default()
        .with_memory((config.memory_mib as usize) << 20)
        .with_time(Some(config.time()))
        .with_deadline(Some(config.deadline()))
}

impl Pool {
    /// Holds a component against the world of filters and links it. Nothing
    /// runs yet.
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
            // A call that a client has left behind comes to its end by then, unless the
            // machine is too busy for it.
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

    /// The name that the configuration gives it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How its instances fare.
    pub fn status(&self) -> PoolStatus {
        self.instances.status()
    }

    /// Starts an instance to see that it does.
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

    /// An instance for one exchange.
    ///
    /// # Errors
    ///
    /// [`Fault::Busy`], [`Fault::Resting`], or whatever keeps a new instance
    /// from starting.
    pub async fn lease(self: &Arc<Self>) -> Result<Lease, Fault> {
        // Mostly there is one, and no need for a timer.
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

    /// Tells the instances that it is over, and ends them; those that still serve
    /// an exchange, when that has ended. Nobody may ask for one any more.
    pub async fn retire(&self) {
        // Dropped before its time, which leaves alone what is still lent.
        let close = self.instances.close(Duration::from_secs(60 * 60));
        let _ = timeout(self.config.deadline() + LET_GO, close).await;
    }
}

impl Instance {
    /// Configures a new instance and asks whether it is well.
    async fn begin(
        composition: Composition,
        name: Arc<str>,
        config: Arc<str>,
    ) -> Result<Instance, Fault> {
        let filter = Filter::from_composition(composition).map_err(|error| Fault::Start {
            filter: name.to_string(),
            error,
        })?;
        let failed = |error| Fault::Call {
            filter: name.to_string(),
            error,
        };
        let refused = |phase| {
            let filter = name.to_string();
            move |reason| Fault::Refused {
                filter,
                phase,
                reason,
            }
        };
        let lifecycle = filter.lifecycle();
        let configured = lifecycle.configure(&*config).await.map_err(failed)?;
        configured.map_err(refused("configure"))?;
        let health = lifecycle.health().await.map_err(failed)?;
        health.map_err(refused("health"))?;
        Ok(Instance {
            exports: filter.filter(),
            filter,
        })
    }

    /// Tells an instance that it is over.
    async fn end(instance: Arc<Instance>, name: Arc<str>) {
        let told = instance.filter.lifecycle().shutdown().await;
        if let Err(error) = told {
            tracing::warn!(filter = &*name, %error, "a filter did not shut down");
        }
    }
}

/// An instance that serves one exchange. Dropping it gives the instance back.
pub struct Lease {
    pool: Arc<Pool>,
    /// `None` when it is on its way back.
    instance: Option<TypedLease<Instance>>,
    broken: AtomicBool,
}

impl Lease {
    /// The functions of the instance.
    pub fn exports(&self) -> &Exports {
        // It is gone only in `drop`.
        let instance = self.instance.as_ref();
        &instance.unwrap_or_else(|| unreachable!()).exports
    }

    /// Waits for a call of this instance.
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

    /// What to say of an instance that answered nonsense, which is given up.
    pub fn nonsense(&self, phase: &'static str, nonsense: Nonsense) -> Fault {
        self.give_up();
        Fault::Nonsense {
            filter: self.pool.name.to_string(),
            phase,
            nonsense,
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
