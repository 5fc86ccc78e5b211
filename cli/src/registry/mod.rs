//! Components from registries.
//!
//! The manifest says which versions will do. The first time, the newest of them is chosen, and
//! the lock file beside the manifest keeps its version and its digest; from then on these hold.
//! What has been fetched is kept in a cache, by its digest.

mod cache;
mod fetch;
mod lock;

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use semver::VersionReq;
use tokio::time::timeout;
use wasm_pkg_client::PackageRef;

use crate::places::placed;
use crate::problem::{Problem, Problems};
use crate::progress::ProgressLine;
use crate::registry::cache::PackageCache;
use crate::registry::fetch::RegistryClient;
use crate::registry::lock::LockFile;
use crate::source::{DescribedComposition, WrittenText};

/// The time in which a registry answers, or goes on with what it sends.
const PATIENCE: Duration = Duration::from_secs(30);

/// Fetches the components of a composition that are in registries, and sets their files.
pub(crate) async fn fetch(
    described: &mut DescribedComposition,
    offline: bool,
) -> Result<(), Problems> {
    let Some(manifest) = described.manifest.as_ref() else {
        return Ok(());
    };
    let packages = described
        .components
        .iter()
        .filter(|it| it.package.is_some());
    let count = packages.count();
    let file = manifest.with_extension("lock");
    if count == 0 && !file.exists() {
        return Ok(());
    }
    let mut lock = LockFile::read(file)?;
    if count == 0 {
        return Ok(lock.keep(Vec::new())?);
    }
    let cache = PackageCache::new()?;
    let mut registries = RegistryClient::new(&cache, offline);
    let mut progress = ProgressLine::new("fetches", count, described.in_background);
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
        let wrong = |why: String| {
            Problem::new(format!("`{}` is no package: {why}", written.text))
                .with_help("write its name and the versions that will do: \"shop:tax@^1.2\"")
        };
        let (name, versions) = match written.text.split_once('@') {
            Some((name, versions)) => (name, versions),
            None => (&*written.text, "*"),
        };
        Ok(WantedPackage {
            name: name
                .parse()
                .map_err(|_| wrong(format!("`{name}` is not a namespace and a name")))?,
            versions: versions
                .parse()
                .map_err(|_| wrong(format!("`{versions}` says no versions")))?,
        })
    }
}

/// What a registry does, within a time.
async fn in_time<T>(answer: impl Future<Output = T>) -> Result<T, Problem> {
    timeout(PATIENCE, answer).await.map_err(|_| {
        let message = format!("the registry has not answered for {} s", PATIENCE.as_secs());
        Problem::new(message)
    })
}

/// Writes a file, all of it or nothing. One that is there keeps its permissions.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    // What the system makes of that is what every new file has.
    #[cfg(unix)]
    let builder = {
        use std::os::unix::fs::PermissionsExt;

        builder.permissions(fs::Permissions::from_mode(0o666))
    };
    let mut temporary = builder.tempfile_in(folder)?;
    temporary.write_all(bytes)?;
    if let Ok(before) = fs::metadata(path) {
        temporary.as_file().set_permissions(before.permissions())?;
    }
    temporary.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::in_time;

    #[tokio::test(start_paused = true)]
    async fn a_registry_that_never_answers() {
        let answer = in_time(std::future::pending::<()>()).await;
        let said = answer.expect_err("nothing has answered").to_string();
        assert_eq!(said, "the registry has not answered for 30 s");
    }
}
