//! Watching of a folder whose components are loaded again when they change.
//!
//! The folder is polled from time to time; the system is not asked to report changes.
//! Polling works on every file system, and the steps in which a program writes a file do
//! not matter before it has finished.

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures::FutureExt;
use futures::future::BoxFuture;
use futures::stream::{self, StreamExt};

use crate::error::LoadError;
use crate::runtime::file::wasm_files;
use crate::runtime::library::blocking;
use crate::runtime::{LoadedComponent, RuntimeCore};

/// A change of a component in a folder that is [watched](FolderWatch).
#[derive(Debug)]
#[non_exhaustive]
pub enum FolderEvent {
    /// The component is in the folder, and has been loaded.
    Loaded {
        /// Its file.
        path: PathBuf,
        /// The loaded component.
        component: LoadedComponent,
    },
    /// The component has changed, and has been loaded again.
    Changed {
        /// Its file.
        path: PathBuf,
        /// The loaded component.
        component: LoadedComponent,
    },
    /// The component's file is gone. It is no longer [loaded](crate::Runtime::loaded);
    /// parts made of it are not affected.
    Removed {
        /// Its file.
        path: PathBuf,
    },
    /// The component cannot be loaded, or the folder cannot be read. A component that was
    /// loaded before stays loaded. Loading is tried again when the file changes.
    Failed {
        /// Its file, or the folder.
        path: PathBuf,
        /// The reason.
        error: LoadError,
    },
}

/// Watches the components in a folder. It is made by
/// [`Runtime::watch_folder`](crate::Runtime::watch_folder).
///
/// It works only while [`next`](FolderWatch::next) is awaited, and keeps no more events
/// than there are files. To end it, drop it.
pub struct FolderWatch {
    core: Arc<RuntimeCore>,
    folder: PathBuf,
    interval: Duration,
    files: BTreeMap<PathBuf, SeenFile>,
    /// Whether the folder could be read when it was last polled; `None` before that.
    looked: Option<bool>,
    events: VecDeque<FolderEvent>,
    /// The poll of the folder that is under way. It is kept here, so that a caller that
    /// drops the future of `next` again and again still makes progress.
    looking: Option<BoxFuture<'static, Result<FolderFindings, LoadError>>>,
}

/// The result of polling the folder once.
struct FolderFindings {
    files: BTreeMap<PathBuf, FileStamp>,
    /// The files that have changed and have stayed the same since the last poll.
    loaded: Vec<(PathBuf, FileStamp, Result<LoadedComponent, LoadError>)>,
}

/// The known state of a file.
#[derive(Default)]
struct SeenFile {
    /// Its stamp at the last poll.
    stamp: Option<FileStamp>,
    /// Its stamp when it was last loaded, or failed to load.
    tried: Option<FileStamp>,
    loaded: Option<LoadedComponent>,
}

/// The metadata that changes when a file is written.
#[derive(Clone, Copy, PartialEq, Eq)]
struct FileStamp {
    size: u64,
    modified: Option<SystemTime>,
    /// On Unix, the inode and the time of its last change.
    identity: (u64, i64, i64),
}

impl FileStamp {
    fn of(path: &Path) -> Option<FileStamp> {
        let metadata = fs::metadata(path).ok()?;
        #[cfg(unix)]
        let identity = {
            use std::os::unix::fs::MetadataExt;
            (metadata.ino(), metadata.ctime(), metadata.ctime_nsec())
        };
        #[cfg(not(unix))]
        let identity = (0, 0, 0);
        Some(FileStamp {
            size: metadata.len(),
            modified: metadata.modified().ok(),
            identity,
        })
    }
}

impl FolderWatch {
    pub(super) fn new(core: Arc<RuntimeCore>, folder: PathBuf, interval: Duration) -> Self {
        FolderWatch {
            core,
            folder,
            interval,
            files: BTreeMap::new(),
            looked: None,
            events: VecDeque::new(),
            looking: None,
        }
    }

    /// Waits for the next event. The first events are those of the files that are already
    /// in the folder.
    ///
    /// A file that changes is loaded when it has stayed the same from one poll of the
    /// folder to the next, so a file that is still being written is left alone. Writing a
    /// file again with the same content causes no event.
    ///
    /// # Cancellation
    ///
    /// Dropping the future loses nothing: the next one continues where it was.
    ///
    /// # Panics
    ///
    /// Panics outside a tokio runtime, or in one whose timers are not enabled.
    pub async fn next(&mut self) -> FolderEvent {
        loop {
            if let Some(event) = self.events.pop_front() {
                return event;
            }
            if self.looking.is_none() {
                self.looking = Some(self.look());
            }
            if let Some(looking) = &mut self.looking {
                let found = looking.await;
                self.looking = None;
                self.take(found);
            }
        }
    }

    /// The next event, if there is one without a look at the folder.
    pub(super) fn next_ready(&mut self) -> Option<FolderEvent> {
        self.events.pop_front()
    }

    /// Polls the folder once, after the interval if it has been polled before.
    fn look(&self) -> BoxFuture<'static, Result<FolderFindings, LoadError>> {
        let (core, folder) = (self.core.clone(), self.folder.clone());
        let wait = self.looked.map(|_| self.interval);
        let seen = |(path, seen): (&PathBuf, &SeenFile)| (path.clone(), (seen.stamp, seen.tried));
        let before: BTreeMap<_, _> = self.files.iter().map(seen).collect();
        let first = self.looked.is_none();
        async move {
            if let Some(wait) = wait {
                tokio::time::sleep(wait).await;
            }
            let origin = folder.display().to_string();
            let files = blocking(&origin, move || {
                let files = wasm_files(&folder)?.into_iter();
                let stamped = files.filter_map(|path| Some((FileStamp::of(&path)?, path)));
                let stamped = stamped.map(|(stamp, path)| (path, stamp));
                Ok(stamped.collect::<BTreeMap<_, _>>())
            });
            let files = files.await?;
            let is_due = |(path, stamp): &(&PathBuf, &FileStamp)| {
                let (last, tried) = before.get(*path).copied().unwrap_or_default();
                (first || last == Some(**stamp)) && tried != Some(**stamp)
            };
            let due: Vec<_> = files.iter().filter(is_due).collect();
            let due = due.into_iter().map(|(path, stamp)| (path.clone(), *stamp));
            let mut loaded = Vec::new();
            let core = &core;
            let load = |(path, stamp): (PathBuf, FileStamp)| async move {
                let result = core.load_file(path.clone()).await;
                (path, stamp, result)
            };
            let due: Vec<_> = due.collect();
            let mut loads = std::pin::pin!(
                stream::iter(due.into_iter().map(load)).buffer_unordered(core.library.parallel())
            );
            while let Some(one) = loads.next().await {
                loaded.push(one);
            }
            loaded.sort_by(|(a, ..), (b, ..)| a.cmp(b));
            Ok(FolderFindings { files, loaded })
        }
        .boxed()
    }

    /// Makes events of the findings.
    fn take(&mut self, found: Result<FolderFindings, LoadError>) {
        let FolderFindings { files, loaded } = match found {
            Ok(found) => found,
            Err(error) => {
                if self.looked != Some(false) {
                    let path = self.folder.clone();
                    self.events.push_back(FolderEvent::Failed { path, error });
                }
                self.looked = Some(false);
                return;
            }
        };
        self.looked = Some(true);
        let gone = self.files.keys().filter(|path| !files.contains_key(*path));
        for path in gone.cloned().collect::<Vec<_>>() {
            self.core.library.unload(&path.display().to_string());
            // A file that was never loaded was never reported.
            let seen = self.files.remove(&path);
            if seen.is_some_and(|seen| seen.loaded.is_some()) {
                self.events.push_back(FolderEvent::Removed { path });
            }
        }
        for (path, stamp) in files {
            self.files.entry(path).or_default().stamp = Some(stamp);
        }
        for (path, stamp, result) in loaded {
            self.tell(path, stamp, result);
        }
    }

    fn tell(
        &mut self,
        path: PathBuf,
        stamp: FileStamp,
        result: Result<LoadedComponent, LoadError>,
    ) {
        let Some(seen) = self.files.get_mut(&path) else {
            return;
        };
        seen.tried = Some(stamp);
        let event = match result {
            Ok(component) => {
                let before = seen.loaded.replace(component.clone());
                match before {
                    Some(before) if before.hash() == component.hash() => return,
                    Some(_) => FolderEvent::Changed { path, component },
                    None => FolderEvent::Loaded { path, component },
                }
            }
            Err(error) => FolderEvent::Failed { path, error },
        };
        self.events.push_back(event);
    }
}

impl std::fmt::Debug for FolderWatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "FolderWatch({}, {} files)",
            self.folder.display(),
            self.files.len()
        )
    }
}
