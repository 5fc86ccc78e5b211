//! Totals of the fuel, time and memory that a part has used.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[cfg(feature = "component-model-async")]
use crate::boundary::streams::open_stream::StreamDirection;
use crate::error::Site;
use crate::limits::meter::UsedAmounts;
use crate::limits::stream_usage::StreamTotals;
pub use crate::limits::stream_usage::StreamUsage;
use crate::sync::lock;

/// What the instances of one part have used together. This is a handle that is cheap
/// to clone and can be read at any time.
///
/// Fuel is counted where it is limited, and time where the runtime counts it.
#[derive(Clone, Debug, Default)]
pub struct Usage {
    inner: Arc<UsageInner>,
}

#[derive(Debug, Default)]
struct UsageInner {
    sums: Mutex<UsageTotals>,
    /// Calls that were not measured.
    unmeasured: AtomicU64,
    peak_memory: AtomicU64,
    streams: StreamTotals,
}

#[derive(Debug, Default)]
struct UsageTotals {
    fuel: u64,
    /// In nanoseconds.
    time: u64,
    /// The calls that were measured.
    calls: u64,
    last: Option<LastCall>,
}

/// What an instance has used since its usage was last added to the totals.
#[derive(Clone, Copy, Default)]
pub(crate) struct UsageDelta {
    pub(crate) fuel: u64,
    /// In nanoseconds.
    pub(crate) time: u64,
}

struct LastCall {
    /// The functions of its component.
    sites: Arc<[Site]>,
    func: usize,
    used: UsedAmounts,
    alone: bool,
}

/// What one call has used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallUsage {
    /// The function.
    pub site: Site,
    /// The fuel that its instance used from the call's beginning to its end.
    pub fuel: u64,
    /// The processor time that its instance used during the call: see
    /// [`Limits::time`](crate::runtime::Limits::time) for what counts.
    pub time: Duration,
    /// How long its instance waited during the call, for the host or for components
    /// without a deadline: see [`Limits::deadline`](crate::runtime::Limits::deadline).
    pub waited: Duration,
    /// Whether no other call ran in the instance meanwhile, so that these amounts belong
    /// to this call alone.
    pub alone: bool,
}

impl Usage {
    /// The fuel used so far, in wasmtime's units: by calls, by the start of
    /// instances, and by destructors. What a call uses is added when it ends.
    pub fn fuel(&self) -> u64 {
        lock(&self.inner.sums).fuel
    }

    /// The processor time used so far, by calls and by everything else that instances do.
    /// What a call uses is added when it ends, and at each tick of the clock.
    pub fn time(&self) -> Duration {
        Duration::from_nanos(lock(&self.inner.sums).time)
    }

    /// The calls that have returned.
    pub fn calls(&self) -> u64 {
        let unmeasured = self.inner.unmeasured.load(Ordering::Acquire);
        lock(&self.inner.sums).calls.saturating_add(unmeasured)
    }

    /// The call that returned last. It is available as soon as its caller has the
    /// answer. Calls are recorded where their fuel, their time or their waiting is
    /// limited.
    pub fn last_call(&self) -> Option<CallUsage> {
        let sums = lock(&self.inner.sums);
        let LastCall {
            sites,
            func,
            used,
            alone,
        } = sums.last.as_ref()?;
        Some(CallUsage {
            site: sites[*func].clone(),
            fuel: used.fuel,
            time: Duration::from_nanos(used.time),
            waited: Duration::from_nanos(used.waited),
            alone: *alone,
        })
    }

    /// The most linear memory that one instance has had, in bytes.
    pub fn peak_memory(&self) -> u64 {
        self.inner.peak_memory.load(Ordering::Acquire)
    }

    /// What has moved in streams and futures so far.
    pub fn streams(&self) -> StreamUsage {
        self.inner.streams.read()
    }

    /// Counts a stream or a future that was given out or taken in.
    #[cfg(feature = "component-model-async")]
    pub(crate) fn opened_stream(&self) {
        self.inner.streams.opened();
    }

    /// Adds items that have moved in a stream.
    #[cfg(feature = "component-model-async")]
    pub(crate) fn moved(&self, direction: StreamDirection, items: u64, bytes: u64) {
        self.inner.streams.moved(direction, items, bytes);
    }

    /// Adds what an instance has used.
    pub(crate) fn add(&self, spent: UsageDelta) {
        if spent.fuel > 0 || spent.time > 0 {
            lock(&self.inner.sums).add(spent);
        }
    }

    /// Adds a call that has returned. It has used `used` in all, of which `spent` has not
    /// been added yet.
    pub(crate) fn add_call(
        &self,
        sites: &Arc<[Site]>,
        func: usize,
        used: UsedAmounts,
        alone: bool,
        spent: UsageDelta,
    ) {
        let mut sums = lock(&self.inner.sums);
        sums.add(spent);
        sums.calls = sums.calls.saturating_add(1);
        match &mut sums.last {
            Some(last) if Arc::ptr_eq(&last.sites, sites) => {
                (last.func, last.used, last.alone) = (func, used, alone);
            }
            last => {
                *last = Some(LastCall {
                    sites: sites.clone(),
                    func,
                    used,
                    alone,
                });
            }
        }
    }

    /// Counts a call that has returned and was not measured.
    pub(crate) fn count_call(&self) {
        self.inner.unmeasured.fetch_add(1, Ordering::AcqRel);
    }

    pub(crate) fn saw_memory(&self, bytes: u64) {
        self.inner.peak_memory.fetch_max(bytes, Ordering::AcqRel);
    }
}

impl UsageTotals {
    fn add(&mut self, spent: UsageDelta) {
        self.fuel = self.fuel.saturating_add(spent.fuel);
        self.time = self.time.saturating_add(spent.time);
    }
}

impl std::fmt::Debug for LastCall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.sites[self.func])
    }
}
