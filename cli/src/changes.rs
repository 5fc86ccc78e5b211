//! Files that change.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tokio::time::sleep;

/// The time between two looks at the files.
const PAUSE: Duration = Duration::from_millis(200);

/// The files of a composition, as they were when it was loaded.
pub(crate) struct FileChanges {
    files: BTreeMap<PathBuf, FileState>,
}

/// What changes when a file is written; `None` if it is not there.
type FileState = Option<(SystemTime, u64)>;

impl FileChanges {
    /// Watches these files from now on.
    pub(crate) fn of(files: Vec<PathBuf>) -> Self {
        let files = files.into_iter().map(|file| (state(&file), file));
        FileChanges {
            files: files.map(|(state, file)| (file, state)).collect(),
        }
    }

    /// Also watches the folders of the files, where what is missing may appear.
    pub(crate) fn and_their_folders(&mut self) {
        let folders = self.files.keys().filter_map(|file| file.parent());
        let folders: Vec<PathBuf> = folders.map(Path::to_owned).collect();
        for folder in folders {
            let now = state(&folder);
            self.files.entry(folder).or_insert(now);
        }
    }

    /// Waits until files have changed and stay as they are: who writes one may take a while.
    /// Returns those that changed.
    pub(crate) async fn next(&mut self) -> Vec<PathBuf> {
        loop {
            sleep(PAUSE).await;
            let mut changed = self.look();
            if changed.is_empty() {
                continue;
            }
            loop {
                sleep(PAUSE).await;
                let more = self.look();
                if more.is_empty() {
                    changed.sort();
                    changed.dedup();
                    return changed;
                }
                changed.extend(more);
            }
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

fn state(file: &Path) -> FileState {
    let metadata = std::fs::metadata(file).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

/// The names of files, for people.
pub(crate) fn listed(files: &[PathBuf]) -> String {
    let files = files.iter().map(|file| file.display().to_string());
    files.collect::<Vec<_>>().join(", ")
}
