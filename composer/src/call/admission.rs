//! Admitted calls.

use crate::boundary::endpoint::Callee;
use crate::call::in_flight_count::{BorrowedInFlightGuard, InFlightGuard};
use crate::observe::call_record::CallerRecord;

/// An admitted call: its callee, the guard that counts it, and the caller's record of it.
pub(crate) struct AdmittedCall {
    pub(crate) callee: Callee,
    pub(crate) guard: InFlightGuard,
    pub(crate) caller_record: CallerRecord,
}

/// An admitted call, which counts for as long as this value lives.
pub(crate) struct Admission<'p> {
    pub(crate) callee: Callee,
    pub(crate) counted: BorrowedInFlightGuard<'p>,
}

impl Admission<'_> {
    /// A further guard, which counts the call for as long as it lives.
    pub(crate) fn count_again(&self) -> InFlightGuard {
        self.counted.count_again()
    }

    /// Converts this into a call that does not borrow the address.
    pub(crate) fn stay(self, caller_record: CallerRecord) -> AdmittedCall {
        let (callee, guard) = self.leave();
        AdmittedCall {
            callee,
            guard,
            caller_record,
        }
    }

    /// The callee, and a guard that does not borrow the address.
    pub(crate) fn leave(self) -> (Callee, InFlightGuard) {
        (self.callee, self.counted.leave())
    }
}
