//! The configuration file.
//!
//! ```toml
//! listen = "127.0.0.1:8080"
//!
//! [filters.token]
//! component = "token.wasm"     # seen from this file
//! config = "token s3cret ada"  # what the filter's `configure` gets
//!
//! [[routes]]
//! path = "/api"                # and all below it; the longest path wins
//! upstream = "http://127.0.0.1:9000"
//! filters = ["token"]          # in this order; responses come back the other way
//! on-failure = "closed"        # or "open": go on without the filter that failed
//! ```

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hyper::Uri;
use serde::Deserialize;

use crate::error::{ConfigError, Mistake};

/// The whole file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The address on which the gateway accepts connections. It is read once, at the
    /// start.
    pub listen: SocketAddr,
    /// Limits of the gateway as a whole.
    #[serde(default)]
    pub limits: ServerLimits,
    /// The cache of compiled filters, if there is one. It is read once, at the start.
    pub cache: Option<CacheConfig>,
    /// The filters, by the names that routes use.
    #[serde(default)]
    pub filters: BTreeMap<String, FilterConfig>,
    /// The routes of requests.
    #[serde(default)]
    pub routes: Vec<RouteConfig>,
}

/// Limits of the gateway as a whole.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ServerLimits {
    /// Requests at once; further ones are answered with 503.
    pub max_requests: u32,
    /// Connections at once; further ones wait to be accepted. Read once, at the start.
    pub max_connections: u32,
    /// The bytes of a body that are held until a filter takes them.
    pub buffer_bytes: usize,
    /// The longest body of a response of a filter's own, in bytes.
    pub reply_bytes: usize,
    /// The time for which requests may continue with old filters after a reload, and at
    /// the end.
    pub drain_ms: u64,
}

impl Default for ServerLimits {
    fn default() -> Self {
        ServerLimits {
            max_requests: 1024,
            max_connections: 1024,
            buffer_bytes: 64 << 10,
            reply_bytes: 1 << 20,
            drain_ms: 10_000,
        }
    }
}

/// The cache that keeps compiled filters from one start to the next.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CacheConfig {
    /// The folder, which is created if it does not exist.
    pub folder: PathBuf,
    /// The file of the key that authenticates the gateway's own code in the folder. It is
    /// created if it does not exist, and must not be in that folder.
    pub key: PathBuf,
}

/// A filter.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FilterConfig {
    /// The component's file.
    pub component: PathBuf,
    /// The text that its `configure` gets.
    #[serde(default)]
    pub config: String,
    /// The number of instances that may exist at once. Each serves one exchange at a
    /// time.
    #[serde(default = "defaults::instances")]
    pub instances: u32,
    /// The time that an exchange waits for an instance.
    #[serde(default = "defaults::wait_ms")]
    pub wait_ms: u64,
    /// The processor time that one call may use, and what works on a body until it waits
    /// for more of it.
    #[serde(default = "defaults::time_ms")]
    pub time_ms: u64,
    /// The time that one call may wait for anything but its own computing, and for which
    /// a filter may do nothing with a body that it has.
    #[serde(default = "defaults::deadline_ms")]
    pub deadline_ms: u64,
    /// The memory that an instance may have.
    #[serde(default = "defaults::memory_mib")]
    pub memory_mib: u32,
    /// The number of failed instances that are replaced in a second. Beyond that the
    /// filter rests, and exchanges that need a new instance of it fail at once.
    #[serde(default = "defaults::restarts_per_second")]
    pub restarts_per_second: u32,
}

impl FilterConfig {
    /// The time that an exchange waits for an instance.
    pub fn wait(&self) -> Duration {
        Duration::from_millis(self.wait_ms)
    }

    /// The processor time that one call may use.
    pub fn time(&self) -> Duration {
        Duration::from_millis(self.time_ms)
    }

    /// The time that one call may wait.
    pub fn deadline(&self) -> Duration {
        Duration::from_millis(self.deadline_ms)
    }
}

mod defaults {
    pub(super) fn instances() -> u32 {
        32
    }

    pub(super) fn wait_ms() -> u64 {
        1000
    }

    pub(super) fn time_ms() -> u64 {
        50
    }

    pub(super) fn deadline_ms() -> u64 {
        1000
    }

    pub(super) fn memory_mib() -> u32 {
        16
    }

    pub(super) fn restarts_per_second() -> u32 {
        10
    }

    pub(super) fn timeout_ms() -> u64 {
        30_000
    }
}

/// A route: the upstream and the filters of a path.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RouteConfig {
    /// The path, which covers everything below it.
    pub path: String,
    /// Scheme, host and port of the upstream: `http://127.0.0.1:9000`.
    pub upstream: String,
    /// Names of filters, in the order in which they see a request.
    #[serde(default)]
    pub filters: Vec<String>,
    /// The behaviour when a filter fails.
    #[serde(default)]
    pub on_failure: OnFailure,
    /// The time that the upstream may take until its response begins, and between the
    /// pieces of its body.
    #[serde(default = "defaults::timeout_ms")]
    pub timeout_ms: u64,
}

impl RouteConfig {
    /// `timeout_ms` as a duration.
    pub fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout_ms)
    }
}

/// The behaviour when a filter fails.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum OnFailure {
    /// The request fails.
    #[default]
    Closed,
    /// The request continues without this filter.
    Open,
}

impl Config {
    /// Reads a file. Paths in it are relative to its folder.
    ///
    /// # Errors
    ///
    /// [`ConfigError`], with everything that is wrong in it.
    pub fn read(file: &Path) -> Result<Config, ConfigError> {
        let text = std::fs::read_to_string(file).map_err(|error| ConfigError::Read {
            file: file.to_owned(),
            error,
        })?;
        Config::parse(file, &text)
    }

    /// Parses the text of a file.
    ///
    /// # Errors
    ///
    /// As [`read`](Config::read).
    pub fn parse(file: &Path, text: &str) -> Result<Config, ConfigError> {
        let mut config: Config = toml::from_str(text).map_err(|error| ConfigError::Syntax {
            file: file.to_owned(),
            error: Box::new(error),
        })?;
        let folder = file.parent().unwrap_or(Path::new(""));
        for filter in config.filters.values_mut() {
            filter.component = folder.join(&filter.component);
        }
        if let Some(cache) = &mut config.cache {
            cache.folder = folder.join(&cache.folder);
            cache.key = folder.join(&cache.key);
        }
        let mistakes = config.mistakes();
        if !mistakes.is_empty() {
            return Err(ConfigError::Mistakes {
                file: file.to_owned(),
                mistakes,
            });
        }
        Ok(config)
    }

    fn mistakes(&self) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        if self.limits.max_requests == 0 || self.limits.max_connections == 0 {
            mistakes.push(Mistake::Zero {
                place: "limits".to_owned(),
                key: "max-requests` and `max-connections",
            });
        }
        if self.limits.buffer_bytes == 0 {
            mistakes.push(Mistake::Zero {
                place: "limits".to_owned(),
                key: "buffer-bytes",
            });
        }
        for (name, filter) in &self.filters {
            let numbers = [
                ("instances", u64::from(filter.instances)),
                ("time-ms", filter.time_ms),
                ("deadline-ms", filter.deadline_ms),
                ("memory-mib", u64::from(filter.memory_mib)),
            ];
            let zeros = numbers.into_iter().filter(|(_, number)| *number == 0);
            mistakes.extend(zeros.map(|(key, _)| Mistake::Zero {
                place: format!("filters.{name}"),
                key,
            }));
        }
        for (index, route) in self.routes.iter().enumerate() {
            if !route.path.starts_with('/') {
                mistakes.push(Mistake::Path {
                    path: route.path.clone(),
                });
            }
            if self.routes[..index]
                .iter()
                .any(|other| other.path == route.path)
            {
                mistakes.push(Mistake::Twice {
                    path: route.path.clone(),
                });
            }
            if let Err(reason) = upstream(&route.upstream) {
                mistakes.push(Mistake::Upstream {
                    path: route.path.clone(),
                    upstream: route.upstream.clone(),
                    reason,
                });
            }
            let unknown = route
                .filters
                .iter()
                .filter(|name| !self.filters.contains_key(*name));
            mistakes.extend(unknown.map(|filter| Mistake::Filter {
                path: route.path.clone(),
                filter: filter.clone(),
                known: self.filters.keys().cloned().collect(),
            }));
        }
        mistakes
    }
}

/// Parses the host and port of an upstream.
pub(crate) fn upstream(text: &str) -> Result<hyper::http::uri::Authority, String> {
    let uri: Uri = text.parse().map_err(|error| format!("{error}"))?;
    if uri.scheme_str() != Some("http") {
        return Err("its scheme is not `http`".to_owned());
    }
    if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
        return Err("it has a path".to_owned());
    }
    match uri.authority() {
        Some(authority) if authority.as_str().contains('@') => Err("it has a user".to_owned()),
        Some(authority) => Ok(authority.clone()),
        None => Err("it has no host".to_owned()),
    }
}
