//! Locks.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks a mutex of this crate. None is held while anything can panic, so a poisoned one
/// still guards a whole value.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
