//! Faults: the reasons why a filter has no usable answer.

use std::time::Duration;

use composer::{CallError, CompositionError, LeaseError};
use thiserror::Error;

use crate::body::BodyError;

/// A filter had no usable answer. Its instance is given up; other requests have other
/// instances.
#[derive(Debug, Error)]
pub enum Fault {
    /// No instance became free in time.
    #[error("filter `{filter}` is busy: all of its {instances} instances were taken for {wait:?}")]
    Busy {
        /// The filter.
        filter: String,
        /// How many there may be.
        instances: usize,
        /// How long the request waited.
        wait: Duration,
    },
    /// Too many of its instances have failed recently.
    #[error("filter `{filter}` rests: its instances failed more than {limit} times in a second")]
    Resting {
        /// The filter.
        filter: String,
        /// How many may be replaced in a second.
        limit: u32,
    },
    /// An instance of it did not start.
    #[error("filter `{filter}`: {error}")]
    Start {
        /// The filter.
        filter: String,
        /// Why.
        error: CompositionError,
    },
    /// It refuses its configuration, or reports that it is not healthy.
    #[error("filter `{filter}` refused in `{phase}`: {reason}")]
    Refused {
        /// The filter.
        filter: String,
        /// `configure` or `health`.
        phase: &'static str,
        /// The reason that it gives.
        reason: String,
    },
    /// It trapped, or ran into a limit.
    #[error("filter `{filter}`: {error}")]
    Call {
        /// The filter.
        filter: String,
        /// The error of the call.
        error: CallError,
    },
    /// It ended in the middle of a body.
    #[error("filter `{filter}`, in the middle of a body: {error}")]
    Body {
        /// The filter.
        filter: String,
        /// The error of the stream.
        error: BodyError,
    },
    /// It did not go on with a body that it was given.
    #[error("filter `{filter}` did nothing with a body for {patience:?}")]
    Stuck {
        /// The filter.
        filter: String,
        /// How long it may do nothing.
        patience: Duration,
    },
    /// There is no instance for another reason.
    #[error("filter `{filter}`: {error}")]
    Lease {
        /// The filter.
        filter: String,
        /// Why.
        error: LeaseError,
    },
    /// Its answer is not valid HTTP, or too large.
    #[error("filter `{filter}` gave a wrong answer in `{phase}`: {nonsense}")]
    Nonsense {
        /// The filter.
        filter: String,
        /// The function.
        phase: &'static str,
        /// The problem with it.
        nonsense: Nonsense,
    },
}

/// A problem with an answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Nonsense {
    /// A number that is not the status of a response.
    #[error("{0} is not a status from 200 to 599")]
    Status(u16),
    /// A text that is not the name of a header.
    #[error("{0:?} is not the name of a header")]
    Name(String),
    /// Bytes that are not the value of a header.
    #[error("the value of `{0}` has bytes that no header can have")]
    Value(String),
    /// A header that frames or routes messages.
    #[error("`{0}` is not for filters to change")]
    Reserved(String),
    /// Too many changes.
    #[error("{found} headers at once; {limit} is the limit")]
    Headers {
        /// How many there are.
        found: usize,
        /// How many there may be.
        limit: usize,
    },
    /// Too long.
    #[error("{found} bytes at once; {limit} is the limit")]
    Size {
        /// How many there are.
        found: usize,
        /// How many there may be.
        limit: usize,
    },
}
