//! The gateway: one site after the other.
//!
//! A new site is built beside the one that serves: its filters are started and asked for
//! their health. Only then do new requests go to it. Requests in flight finish where they
//! began, and then the filters of the old site are shut down. If anything of the new site
//! fails, it is dropped and nothing else changes.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use composer::Runtime;
use composer::runtime::CacheKey;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::sync::{Semaphore, watch};

use crate::body::Body;
use crate::config::{CacheConfig, Config};
use crate::error::{ConfigError, GatewayError};
use crate::site::Site;
use crate::stamps::Stamps;

/// The time that connecting to an upstream may take.
const CONNECT: Duration = Duration::from_secs(5);

/// A gateway, from its first site to its last.
pub struct Gateway {
    file: PathBuf,
    current: RwLock<Arc<Site>>,
    runtime: Runtime,
    client: Client<HttpConnector, Body>,
    /// Held while a site is built, so that one is built at a time.
    turn: Semaphore,
    generation: watch::Sender<u64>,
    /// The number of sites that have ended.
    retired: watch::Sender<u64>,
}

impl Gateway {
    /// Reads a file and starts the site that it describes.
    ///
    /// # Errors
    ///
    /// [`GatewayError`].
    pub async fn open(file: impl AsRef<Path>) -> Result<Arc<Gateway>, GatewayError> {
        let file = file.as_ref().to_owned();
        let mut stamps = Stamps::default();
        let config = read(&file, &mut stamps).await?;
        let runtime = match config.cache.clone() {
            None => Runtime::new()?,
            Some(CacheConfig { folder, key }) => {
                let key = CacheKey::from_file(key)?;
                Runtime::builder().cache_folder(folder, key).build()?
            }
        };
        let site = Site::build(config, stamps, 1, &runtime).await?;
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(CONNECT));
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(20))
            .pool_max_idle_per_host(128)
            .build(connector);
        Ok(Arc::new(Gateway {
            file,
            current: RwLock::new(Arc::new(site)),
            runtime,
            client,
            turn: Semaphore::new(1),
            generation: watch::Sender::new(1),
            retired: watch::Sender::new(0),
        }))
    }

    /// The site that new requests go to.
    pub fn site(&self) -> Arc<Site> {
        let site = self.current.read().unwrap_or_else(PoisonError::into_inner);
        site.clone()
    }

    /// The runtime that loads the filters.
    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    pub(crate) fn client(&self) -> &Client<HttpConnector, Body> {
        &self.client
    }

    /// The generation of the serving site, for waiting for the next.
    pub fn generations(&self) -> watch::Receiver<u64> {
        self.generation.subscribe()
    }

    /// The number of sites that have ended, for waiting for one to end.
    pub fn retirements(&self) -> watch::Receiver<u64> {
        self.retired.subscribe()
    }

    /// Reads the file again and replaces the site. Returns the new site's generation once
    /// new requests go to it.
    ///
    /// # Errors
    ///
    /// [`GatewayError`]; then the old site continues to serve.
    pub async fn reload(self: &Arc<Self>) -> Result<u64, GatewayError> {
        self.change(&mut Stamps::default()).await
    }

    /// Like `reload`, and records the stamps of the files that it read or tried to read.
    async fn change(self: &Arc<Self>, stamps: &mut Stamps) -> Result<u64, GatewayError> {
        let _turn = self
            .turn
            .acquire()
            .await
            .map_err(|_| GatewayError::Closed)?;
        let config = read(&self.file, stamps).await?;
        let old = self.site();
        let generation = old.generation + 1;
        if config.listen != old.config.listen {
            tracing::warn!(
                "`listen` is {} in the file, and stays {} until the gateway is started again",
                config.listen,
                old.config.listen
            );
        }
        let site = Site::build(config, stamps.clone(), generation, &self.runtime).await?;
        self.forget_others(&site.config);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(site);
        self.generation.send_replace(generation);
        tracing::info!(generation, "new requests go to the new filters");

        let gateway = self.clone();
        tokio::spawn(async move {
            old.retire().await;
            gateway.retired.send_modify(|retired| *retired += 1);
        });
        Ok(generation)
    }

    /// Unloads components that a configuration does not name.
    fn forget_others(&self, config: &Config) {
        let filters = config.filters.values();
        let named: Vec<_> = filters
            .map(|filter| filter.component.display().to_string())
            .collect();
        for component in self.runtime.loaded() {
            if !named.iter().any(|name| name == component.name()) {
                self.runtime.unload(component.name());
            }
        }
    }

    /// Checks the file and its components at this interval, and reloads when one differs
    /// from what the site was made from. Continues until it is dropped, or the gateway is
    /// shut down.
    pub async fn watch(self: Arc<Self>, rhythm: Duration) {
        // The stamps at the last failure, and the generation that served then.
        let mut failed: Option<(u64, Stamps)> = None;
        while !self.turn.is_closed() {
            tokio::time::sleep(rhythm).await;
            let site = self.site();
            let before = match &failed {
                Some((generation, stamps)) if *generation == site.generation => stamps,
                _ => &site.stamps,
            };
            if before.again().await == *before {
                continue;
            }
            let mut stamps = Stamps::default();
            if let Err(error) = self.change(&mut stamps).await {
                tracing::error!("nothing changes, because:\n{error}");
                failed = Some((site.generation, stamps));
            }
        }
    }

    /// Waits for a site that is being built, then for the requests in flight, as long as
    /// the configuration says, and ends all filters. Afterwards requests are refused.
    pub async fn shutdown(&self) {
        // A site that is being built serves once it is done, so it must be ended too.
        let turn = self.turn.acquire().await;
        self.turn.close();
        drop(turn);
        self.site().retire().await;
        self.retired.send_modify(|retired| *retired += 1);
    }
}

/// Reads the configuration. It takes the stamps of the file and of the components that it
/// names before anything reads them.
async fn read(file: &Path, stamps: &mut Stamps) -> Result<Config, ConfigError> {
    *stamps = Stamps::of(file).await;
    let name = file.to_owned();
    let config = tokio::task::spawn_blocking(move || Config::read(&name)).await;
    let config = config.unwrap_or_else(|error| {
        Err(ConfigError::Read {
            file: file.to_owned(),
            error: std::io::Error::other(error),
        })
    })?;
    let components = config.filters.values().map(|it| it.component.clone());
    *stamps = std::mem::take(stamps).and(components).await;
    Ok(config)
}
