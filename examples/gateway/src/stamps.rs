//! Detection of changed files, by time and length.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The stamps of some files at one time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stamps(BTreeMap<PathBuf, Option<Stamp>>);

/// The time when a file was last written, and its length.
type Stamp = (SystemTime, u64);

impl Stamps {
    /// Takes the stamp of a file.
    pub async fn of(file: &Path) -> Stamps {
        Stamps::default().and([file.to_owned()]).await
    }

    /// Takes the stamps of further files.
    #[must_use]
    pub async fn and(self, files: impl IntoIterator<Item = PathBuf>) -> Stamps {
        let files: Vec<_> = files.into_iter().collect();
        let look = move || {
            let looked = files.into_iter().map(|file| (file.clone(), stamp(&file)));
            looked.collect::<Vec<_>>()
        };
        let looked = tokio::task::spawn_blocking(look).await;
        let Stamps(mut stamps) = self;
        stamps.extend(looked.unwrap_or_default());
        Stamps(stamps)
    }

    /// Takes the stamps of the same files again.
    pub async fn again(&self) -> Stamps {
        Stamps::default().and(self.0.keys().cloned()).await
    }
}

fn stamp(file: &Path) -> Option<Stamp> {
    let metadata = std::fs::metadata(file).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}
