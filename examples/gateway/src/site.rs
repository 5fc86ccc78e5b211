//! A site: the routes and running filters of one version of the file.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use composer::Runtime;
use hyper::http::uri::Authority;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::chain::{Chain, Terms};
use crate::config::{Config, upstream};
use crate::error::{ConfigError, FilterError, GatewayError, Mistake};
use crate::pool::Pool;
use crate::stamps::Stamps;

/// Routes and their filters. A request stays with the site it began with.
pub struct Site {
    /// The configuration that it was made from.
    pub config: Config,
    /// Its number; the first is 1.
    pub generation: u64,
    /// The stamps of its files, taken before they were read.
    pub stamps: Stamps,
    /// Sorted by path, the longest first.
    routes: Vec<Route>,
    pools: BTreeMap<String, Arc<Pool>>,
    /// A permit for each request that may be in flight.
    room: Arc<Semaphore>,
}

/// A route: the upstream and the filters of a path.
pub struct Route {
    /// The path, which covers everything below it.
    pub path: String,
    /// Host and port.
    pub upstream: Authority,
    /// Its filters.
    pub chain: Chain,
    /// The time that the upstream may take.
    pub timeout: Duration,
}

impl Site {
    /// Compiles what has changed, starts an instance of each filter, and checks its
    /// health. `stamps` are those of its files.
    ///
    /// # Errors
    ///
    /// [`GatewayError`], with all filters that cannot be used; then nothing of the site
    /// runs.
    pub async fn build(
        config: Config,
        stamps: Stamps,
        generation: u64,
        runtime: &Runtime,
    ) -> Result<Site, GatewayError> {
        let mut pools = BTreeMap::new();
        let mut errors = Vec::new();
        for (name, filter) in &config.filters {
            let component = runtime.load_file(&filter.component).await;
            let component = component.map_err(|error| FilterError::Load {
                filter: name.clone(),
                error,
            });
            match component.and_then(|it| Pool::new(name, filter, runtime, &it)) {
                Ok(pool) => drop(pools.insert(name.clone(), pool)),
                Err(error) => errors.push(error),
            }
        }
        for pool in pools.values() {
            errors.extend(pool.check().await.err());
        }
        let routes = match errors.is_empty() {
            true => routes(&config, &pools),
            false => Err(GatewayError::Filters(errors)),
        };
        match routes {
            Ok(routes) => Ok(Site {
                room: Arc::new(Semaphore::new(config.limits.max_requests as usize)),
                generation,
                stamps,
                routes,
                pools,
                config,
            }),
            Err(error) => {
                for pool in pools.values() {
                    pool.retire().await;
                }
                Err(error)
            }
        }
    }

    /// The route of a path.
    pub fn route(&self, path: &str) -> Option<&Route> {
        self.routes.iter().find(|route| route.takes(path))
    }

    /// The filter of this name.
    pub fn filter(&self, name: &str) -> Option<&Arc<Pool>> {
        self.pools.get(name)
    }

    /// Admits a request until the ticket is dropped; `None` if there are too many.
    pub fn admit(&self) -> Option<OwnedSemaphorePermit> {
        self.room.clone().try_acquire_owned().ok()
    }

    /// Whether it accepts no more requests.
    pub fn is_retired(&self) -> bool {
        self.room.is_closed()
    }

    /// Waits for its requests, at most as long as the configuration says, and ends its
    /// filters. Instances that still serve a request end after it.
    pub async fn retire(&self) {
        let all = self.room.acquire_many(self.config.limits.max_requests);
        let grace = Duration::from_millis(self.config.limits.drain_ms);
        let drained = tokio::time::timeout(grace, all).await;
        self.room.close();
        if drained.is_err() {
            tracing::warn!(
                generation = self.generation,
                "requests go on after {grace:?}"
            );
        }
        for pool in self.pools.values() {
            pool.retire().await;
        }
    }
}

fn routes(
    config: &Config,
    pools: &BTreeMap<String, Arc<Pool>>,
) -> Result<Vec<Route>, GatewayError> {
    let mut routes = Vec::new();
    for route in &config.routes {
        let upstream = upstream(&route.upstream).map_err(|reason| ConfigError::Mistakes {
            file: PathBuf::new(),
            mistakes: vec![Mistake::Upstream {
                path: route.path.clone(),
                upstream: route.upstream.clone(),
                reason,
            }],
        })?;
        let filters = route.filters.iter();
        routes.push(Route {
            path: route.path.clone(),
            upstream,
            timeout: route.timeout(),
            chain: Chain {
                filters: filters
                    .filter_map(|name| pools.get(name).cloned())
                    .collect(),
                terms: Terms {
                    on_failure: route.on_failure,
                    buffer_bytes: config.limits.buffer_bytes,
                    reply_bytes: config.limits.reply_bytes,
                },
            },
        });
    }
    routes.sort_by_key(|route| std::cmp::Reverse(route.path.len()));
    Ok(routes)
}

impl Route {
    fn takes(&self, path: &str) -> bool {
        match path.strip_prefix(&*self.path) {
            Some(rest) => rest.is_empty() || rest.starts_with('/') || self.path.ends_with('/'),
            None => false,
        }
    }
}
