//! Errors of resources that cross between stores.

use thiserror::Error;

/// Why a resource could not cross.
#[derive(Debug, Error)]
pub(crate) enum TransferError {
    #[error("the resource {0} is lent and cannot be given away until the calls that use it end")]
    Lent(String),
    #[error("the resource {0} does not belong here")]
    Foreign(String),
    #[error("a resource is missing")]
    Nothing,
    #[error(
        "the component holds {held} resources of others, half of the {limit} handles that its \
         store may have; `Store::set_max_component_handles` moves the limit"
    )]
    TooMany { held: usize, limit: usize },
    #[error(
        "a `{0}` of the program cannot leave its store while something made from it is alive \
         there, such as a stream or a pollable; drop that first"
    )]
    HasChildren(&'static str),
    #[error(
        "a `{0}` of the program can be given away but not lent, since it may hold a stream of \
         its store"
    )]
    OnlyGiven(&'static str),
    #[error("a `{0}` of the program is lent to another call, or went with the one that had it")]
    InUse(&'static str),
    #[error(transparent)]
    Store(#[from] wasmtime::Error),
}

impl TransferError {
    /// Converts this into the error that ends the store in which it occurred.
    pub(crate) fn into_fatal(self) -> wasmtime::Error {
        match self {
            TransferError::Store(error) => error,
            other => wasmtime::Error::new(other),
        }
    }
}
