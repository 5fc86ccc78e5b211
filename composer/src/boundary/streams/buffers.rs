//! Buffers for the bytes in pipes.

use std::sync::Mutex;

use crate::sync::lock;

/// The size of a buffer, once a pipe has moved that much.
pub(super) const BUFFER: usize = 64 << 10;

/// The size of a pipe's first buffer.
pub(super) const FIRST_BUFFER: usize = 4 << 10;

/// How many buffers are kept for reuse.
const SPARE: usize = 32;

/// Empty buffers that the pipes of one writer share. The one that was used last is used
/// next, since it is most likely still in the processor's cache, and a fresh one costs
/// more than the copy into it.
#[derive(Default)]
pub(crate) struct BufferPool(Mutex<Vec<Vec<u8>>>);

impl BufferPool {
    /// An empty buffer with room for `size` bytes.
    pub(super) fn take(&self, size: usize) -> Vec<u8> {
        let reused = lock(&self.0).pop();
        let mut buffer = reused.unwrap_or_default();
        buffer.clear();
        buffer.reserve(size);
        buffer
    }

    pub(super) fn give(&self, buffer: Vec<u8>) {
        if buffer.capacity() != BUFFER {
            return;
        }
        let mut spare = lock(&self.0);
        if spare.len() < SPARE {
            spare.push(buffer);
        }
    }
}
