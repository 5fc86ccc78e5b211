//! Totals of what has moved in the streams of a part.

use std::sync::atomic::{AtomicU64, Ordering};

#[cfg(feature = "component-model-async")]
use crate::boundary::streams::open_stream::StreamDirection;

/// What has moved between the instances of one part and others, in streams and futures.
///
/// Bytes are those of the items as they are laid out in memory, with their strings and
/// lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamUsage {
    /// Streams and futures that were given out or taken in.
    pub opened: u64,
    /// Items that the part wrote.
    pub written_items: u64,
    /// Bytes that the part wrote.
    pub written_bytes: u64,
    /// Items that the part read.
    pub read_items: u64,
    /// Bytes that the part read.
    pub read_bytes: u64,
}

#[derive(Debug, Default)]
pub(super) struct StreamTotals {
    opened: AtomicU64,
    written: MovedTotals,
    read: MovedTotals,
}

#[derive(Debug, Default)]
struct MovedTotals {
    items: AtomicU64,
    bytes: AtomicU64,
}

impl StreamTotals {
    pub(super) fn read(&self) -> StreamUsage {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        StreamUsage {
            opened: of(&self.opened),
            written_items: of(&self.written.items),
            written_bytes: of(&self.written.bytes),
            read_items: of(&self.read.items),
            read_bytes: of(&self.read.bytes),
        }
    }

    #[cfg(feature = "component-model-async")]
    pub(super) fn opened(&self) {
        self.opened.fetch_add(1, Ordering::Relaxed);
    }

    #[cfg(feature = "component-model-async")]
    pub(super) fn moved(&self, direction: StreamDirection, items: u64, bytes: u64) {
        let moved = match direction {
            StreamDirection::Written => &self.written,
            StreamDirection::Read => &self.read,
        };
        moved.items.fetch_add(items, Ordering::Relaxed);
        moved.bytes.fetch_add(bytes, Ordering::Relaxed);
    }
}
