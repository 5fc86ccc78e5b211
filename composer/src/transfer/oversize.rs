//! Values that are larger than a store lets cross in one call.

#[cfg(feature = "fast-transfer")]
use std::fmt;

/// The error for values that exceed their store's limit. They were this many bytes when
/// that was noticed, and may be larger.
#[cfg(feature = "fast-transfer")]
#[derive(Debug)]
pub(crate) struct OversizedValues(pub(crate) usize);

#[cfg(feature = "fast-transfer")]
impl fmt::Display for OversizedValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "values of {} bytes or more", self.0)
    }
}

/// Whether an error is wasmtime's error for values that are too large.
///
/// The type of that error is private to wasmtime. The values cannot be measured either,
/// since the code has ended. But the type has no fields, so its `Debug` output can only
/// be its name, and no error with a text of its own can be taken for it, because text
/// takes space. If the name changes, the tests of this limit fail; the limit still holds,
/// but is reported as [`DeathCause::Other`](crate::DeathCause::Other).
pub(crate) fn is_out_of_fuel(error: &wasmtime::Error) -> bool {
    let root = error.root_cause();
    size_of_val(root) == 0 && format!("{root:?}") == "HostcallFuelExhausted"
}
