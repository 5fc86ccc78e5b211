//! The readable end of a stream or a future, outside of any store.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::task::{Context, Poll};

use composer_plan::{ResourceId, Type};
use wasmtime::component::Val;

use crate::boundary::endpoint::Endpoint;
use crate::boundary::resources::TransferredHandle;
use crate::boundary::streams::chunk::{StreamChunk, ValueChunk};
use crate::boundary::streams::pipe::{Pipe, WrittenItems};
use crate::error::StreamError;
#[cfg(feature = "fast-transfer")]
use crate::sync::lock;
#[cfg(feature = "fast-transfer")]
use crate::transfer::fast::ItemBatch;

/// An item, with placeholders for its handles.
type TakenItem = (Val, Vec<TransferredHandle>);

/// The sole readable end of a pipe. Dropping it tells the writer.
///
/// What it consists of is hidden from the compiler: values and calls have such ends in
/// them, and so have the futures of users, which it has to follow through all types in
/// them to see that they may be sent to another thread.
#[derive(Debug)]
pub(crate) struct ReadEnd(Box<dyn HiddenState>);

trait HiddenState: fmt::Debug + Send + Sync {
    fn state(&self) -> &ReadState;
    fn state_mut(&mut self) -> &mut ReadState;
}

/// What a readable end knows.
#[derive(Debug)]
pub(crate) struct ReadState {
    pub(crate) pipe: Arc<Pipe>,
    /// What is being read.
    front: Option<StreamChunk>,
}

impl HiddenState for ReadState {
    fn state(&self) -> &ReadState {
        self
    }

    fn state_mut(&mut self) -> &mut ReadState {
        self
    }
}

impl Deref for ReadEnd {
    type Target = ReadState;

    fn deref(&self) -> &ReadState {
        self.0.state()
    }
}

impl DerefMut for ReadEnd {
    fn deref_mut(&mut self) -> &mut ReadState {
        self.0.state_mut()
    }
}

impl ReadEnd {
    pub(crate) fn new(pipe: Arc<Pipe>) -> Self {
        ReadEnd(Box::new(ReadState { pipe, front: None }))
    }
}

impl ReadState {
    /// Waits for items, which [`ReadEnd::front`] then has. `None` at the end.
    pub(crate) fn poll_front(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<(), StreamError>>> {
        if self.front.is_none() {
            match std::task::ready!(self.pipe.poll_chunk(cx)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                Some(Ok(chunk)) => self.front = Some(chunk),
            }
        }
        Poll::Ready(Some(Ok(())))
    }

    /// The items that are read next, if there are any.
    pub(crate) fn front(&mut self) -> Option<&mut StreamChunk> {
        if self.front.is_none() {
            self.front = self.pipe.next_chunk();
        }
        self.front.as_mut()
    }

    /// Takes out the items that are read next, if there are any.
    pub(crate) fn take_front(&mut self) -> Option<StreamChunk> {
        let chunk = self.front.take().or_else(|| self.pipe.next_chunk())?;
        self.pipe.release(chunk.held_bytes(), None);
        Some(chunk)
    }

    /// Takes out the next item, if there is one, with placeholders for its handles.
    pub(crate) fn take_item(&mut self) -> Option<Result<TakenItem, StreamError>> {
        let (item, size, is_empty) = match self.front()? {
            StreamChunk::Units(count) => {
                *count -= 1;
                let item = (Val::Tuple(Vec::new()), Vec::new());
                (Ok(item), 1, *count == 0)
            }
            StreamChunk::Bytes(chunk) => {
                let byte = chunk.unread().first().copied().unwrap_or_default();
                chunk.read += 1;
                let item = (Val::U8(byte), Vec::new());
                (Ok(item), 1, chunk.unread().is_empty())
            }
            #[cfg(feature = "fast-transfer")]
            StreamChunk::Items(chunk) => {
                let one = chunk.batch.take(1);
                let handles = std::mem::take(&mut chunk.handles);
                let (each, is_empty) = (chunk.each, chunk.batch.count == 0);
                let val = self.value_of(one);
                (val.map(|val| (val, handles)), each, is_empty)
            }
            StreamChunk::Value(_) => {
                let Some(StreamChunk::Value(value)) = self.front.take() else {
                    return None;
                };
                let ValueChunk {
                    val,
                    handles,
                    bytes,
                } = *value;
                (Ok((val, handles)), bytes, true)
            }
        };
        if is_empty {
            self.front = None;
        }
        self.pipe.release(size, None);
        Some(item)
    }

    /// The value of one item as a component wrote it.
    #[cfg(feature = "fast-transfer")]
    fn value_of(&self, item: ItemBatch) -> Result<Val, StreamError> {
        let written = self.pipe.written.as_ref();
        let ty = written.and_then(|written| written.payload.ty.as_deref());
        let val = ty.map(|ty| lock(&item.image).value(ty, item.first));
        match val {
            Some(Ok(val)) => Ok(val),
            Some(Err(error)) => Err(StreamError::Type {
                path: "an item".to_owned(),
                expected: "of the stream's type".to_owned(),
                found: error.to_string(),
            }),
            None => Err(StreamError::NoValue),
        }
    }

    /// Checks that a component which expects items of this type can read it. The error
    /// says what it is instead.
    pub(crate) fn fits(&self, reader: &Endpoint, item: Option<&Type>) -> Result<(), String> {
        let Some(WrittenItems { payload, writer }) = &self.pipe.written else {
            // What the embedder writes is checked when it is written, against the type
            // that its first reader expects.
            return match self.pipe.expected() {
                Some(None) => Err("one that the program has written and begun to read".to_owned()),
                _ => Ok(()),
            };
        };
        let from = Endpoint::Isolated(writer.clone());
        let same =
            |to: ResourceId, written: ResourceId| reader.resolve(to) == from.resolve(written);
        let fits = match (item, payload.ty.as_deref()) {
            (None, None) => true,
            (Some(expected), Some(written)) => expected.is_same(written, &same),
            _ => false,
        };
        match (fits, payload.ty.as_deref()) {
            (true, _) => Ok(()),
            (false, None) => Err("one without items".to_owned()),
            (false, Some(ty)) => Err(format!("one of {}", ty.display(writer.world()))),
        }
    }

    /// Copies bytes to `place`, as many as there are and as fit. Returns how many.
    pub(crate) fn read_bytes(&mut self, place: &mut [u8]) -> usize {
        let mut read = 0;
        while read < place.len()
            && let Some(StreamChunk::Bytes(chunk)) = self.front()
        {
            let there = chunk.unread();
            let count = there.len().min(place.len() - read);
            place[read..read + count].copy_from_slice(&there[..count]);
            chunk.read += count;
            read += count;
            if chunk.unread().is_empty() {
                let empty = std::mem::take(&mut chunk.bytes);
                self.front = None;
                self.pipe.release(count, Some(empty));
            } else {
                self.pipe.release(count, None);
            }
        }
        read
    }
}

impl Drop for ReadState {
    fn drop(&mut self) {
        self.pipe.leave();
    }
}
