//! Streams and futures that leave a store or enter it.

use std::sync::Arc;

use wasmtime::component::{FutureReader, StreamAny, StreamReader};
use wasmtime::{AsContextMut, Result, StoreContextMut};

use crate::boundary::isolated::instance::Instance;
#[cfg(feature = "fast-transfer")]
use crate::boundary::streams::bulk_items;
use crate::boundary::streams::pipe::ExpectedItems;
use crate::boundary::streams::producer::{ByteProducer, ProducerState, UnitProducer};
use crate::boundary::streams::read_end::ReadEnd;
#[cfg(any(feature = "wasi-p3", not(feature = "fast-transfer")))]
use crate::boundary::streams::typed_items;
use crate::sync::lock;
use crate::transfer::{AnyHandle, Payload, PayloadForm};

impl Instance {
    /// Moves a stream out of the store. If it had come from another store, the end that
    /// came is the one that leaves, with what was not read of it.
    pub(crate) fn lift_stream<T: 'static>(
        &self,
        mut store: StoreContextMut<'_, T>,
        payload: &Arc<Payload>,
        any: StreamAny,
    ) -> Result<ReadEnd> {
        let taken = match payload.form {
            PayloadForm::Bytes => take_back::<u8, T>(store.as_context_mut(), any)?,
            PayloadForm::Units => take_back::<(), T>(store.as_context_mut(), any)?,
            #[cfg(any(feature = "wasi-p3", not(feature = "fast-transfer")))]
            PayloadForm::Typed => typed_items::take_back(store.as_context_mut(), any, payload)?,
            #[cfg(feature = "fast-transfer")]
            PayloadForm::Items { .. } => {
                bulk_items::take_back(store.as_context_mut(), any, payload)?
            }
            PayloadForm::Nothing => return Err(confined_items()),
        };
        Ok(match taken {
            Ok(end) => end,
            Err(own) => self.park(AnyHandle::Stream(own), payload.clone())?,
        })
    }

    /// Moves the readable end of a stream or a future into the store. One that comes home
    /// unread is the handle that had left.
    pub(crate) fn lower_end<T: 'static>(
        self: &Arc<Self>,
        mut store: StoreContextMut<'_, T>,
        payload: &Arc<Payload>,
        end: ReadEnd,
        is_stream: bool,
    ) -> Result<AnyHandle> {
        if let Some(key) = end.pipe.unpark(&self.incarnation)
            && let Some(own) = lock(&self.parked).take(key)
        {
            return Ok(own);
        }
        end.pipe.expect(|| ExpectedItems {
            payload: payload.clone(),
            reader: self.incarnation.clone(),
        });
        let state = ProducerState::new(end, self.clone(), payload.clone())?;
        let mut store = store.as_context_mut();
        Ok(match (payload.form, is_stream) {
            (PayloadForm::Bytes, true) => {
                let reader = StreamReader::new(&mut store, ByteProducer(state))?;
                AnyHandle::Stream(reader.try_into_stream_any(store)?)
            }
            (PayloadForm::Units, true) => {
                let reader = StreamReader::new(&mut store, UnitProducer(state))?;
                AnyHandle::Stream(reader.try_into_stream_any(store)?)
            }
            (PayloadForm::Units, false) => {
                let reader = FutureReader::new(&mut store, UnitProducer(state))?;
                AnyHandle::Future(reader.try_into_future_any(store)?)
            }
            #[cfg(any(feature = "wasi-p3", not(feature = "fast-transfer")))]
            (PayloadForm::Typed, is_stream) => typed_items::make(store, is_stream, state)?,
            #[cfg(feature = "fast-transfer")]
            (PayloadForm::Items { .. }, is_stream) => bulk_items::make(store, is_stream, state)?,
            _ => return Err(confined_items()),
        })
    }
}

/// Should not occur: functions with such items are refused when they are linked.
pub(super) fn confined_items() -> wasmtime::Error {
    wasmtime::Error::msg("items of this type do not cross")
}

/// Takes the readable end of a pipe back out of a store, if the stream is one of a pipe.
/// Otherwise the stream belongs to the store.
pub(super) fn take_back<I, T>(
    mut store: StoreContextMut<'_, T>,
    any: StreamAny,
) -> Result<std::result::Result<ReadEnd, StreamAny>>
where
    I: wasmtime::component::ComponentType + 'static,
    T: 'static,
{
    let reader: StreamReader<I> = any.try_into_stream_reader()?;
    match reader.try_into::<ReadEnd>(store.as_context_mut()) {
        Ok(end) => Ok(Ok(end)),
        Err(reader) => Ok(Err(reader.try_into_stream_any(store)?)),
    }
}
