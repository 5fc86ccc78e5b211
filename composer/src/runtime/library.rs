//! The components that a runtime has loaded.
//!
//! Code is kept by the hash of the bytes from which it was compiled, and names point to
//! hashes, so that bytes that are loaded under two names are compiled once.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use futures::FutureExt;
use futures::future::BoxFuture;
use futures::stream::{self, StreamExt};
use tokio::runtime::Handle;
use tokio::sync::{OnceCell, Semaphore};
use wasmtime::component::Component;

use crate::error::LoadError;
use crate::runtime::RuntimeCore;
use crate::runtime::cache::CacheFolder;
use crate::runtime::file::{read, wasm_files};
use crate::runtime::loaded::{ComponentFacts, ContentHash, LoadedComponent};
use crate::runtime::statistics::{LoadCounters, Statistics};
use crate::sync::lock;

/// A report of [`Runtime::load_folder`](crate::Runtime::load_folder) on a file that is
/// done.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Progress<'a> {
    /// The file.
    pub path: &'a Path,
    /// The result of loading it.
    pub result: Result<&'a LoadedComponent, &'a LoadError>,
    /// The number of files that are done, including this one.
    pub done: usize,
    /// The number of all files.
    pub total: usize,
}

/// The loaded components of a runtime.
pub(super) struct ComponentLibrary {
    max_size: u64,
    /// Permits to compile, one for each component that may be compiled at once.
    pub(super) permits: Arc<Semaphore>,
    parallel: usize,
    shelf: Mutex<LibraryState>,
    pub(super) counters: LoadCounters,
    pub(super) disk: Option<CacheFolder>,
}

#[derive(Default)]
struct LibraryState {
    names: BTreeMap<String, ComponentFacts>,
    /// The first load of some bytes fills their cell; concurrent loads wait for that.
    code: HashMap<ContentHash, Arc<OnceCell<Component>>>,
}

impl LibraryState {
    /// Removes the code with this hash, if no name leads to it and no load is under way.
    fn tidy(&mut self, hash: ContentHash) -> Option<Arc<OnceCell<Component>>> {
        let named = self.names.values().any(|known| known.hash == hash);
        let loading = self
            .code
            .get(&hash)
            .is_some_and(|cell| Arc::strong_count(cell) > 1);
        match named || loading {
            true => None,
            false => self.code.remove(&hash),
        }
    }
}

impl ComponentLibrary {
    pub(super) fn new(max_size: u64, disk: Option<CacheFolder>) -> Self {
        let parallel = std::thread::available_parallelism().map_or(1, usize::from);
        ComponentLibrary {
            max_size,
            permits: Arc::new(Semaphore::new(parallel)),
            parallel,
            shelf: Mutex::default(),
            counters: LoadCounters::default(),
            disk,
        }
    }

    /// The number of components that are loaded at once.
    pub(super) fn parallel(&self) -> usize {
        self.parallel
    }

    pub(super) fn unload(&self, name: &str) -> bool {
        let mut shelf = lock(&self.shelf);
        let Some(known) = shelf.names.remove(name) else {
            return false;
        };
        let unused = shelf.tidy(known.hash);
        drop(shelf);
        // Freeing code takes a while, so it is done outside the lock.
        drop(unused);
        true
    }

    pub(super) fn statistics(&self) -> Statistics {
        let shelf = lock(&self.shelf);
        let (names, cells) = (shelf.names.len(), shelf.code.values());
        let components = cells.filter(|cell| cell.initialized()).count();
        drop(shelf);
        Statistics {
            names,
            components,
            ..self.counters.read()
        }
    }

    fn cell(&self, hash: ContentHash) -> Arc<OnceCell<Component>> {
        let mut shelf = lock(&self.shelf);
        shelf.code.entry(hash).or_default().clone()
    }
}

/// A load under way. If it fails or is abandoned, the guard removes its cell.
struct LoadGuard<'l> {
    library: &'l ComponentLibrary,
    hash: ContentHash,
    loaded: bool,
}

impl Drop for LoadGuard<'_> {
    fn drop(&mut self) {
        if !self.loaded {
            let unused = lock(&self.library.shelf).tidy(self.hash);
            drop(unused);
        }
    }
}

impl RuntimeCore {
    /// The future is boxed, so that it is compiled with this crate, and not with every
    /// program that loads a component.
    pub(super) fn load_bytes(
        self: &Arc<Self>,
        name: String,
        bytes: Vec<u8>,
    ) -> BoxFuture<'_, Result<LoadedComponent, LoadError>> {
        let limit = self.library.max_size;
        let size = bytes.len() as u64;
        async move {
            let read = match size > limit {
                true => Err(LoadError::TooLarge {
                    origin: name.clone(),
                    size,
                    limit,
                }),
                false => blocking(&name, move || Ok(hashed(bytes))).await,
            };
            self.load(name, read).await
        }
        .boxed()
    }

    /// As [`load_bytes`](Self::load_bytes).
    pub(super) fn load_file(
        self: &Arc<Self>,
        path: PathBuf,
    ) -> BoxFuture<'_, Result<LoadedComponent, LoadError>> {
        let name = path.display().to_string();
        let limit = self.library.max_size;
        async move {
            let read = blocking(&name, move || Ok(hashed(read(&path, limit)?))).await;
            self.load(name, read).await
        }
        .boxed()
    }

    pub(super) async fn load_folder(
        self: &Arc<Self>,
        path: &Path,
        mut on_progress: impl FnMut(&Progress<'_>),
    ) -> Result<Vec<(PathBuf, Result<LoadedComponent, LoadError>)>, LoadError> {
        let folder = path.to_owned();
        let files = blocking(&path.display().to_string(), move || wasm_files(&folder)).await?;
        let total = files.len();
        let load = async |(place, path): (usize, PathBuf)| {
            let result = self.load_file(path.clone()).await;
            (place, path, result)
        };
        let places = stream::iter(files.into_iter().enumerate());
        let mut loading = std::pin::pin!(places.map(load).buffer_unordered(self.library.parallel));
        let mut loaded = BTreeMap::new();
        while let Some((place, path, result)) = loading.next().await {
            on_progress(&Progress {
                path: &path,
                result: result.as_ref(),
                done: loaded.len() + 1,
                total,
            });
            loaded.insert(place, (path, result));
        }
        Ok(loaded.into_values().collect())
    }

    /// Loads bytes that have been read, under a name.
    async fn load(
        self: &Arc<Self>,
        name: String,
        read: Result<HashedBytes, LoadError>,
    ) -> Result<LoadedComponent, LoadError> {
        let library = &self.library;
        let loaded = async {
            let HashedBytes { bytes, hash } = read?;
            let known = ComponentFacts {
                hash,
                size: bytes.len() as u64,
            };
            // The guard is made before the handle of the cell, so that it is dropped
            // after it.
            let mut loading = LoadGuard {
                library,
                hash,
                loaded: false,
            };
            let cell = library.cell(hash);
            if cell.initialized() {
                library.counters.memory_hits.fetch_add(1, Ordering::AcqRel);
            }
            // If this fails, the next load that waits for the cell tries again.
            let compile = || self.compile(&name, bytes, hash);
            let component = cell.get_or_try_init(compile).await?.clone();
            // Its name is set below, with no await in between.
            loading.loaded = true;
            Ok((known, component))
        };
        let (known, component) = loaded.await.inspect_err(|_| {
            library.counters.failed.fetch_add(1, Ordering::AcqRel);
        })?;
        let mut shelf = lock(&library.shelf);
        let before = shelf.names.insert(name.clone(), known);
        // The code may have been unloaded under another name in the meantime.
        let cell = shelf.code.entry(known.hash).or_default();
        if !cell.initialized() {
            *cell = Arc::new(OnceCell::new_with(Some(component.clone())));
        }
        let unused = before.and_then(|before| shelf.tidy(before.hash));
        drop(shelf);
        drop(unused);
        Ok(known.handle(name, component, self))
    }

    pub(super) fn loaded(self: &Arc<Self>) -> Vec<LoadedComponent> {
        let shelf = lock(&self.library.shelf);
        let names = shelf.names.iter();
        names
            .filter_map(|(name, known)| {
                let component = shelf.code.get(&known.hash)?.get()?;
                Some(known.handle(name.clone(), component.clone(), self))
            })
            .collect()
    }

    pub(super) fn find(self: &Arc<Self>, name: &str) -> Option<LoadedComponent> {
        let shelf = lock(&self.library.shelf);
        let known = *shelf.names.get(name)?;
        let component = shelf.code.get(&known.hash)?.get()?.clone();
        drop(shelf);
        Some(known.handle(name.to_owned(), component, self))
    }
}

struct HashedBytes {
    bytes: Vec<u8>,
    hash: ContentHash,
}

fn hashed(bytes: Vec<u8>) -> HashedBytes {
    HashedBytes {
        hash: ContentHash::of(&bytes),
        bytes,
    }
}

/// Does work on one of tokio's threads for blocking work.
pub(super) async fn blocking<R: Send + 'static>(
    origin: &str,
    work: impl FnOnce() -> Result<R, LoadError> + Send + 'static,
) -> Result<R, LoadError> {
    let Ok(runtime) = Handle::try_current() else {
        return Err(LoadError::NoRuntime {
            origin: origin.to_owned(),
        });
    };
    let done = runtime.spawn_blocking(work).await;
    done.unwrap_or_else(|error| {
        Err(LoadError::Interrupted {
            origin: origin.to_owned(),
            reason: error.to_string(),
        })
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::task::{Context, Waker};

    use crate::Runtime;
    use crate::sync::lock;

    /// Loads that are given up while they compile leave nothing behind.
    #[tokio::test]
    async fn loads_that_nobody_waits_for() {
        let runtime = Runtime::new().expect("a runtime");
        let library = &runtime.core.library;
        // Without permits, nothing is compiled.
        library.permits.forget_permits(library.parallel);
        let cells = || -> Vec<usize> {
            let shelf = lock(&library.shelf);
            shelf.code.values().map(Arc::strong_count).collect()
        };
        let cx = &mut Context::from_waker(Waker::noop());
        let mut loads = Vec::new();
        // The library holds the cell as well.
        for holders in [2, 3] {
            let mut load = Box::pin(runtime.load_bytes("n", "(component)"));
            while cells() != [holders] {
                assert!(load.as_mut().poll(cx).is_pending());
                tokio::task::yield_now().await;
            }
            loads.push(load);
        }
        loads.pop();
        assert_eq!(cells(), [2]);
        loads.pop();
        assert_eq!(cells(), [] as [usize; 0]);
    }
}
