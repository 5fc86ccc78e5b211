//! Values that measure more than a store lets cross in one call.

#[cfg(feature = "fast-transfer")]
use std::fmt;

/// Values measured more than their store's limit, at so many bytes: there would
/// have been more.
#[cfg(feature = "fast-transfer")]
#[derive(Debug)]
pub(crate) struct Oversize(pub(crate) usize);

#[cfg(feature = "fast-transfer")]
impl fmt::Display for Oversize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "values of {} bytes or more", self.0)
    }
}

/// Whether an error is wasmtime's that values measure more than they may.
///
/// Its type is one that nobody else can name. No value can be asked either, since the
/// code has ended. But this type has no fields, so what its `Debug` says can be nothing
/// but its name, and no other error's text, whoever wrote it, can be taken for it: text
/// takes room. Should the name change, the tests of this limit fail, and the limit holds
/// but is told as [`DeathCause::Other`](crate::DeathCause::Other).
pub(crate) fn is_out_of_fuel(error: &wasmtime::Error) -> bool {
    let root = error.root_cause();
    size_of_val(root) == 0 && format!("{root:?}") == "HostcallFuelExhausted"
}
