//! Why a filter had no answer.

use std::time::Duration;

use composer::{CallError, CompositionError, LeaseError};
use thiserror::Error;

/// A filter had no answer that could be used. Its instance is given up; other
/// requests have others.
#[derive(Debug, Error)]
pub enum Fault {
    /// There was no instance for it in time.
    #[error("filter `{filter}` is busy: all of its {instances} instances were taken for {wait:?}")]
    Busy {
        /// The filter.
        filter: String,
        /// How many there may be.
        instances: usize,
        /// How long the request waited.
        wait: Duration,
    },
    /// Too many of its instances have failed of late.
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
    /// It does not take its configuration, or is not well.
    #[error("filter `{filter}` refused in `{phase}`: {reason}")]
    Refused {
        /// The filter.
        filter: String,
        /// `configure` or `health`.
        phase: &'static str,
        /// What it says.
        reason: String,
    },
    /// It trapped, or ran into a limit.
    #[error("filter `{filter}`: {error}")]
    Call {
        /// The filter.
        filter: String,
        /// What happened.
        error: CallError,
    },
    /// There is no instance for another reason.
    #[error("filter `{filter}`: {error}")]
    Lease {
        /// The filter.
        filter: String,
        /// Why.
        error: LeaseError,
    },
    /// Its answer is no HTTP, or more than anybody wants.
    #[error("filter `{filter}` gave a wrong answer in `{phase}`: {nonsense}")]
    Nonsense {
        /// The filter.
        filter: String,
        /// The function.
        phase: &'static str,
        /// What is wrong with it.
        nonsense: Nonsense,
    },
}

/// What is wrong with an answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Nonsense {
    /// No status that a response can have.
    #[error("{0} is not a status from 200 to 599")]
    Status(u16),
    /// No name of a header.
    #[error("{0:?} is not the name of a header")]
    Name(String),
    /// No value of a header.
    #[error("the value of `{0}` has bytes that no header can have")]
    Value(String),
    /// A header that says where a message ends, or which way it takes.
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
