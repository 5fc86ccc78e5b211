//! Errors of making a runtime.

use std::path::PathBuf;

use thiserror::Error;

/// Why a [`Runtime`](crate::Runtime) could not be made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RuntimeError {
    /// wasmtime refuses the configuration.
    #[error("cannot make an engine: {error:#}")]
    Engine {
        /// What wasmtime says.
        error: wasmtime::Error,
    },
    /// The thread that enforces limits of time cannot be started.
    #[error("cannot start the thread that watches the time: {error}")]
    Thread {
        /// What the system says.
        error: std::io::Error,
    },
    /// The system has no randomness for a key or a seed.
    #[error("the system gives no random bytes: {reason}")]
    Randomness {
        /// What the system says.
        reason: String,
    },
    /// The folder for compiled components cannot be used.
    #[error("cannot use {} for compiled components: {error}", path.display())]
    CacheFolder {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// The key of the folder for compiled components cannot be read or made.
    #[error("cannot use the key {}: {error}", path.display())]
    Key {
        /// The file of the key.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// The file of the key does not hold a key.
    #[error(
        "{} has {size} bytes, so it is not a key, which has 32; remove it and a new one is made",
        path.display()
    )]
    NotAKey {
        /// The file.
        path: PathBuf,
        /// Its size in bytes.
        size: u64,
    },
    /// Users other than its owner can read or change the file of the key.
    #[error(
        "the key {} can be used by others (mode {mode:03o}); take it from them with `chmod 600`, \
         or remove it and a new one is made",
        path.display()
    )]
    ExposedKey {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The key lies in the folder that it is to protect, so anyone who can change
    /// files there can change the key.
    #[error("the key {} must not lie in the folder it protects; put it elsewhere", path.display())]
    KeyInFolder {
        /// The file.
        path: PathBuf,
    },
}
