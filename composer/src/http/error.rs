//! Errors of serving a request.

use http::StatusCode;
use thiserror::Error;

#[cfg(feature = "runtime")]
use crate::error::LeaseError;
use crate::error::{CallError, Limit, LimitExceeded, LookupError};

/// Why a request got no answer from its component.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum HttpError {
    /// The request cannot be given to a component.
    #[error("the request cannot be served: {reason}")]
    Request {
        /// The reason.
        reason: String,
    },
    /// The request wants another protocol than HTTP on its connection.
    #[error("the request wants to leave HTTP (`{wanted}`), which components cannot do")]
    Upgrade {
        /// The protocol, or the method `CONNECT`.
        wanted: String,
    },
    /// The call of the handler failed.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The handler ended without an answer.
    #[error("component `{component}` ended without an answer")]
    NoResponse {
        /// The component.
        component: String,
    },
    /// The handler answered with an error.
    #[error("component `{component}` answered with an error: {code}")]
    Answer {
        /// The component.
        component: String,
        /// The case of `wasi:http/types.error-code`, in words.
        code: String,
    },
    /// The body of the answer failed.
    #[error("the body of the answer failed: {reason}")]
    Body {
        /// The reason.
        reason: String,
    },
    /// The composition of a pool has no handler.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// The pool has no composition to spare.
    #[cfg(feature = "runtime")]
    #[error(transparent)]
    Lease(#[from] LeaseError),
}

impl HttpError {
    /// The status that a client gets.
    ///
    /// | status | when |
    /// |---|---|
    /// | 400 | the request cannot be given to a component |
    /// | 501 | the request wants another protocol |
    /// | 503 | the component is gone or restarting, or the pool has none to spare |
    /// | 504 | the component exceeded its limit of time, or its deadline |
    /// | 502 | the component answered with an error |
    /// | 500 | anything else |
    pub fn status(&self) -> StatusCode {
        match self {
            HttpError::Request { .. } => StatusCode::BAD_REQUEST,
            HttpError::Upgrade { .. } => StatusCode::NOT_IMPLEMENTED,
            HttpError::Answer { .. } => StatusCode::BAD_GATEWAY,
            HttpError::Call(error) => of_call(error),
            #[cfg(feature = "runtime")]
            HttpError::Lease(_) => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

fn of_call(error: &CallError) -> StatusCode {
    let limit = error.death().and_then(|death| match &death.cause {
        crate::DeathCause::Limit(LimitExceeded { limit, .. }) => Some(*limit),
        _ => None,
    });
    match (error, limit) {
        (CallError::Failed { .. }, Some(Limit::Time | Limit::Deadline)) => {
            StatusCode::GATEWAY_TIMEOUT
        }
        (CallError::Dead { .. } | CallError::Restarting { .. } | CallError::Stopped { .. }, _) => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
