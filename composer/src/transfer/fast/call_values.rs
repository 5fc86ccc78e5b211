//! Conversions between call values and the types that wasmtime lifts and lowers in bulk.

use wasmtime::component::Val;

use crate::transfer::fast::{IncomingArgs, IncomingResults, OutgoingValues};
use crate::transfer::{CallValues, LiftValues, LowerValues, ScalarRow};

impl<const M: usize> LowerValues for OutgoingValues<M> {
    fn from_values(values: CallValues) -> Option<Self> {
        OutgoingValues::new(match values {
            // The success of a command that has ended itself. Its code never made it, so it
            // has not the form of the call.
            CallValues::Dynamic(vals) if matches!(&vals[..], [Val::Result(Ok(None))]) => {
                let mut row = ScalarRow::default();
                row.push(0)?;
                CallValues::Scalars(row)
            }
            values => values,
        })
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
