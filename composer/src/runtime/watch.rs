//! A folder whose components are loaded again when they change.
//!
//! The folder is looked at from time to time, rather than the system asked to
//! tell of changes: that works on every file system, and what a program does
//! while it writes a file is nobody's business before it has finished.

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

/// What happened to a component in a folder that is [watched](FolderWatch).
#[derive(Debug)]
#[non_exhaustive]
pub enum FolderEvent {
    /// It is there, and has been loaded.
    Loaded {
        /// Its file.
        path: PathBuf,
        /// What was loaded.
        component: LoadedComponent,
    },
    /// It is another one than before, and has been loaded.
    Changed {
        /// Its file.
        path: PathBuf,
        /// What was loaded.
        component: LoadedComponent,
    },
    /// Its file is gone. It is no longer [loaded](crate::Runtime::loaded); what
    /// was made of it goes on.
    Removed {
        /// Its file.
        path: PathBuf,
    },
    /// It cannot be loaded, or the folder cannot be read. What was loaded before
    /// stays so. It is tried again when the file changes.
    Failed {
        /// Its file, or the folder.
        path: PathBuf,
        /// Why.
        error: LoadError,
    },
}

/// Watches over the components in a folder. Made by
/// [`Runtime::watch_folder`](crate::Runtime::watch_folder).
///
/// It does something only while [`next`](FolderWatch::next) is awaited, and keeps
/// no more events than there are files. To end it, drop it.
pub struct FolderWatch {
    core: Arc<RuntimeCore>,
    folder: PathBuf,
    interval: Duration,
    files: BTreeMap<PathBuf, SeenFile>,
    /// Whether the folder has been looked at, and could be read.
    looked: Option<bool>,
    events: VecDeque<FolderEvent>,
    /// The look that is under way. It is kept here, so that who asks again and
    /// again and never waits to the end gets on all the same.
    looking: Option<BoxFuture<'static, Result<FolderFindings, LoadError>>>,
}

/// What a look at the folder has found.
struct FolderFindings {
    files: BTreeMap<PathBuf, FileStamp>,
    /// Those that have changed and settled.
    loaded: Vec<(PathBuf, FileStamp, Result<LoadedComponent, LoadError>)>,
}

/// What is known of a file.
#[derive(Default)]
struct SeenFile {
    /// When it was last looked at.
    stamp: Option<FileStamp>,
    /// When it was last loaded, or could not be.
    tried: Option<FileStamp>,
    loaded: Option<LoadedComponent>,
}

/// What changes when somebody writes to a file.
#[derive(Clone, Copy, PartialEq, Eq)]
struct FileStamp {
    size: u64,
    modified: Option<SystemTime>,
    /// On Unix, the file itself and when anything about it changed.
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

    /// The next thing that happens. At first that is each file which is there
    /// already.
    ///
    /// A file that changes is loaded when it has stayed the same from one look at
    /// the folder to the next, so one that is still being written is left alone.
    /// A file that is written again with the same content is no event.
    ///
    /// # Cancellation
    ///
    /// Dropping the future loses nothing: the next one goes on where it was.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime, or in one whose timers are not enabled.
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

    /// Looks at the folder once, in a while if it has been looked at before.
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

    /// Makes events of what was found.
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
            // One that never was loaded was never there.
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
