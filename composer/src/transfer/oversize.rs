//! Values that measure more than a store lets cross in one call.

#[cfg(feature = "fast-transfer")]
use std::fmt;

/// Values measured more than their store's limit, at so many bytes: there would
/// have been more.
#[cfg(feature = "fast-transfer")]
#[derive(Debug)]
pub(crate) struct OversizedValues(pub(crate) usize);

#[cfg(feature = "fast-transfer")]
impl fmt::Display for OversizedValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "values of {} bytes or more", self.0)
    }
}

/// Whether an error is wasmtime's that values measure more than they may.
///
/// Its type is private to wasmtime. The values cannot be asked either, since the code has
/// ended. But this type has no fields, so its `Debug` can print nothing but its name, and
/// no error with a text of its own can be taken for it: text takes room. Should the name
/// change, the tests of this limit fail, and the limit holds but is reported as [`DeathCause::Other`](crate::DeathCause::Other).
pub(crate) fn is_out_of_fuel(error: &wasmtime::Error) -> bool {
    let root = error.root_cause();
    size_of_val(root) == 0 && format!("{root:?}") == "HostcallFuelExhausted"
}
