//! What stands in for [`Meter`] where there is no runtime to set limits.

use std::task::Context;

use wasmtime::{Store, StoreContextMut};

use crate::instance::seat::ComputeQueue;
use crate::instance::{Instance, Outline};

/// What a driver holds its component to: without a runtime, nothing.
pub(crate) enum Rules {}

impl Rules {
    pub(crate) fn inbox(&self) -> usize {
        match *self {}
    }

    pub(super) fn counts_time(&self) -> bool {
        match *self {}
    }

    pub(super) fn compute(&self) -> Option<std::sync::Arc<dyn ComputeQueue>> {
        match *self {}
    }

    pub(super) fn has_deadline(&self) -> bool {
        match *self {}
    }
}

/// Measures nothing.
pub(crate) struct Meter;

/// Work that belongs to no call.
pub(super) enum Work {
    Destructor,
}

/// The thread that is with a store.
pub(super) enum OnThread {}

impl OnThread {
    pub(super) fn come(_: &Instance, _: Option<&Instance>) -> bool {
        false
    }

    pub(super) fn leave(_: &Instance, _: Option<&Instance>) {}
}

/// A call that is measured; there is none.
pub(super) type Metered = Option<std::convert::Infallible>;

impl Meter {
    pub(super) fn new(_: Option<&std::sync::Arc<Rules>>) -> Self {
        Meter
    }

    pub(super) fn begin<T>(
        &self,
        _: StoreContextMut<'_, T>,
        _: usize,
        _: bool,
    ) -> wasmtime::Result<Metered> {
        Ok(None)
    }

    pub(super) fn end<T>(
        &self,
        _: StoreContextMut<'_, T>,
        _: &Outline,
        _: Metered,
    ) -> wasmtime::Result<Option<u64>> {
        Ok(None)
    }

    pub(super) fn peak_memory(&self) -> Option<u64> {
        None
    }

    pub(super) fn counts_time(&self) -> bool {
        false
    }

    pub(super) fn begin_aside(&self, _: Work) {}

    pub(super) fn rest(&self) {}

    pub(super) fn make_room(&self) {}

    pub(super) fn close(&self) {}
}

impl Instance {
    pub(super) fn is_full(&self, _: &Context<'_>) -> bool {
        false
    }

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
