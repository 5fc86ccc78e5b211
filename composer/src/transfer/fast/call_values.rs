//! Conversions between call values and the types that wasmtime lifts and lowers in bulk.

use crate::transfer::fast::{IncomingArgs, IncomingResults, OutgoingValues};
use crate::transfer::{CallValues, LiftValues, LowerValues};

impl<const M: usize> LowerValues for OutgoingValues<M> {
    fn from_values(values: CallValues) -> Option<Self> {
        OutgoingValues::new(values)
    }
}

impl<const N: usize> LiftValues for IncomingArgs<N> {
    fn into_values(self) -> CallValues {
        self.0
    }
}

impl<const N: usize> LiftValues for IncomingResults<N> {
    fn into_values(self) -> CallValues {
        self.0
    }
}
