//! The values of one call on their way over a boundary.

use crate::boundary::resources::TransferredHandle;
use crate::transfer::CallValues;

/// Owned values between two stores, or between a store and the embedder.
#[derive(Debug)]
pub(crate) struct TransferredValues {
    pub(crate) values: CallValues,
    /// The resources, in the order in which the walk of the types meets them.
    pub(crate) handles: Vec<TransferredHandle>,
}
