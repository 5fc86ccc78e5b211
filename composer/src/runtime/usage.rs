//! What a component has used.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use crate::error::Site;
use crate::instance::{Frame, lock};

/// What the instances of one part have used, all together. It is a handle that
/// is cheap to clone, and can be read at any time.
///
/// Fuel shows where it is limited.
#[derive(Clone, Debug, Default)]
pub struct Usage {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    fuel: AtomicU64,
    calls: AtomicU64,
    peak_memory: AtomicU64,
    last: Mutex<Option<CallUsage>>,
}

/// What one call has used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallUsage {
    /// The function.
    pub site: Site,
    /// The fuel that its instance used from the call's beginning to its end.
    pub fuel: u64,
    /// Whether no other call ran in the instance meanwhile, so that the fuel is
    /// this call's alone.
    pub alone: bool,
}

impl Usage {
    /// The fuel used so far, in wasmtime's units: by calls, by the start of
    /// instances, and by destructors. What a call uses is added when it ends.
    pub fn fuel(&self) -> u64 {
        self.inner.fuel.load(Ordering::Acquire)
    }

    /// The calls that have returned.
    pub fn calls(&self) -> u64 {
        self.inner.calls.load(Ordering::Acquire)
    }

    /// The call that returned last. It is known as soon as its caller has the
    /// answer. Only calls whose fuel is limited are kept.
    pub fn last_call(&self) -> Option<CallUsage> {
        lock(&self.inner.last).clone()
    }

    /// The most linear memory that one instance has had, in bytes.
    pub fn peak_memory(&self) -> u64 {
        self.inner.peak_memory.load(Ordering::Acquire)
    }

    pub(crate) fn add_fuel(&self, fuel: u64) {
        self.inner.fuel.fetch_add(fuel, Ordering::AcqRel);
    }

    /// A call has returned; with its fuel, if that is counted.
    pub(crate) fn add_call(&self, frame: &Frame, fuel: Option<u64>, alone: bool) {
        if let Some(fuel) = fuel {
            let site = frame.site();
            *lock(&self.inner.last) = Some(CallUsage { site, fuel, alone });
        }
        self.inner.calls.fetch_add(1, Ordering::AcqRel);
    }

    pub(crate) fn saw_memory(&self, bytes: u64) {
        self.inner.peak_memory.fetch_max(bytes, Ordering::AcqRel);
    }
}
