//! Limits on the streams and futures that cross between components.

use std::time::Duration;

use crate::limits::component_limits::Limits;

/// How many bytes of a stream are held for its reader, by default.
#[cfg(feature = "component-model-async")]
pub(crate) const DEFAULT_STREAM_BUFFER: usize = 256 << 10;

/// The least that a buffer may be set to, in bytes.
const MIN_STREAM_BUFFER: usize = 1 << 10;

/// The limits of streams and futures: see [`Limits`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StreamLimits {
    pub(super) streams: usize,
    pub(super) buffer: usize,
    pub(super) idle: Option<Duration>,
}

impl Limits {
    /// The number of streams and futures that an instance may have open at a time with
    /// other stores or with the embedder: those that it has given out and those that it
    /// was given. Streams that stay within the component do not count; they are bounded
    /// by its [`handles`](Limits::handles).
    ///
    /// A component that gives out more ends. A call that would give it more is refused.
    pub fn streams(&self) -> usize {
        self.streams.streams
    }

    /// Sets [`streams`](Limits::streams).
    #[must_use]
    pub fn with_streams(mut self, streams: usize) -> Self {
        self.streams.streams = streams;
        self
    }

    /// The bytes of each stream that an instance writes that are held for its reader.
    /// When they are full, the writer waits. A single item that is larger still passes,
    /// within [`value_size`](Limits::value_size).
    ///
    /// Nothing is held before the first read, and a pipe takes memory only for what is in
    /// it.
    pub fn stream_buffer(&self) -> usize {
        self.streams.buffer
    }

    /// Sets [`stream_buffer`](Limits::stream_buffer), in bytes; at least 1,024.
    #[must_use]
    pub fn with_stream_buffer(mut self, bytes: usize) -> Self {
        self.streams.buffer = bytes.max(MIN_STREAM_BUFFER);
        self
    }

    /// How long a stream or a future that an instance writes may be open without anything
    /// moving, if that is limited: because the component does not write, or because
    /// no reader reads. Then the stream is ended: its reader gets a
    /// [`StreamError::Idle`](crate::StreamError::Idle), and its writer learns at its next
    /// write that the reader is gone. The component itself goes on.
    ///
    /// The time is measured by the wall clock, to the nearest tick of the runtime's.
    pub fn stream_idle(&self) -> Option<Duration> {
        self.streams.idle
    }

    /// Sets [`stream_idle`](Limits::stream_idle).
    #[must_use]
    pub fn with_stream_idle(mut self, idle: Option<Duration>) -> Self {
        self.streams.idle = idle;
        self
    }
}
