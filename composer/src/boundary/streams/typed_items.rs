//! Streams and futures whose items cross one by one, in Rust types.
//!
//! wasmtime connects a stream or a future that the host has made only to a reader of the
//! same Rust type. So what WASI gives out as the result of a write has the type that it has
//! in wasmtime-wasi, wherever it crosses. Without the feature `fast-transfer`, there are also
//! the types that have a Rust type by themselves.

use std::any::{Any, TypeId};
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

#[cfg(not(feature = "fast-transfer"))]
use composer_plan::Type;
use wasmtime::component::{
    ComponentType, Destination, FutureConsumer, FutureProducer, FutureReader, Lift, Lower, Source,
    StreamAny, StreamConsumer, StreamProducer, StreamReader, StreamResult, VecBuffer,
};
use wasmtime::{AsContextMut, Result, StoreContextMut, bail, format_err};

use crate::boundary::streams::chunk::{StreamChunk, ValueChunk};
use crate::boundary::streams::consumer::ConsumerState;
use crate::boundary::streams::crossing;
use crate::boundary::streams::producer::{NextItems, ProducerState};
use crate::boundary::streams::read_end::ReadEnd;
use crate::transfer::{AnyHandle, Payload, Wire};
#[cfg(feature = "wasi-p3")]
use crate::transfer::{WriteResult, is_write_result};

/// Evaluates `$then` with `$W`, the Rust type of a payload's.
macro_rules! with_type {
    ($payload:expr, $W:ident => $then:expr) => {
        with_type!($payload, $W => $then; Bool bool S8 i8 U8 u8 S16 i16 U16 u16 S32 i32 U32 u32 S64 i64
            U64 u64 F32 f32 F64 f64 Char char String String)
    };
    ($payload:expr, $W:ident => $then:expr; $($case:ident $ty:ty)*) => {
        match $payload.ty.as_deref() {
            #[cfg(feature = "wasi-p3")]
            Some(ty) if is_write_result(ty) => {
                type $W = WriteResult;
                $then
            }
            $(#[cfg(not(feature = "fast-transfer"))]
            Some(Type::$case) => {
                type $W = $ty;
                $then
            })*
            _ => Err(crossing::confined_items()),
        }
    };
}

/// Connects a component's stream or future to its pipe.
pub(super) fn connect<T: 'static>(
    store: StoreContextMut<'_, T>,
    handle: AnyHandle,
    state: ConsumerState,
) -> Result<()> {
    with_type!(state.payload, W => match handle {
        AnyHandle::Stream(any) => {
            let reader: StreamReader<W> = any.try_into_stream_reader()?;
            reader.pipe(store, TypedConsumer::<W>::new(state))
        }
        AnyHandle::Future(any) => {
            let reader: FutureReader<W> = any.try_into_future_reader()?;
            reader.pipe(store, TypedConsumer::<W>::new(state))
        }
        AnyHandle::Resource(_) => bail!("a resource is no stream"),
    })
}

/// Makes a stream or a future of a component's store that gives out what is in a pipe.
pub(super) fn make<T: 'static>(
    mut store: StoreContextMut<'_, T>,
    is_stream: bool,
    state: ProducerState,
) -> Result<AnyHandle> {
    with_type!(state.payload, W => {
        let producer = TypedProducer::<W>(state, PhantomData);
        let mut store = store.as_context_mut();
        Ok(match is_stream {
            true => {
                let reader = StreamReader::new(&mut store, producer)?;
                AnyHandle::Stream(reader.try_into_stream_any(store)?)
            }
            false => {
                let reader = FutureReader::new(&mut store, producer)?;
                AnyHandle::Future(reader.try_into_future_any(store)?)
            }
        })
    })
}

/// Takes the readable end of a pipe back out of a store: see [`crossing`].
pub(super) fn take_back<T: 'static>(
    store: StoreContextMut<'_, T>,
    any: StreamAny,
    payload: &Payload,
) -> Result<std::result::Result<ReadEnd, StreamAny>> {
    with_type!(payload, W => crossing::take_back::<W, T>(store, any))
}

struct TypedConsumer<W> {
    state: ConsumerState,
    items: PhantomData<fn() -> W>,
}

impl<W: Wire> TypedConsumer<W> {
    fn new(state: ConsumerState) -> Self {
        let items = PhantomData;
        TypedConsumer { state, items }
    }
}

fn chunk(item: impl Wire) -> StreamChunk {
    let val = item.into_val();
    let bytes = match &val {
        wasmtime::component::Val::String(text) => text.len(),
        _ => 0,
    };
    StreamChunk::Value(Box::new(ValueChunk {
        bytes: size_of::<ValueChunk>() + bytes,
        val,
        handles: Vec::new(),
    }))
}

impl<T: 'static, W: Wire + Lift> StreamConsumer<T> for TypedConsumer<W> {
    type Item = W;

    fn poll_consume(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        store: StoreContextMut<'_, T>,
        mut source: Source<'_, W>,
        finish: bool,
    ) -> Poll<Result<StreamResult>> {
        let room = match self.state.poll_room(cx, finish) {
            Ok(room) => room,
            Err(waits) => return waits.map(Ok),
        };
        let mut items = Vec::with_capacity((room / size_of::<ValueChunk>()).max(1));
        source.read(store, &mut items)?;
        for item in items {
            self.state.push(chunk(item));
        }
        Poll::Ready(Ok(StreamResult::Completed))
    }
}

impl<T: 'static, W: Wire + Lift> FutureConsumer<T> for TypedConsumer<W> {
    type Item = W;

    fn poll_consume(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        store: StoreContextMut<'_, T>,
        mut source: Source<'_, W>,
        _: bool,
    ) -> Poll<Result<()>> {
        let mut value = None;
        source.read(store, &mut value)?;
        if let Some(value) = value {
            self.state.resolve(chunk(value));
        }
        Poll::Ready(Ok(()))
    }
}

struct TypedProducer<W>(ProducerState, PhantomData<fn() -> W>);

fn item<W: Wire>(chunk: StreamChunk) -> Result<W> {
    match chunk {
        StreamChunk::Value(value) => W::from_val(value.val),
        _ => None,
    }
    .ok_or_else(|| format_err!("an item is of another type than the stream's"))
}

impl<T, W> StreamProducer<T> for TypedProducer<W>
where
    T: 'static,
    W: Wire + Lower + ComponentType,
{
    type Item = W;
    type Buffer = VecBuffer<W>;

    fn poll_produce<'a>(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut store: StoreContextMut<'a, T>,
        mut destination: Destination<'a, W, VecBuffer<W>>,
        finish: bool,
    ) -> Poll<Result<StreamResult>> {
        let end = match self.0.poll_front(cx, finish) {
            NextItems::Ready(end) => end,
            NextItems::Not(waits) => return waits,
        };
        let wanted = destination.remaining(&mut store).unwrap_or(usize::MAX);
        let (mut items, mut bytes) = (Vec::new(), 0);
        while items.len() < wanted
            && let Some(chunk) = end.take_front()
        {
            bytes += chunk.bytes();
            items.push(item(chunk)?);
        }
        if !items.is_empty() {
            self.0.moved(items.len(), bytes);
            destination.set_buffer(items.into());
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

impl<T, W> FutureProducer<T> for TypedProducer<W>
where
    T: 'static,
    W: Wire + Lower + ComponentType,
{
    type Item = W;

    fn poll_produce(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        _: StoreContextMut<'_, T>,
        finish: bool,
    ) -> Poll<Result<Option<W>>> {
        match std::task::ready!(self.0.poll_value(cx, finish))? {
            Some(chunk) => Poll::Ready(item(chunk).map(Some)),
            None => Poll::Ready(Ok(None)),
        }
    }
}
