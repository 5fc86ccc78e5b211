//! The metrics of a component's streams: see [`observe`](crate::observe).

use crate::boundary::streams::open_stream::StreamDirection;
use crate::observe::recorder::MetricKey;

/// The metrics of a component's streams and futures.
pub(crate) struct StreamMetrics {
    open: MetricKey,
    written: MovedMetrics,
    read: MovedMetrics,
}

/// What has moved in one direction.
struct MovedMetrics {
    items: MetricKey,
    bytes: MetricKey,
}

impl StreamMetrics {
    pub(super) fn new(component: &str) -> Self {
        let moved = |direction| {
            let labels = [("component", component), ("direction", direction)];
            MovedMetrics {
                items: MetricKey::new("composer_stream_items_total", &labels),
                bytes: MetricKey::new("composer_stream_bytes_total", &labels),
            }
        };
        StreamMetrics {
            open: MetricKey::new("composer_streams_open", &[("component", component)]),
            written: moved("written"),
            read: moved("read"),
        }
    }

    pub(crate) fn open(&self, change: f64) {
        self.open.add(change);
    }

    pub(crate) fn moved(&self, direction: StreamDirection, items: u64, bytes: u64) {
        let moved = match direction {
            StreamDirection::Written => &self.written,
            StreamDirection::Read => &self.read,
        };
        moved.items.count_many(items);
        moved.bytes.count_many(bytes);
    }
}
