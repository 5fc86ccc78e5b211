//! The layer that most programs start from: it loads components, limits what they use,
//! and keeps them from everything that they were not granted.
//!
//! ```
//! use composer::runtime::Limits;
//! use composer::{ComposableDescriptor, Composer, Runtime, Value};
//! # use composer::CompositionError;
//!
//! # const DOUBLE: &[u8] = br#"(component
//! #     (core module $m (func (export "double") (param i32) (result i32)
//! #         local.get 0 i32.const 2 i32.mul))
//! #     (core instance $i (instantiate $m))
//! #     (func (export "double") (param "n" u32) (result u32)
//! #         (canon lift (core func $i "double"))))"#;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), CompositionError> {
//! let runtime = Runtime::builder().limits(Limits::strict()).build()?;
//! let double = runtime.load_bytes("double", DOUBLE).await?;
//!
//! let part = runtime.part(&double);
//! let usage = part.usage();
//! let mut composer = Composer::new();
//! composer.add(ComposableDescriptor::new("double", part));
//! let composition = composer.compose().await?;
//!
//! let double = composition.get_func(None, "double")?;
//! assert_eq!(double.call_owned([21u32.into()]).await?, Some(Value::U32(42)));
//! assert!(usage.fuel() > 0);
//! # Ok(())
//! # }
//! ```
//!
//! # Types
//!
//! * A [`Runtime`] owns the engines, the code that they have compiled, and the thread
//!   that enforces limits of time. It is a handle that can be cloned freely.
//! * A [`LoadedComponent`] is compiled code with the name it was loaded under.
//! * A [`SandboxedComponent`] is a part of a composition: a loaded component
//!   with [`Limits`] and [`Grants`]. Its [`Usage`] shows what it has used.
//! * A [`Pool`] keeps running compositions of one plan, and lends each to one
//!   caller at a time.
//!
//! When the last handle of a runtime is dropped, the compositions that it has
//! [composed](Runtime::compose) or [adopted](Runtime::adopt) are stopped. Components that
//! it has loaded keep working, within their limits, in other compositions.
//!
//! # What a component may do
//!
//! A component may compute within its limits, and print. [`Grants`] describes what else
//! it can be granted.
//!
//! # Components that compute for long
//!
//! Where time is [limited](Limits::time), a call that has computed for a millisecond
//! leaves its thread and continues on threads that the runtime has for this purpose: as
//! many as there are processors, and on Linux with a lower priority than the rest of the
//! program. So a call that takes microseconds still does so beside code that never ends,
//! and a call that needs many milliseconds takes longer on a machine that is busy. That
//! waiting does not count as its [time](Limits::time), which is the processor time of its
//! code. On a tokio runtime of one thread such a call stays on that thread, and yields to
//! other tasks each millisecond.
//!
//! # Components that exceed a limit
//!
//! A component that exceeds a limit ends alone, as it would by a trap: the calls in it
//! fail with [`CallError::Failed`](crate::CallError::Failed), later ones with
//! [`CallError::Dead`](crate::CallError::Dead), and
//! [`Death::limit`](crate::Death::limit) returns the limit. Three limits make callers
//! wait instead: [`Limits::calls`], [`Limits::inbox`], and the number of components that
//! are compiled at once.

mod builder;
mod cache;
mod compile;
mod compositions;
mod feed_event;
mod file;
mod folder_feed;
#[cfg(feature = "fused")]
mod fuse;
mod library;
mod loaded;
mod part;
mod pool;
mod sandbox;
mod statistics;
mod watch;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

pub use crate::limits::component_limits::Limits;
pub use crate::limits::usage::{CallUsage, StreamUsage, Usage};
pub use builder::RuntimeBuilder;
pub use cache::CacheKey;
pub use compositions::RuntimeShutdown;
pub use feed_event::{FeedError, FeedEvent};
pub use folder_feed::FolderFeed;
pub use library::Progress;
pub use loaded::{ContentHash, LoadedComponent};
pub use part::SandboxedComponent;
pub use pool::{
    Lease, Pool, PoolBuilder, PoolClosed, PoolStatus, Reset, TypedLease, TypedPool,
    TypedPoolBuilder,
};
pub(crate) use sandbox::Sandbox;
pub use sandbox::{Clocks, Grants};
pub use statistics::Statistics;
pub use watch::{FolderEvent, FolderWatch};

use crate::assembly::prepared::PreparedComposition;
use crate::error::LoadError;
use crate::limits::ticker::Ticker;
use crate::load::engines::Engines;
use crate::runtime::compositions::OwnedCompositions;
use crate::runtime::library::ComponentLibrary;

/// Loads components and makes sandboxed parts of them.
///
/// See the [module](self). This is a handle that is cheap to clone, and can be used from
/// any task or thread.
#[derive(Clone)]
pub struct Runtime {
    core: Arc<RuntimeCore>,
    compositions: Arc<OwnedCompositions>,
}

/// The state that a runtime and its components share.
struct RuntimeCore {
    engines: Engines,
    /// The clock that enforces deadlines, and interrupts code if the engines count time.
    ticker: Option<Arc<Ticker>>,
    /// Whether the engines let code be interrupted.
    counts_time: bool,
    /// Whether the engines count fuel.
    counts_fuel: bool,
    /// The bytes of stack that the engines give to wasm code.
    stack: usize,
    limits: Limits,
    /// The seed of the components' randomness.
    seed: u64,
    library: ComponentLibrary,
    /// The pools, and what they share.
    places: Arc<pool::PoolScheduler>,
}

impl Runtime {
    /// A builder with the default settings.
    pub fn builder() -> RuntimeBuilder {
        RuntimeBuilder::default()
    }

    /// A runtime with [`Limits::default`], which keeps nothing on disk.
    ///
    /// # Errors
    ///
    /// The same as [`RuntimeBuilder::build`].
    pub fn new() -> Result<Self, crate::RuntimeError> {
        RuntimeBuilder::default().build()
    }

    /// Loads a component from memory, under a name of your choice. Bytes that were loaded
    /// before under any name are not compiled again, and if several tasks load the same
    /// bytes at once, only one of them compiles.
    ///
    /// A component that was loaded under the same name before is forgotten; parts made of
    /// it are not affected.
    ///
    /// Compiling happens on tokio's threads for blocking work, on as many at once as the
    /// machine runs in parallel. It may take long: a component with an interpreter in it,
    /// such as one in Python, takes 10 to 20 seconds on two processors, and a minute in a
    /// program whose dependencies are not optimised. An event of [`tracing`] says when it
    /// begins, and [`RuntimeBuilder::cache_folder`] spares it the next time.
    ///
    /// # Errors
    ///
    /// [`LoadError`]: the bytes are [too large](LoadError::TooLarge), or not a component
    /// that can be compiled.
    ///
    /// # Cancellation
    ///
    /// Dropping the future loses nothing but time: compiling that has begun continues to
    /// its end on its thread.
    pub async fn load_bytes(
        &self,
        name: impl Into<String>,
        bytes: impl Into<Vec<u8>>,
    ) -> Result<LoadedComponent, LoadError> {
        self.core.load_bytes(name.into(), bytes.into()).await
    }

    /// Loads a component from a file, under the file's path as its name.
    ///
    /// A file that is too large is not read.
    ///
    /// # Errors
    ///
    /// The same as [`load_bytes`](Runtime::load_bytes), and [`LoadError::Read`].
    ///
    /// # Cancellation
    ///
    /// The same as [`load_bytes`](Runtime::load_bytes).
    pub async fn load_file(&self, path: impl AsRef<Path>) -> Result<LoadedComponent, LoadError> {
        self.core.load_file(path.as_ref().to_owned()).await
    }

    /// Loads every file directly in a folder whose name ends in `.wasm`, as many at once
    /// as the machine runs in parallel. `on_progress` is called with each file when it is
    /// done; the result has them in the order of their names.
    ///
    /// # Errors
    ///
    /// [`LoadError::Read`] if the folder cannot be read. The error of a single file is in
    /// the result, and does not keep other files from being loaded.
    ///
    /// # Cancellation
    ///
    /// The same as [`load_bytes`](Runtime::load_bytes). Components that have been loaded
    /// stay loaded.
    ///
    /// ```
    /// use composer::Runtime;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), composer::CompositionError> {
    /// # let plugins = std::env::temp_dir().join(format!("composer-doc-{}", std::process::id()));
    /// # std::fs::create_dir_all(&plugins).unwrap();
    /// # std::fs::write(plugins.join("a.wasm"), b"\0asm\x0d\0\x01\0").unwrap();
    /// # std::fs::write(plugins.join("b.wasm"), b"\0asm\x01\0\0\0").unwrap();
    /// let runtime = Runtime::new()?;
    /// let loaded = runtime
    ///     .load_folder(&plugins, |progress| {
    ///         println!("{} of {}: {}", progress.done, progress.total, progress.path.display());
    ///     })
    ///     .await?;
    /// # std::fs::remove_dir_all(&plugins).unwrap();
    /// let (good, bad): (Vec<_>, Vec<_>) = loaded.into_iter().partition(|(_, it)| it.is_ok());
    /// assert_eq!((good.len(), bad.len()), (1, 1)); // one of them is a core module
    /// # Ok(())
    /// # }
    /// ```
    pub async fn load_folder(
        &self,
        path: impl AsRef<Path>,
        on_progress: impl FnMut(&Progress<'_>),
    ) -> Result<Vec<(PathBuf, Result<LoadedComponent, LoadError>)>, LoadError> {
        self.core.load_folder(path.as_ref(), on_progress).await
    }

    /// Watches the files directly in a folder whose names end in `.wasm`: each is
    /// loaded, under its path as its name, and again when it changes. The folder is read
    /// once every `interval`.
    ///
    /// This does not change anything that runs: the receiver of an event decides what to
    /// do about a component that has changed.
    ///
    /// ```no_run
    /// use std::time::Duration;
    /// use composer::Runtime;
    /// use composer::runtime::FolderEvent;
    ///
    /// # async fn watch() -> Result<(), composer::CompositionError> {
    /// let runtime = Runtime::new()?;
    /// let mut plugins = runtime.watch_folder("plugins", Duration::from_secs(1));
    /// loop {
    ///     match plugins.next().await {
    ///         FolderEvent::Loaded { path, component } => {
    ///             println!("{} is new: {}", path.display(), component.hash());
    ///         }
    ///         FolderEvent::Failed { path, error } => {
    ///             eprintln!("{} is left as it was: {error}", path.display());
    ///         }
    ///         other => println!("{other:?}"),
    ///     }
    /// }
    /// # }
    /// ```
    pub fn watch_folder(&self, path: impl Into<PathBuf>, interval: Duration) -> FolderWatch {
        FolderWatch::new(self.core.clone(), path.into(), interval)
    }

    /// The components that are loaded, in the order of their names.
    pub fn loaded(&self) -> Vec<LoadedComponent> {
        self.core.loaded()
    }

    /// The component that is loaded under a name.
    pub fn find(&self, name: &str) -> Option<LoadedComponent> {
        self.core.find(name)
    }

    /// Forgets the component that was loaded under a name, and returns whether there was
    /// one. Its code is freed when nothing uses it any more: no part, no composition, no
    /// other name, no [`LoadedComponent`]. Files on disk stay there.
    pub fn unload(&self, name: &str) -> bool {
        self.core.library.unload(name)
    }

    /// Counts of what has been loaded and compiled so far.
    pub fn statistics(&self) -> Statistics {
        self.core.library.statistics()
    }

    /// A component as a part of a composition, with the limits of the runtime
    /// that loaded it and nothing granted.
    pub fn part(&self, component: &LoadedComponent) -> SandboxedComponent {
        component.part()
    }

    /// A builder of a pool of compositions. All pools of this runtime together have at
    /// most [`max_instances`](RuntimeBuilder::max_instances).
    pub fn pool(&self, prepared: &PreparedComposition) -> PoolBuilder {
        PoolBuilder::new(prepared.clone(), self.core.places.clone())
    }

    /// The number of instances in the runtime's pools, including those that start or end.
    pub fn pooled_instances(&self) -> usize {
        self.core.places.used()
    }

    /// The engines, for components that need more than a [`SandboxedComponent`] can be
    /// given. The embedder has to set the limits of such components.
    pub fn engines(&self) -> &Engines {
        &self.core.engines
    }

    /// Whether it counts fuel, so that limits of it hold: see
    /// [`RuntimeBuilder::count_fuel`].
    ///
    /// ```
    /// use composer::Runtime;
    ///
    /// # fn main() -> Result<(), composer::RuntimeError> {
    /// assert!(Runtime::builder().count_fuel(true).build()?.counts_fuel());
    /// # Ok(())
    /// # }
    /// ```
    pub fn counts_fuel(&self) -> bool {
        self.core.counts_fuel
    }

    /// The seed of the components' randomness. With the same
    /// [`RuntimeBuilder::seed`], a run can be repeated.
    pub fn seed(&self) -> u64 {
        self.core.seed
    }
}

impl std::fmt::Debug for Runtime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<_> = self.loaded().iter().map(|c| c.name().to_owned()).collect();
        write!(f, "Runtime({names:?})")
    }
}
