//! Files that change, and what a composition becomes with them.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tokio::time::{Instant, sleep};

use crate::args::Format;
use crate::exit::Exit;
use crate::problem::Problems;
use crate::source::{AppSource, DescribedComposition};

/// The time between two looks at the files.
const PAUSE: Duration = Duration::from_millis(200);

/// The time after which files that could not be read are looked for again, wherever they are.
const MISSING: Duration = Duration::from_secs(1);

/// The time after which packages that could not be fetched are asked for again.
const UNFETCHED: Duration = Duration::from_secs(10);

/// A composition whose files are followed while it runs.
pub(crate) struct FollowedApp {
    source: AppSource,
    changes: FileChanges,
    failure: Option<ReadFailure>,
    /// What has been said to be wrong, while it is.
    said: Option<String>,
    /// Whether no file has changed since then.
    is_retry: bool,
}

/// Why a composition could not be read.
enum ReadFailure {
    /// What is wrong with its files.
    Files(String),
    /// What is in registries could not be fetched.
    Packages,
}

impl FollowedApp {
    /// Reads a composition and follows its files: whatever is written from now on is a change.
    pub(crate) async fn begin(
        source: AppSource,
    ) -> Result<(DescribedComposition, FollowedApp), Problems> {
        let mut followed = FollowedApp {
            source,
            changes: FileChanges::default(),
            failure: None,
            said: None,
            is_retry: false,
        };
        let described = followed.read(false).await?;
        Ok((described, followed))
    }

    /// Waits until something has changed. Returns what, and what the composition is now.
    pub(crate) async fn next(&mut self) -> (String, Result<DescribedComposition, Problems>) {
        let changed = loop {
            let wait = match self.failure {
                None => None,
                Some(ReadFailure::Files(_)) => Some(MISSING),
                Some(ReadFailure::Packages) => Some(UNFETCHED),
            };
            let changed = self.changes.next(wait).await;
            self.is_retry = changed.is_empty();
            if !self.is_retry {
                break listed(&changed);
            }
            if let Some(ReadFailure::Files(before)) = &self.failure
                && let Err(problems) = DescribedComposition::read_files(&self.source.paths)
                && *before == problems.to_json()
            {
                continue;
            }
            break "what was missing".to_owned();
        };
        (changed, self.read(true).await)
    }

    async fn read(&mut self, in_background: bool) -> Result<DescribedComposition, Problems> {
        let mut changes = FileChanges::of(&written_in(&self.source));
        let mut described = match DescribedComposition::read_files(&self.source.paths) {
            Ok(described) => described,
            Err(problems) => {
                self.changes.files.append(&mut changes.files);
                self.failure = Some(ReadFailure::Files(problems.to_json()));
                return Err(problems);
            }
        };
        changes.also(&described.files());
        self.changes = changes;
        described.in_background = in_background;
        let described = described.complete(self.source.offline).await;
        self.failure = described.as_ref().err().map(|_| ReadFailure::Packages);
        described
    }

    /// What has changed runs, or nothing is different: what was wrong is so no more.
    pub(crate) fn accept(&mut self) {
        self.said = None;
    }

    /// Says why what has changed does not run, unless that has been said and no file has
    /// changed since.
    pub(crate) fn refuse(&mut self, changed: &str, why: &Exit, format: Format) {
        let text = format!("{why:?}");
        if self.is_retry && self.said.as_ref() == Some(&text) {
            return;
        }
        tracing::warn!(
            "the earlier version goes on, because of mistakes after a change: {changed}"
        );
        why.report(format);
        self.said = Some(text);
    }
}

/// Where it stands what a composition is made of.
fn written_in(source: &AppSource) -> Vec<PathBuf> {
    let paths = source.paths.iter();
    let in_folder = paths.clone().map(|path| path.join(crate::source::MANIFEST));
    paths.cloned().chain(in_folder).collect()
}

/// Files as they were when they were last looked at.
#[derive(Default)]
struct FileChanges {
    files: BTreeMap<PathBuf, Option<FileState>>,
}

/// What changes when a file is written or another one takes its place.
#[derive(PartialEq, Eq)]
struct FileState {
    modified: Option<SystemTime>,
    length: u64,
    /// Its number and the time of its last change of any kind, where the system has them: a
    /// copy can have the time and the length of what it replaces.
    identity: (u64, i64, i64),
}

impl FileChanges {
    /// These files, as they are now.
    fn of(files: &[PathBuf]) -> Self {
        let files = files.iter().map(|file| (file.clone(), state(file)));
        FileChanges {
            files: files.collect(),
        }
    }

    /// More files, as they are now; those that are known stay as they were.
    fn also(&mut self, files: &[PathBuf]) {
        for file in files {
            self.files
                .entry(file.clone())
                .or_insert_with(|| state(file));
        }
    }

    /// Waits until files have changed and stay as they are: who writes one may take a while.
    /// Returns those that changed; none if nothing begins to change within `wait`.
    async fn next(&mut self, wait: Option<Duration>) -> Vec<PathBuf> {
        let deadline = wait.map(|wait| Instant::now() + wait);
        let mut changed = Vec::new();
        loop {
            sleep(PAUSE).await;
            let more = self.look();
            let is_over = deadline.is_some_and(|deadline| deadline <= Instant::now());
            if more.is_empty() && (is_over || !changed.is_empty()) {
                changed.sort();
                changed.dedup();
                return changed;
            }
            changed.extend(more);
        }
    }

    fn look(&mut self) -> Vec<PathBuf> {
        let mut changed = Vec::new();
        for (file, known) in &mut self.files {
            let now = state(file);
            if *known != now {
                *known = now;
                changed.push(file.clone());
            }
        }
        changed
    }
}

/// The state of a file; `None` if it is not there.
fn state(file: &Path) -> Option<FileState> {
    let metadata = std::fs::metadata(file).ok()?;
    Some(FileState {
        modified: metadata.modified().ok(),
        length: metadata.len(),
        identity: identity(&metadata),
    })
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> (u64, i64, i64) {
    use std::os::unix::fs::MetadataExt;

    (metadata.ino(), metadata.ctime(), metadata.ctime_nsec())
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> (u64, i64, i64) {
    (0, 0, 0)
}

/// The names of what has changed. A folder changes with the files in it.
fn listed(changed: &[PathBuf]) -> String {
    let mut files: Vec<&PathBuf> = changed.iter().filter(|path| !path.is_dir()).collect();
    if files.is_empty() {
        files = changed.iter().collect();
    }
    let names = files.iter().map(|file| file.display().to_string());
    names.collect::<Vec<_>>().join(", ")
}
