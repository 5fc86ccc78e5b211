//! Streams and futures whose items cross in bulk.

use std::any::{Any, TypeId};
use std::pin::Pin;
use std::task::{Context, Poll};

use wasmtime::component::{
    Destination, FutureConsumer, FutureProducer, FutureReader, Source, StreamAny, StreamConsumer,
    StreamProducer, StreamReader, StreamResult, VecBuffer,
};
use wasmtime::{AsContextMut, Result, StoreContextMut, bail};

use crate::boundary::resources::CallScope;
use crate::boundary::streams::chunk::{ItemChunk, StreamChunk, ValueChunk};
use crate::boundary::streams::consumer::ConsumerState;
use crate::boundary::streams::crossing;
use crate::boundary::streams::producer::{NextItems, ProducerState};
use crate::boundary::streams::read_end::ReadEnd;
use crate::error::transfer::TransferError;
use crate::sync::lock;
use crate::transfer::fast::{BulkItem, ItemBatch, read_items};
use crate::transfer::{AbiImage, AnyHandle, Payload, PayloadForm};

/// Connects a component's stream or future to its pipe.
pub(super) fn connect<T: 'static>(
    store: StoreContextMut<'_, T>,
    handle: AnyHandle,
    state: ConsumerState,
) -> Result<()> {
    match (handle, state.payload.form) {
        (AnyHandle::Stream(any), PayloadForm::Items { grows: true }) => {
            let reader: StreamReader<BulkItem<true>> = any.try_into_stream_reader()?;
            reader.pipe(store, ItemConsumer::<true>(state))
        }
        (AnyHandle::Stream(any), PayloadForm::Items { grows: false }) => {
            let reader: StreamReader<BulkItem<false>> = any.try_into_stream_reader()?;
            reader.pipe(store, ItemConsumer::<false>(state))
        }
        (AnyHandle::Future(any), PayloadForm::Items { .. }) => {
            let reader: FutureReader<BulkItem<true>> = any.try_into_future_reader()?;
            reader.pipe(store, ItemConsumer::<true>(state))
        }
        _ => Err(crossing::confined_items()),
    }
}

/// Makes a stream or a future of a component's store that gives out what is in a pipe.
pub(super) fn make<T: 'static>(
    mut store: StoreContextMut<'_, T>,
    is_stream: bool,
    state: ProducerState,
) -> Result<AnyHandle> {
    let mut store = store.as_context_mut();
    Ok(match (state.payload.form, is_stream) {
        (PayloadForm::Items { grows: true }, true) => {
            let reader = StreamReader::new(&mut store, ItemProducer::<true>(state))?;
            AnyHandle::Stream(reader.try_into_stream_any(store)?)
        }
        (PayloadForm::Items { grows: false }, true) => {
            let reader = StreamReader::new(&mut store, ItemProducer::<false>(state))?;
            AnyHandle::Stream(reader.try_into_stream_any(store)?)
        }
        (PayloadForm::Items { .. }, false) => {
            let reader = FutureReader::new(&mut store, ItemProducer::<true>(state))?;
            AnyHandle::Future(reader.try_into_future_any(store)?)
        }
        _ => return Err(crossing::confined_items()),
    })
}

/// Takes the readable end of a pipe back out of a store: see [`crossing`].
///
/// [`crossing`]: crate::boundary::streams::crossing
pub(super) fn take_back<T: 'static>(
    store: StoreContextMut<'_, T>,
    any: StreamAny,
    payload: &Payload,
) -> Result<std::result::Result<ReadEnd, StreamAny>> {
    match payload.form {
        PayloadForm::Items { grows: true } => crossing::take_back::<BulkItem<true>, T>(store, any),
        PayloadForm::Items { grows: false } => {
            crossing::take_back::<BulkItem<false>, T>(store, any)
        }
        _ => Err(crossing::confined_items()),
    }
}

impl ConsumerState {
    /// Takes what the handles in some items stand for out of the store.
    fn lift_items<T: 'static>(
        &self,
        mut store: StoreContextMut<'_, T>,
        batch: ItemBatch,
    ) -> Result<StreamChunk> {
        let mut handles = Vec::new();
        let mut abi_image = lock(&batch.image);
        self.payload
            .handles
            .visit_image(&mut abi_image, &mut |ty, place| {
                handles.push(
                    self.instance
                        .lift_handle(store.as_context_mut(), ty, place)?,
                );
                Ok(())
            })
            .map_err(TransferError::into_fatal)?;
        let each = abi_image.len() / batch.count.max(1);
        drop(abi_image);
        Ok(StreamChunk::Items(ItemChunk {
            batch,
            handles,
            each,
        }))
    }
}

impl ProducerState {
    /// Puts handles of the store into items that enter it.
    fn lower_items<T: 'static>(
        &self,
        mut store: StoreContextMut<'_, T>,
        chunk: ItemChunk,
    ) -> Result<ItemBatch> {
        let ItemChunk { batch, handles, .. } = chunk;
        if self.payload.handles.has_handles() {
            let mut handles = handles.into_iter();
            // Nothing is lent by an item of a stream.
            let mut scope = CallScope::default();
            let mut abi_image = lock(&batch.image);
            self.payload
                .handles
                .visit_image(&mut abi_image, &mut |ty, place| {
                    let handle = handles.next().ok_or(TransferError::Nothing)?;
                    let store = store.as_context_mut();
                    self.instance
                        .lower_handle(store, ty, handle, &mut scope, place)
                })
                .map_err(TransferError::into_fatal)?;
        }
        Ok(batch)
    }

    fn item_chunk(&self, chunk: StreamChunk) -> Result<ItemChunk> {
        match chunk {
            StreamChunk::Items(chunk) => Ok(chunk),
            StreamChunk::Value(value) => encode(&self.payload, *value),
            _ => bail!("the items are of another form than the reader's"),
        }
    }
}

/// An item of the embedder's in the form in which it enters a store.
fn encode(payload: &Payload, value: ValueChunk) -> Result<ItemChunk> {
    let ValueChunk {
        val,
        handles,
        bytes,
    } = value;
    let Some(ty) = &payload.ty else {
        bail!("an item for a stream without items");
    };
    Ok(ItemChunk {
        batch: ItemBatch::new(AbiImage::of_value(ty, val)?, 1),
        handles,
        each: bytes,
    })
}

struct ItemConsumer<const GROWS: bool>(ConsumerState);

impl<T: 'static, const GROWS: bool> StreamConsumer<T> for ItemConsumer<GROWS> {
    type Item = BulkItem<GROWS>;

    fn poll_consume(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut store: StoreContextMut<'_, T>,
        mut source: Source<'_, Self::Item>,
        finish: bool,
    ) -> Poll<Result<StreamResult>> {
        let room = match self.0.poll_room(cx, finish) {
            Ok(room) => room,
            Err(waits) => return waits.map(Ok),
        };
        if source.remaining(&mut store) > 0 {
            for batch in read_items(store.as_context_mut(), &mut source, room)? {
                let chunk = self.0.lift_items(store.as_context_mut(), batch)?;
                self.0.push(chunk);
            }
        }
        Poll::Ready(Ok(StreamResult::Completed))
    }
}

impl<T: 'static> FutureConsumer<T> for ItemConsumer<true> {
    type Item = BulkItem<true>;

    fn poll_consume(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        mut store: StoreContextMut<'_, T>,
        mut source: Source<'_, Self::Item>,
        _: bool,
    ) -> Poll<Result<()>> {
        for batch in read_items(store.as_context_mut(), &mut source, usize::MAX)? {
            let value = self.0.lift_items(store.as_context_mut(), batch)?;
            self.0.resolve(value);
        }
        Poll::Ready(Ok(()))
    }
}

struct ItemProducer<const GROWS: bool>(ProducerState);

impl<T: 'static, const GROWS: bool> StreamProducer<T> for ItemProducer<GROWS> {
    type Item = BulkItem<GROWS>;
    type Buffer = VecBuffer<Self::Item>;

    fn poll_produce<'a>(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut store: StoreContextMut<'a, T>,
        mut destination: Destination<'a, Self::Item, Self::Buffer>,
        finish: bool,
    ) -> Poll<Result<StreamResult>> {
        let state = &mut self.0;
        let end = match state.poll_front(cx, finish) {
            NextItems::Ready(end) => end,
            NextItems::Not(waits) => return waits,
        };
        // No more than the reader takes at once: what is left in wasmtime's buffer would
        // be lost if the stream were passed on.
        let wanted = destination.remaining(&mut store).unwrap_or(usize::MAX);
        if wanted == 0 {
            return Poll::Ready(Ok(StreamResult::Completed));
        }
        let chunk = match end.front() {
            Some(StreamChunk::Items(chunk)) if chunk.batch.count > wanted => {
                let batch = chunk.batch.take(wanted);
                let each = chunk.each;
                end.pipe.release(each.saturating_mul(wanted), None);
                Some(StreamChunk::Items(ItemChunk {
                    batch,
                    handles: Vec::new(),
                    each,
                }))
            }
            _ => end.take_front(),
        };
        if let Some(chunk) = chunk {
            state.moved(chunk.items(), chunk.bytes());
            let chunk = state.item_chunk(chunk)?;
            let batch = state.lower_items(store, chunk)?;
            destination.set_buffer(batch.into_items().into());
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

impl<T: 'static> FutureProducer<T> for ItemProducer<true> {
    type Item = BulkItem<true>;

    fn poll_produce(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        store: StoreContextMut<'_, T>,
        finish: bool,
    ) -> Poll<Result<Option<Self::Item>>> {
        let state = &mut self.0;
        let Some(chunk) = std::task::ready!(state.poll_value(cx, finish))? else {
            return Poll::Ready(Ok(None));
        };
        let chunk = state.item_chunk(chunk)?;
        let batch = state.lower_items(store, chunk)?;
        Poll::Ready(Ok(batch.into_items().pop()))
    }
}
