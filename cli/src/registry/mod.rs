//! Components from registries.
//!
//! The manifest says which versions will do. The first time, the newest of them is chosen, and
//! the lock file beside the manifest keeps its version and its digest; from then on these hold.
//! What has been fetched is kept in a cache, by its digest.

mod cache;
mod fetch;
mod lock;

use semver::VersionReq;
use wasm_pkg_client::PackageRef;

use crate::places::placed;
use crate::problem::{Problem, Problems};
use crate::progress::Progress;
use crate::registry::cache::PackageCache;
use crate::registry::fetch::Registries;
use crate::registry::lock::LockFile;
use crate::source::{DescribedComposition, WrittenText};

/// Fetches the components of a composition that are in registries, and sets their files.
pub(crate) async fn fetch(
    described: &mut DescribedComposition,
    offline: bool,
) -> Result<(), Problems> {
    let packages = described
        .components
        .iter()
        .filter(|it| it.package.is_some());
    let count = packages.count();
    let Some(manifest) = described.manifest.as_ref().filter(|_| count > 0) else {
        return Ok(());
    };
    let mut lock = LockFile::read(manifest.with_extension("lock"))?;
    let cache = PackageCache::new()?;
    let mut registries = Registries::new(&cache, offline);
    let mut progress = Progress::new("fetches", count, described.in_background);
    let mut problems = Problems::default();
    let mut fetched = Vec::new();
    for component in &mut described.components {
        let Some(written) = &component.package else {
            continue;
        };
        progress.step(&written.text);
        let place = written.place.clone();
        let found = match WantedPackage::parse(written) {
            Ok(wanted) => registries.fetch(&wanted, &lock).await,
            Err(problem) => Err(problem),
        };
        match found {
            Ok((package, file)) => {
                component.path = file;
                fetched.push(package);
            }
            Err(problem) => problems.push(placed(problem, place)),
        }
    }
    problems.check()?;
    Ok(lock.keep(fetched)?)
}

/// A package that a manifest wants.
struct WantedPackage {
    name: PackageRef,
    versions: VersionReq,
}

impl WantedPackage {
    fn parse(written: &WrittenText) -> Result<WantedPackage, Problem> {
        let wrong = |error: String| {
            Problem::new(format!("`{}` is no package: {error}", written.text))
                .with_help("write its name and the versions that will do: \"shop:tax@^1.2\"")
        };
        let (name, versions) = match written.text.split_once('@') {
            Some((name, versions)) => (name, versions),
            None => (&*written.text, "*"),
        };
        Ok(WantedPackage {
            name: name.parse().map_err(|error| wrong(format!("{error}")))?,
            versions: versions
                .parse()
                .map_err(|error| wrong(format!("{error}")))?,
        })
    }
}
