//! Producers: they take items out of pipes and give them to the component that reads.

use std::any::{Any, TypeId};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use wasmtime::component::{Destination, FutureProducer, StreamProducer, StreamResult, VecBuffer};
use wasmtime::{Result, StoreContextMut};

use crate::boundary::isolated::instance::Instance;
use crate::boundary::streams::chunk::StreamChunk;
use crate::boundary::streams::open_stream::{OpenStream, StreamDirection};
use crate::boundary::streams::read_end::ReadEnd;
use crate::transfer::Payload;

/// The readable end of a pipe, in the store of the component that reads. wasmtime drops
/// it when the component drops its end, and with the store.
#[cfg_attr(
    not(feature = "fast-transfer"),
    allow(dead_code, reason = "only items that cross in bulk have handles")
)]
pub(crate) struct ProducerState {
    /// `None` once the stream has ended or was passed on.
    end: Option<ReadEnd>,
    pub(super) instance: Arc<Instance>,
    pub(super) payload: Arc<Payload>,
    open: Option<OpenStream>,
}

/// What a reader gets.
pub(super) enum NextItems<'e> {
    Ready(&'e mut ReadEnd),
    /// Nothing now: how its read ends, or that it waits.
    Not(Poll<Result<StreamResult>>),
}

impl ProducerState {
    pub(super) fn new(
        end: ReadEnd,
        instance: Arc<Instance>,
        payload: Arc<Payload>,
    ) -> Result<Self> {
        Ok(ProducerState {
            end: Some(end),
            open: Some(instance.open_stream()?),
            instance,
            payload,
        })
    }

    /// Notes that items go to the reader.
    pub(super) fn moved(&self, items: usize, bytes: usize) {
        self.instance.moved(StreamDirection::Read, items, bytes);
    }

    /// Waits for items, unless the reader cancels its read.
    pub(super) fn poll_front(&mut self, cx: &mut Context<'_>, finish: bool) -> NextItems<'_> {
        let Some(mut end) = self.end.take() else {
            return NextItems::Not(Poll::Ready(Ok(StreamResult::Dropped)));
        };
        let waits = match end.poll_front(cx) {
            Poll::Ready(Some(Ok(()))) => return NextItems::Ready(self.end.insert(end)),
            Poll::Ready(Some(Err(error))) => Poll::Ready(Err(error.into())),
            Poll::Ready(None) => {
                self.open = None;
                return NextItems::Not(Poll::Ready(Ok(StreamResult::Dropped)));
            }
            Poll::Pending if finish => Poll::Ready(Ok(StreamResult::Cancelled)),
            Poll::Pending => Poll::Pending,
        };
        self.end = Some(end);
        NextItems::Not(waits)
    }

    /// The value of a future. `None` if the reader cancels its read.
    pub(super) fn poll_value(
        &mut self,
        cx: &mut Context<'_>,
        finish: bool,
    ) -> Poll<Result<Option<StreamChunk>>> {
        match self.poll_front(cx, finish) {
            NextItems::Ready(end) => {
                let value = end.take_front();
                let bytes = value.as_ref().map_or(0, StreamChunk::bytes);
                self.moved(1, bytes);
                self.end = None;
                self.open = None;
                Poll::Ready(Ok(value))
            }
            NextItems::Not(Poll::Ready(Err(error))) => Poll::Ready(Err(error)),
            NextItems::Not(Poll::Ready(Ok(_))) => Poll::Ready(Ok(None)),
            NextItems::Not(Poll::Pending) => Poll::Pending,
        }
    }

    /// Takes the readable end out of the store, if that is what wasmtime is asked for.
    pub(super) fn take(&mut self, ty: TypeId) -> Option<Box<dyn Any>> {
        if ty != TypeId::of::<ReadEnd>() {
            return None;
        }
        self.open = None;
        let end = self.end.take()?;
        Some(Box::new(end))
    }
}

/// For streams of `u8`.
pub(super) struct ByteProducer(pub(super) ProducerState);

impl<T: 'static> StreamProducer<T> for ByteProducer {
    type Item = u8;
    type Buffer = Option<u8>;

    fn poll_produce<'a>(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut store: StoreContextMut<'a, T>,
        destination: Destination<'a, u8, Option<u8>>,
        finish: bool,
    ) -> Poll<Result<StreamResult>> {
        let end = match self.0.poll_front(cx, finish) {
            NextItems::Ready(end) => end,
            NextItems::Not(waits) => return waits,
        };
        if destination.remaining(&mut store) == Some(0) {
            return Poll::Ready(Ok(StreamResult::Completed));
        }
        let there = end.front().map_or(0, |chunk| chunk.bytes());
        let mut destination = destination.as_direct(store, there);
        let read = end.read_bytes(destination.remaining());
        destination.mark_written(read);
        self.0.moved(read, read);
        Poll::Ready(Ok(StreamResult::Completed))
    }

    fn try_into(
        mut me: Pin<Box<Self>>,
        ty: TypeId,
    ) -> std::result::Result<Box<dyn Any>, Pin<Box<Self>>> {
        me.0.take(ty).ok_or(me)
    }
}

/// For streams and futures without a payload.
pub(super) struct UnitProducer(pub(super) ProducerState);

impl<T: 'static> StreamProducer<T> for UnitProducer {
    type Item = ();
    type Buffer = VecBuffer<()>;

    fn poll_produce<'a>(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut store: StoreContextMut<'a, T>,
        mut destination: Destination<'a, (), VecBuffer<()>>,
        finish: bool,
    ) -> Poll<Result<StreamResult>> {
        let end = match self.0.poll_front(cx, finish) {
            NextItems::Ready(end) => end,
            NextItems::Not(waits) => return waits,
        };
        let wanted = destination.remaining(&mut store).unwrap_or(usize::MAX);
        let mut count = 0;
        if let Some(StreamChunk::Units(there)) = end.front() {
            count = wanted.min(*there);
            *there -= count;
            if *there == 0 && count > 0 {
                end.take_front();
            }
            end.pipe.release(count, None);
        }
        if count > 0 {
            destination.set_buffer(vec![(); count].into());
            self.0.moved(count, 0);
        }
        Poll::Ready(Ok(StreamResult::Completed))
    }

    fn try_into(
        mut me: Pin<Box<Self>>,
        ty: TypeId,
    ) -> std::result::Result<Box<dyn Any>, Pin<Box<Self>>> {
        me.0.take(ty).ok_or(me)
    }
}

impl<T: 'static> FutureProducer<T> for UnitProducer {
    type Item = ();

    fn poll_produce(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        _: StoreContextMut<'_, T>,
        finish: bool,
    ) -> Poll<Result<Option<()>>> {
        self.0
            .poll_value(cx, finish)
            .map_ok(|value| value.map(|_| ()))
    }
}
