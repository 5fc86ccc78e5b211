//! Consumers: they take a component's writes out of its store and put them into pipes.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use wasmtime::component::{
    FutureConsumer, ReadBuffer, Source, StreamConsumer, StreamResult, WriteBuffer,
};
use wasmtime::{Result, StoreContextMut};

use crate::boundary::isolated::instance::Instance;
use crate::boundary::streams::chunk::StreamChunk;
use crate::boundary::streams::open_stream::{OpenStream, StreamDirection};
use crate::boundary::streams::pipe::{Pipe, PipeRoom, gone};
use crate::transfer::Payload;

/// The writable end of a pipe, in the store of the component that writes. wasmtime drops
/// it when the component drops its end, and with the store.
#[cfg_attr(
    not(feature = "fast-transfer"),
    allow(dead_code, reason = "only items that cross in bulk have handles")
)]
pub(crate) struct ConsumerState {
    pub(super) instance: Arc<Instance>,
    pub(super) payload: Arc<Payload>,
    pub(super) pipe: Arc<Pipe>,
    _open: OpenStream,
}

impl ConsumerState {
    pub(super) fn new(
        instance: Arc<Instance>,
        payload: Arc<Payload>,
        pipe: Arc<Pipe>,
        open: OpenStream,
    ) -> Self {
        ConsumerState {
            instance,
            payload,
            pipe,
            _open: open,
        }
    }

    /// Waits for room, unless the writer cancels its write.
    pub(super) fn poll_room(
        &self,
        cx: &mut Context<'_>,
        finish: bool,
    ) -> Result<usize, Poll<StreamResult>> {
        match self.pipe.poll_room(cx) {
            Poll::Ready(PipeRoom::Free(room)) => Ok(room),
            Poll::Ready(PipeRoom::ReaderGone) => Err(Poll::Ready(StreamResult::Dropped)),
            Poll::Pending if finish => Err(Poll::Ready(StreamResult::Cancelled)),
            Poll::Pending => Err(Poll::Pending),
        }
    }

    /// Puts in items that have left the store.
    pub(super) fn push(&self, chunk: StreamChunk) {
        let (items, bytes) = (chunk.items(), chunk.bytes());
        self.instance.moved(StreamDirection::Written, items, bytes);
        self.pipe.push(chunk);
    }

    /// Puts in the value of a future.
    pub(super) fn resolve(&self, value: StreamChunk) {
        self.push(value);
        self.pipe.end(None);
    }
}

impl Drop for ConsumerState {
    fn drop(&mut self) {
        let incarnation = &self.instance.incarnation;
        let failure = match incarnation.is_running() {
            true => None,
            false => Some(gone(incarnation)),
        };
        self.pipe.end(failure);
    }
}

/// For streams of `u8`.
pub(super) struct ByteConsumer(pub(super) ConsumerState);

impl<T: 'static> StreamConsumer<T> for ByteConsumer {
    type Item = u8;

    fn poll_consume(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        store: StoreContextMut<'_, T>,
        source: Source<'_, u8>,
        finish: bool,
    ) -> Poll<Result<StreamResult>> {
        let room = match self.0.poll_room(cx, finish) {
            Ok(room) => room,
            Err(waits) => return waits.map(Ok),
        };
        let mut source = source.as_direct(store);
        let there = source.remaining();
        let count = there.len().min(room);
        if count > 0 {
            self.0.pipe.push_bytes(&there[..count]);
            source.mark_read(count);
            let instance = &self.0.instance;
            instance.moved(StreamDirection::Written, count, count);
        }
        Poll::Ready(Ok(StreamResult::Completed))
    }
}

/// For streams and futures without a payload.
pub(super) struct UnitConsumer(pub(super) ConsumerState);

/// Counts the items that a read takes.
struct UnitCount {
    room: usize,
    taken: usize,
}

impl ReadBuffer<()> for UnitCount {
    fn extend<I: IntoIterator<Item = ()>>(&mut self, items: I) {
        self.taken += items.into_iter().count();
    }

    fn remaining_capacity(&self) -> usize {
        self.room - self.taken
    }

    fn move_from(&mut self, input: &mut dyn WriteBuffer<()>, count: usize) {
        input.skip(count);
        self.taken += count;
    }
}

impl<T: 'static> StreamConsumer<T> for UnitConsumer {
    type Item = ();

    fn poll_consume(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        store: StoreContextMut<'_, T>,
        mut source: Source<'_, ()>,
        finish: bool,
    ) -> Poll<Result<StreamResult>> {
        let room = match self.0.poll_room(cx, finish) {
            Ok(room) => room,
            Err(waits) => return waits.map(Ok),
        };
        let mut count = UnitCount { room, taken: 0 };
        source.read(store, &mut count)?;
        if count.taken > 0 {
            self.0.push(StreamChunk::Units(count.taken));
        }
        Poll::Ready(Ok(StreamResult::Completed))
    }
}

impl<T: 'static> FutureConsumer<T> for UnitConsumer {
    type Item = ();

    fn poll_consume(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        store: StoreContextMut<'_, T>,
        mut source: Source<'_, ()>,
        _: bool,
    ) -> Poll<Result<()>> {
        let mut count = UnitCount { room: 1, taken: 0 };
        source.read(store, &mut count)?;
        self.0.resolve(StreamChunk::Units(1));
        Poll::Ready(Ok(()))
    }
}
