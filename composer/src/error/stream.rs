//! Errors of streams and futures that end before their time.

use std::sync::Arc;

use thiserror::Error;

use crate::error::death::Death;

/// Why a stream or a future ended before its writer had finished.
///
/// WIT has no way to report this to a component that reads: it ends with a
/// [`DeathCause::Stream`](crate::DeathCause::Stream). The embedder gets it as an error.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum StreamError {
    /// The component that writes died.
    #[error("the component that writes it died: {death}")]
    WriterDied {
        /// What happened.
        death: Arc<Death>,
    },
    /// The component that writes was stopped: its composition was shut down, or it was
    /// replaced and did not finish in time.
    #[error("component `{component}`, which writes it, was stopped")]
    WriterStopped {
        /// The component.
        component: String,
    },
    /// The embedder dropped the writable end of a future without a value.
    #[error("the embedder dropped the writer of a future without a value")]
    NoValue,
    /// What the embedder wrote is not of the type that the reader expects.
    #[error("{path} must be {expected}, not {found}")]
    Type {
        /// The path from the item to the wrong value.
        path: String,
        /// The type that the value must have.
        expected: String,
        /// The type that it has.
        found: String,
    },
    /// The reader has dropped its end, so nothing can be written any more.
    #[error("the reader is gone")]
    ReaderGone,
    /// Nothing was read or written for longer than a limit allows.
    #[error("component `{component}` let it idle for longer than {limit_ms} ms")]
    Idle {
        /// The component whose limit it is.
        component: String,
        /// The limit, in milliseconds.
        limit_ms: u64,
    },
}
