//! Pipes: bounded queues between the two ends of a stream or a future.
//!
//! The writable end is in one store, or with the embedder, and the readable end in
//! another. Neither touches the other's store: a writer puts owned items into the pipe
//! and waits while it is full, a reader takes them out and waits while it is empty.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use crate::boundary::isolated::incarnation::Incarnation;
use crate::boundary::streams::buffers::{BUFFER, BufferPool, FIRST_BUFFER};
use crate::boundary::streams::chunk::{ByteChunk, StreamChunk};
use crate::error::StreamError;
use crate::sync::lock;
use crate::transfer::Payload;

pub(crate) struct Pipe {
    state: Mutex<PipeState>,
    /// How many bytes it may hold.
    capacity: usize,
    buffers: Arc<BufferPool>,
    /// What its readers expect, once that is known.
    expected: OnceLock<Option<ExpectedItems>>,
    /// What is written, if a component writes.
    pub(crate) written: Option<WrittenItems>,
}

/// What the writer of a pipe writes.
pub(crate) struct WrittenItems {
    pub(crate) payload: Arc<Payload>,
    /// The component whose types these are.
    pub(crate) writer: Arc<Incarnation>,
}

/// What the readers of a pipe expect.
pub(crate) struct ExpectedItems {
    pub(crate) payload: Arc<Payload>,
    /// The component whose types these are.
    pub(crate) reader: Arc<Incarnation>,
}

struct PipeState {
    chunks: VecDeque<StreamChunk>,
    /// The bytes that were written and have not been read.
    held: usize,
    /// The bytes that were written in all.
    written: u64,
    writer: WriterState,
    is_reader_gone: bool,
    waiting_reader: Option<Waker>,
    waiting_writer: Option<Waker>,
    /// When something last moved.
    moved_at: Instant,
}

enum WriterState {
    /// The writable end is a component's, and there has been no read from it yet: its handle is
    /// parked in the component's store.
    Parked(ParkedAt),
    Open,
    Ended,
    Failed(StreamError),
}

/// Where a handle is parked.
#[derive(Clone)]
pub(crate) struct ParkedAt {
    pub(crate) origin: Arc<Incarnation>,
    pub(crate) key: usize,
}

/// What a writer learns that asks for room.
pub(crate) enum PipeRoom {
    /// There is room for so many bytes.
    Free(usize),
    ReaderGone,
}

impl Pipe {
    /// A pipe whose writable end the embedder has.
    pub(crate) fn of_embedder(capacity: usize) -> Arc<Self> {
        Arc::new(Pipe::new(capacity, Arc::default(), None, WriterState::Open))
    }

    /// A pipe that is connected to a component's stream at the first read.
    pub(crate) fn parked(
        capacity: usize,
        buffers: Arc<BufferPool>,
        payload: Arc<Payload>,
        at: ParkedAt,
    ) -> Arc<Self> {
        let written = WrittenItems {
            payload,
            writer: at.origin.clone(),
        };
        Arc::new(Pipe::new(
            capacity,
            buffers,
            Some(written),
            WriterState::Parked(at),
        ))
    }

    fn new(
        capacity: usize,
        buffers: Arc<BufferPool>,
        written: Option<WrittenItems>,
        writer: WriterState,
    ) -> Self {
        Pipe {
            state: Mutex::new(PipeState {
                chunks: VecDeque::new(),
                held: 0,
                written: 0,
                writer,
                is_reader_gone: false,
                waiting_reader: None,
                waiting_writer: None,
                moved_at: Instant::now(),
            }),
            capacity,
            buffers,
            expected: OnceLock::new(),
            written,
        }
    }

    /// What its readers expect; `None` as long as it has none. The embedder itself expects
    /// nothing.
    pub(crate) fn expected(&self) -> Option<&Option<ExpectedItems>> {
        self.expected.get()
    }

    /// Notes what a reader expects, if the embedder writes: what it writes is checked.
    /// All readers expect the same.
    pub(crate) fn expect(&self, items: impl FnOnce() -> ExpectedItems) {
        if self.by_embedder() && self.expected.get().is_none() {
            self.set_expected(Some(items()));
        }
    }

    /// Notes that the embedder reads, which expects nothing.
    pub(crate) fn expect_any(&self) {
        if self.by_embedder() && self.expected.get().is_none() {
            self.set_expected(None);
        }
    }

    fn set_expected(&self, expected: Option<ExpectedItems>) {
        if self.expected.set(expected).is_ok() {
            let writer = lock(&self.state).waiting_writer.take();
            wake(writer);
        }
    }

    fn by_embedder(&self) -> bool {
        self.written.is_none()
    }

    /// Waits for room. Half of the pipe has to be free, so that a writer is not woken for
    /// each item.
    pub(crate) fn poll_room(&self, cx: &mut Context<'_>) -> Poll<PipeRoom> {
        let mut state = lock(&self.state);
        if state.is_reader_gone {
            return Poll::Ready(PipeRoom::ReaderGone);
        }
        match self.capacity.saturating_sub(state.held) {
            free if free > self.capacity / 2 => Poll::Ready(PipeRoom::Free(free)),
            _ => {
                state.waiting_writer = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    /// Waits until a component has got the readable end, or its owner has dropped it.
    pub(crate) fn poll_expected(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = lock(&self.state);
        if self.expected.get().is_some() || state.is_reader_gone {
            return Poll::Ready(());
        }
        state.waiting_writer = Some(cx.waker().clone());
        Poll::Pending
    }

    /// Writes items; `false` if the reader is gone.
    pub(crate) fn push(&self, chunk: StreamChunk) -> bool {
        let mut state = lock(&self.state);
        if state.is_reader_gone {
            drop(state);
            drop(chunk);
            return false;
        }
        state.held = state.held.saturating_add(chunk.held_bytes());
        state.moved_at = Instant::now();
        state.chunks.push_back(chunk);
        let reader = state.waiting_reader.take();
        drop(state);
        wake(reader);
        true
    }

    /// Writes bytes: into the last buffer if there is room in it. `false` if the reader is
    /// gone.
    pub(crate) fn push_bytes(&self, bytes: &[u8]) -> bool {
        let mut state = lock(&self.state);
        if state.is_reader_gone {
            return false;
        }
        state.append(bytes, &self.buffers);
        state.moved_at = Instant::now();
        let reader = state.waiting_reader.take();
        drop(state);
        wake(reader);
        true
    }

    /// Ends it from the writer's side. Only the first end counts.
    pub(crate) fn end(&self, failure: Option<StreamError>) {
        let mut state = lock(&self.state);
        if let WriterState::Parked(_) | WriterState::Open = state.writer {
            state.writer = match failure {
                None => WriterState::Ended,
                Some(error) => WriterState::Failed(error),
            };
        }
        let reader = state.waiting_reader.take();
        drop(state);
        wake(reader);
    }

    /// Waits for items. `None` at the end.
    pub(crate) fn poll_chunk(
        &self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<StreamChunk, StreamError>>> {
        let parked = {
            let mut state = lock(&self.state);
            if let Some(chunk) = state.chunks.pop_front() {
                return Poll::Ready(Some(Ok(chunk)));
            }
            match &state.writer {
                WriterState::Ended => return Poll::Ready(None),
                WriterState::Failed(error) => return Poll::Ready(Some(Err(error.clone()))),
                WriterState::Open => {
                    state.waiting_reader = Some(cx.waker().clone());
                    return Poll::Pending;
                }
                WriterState::Parked(at) => {
                    let at = at.clone();
                    state.writer = WriterState::Open;
                    state.waiting_reader = Some(cx.waker().clone());
                    at
                }
            }
        };
        if parked.origin.inbox.start_stream(parked.key) {
            return Poll::Pending;
        }
        let error = gone(&parked.origin);
        self.end(Some(error.clone()));
        Poll::Ready(Some(Err(error)))
    }

    /// Items if there are any, without waiting.
    pub(crate) fn next_chunk(&self) -> Option<StreamChunk> {
        lock(&self.state).chunks.pop_front()
    }

    /// Notes that bytes were read, and takes an empty buffer for reuse.
    pub(crate) fn release(&self, bytes: usize, empty: Option<Vec<u8>>) {
        if let Some(empty) = empty {
            self.buffers.give(empty);
        }
        let mut state = lock(&self.state);
        state.held = state.held.saturating_sub(bytes);
        state.moved_at = Instant::now();
        let writer = match self.capacity.saturating_sub(state.held) > self.capacity / 2 {
            true => state.waiting_writer.take(),
            false => None,
        };
        drop(state);
        wake(writer);
    }

    /// Ends it from the reader's side. What was not read is dropped.
    pub(crate) fn leave(&self) {
        let mut state = lock(&self.state);
        state.is_reader_gone = true;
        let chunks = std::mem::take(&mut state.chunks);
        let parked = match std::mem::replace(&mut state.writer, WriterState::Ended) {
            WriterState::Parked(at) => Some(at),
            before => {
                state.writer = before;
                None
            }
        };
        let writer = state.waiting_writer.take();
        drop(state);
        wake(writer);
        drop(chunks);
        if let Some(ParkedAt { origin, key }) = parked {
            // If the origin is gone, so is the stream.
            let _ = origin.inbox.close_stream(key);
        }
    }

    /// When something last moved; `None` if nothing can move any more.
    pub(super) fn idle_since(&self) -> Option<Instant> {
        let state = lock(&self.state);
        let is_open = matches!(state.writer, WriterState::Parked(_) | WriterState::Open);
        (is_open && !state.is_reader_gone).then_some(state.moved_at)
    }

    /// Ends it from outside: both sides learn that the other is gone.
    pub(super) fn cut(&self, error: StreamError) {
        self.leave();
        let mut state = lock(&self.state);
        state.writer = WriterState::Failed(error);
        let reader = state.waiting_reader.take();
        drop(state);
        wake(reader);
    }

    /// Takes the key of the handle, if it is parked at `origin`: the pipe is not needed
    /// any more.
    pub(crate) fn unpark(&self, origin: &Arc<Incarnation>) -> Option<usize> {
        let mut state = lock(&self.state);
        match &state.writer {
            WriterState::Parked(at) if Arc::ptr_eq(&at.origin, origin) => {
                let key = at.key;
                state.writer = WriterState::Ended;
                Some(key)
            }
            _ => None,
        }
    }
}

impl PipeState {
    /// Appends bytes. Small writes share a buffer, and large ones take several.
    fn append(&mut self, mut bytes: &[u8], buffers: &BufferPool) {
        self.held = self.held.saturating_add(bytes.len());
        if let Some(StreamChunk::Bytes(last)) = self.chunks.back_mut() {
            let room = last.bytes.capacity() - last.bytes.len();
            let (fit, rest) = bytes.split_at(room.min(bytes.len()));
            last.bytes.extend_from_slice(fit);
            bytes = rest;
        }
        while !bytes.is_empty() {
            let size = match self.written + bytes.len() as u64 {
                written if written < BUFFER as u64 => bytes.len().max(FIRST_BUFFER),
                _ => BUFFER,
            };
            let (fit, rest) = bytes.split_at(size.min(bytes.len()));
            let mut buffer = buffers.take(size);
            buffer.extend_from_slice(fit);
            self.chunks.push_back(StreamChunk::Bytes(ByteChunk {
                bytes: buffer,
                read: 0,
            }));
            self.written = self.written.saturating_add(fit.len() as u64);
            bytes = rest;
        }
    }
}

/// Why a component that is gone does not write any more.
pub(crate) fn gone(writer: &Incarnation) -> StreamError {
    match writer.death() {
        Some(death) => StreamError::WriterDied { death },
        None => StreamError::WriterStopped {
            component: writer.name().to_owned(),
        },
    }
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}

impl std::fmt::Debug for Pipe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pipe({} bytes)", self.capacity)
    }
}
