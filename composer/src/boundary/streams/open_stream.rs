//! The streams that an instance has open with other stores: how many there are, and what
//! moves in them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

#[cfg(all(feature = "http", feature = "wasi-p3"))]
use crate::boundary::isolated::incarnation::Incarnation;
use crate::boundary::isolated::instance::Instance;
use crate::boundary::outline::ComponentOutline;
use crate::call::in_flight_count::InFlightGuard;
use crate::error::{Limit, LimitExceeded};

/// Counts the open streams of one instance.
pub(crate) struct StreamCount {
    open: AtomicUsize,
    /// Bodies of HTTP that the component writes, which are streams of its store too.
    #[cfg(all(feature = "http", feature = "wasi-p3"))]
    bodies: AtomicUsize,
    outline: Arc<ComponentOutline>,
}

/// One end of a stream or a future, which is in a store.
pub(crate) struct OpenStream {
    count: Arc<StreamCount>,
    /// A component has not finished while its streams are open.
    _busy: Option<InFlightGuard>,
}

/// The direction in which items move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StreamDirection {
    Written,
    Read,
}

impl StreamCount {
    pub(crate) fn new(outline: &Arc<ComponentOutline>) -> Arc<Self> {
        Arc::new(StreamCount {
            open: AtomicUsize::new(0),
            #[cfg(all(feature = "http", feature = "wasi-p3"))]
            bodies: AtomicUsize::new(0),
            outline: outline.clone(),
        })
    }

    /// How many ends are in the store, or have left it and have not been read from.
    pub(crate) fn open(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.count.open.fetch_sub(1, Ordering::Relaxed);
        self.count.outline.metrics.streams.open(-1.0);
    }
}

/// A body of HTTP that a component writes and that is outside of its store.
///
/// The component may have returned from the call that made it, so clients can pile them up
/// as they like. That is no offence of the component's: at as many as it may have streams,
/// it gets no further calls until one has ended.
#[cfg(all(feature = "http", feature = "wasi-p3"))]
pub(crate) struct OpenBody {
    incarnation: Arc<Incarnation>,
    count: Arc<StreamCount>,
    _busy: Option<InFlightGuard>,
}

#[cfg(all(feature = "http", feature = "wasi-p3"))]
impl OpenBody {
    pub(crate) fn incarnation(&self) -> &Incarnation {
        &self.incarnation
    }
}

#[cfg(all(feature = "http", feature = "wasi-p3"))]
impl Drop for OpenBody {
    fn drop(&mut self) {
        self.count.bodies.fetch_sub(1, Ordering::Relaxed);
        self.count.outline.metrics.streams.open(-1.0);
        // The driver may have calls that wait for this.
        self.incarnation.poll_cell().alert();
    }
}

impl Instance {
    /// Counts a body that leaves the store.
    #[cfg(all(feature = "http", feature = "wasi-p3"))]
    pub(crate) fn open_body(&self) -> OpenBody {
        self.streams.bodies.fetch_add(1, Ordering::Relaxed);
        OpenBody {
            incarnation: self.incarnation.clone(),
            count: self.streams.clone(),
            _busy: self.note_opened(),
        }
    }

    /// How many bodies of the component's are outside and have not ended.
    #[cfg(all(feature = "http", feature = "wasi-p3"))]
    pub(crate) fn open_bodies(&self) -> usize {
        self.streams.bodies.load(Ordering::Relaxed)
    }

    /// Notes for `metrics` and for the usage that a stream is open, and that the component
    /// has not finished meanwhile.
    fn note_opened(&self) -> Option<InFlightGuard> {
        let outline = &self.incarnation.outline;
        outline.metrics.streams.open(1.0);
        if let Some(rules) = &outline.rules {
            rules.usage.opened_stream();
        }
        self.incarnation.count_stream()
    }

    /// Whether so many more streams would be too many.
    pub(crate) fn too_many_streams(&self, more: usize) -> Option<LimitExceeded> {
        let rules = self.incarnation.outline.rules.as_ref()?;
        let wanted = self.streams.open().saturating_add(more);
        let allowed = rules.limits.streams();
        (wanted > allowed)
            .then(|| LimitExceeded::new(Limit::Streams, Some(wanted as u64), allowed as u64))
    }

    /// Counts a stream one end of which is in the store.
    pub(super) fn open_stream(&self) -> wasmtime::Result<OpenStream> {
        if let Some(exceeded) = self.too_many_streams(1) {
            return Err(exceeded.into());
        }
        self.streams.open.fetch_add(1, Ordering::Relaxed);
        Ok(OpenStream {
            count: self.streams.clone(),
            _busy: self.note_opened(),
        })
    }

    /// Notes that items have moved.
    pub(super) fn moved(&self, direction: StreamDirection, items: usize, bytes: usize) {
        let (items, bytes) = (items as u64, bytes as u64);
        let outline = &self.incarnation.outline;
        outline.metrics.streams.moved(direction, items, bytes);
        if let Some(rules) = &outline.rules {
            rules.usage.moved(direction, items, bytes);
        }
    }
}
