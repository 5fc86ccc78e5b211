//! Packages from their registries, or from the cache.

use std::path::PathBuf;

use semver::Version;
use wasm_pkg_client::{Client, Config, ContentDigest, Error, Release};

use crate::problem::Problem;
use crate::registry::WantedPackage;
use crate::registry::cache::PackageCache;
use crate::registry::lock::{LockFile, LockedPackage};

/// The registries that the tools for packages are configured with, and what they have sent.
pub(super) struct Registries<'c> {
    cache: &'c PackageCache,
    offline: bool,
    /// Made when it is first needed.
    client: Option<Client>,
}

impl<'c> Registries<'c> {
    pub(super) fn new(cache: &'c PackageCache, offline: bool) -> Self {
        Registries {
            cache,
            offline,
            client: None,
        }
    }

    /// The version that is locked, or the newest one that will do, and its file.
    pub(super) async fn fetch(
        &mut self,
        wanted: &WantedPackage,
        lock: &LockFile,
    ) -> Result<(LockedPackage, PathBuf), Problem> {
        let Some(locked) = lock.find(wanted) else {
            return self.newest(wanted).await;
        };
        let failed = |error| problem(wanted, error);
        let digest = locked.digest().map_err(failed)?;
        if let Some(file) = self.cache.find(&digest) {
            return Ok((locked.clone(), file));
        }
        let version = &locked.version;
        let why = format!("version {version} is locked");
        let client = self.client(wanted, &why).await?;
        let release = client.get_release(&wanted.name, version).await;
        let release = release.map_err(failed)?;
        if release.content_digest != digest {
            let message = format!(
                "version {version} of `{}` has the digest {} in the registry, and {digest} in the \
                 lock file",
                wanted.name, release.content_digest,
            );
            return Err(Problem::new(message).with_help(
                "somebody has replaced it: ask who publishes it, or remove the lock file to \
                 take what is there now",
            ));
        }
        let file = download(self.cache, &client, wanted, &release).await?;
        Ok((locked.clone(), file))
    }

    /// The newest version that will do.
    async fn newest(
        &mut self,
        wanted: &WantedPackage,
    ) -> Result<(LockedPackage, PathBuf), Problem> {
        let failed = |error| problem(wanted, error);
        let client = self.client(wanted, "no version of it is locked").await?;
        let versions = client.list_all_versions(&wanted.name).await;
        let mut versions: Vec<Version> = versions
            .map_err(failed)?
            .into_iter()
            .filter(|info| !info.yanked)
            .map(|info| info.version)
            .collect();
        versions.sort();
        let mut fitting = versions.iter().rev();
        let Some(version) = fitting.find(|version| wanted.versions.matches(version)) else {
            let there: Vec<String> = versions
                .iter()
                .map(|version| format!("{version}"))
                .collect();
            let message = format!(
                "no version of `{}` fits `{}`; there are: {}",
                wanted.name,
                wanted.versions,
                there.join(", ")
            );
            return Err(Problem::new(message));
        };
        let release = client.get_release(&wanted.name, version).await;
        let release = release.map_err(failed)?;
        let digest: &ContentDigest = &release.content_digest;
        let file = match self.cache.find(digest) {
            Some(file) => file,
            None => download(self.cache, &client, wanted, &release).await?,
        };
        Ok((LockedPackage::new(wanted, version.clone(), digest), file))
    }

    /// The client, unless nothing may be fetched.
    async fn client(&mut self, wanted: &WantedPackage, why: &str) -> Result<Client, Problem> {
        if self.offline {
            let message = format!("`{}` is not in the cache: {why}", wanted.name);
            return Err(Problem::new(message).with_help("fetch it once, without `--offline`"));
        }
        if let Some(client) = &self.client {
            return Ok(client.clone());
        }
        let config = Config::global_defaults().await;
        let config = config
            .map_err(|error| Problem::new(format!("the registries cannot be read: {error}")))?;
        let client = Client::new(config);
        self.client = Some(client.clone());
        Ok(client)
    }
}

async fn download(
    cache: &PackageCache,
    client: &Client,
    wanted: &WantedPackage,
    release: &Release,
) -> Result<PathBuf, Problem> {
    let pieces = client.stream_content(&wanted.name, release).await;
    let pieces = pieces.map_err(|error| problem(wanted, error))?;
    let kept = cache.keep(&release.content_digest, pieces).await;
    kept.map_err(|error| Problem::new(format!("`{}` cannot be fetched: {error}", wanted.name)))
}

fn problem(wanted: &WantedPackage, error: Error) -> Problem {
    let problem = Problem::new(format!("`{}` cannot be fetched: {error}", wanted.name));
    match error {
        Error::NoRegistryForNamespace(namespace) => {
            let file = Config::global_config_path();
            let file = file.map_or_else(String::new, |file| format!(" in `{}`", file.display()));
            problem.with_help(format!(
                "say where it is{file}: `[namespace_registries]` with `{namespace} = \
                 \"registry.example\"`"
            ))
        }
        _ => problem,
    }
}
