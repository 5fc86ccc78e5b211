//! Parked handles: streams and futures that have left their store, and that have not been
//! read from.
//!
//! wasmtime gives a component's stream a consumer once and for all. So as long as no reader
//! reads, the handle stays in its store, and a stream that comes home unread is the same
//! handle again. The first read has the driver connect it to its pipe.

use std::sync::Arc;

use slab::Slab;
use wasmtime::component::{FutureReader, StreamReader};
use wasmtime::{AsContextMut, StoreContextMut};

use crate::boundary::isolated::inbox::StreamSignal;
use crate::boundary::isolated::instance::Instance;
#[cfg(feature = "fast-transfer")]
use crate::boundary::streams::bulk_items;
use crate::boundary::streams::consumer::{ByteConsumer, ConsumerState, UnitConsumer};
use crate::boundary::streams::crossing;
use crate::boundary::streams::open_stream::OpenStream;
use crate::boundary::streams::pipe::{ParkedAt, Pipe, gone};
use crate::boundary::streams::read_end::ReadEnd;
#[cfg(any(feature = "wasi-p3", not(feature = "fast-transfer")))]
use crate::boundary::streams::typed_items;
use crate::sync::lock;
use crate::transfer::{AnyHandle, Payload, PayloadForm};

/// The handles of one store that are parked, by key. Each key is used once: to connect
/// the stream, to close it, or to have the handle back.
#[derive(Default)]
pub(crate) struct ParkedHandles(Slab<ParkedHandle>);

struct ParkedHandle {
    handle: AnyHandle,
    payload: Arc<Payload>,
    pipe: Arc<Pipe>,
    open: OpenStream,
}

impl ParkedHandles {
    /// Takes a handle back into its store.
    pub(crate) fn take(&mut self, key: usize) -> Option<AnyHandle> {
        self.0.try_remove(key).map(|parked| parked.handle)
    }

    /// Takes all handles out, since their store ends, and returns their pipes.
    pub(crate) fn clear(&mut self) -> Vec<Arc<Pipe>> {
        self.0.drain().map(|parked| parked.pipe).collect()
    }
}

impl Instance {
    /// Parks a handle that leaves the store.
    pub(crate) fn park(
        &self,
        handle: AnyHandle,
        payload: Arc<Payload>,
    ) -> wasmtime::Result<ReadEnd> {
        let open = self.open_stream()?;
        let mut parked = lock(&self.parked);
        let entry = parked.0.vacant_entry();
        let at = ParkedAt {
            origin: self.incarnation.clone(),
            key: entry.key(),
        };
        let buffers = self.buffers.clone();
        let pipe = Pipe::parked(self.stream_buffer(), buffers, payload.clone(), at);
        entry.insert(ParkedHandle {
            handle,
            payload,
            pipe: pipe.clone(),
            open,
        });
        drop(parked);
        self.watch(&pipe);
        Ok(ReadEnd::new(pipe))
    }

    /// Connects and closes parked streams, as their readers have asked.
    pub(crate) fn serve_streams<T: 'static>(
        self: &Arc<Self>,
        mut store: StoreContextMut<'_, T>,
    ) -> wasmtime::Result<()> {
        for signal in self.incarnation.inbox.take_signals() {
            let (StreamSignal::Start(key) | StreamSignal::Close(key)) = signal;
            let Some(parked) = lock(&self.parked).0.try_remove(key) else {
                continue;
            };
            match signal {
                StreamSignal::Start(_) => self.connect(store.as_context_mut(), parked)?,
                StreamSignal::Close(_) => close(store.as_context_mut(), parked.handle)?,
            }
        }
        Ok(())
    }

    fn connect<T: 'static>(
        self: &Arc<Self>,
        store: StoreContextMut<'_, T>,
        parked: ParkedHandle,
    ) -> wasmtime::Result<()> {
        let ParkedHandle {
            handle,
            payload,
            pipe,
            open,
        } = parked;
        let form = payload.form;
        let state = ConsumerState::new(self.clone(), payload, pipe, open);
        match (handle, form) {
            (AnyHandle::Stream(any), PayloadForm::Bytes) => {
                let reader: StreamReader<u8> = any.try_into_stream_reader()?;
                reader.pipe(store, ByteConsumer(state))
            }
            (AnyHandle::Stream(any), PayloadForm::Units) => {
                let reader: StreamReader<()> = any.try_into_stream_reader()?;
                reader.pipe(store, UnitConsumer(state))
            }
            (AnyHandle::Future(any), PayloadForm::Units) => {
                let reader: FutureReader<()> = any.try_into_future_reader()?;
                reader.pipe(store, UnitConsumer(state))
            }
            #[cfg(any(feature = "wasi-p3", not(feature = "fast-transfer")))]
            (handle, PayloadForm::Typed) => typed_items::connect(store, handle, state),
            #[cfg(feature = "fast-transfer")]
            (handle, PayloadForm::Items { .. }) => bulk_items::connect(store, handle, state),
            _ => Err(crossing::confined_items()),
        }
    }
}

/// Closes a stream or a future that has not been read from.
pub(super) fn close<T: 'static>(
    store: StoreContextMut<'_, T>,
    handle: AnyHandle,
) -> wasmtime::Result<()> {
    match handle {
        AnyHandle::Stream(mut any) => any.close(store),
        AnyHandle::Future(mut any) => any.close(store),
        AnyHandle::Resource(_) => Ok(()),
    }
}

impl Instance {
    /// Ends the streams that are still parked, since the store ends.
    pub(crate) fn abandon_parked(&self) {
        let pipes = lock(&self.parked).clear();
        for pipe in pipes {
            pipe.end(Some(gone(&self.incarnation)));
        }
    }
}
