//! Packages from their registries, or from the cache.

use std::path::PathBuf;

use semver::Version;
use wasm_pkg_client::{Client, Config, ContentDigest, Error, Release};

use crate::problem::Problem;
use crate::registry::cache::PackageCache;
use crate::registry::lock::{LockFile, LockedPackage};
use crate::registry::{WantedPackage, in_time};

/// The registries that the tools for packages are configured with, and what they have sent.
pub(super) struct RegistryClient<'c> {
    cache: &'c PackageCache,
    offline: bool,
    /// Made when it is first needed.
    client: Option<Client>,
}

impl<'c> RegistryClient<'c> {
    pub(super) fn new(cache: &'c PackageCache, offline: bool) -> Self {
        RegistryClient {
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
            return Ok((locked.for_wish(wanted), file));
        }
        let version = &locked.version;
        let name = &wanted.name;
        let offline = format!("version {version} of `{name}` is locked, and not in the cache");
        let client = self.client(&offline).await?;
        let release = in_time(client.get_release(name, version)).await?;
        let release = release.map_err(|error| {
            failed(error).with_help(format!(
                "version {version} is locked; if the registry has it no more, remove the lock file"
            ))
        })?;
        if release.content_digest != digest {
            let message = format!(
                "version {version} of `{}` has the digest {} in the registry, and {digest} in the \
                 lock file",
                wanted.name, release.content_digest,
            );
            return Err(Problem::new(message).with_help(
                "the version was published again: ask its publisher, or remove the lock file to take \
                 what is there now",
            ));
        }
        let file = download(self.cache, &client, wanted, &release).await?;
        Ok((locked.for_wish(wanted), file))
    }

    /// The newest version that will do.
    async fn newest(
        &mut self,
        wanted: &WantedPackage,
    ) -> Result<(LockedPackage, PathBuf), Problem> {
        let failed = |error| problem(wanted, error);
        let name = &wanted.name;
        let offline = format!("no version of `{name}` is locked");
        let client = self.client(&offline).await?;
        let versions = in_time(client.list_all_versions(name)).await?;
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
        let release = in_time(client.get_release(name, version)).await?;
        let release = release.map_err(failed)?;
        let digest: &ContentDigest = &release.content_digest;
        let file = match self.cache.find(digest) {
            Some(file) => file,
            None => download(self.cache, &client, wanted, &release).await?,
        };
        Ok((LockedPackage::new(wanted, version.clone(), digest), file))
    }

    /// The client, unless nothing may be fetched: then this is why there is nothing.
    async fn client(&mut self, offline: &str) -> Result<Client, Problem> {
        if self.offline {
            let message = format!("{offline}, and nothing may be fetched");
            return Err(Problem::new(message).with_help("run it once without `--offline`"));
        }
        if let Some(client) = &self.client {
            return Ok(client.clone());
        }
        let config = Config::global_defaults().await;
        let config = config.map_err(|error| {
            let file = config_file();
            Problem::new(format!(
                "the list of registries{file} cannot be read: {error}"
            ))
        })?;
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
    let pieces = in_time(client.stream_content(&wanted.name, release)).await?;
    let pieces = pieces.map_err(|error| problem(wanted, error))?;
    let kept = cache.keep(&release.content_digest, pieces).await;
    kept.map_err(|error| Problem::new(format!("`{}` cannot be fetched: {error}", wanted.name)))
}

fn problem(wanted: &WantedPackage, error: Error) -> Problem {
    let problem = Problem::new(format!("`{}` cannot be fetched: {error}", wanted.name));
    match error {
        Error::NoRegistryForNamespace(namespace) => {
            let file = config_file();
            problem.with_help(format!(
                "say where it is{file}: `[namespace_registries]` with `{namespace} = \
                 \"registry.example\"`"
            ))
        }
        _ => problem,
    }
}

/// Where the registries are written, for a message.
fn config_file() -> String {
    let file = Config::global_config_path();
    file.map_or_else(String::new, |file| format!(" in `{}`", file.display()))
}
