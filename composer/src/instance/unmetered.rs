//! What stands in for [`Meter`] where there is no runtime to set limits.

use std::task::Context;

use wasmtime::{Store, StoreContextMut};

use crate::instance::{Frame, Instance};

/// What a driver holds its component to: without a runtime, nothing.
pub(crate) enum Rules {}

impl Rules {
    pub(crate) fn inbox(&self) -> usize {
        match *self {}
    }
}

/// Measures nothing.
pub(crate) struct Meter;

/// A call that is measured; there is none.
pub(super) type Metered = Option<std::convert::Infallible>;

impl Meter {
    pub(super) fn new(_: Option<&std::sync::Arc<Rules>>) -> Self {
        Meter
    }

    pub(super) fn begin<T>(
        &self,
        _: StoreContextMut<'_, T>,
        _: &std::sync::Arc<Frame>,
    ) -> wasmtime::Result<Metered> {
        Ok(None)
    }

    pub(super) fn end<T>(
        &self,
        _: StoreContextMut<'_, T>,
        _: Metered,
    ) -> wasmtime::Result<Option<u64>> {
        Ok(None)
    }

    pub(super) fn peak_memory(&self) -> Option<u64> {
        None
    }

    pub(super) fn begin_aside(&self) {}

    pub(super) fn rest(&self) {}

    pub(super) fn make_room(&self) {}

    pub(super) fn close(&self) {}
}

impl Instance {
    pub(super) fn is_full(&self, _: &Context<'_>) -> bool {
        false
    }

    pub(super) async fn admit(&self) {}

    pub(crate) fn stand_still(&self) {}

    pub(crate) async fn start<R>(
        &self,
        start: impl Future<Output = wasmtime::Result<R>>,
    ) -> wasmtime::Result<R> {
        start.await
    }

    pub(super) async fn in_time<R>(
        &self,
        work: impl Future<Output = wasmtime::Result<R>>,
    ) -> wasmtime::Result<R> {
        work.await
    }

    pub(super) fn explain<T>(&self, _: &mut Store<T>, error: wasmtime::Error) -> wasmtime::Error {
        error
    }

    pub(crate) async fn explain_start<T>(
        &self,
        _: &mut Store<T>,
        error: wasmtime::Error,
    ) -> wasmtime::Error {
        error
    }
}
