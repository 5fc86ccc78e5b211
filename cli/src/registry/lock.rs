//! The lock file: which versions have been chosen, and what they are.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use semver::Version;
use serde::{Deserialize, Serialize};
use wasm_pkg_client::ContentDigest;

use crate::problem::Problem;
use crate::registry::{WantedPackage, write_whole};

/// What a lock file begins with.
const HEAD: &str = "# The versions that were chosen for this composition, and what they are. It is\n\
                    # written by wasm-composer; for newer versions, remove it.\n";

/// The lock file of a manifest.
pub(super) struct LockFile {
    path: PathBuf,
    content: LockContent,
}

#[derive(Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct LockContent {
    #[serde(default, rename = "package")]
    packages: Vec<LockedPackage>,
}

/// A package of which a version has been chosen.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LockedPackage {
    /// Its namespace and name.
    name: String,
    /// The versions that will do.
    wanted: String,
    pub(super) version: Version,
    /// The digest of the component.
    digest: String,
}

impl LockFile {
    /// Reads it, if it is there.
    pub(super) fn read(path: PathBuf) -> Result<LockFile, Problem> {
        let content = match fs::read_to_string(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => LockContent::default(),
            Err(error) => return Err(unread(&path, error)),
            Ok(text) => toml::from_str(&text).map_err(|error| unread(&path, error))?,
        };
        let lock = LockFile { path, content };
        for package in &lock.content.packages {
            package
                .digest()
                .map_err(|error| unread(&lock.path, error))?;
        }
        Ok(lock)
    }

    /// What has been chosen for a package, if that still will do: for the same wish, or else the
    /// newest.
    pub(super) fn find(&self, wanted: &WantedPackage) -> Option<&LockedPackage> {
        let name = wanted.name.to_string();
        let versions = wanted.versions.to_string();
        let packages = self.content.packages.iter();
        packages
            .filter(|it| it.name == name && wanted.versions.matches(&it.version))
            .max_by_key(|it| (it.wanted == versions, &it.version))
    }

    /// Keeps these packages and no others. Without any, there is no such file.
    pub(super) fn keep(&mut self, mut packages: Vec<LockedPackage>) -> Result<(), Problem> {
        packages.sort();
        packages.dedup();
        let content = LockContent { packages };
        if content == self.content {
            return Ok(());
        }
        let path = &self.path;
        if content.packages.is_empty() {
            fs::remove_file(path).map_err(|error| unwritten(path, error))?;
        } else {
            let text = toml::to_string(&content).map_err(|error| unwritten(path, error))?;
            let text = format!("{HEAD}\n{text}");
            write_whole(path, text.as_bytes()).map_err(|error| unwritten(path, error))?;
        }
        self.content = content;
        Ok(())
    }
}

impl LockedPackage {
    pub(super) fn new(wanted: &WantedPackage, version: Version, digest: &ContentDigest) -> Self {
        LockedPackage {
            name: wanted.name.to_string(),
            wanted: wanted.versions.to_string(),
            version,
            digest: digest.to_string(),
        }
    }

    /// The same choice, for another wish.
    pub(super) fn for_wish(&self, wanted: &WantedPackage) -> Self {
        LockedPackage {
            wanted: wanted.versions.to_string(),
            ..self.clone()
        }
    }

    pub(super) fn digest(&self) -> Result<ContentDigest, wasm_pkg_client::Error> {
        self.digest.parse()
    }
}

fn unread(path: &Path, error: impl std::fmt::Display) -> Problem {
    Problem::new(format!("`{}` cannot be read: {error}", path.display()))
        .with_help("remove it, and the versions are chosen again")
}

fn unwritten(path: &Path, error: impl std::fmt::Display) -> Problem {
    Problem::new(format!("`{}` cannot be written: {error}", path.display()))
}
