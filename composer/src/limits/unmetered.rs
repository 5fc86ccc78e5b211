//! What stands in for [`Meter`] where there is no runtime to set limits.

use std::task::Context;

use wasmtime::{Store, StoreContextMut};

use crate::boundary::isolated::instance::Instance;
use crate::boundary::isolated::poll_cell::ComputeQueue;
use crate::boundary::outline::ComponentOutline;

/// What a driver holds its component to: without a runtime, nothing.
pub(crate) enum LimitRules {}

impl LimitRules {
    pub(crate) fn inbox(&self) -> usize {
        match *self {}
    }

    pub(crate) fn counts_time(&self) -> bool {
        match *self {}
    }

    pub(crate) fn compute(&self) -> Option<std::sync::Arc<dyn ComputeQueue>> {
        match *self {}
    }

    pub(crate) fn has_deadline(&self) -> bool {
        match *self {}
    }
}

/// Measures nothing.
pub(crate) struct Meter;

/// Work that belongs to no call.
pub(crate) enum WorkKind {
    Destructor,
}

/// The thread that is with a store.
pub(crate) enum OnThread {}

impl OnThread {
    pub(crate) fn come(_: &Instance, _: Option<&Instance>) -> bool {
        false
    }

    pub(crate) fn leave(_: &Instance, _: Option<&Instance>) {}
}

/// A call that is measured; there is none.
pub(crate) type MeteredCall = Option<std::convert::Infallible>;

impl Meter {
    pub(crate) fn new(_: Option<&std::sync::Arc<LimitRules>>) -> Self {
        Meter
    }

    pub(crate) fn begin<T>(
        &self,
        _: StoreContextMut<'_, T>,
        _: usize,
        _: bool,
    ) -> wasmtime::Result<MeteredCall> {
        Ok(None)
    }

    pub(crate) fn end<T>(
        &self,
        _: StoreContextMut<'_, T>,
        _: &ComponentOutline,
        _: MeteredCall,
    ) -> wasmtime::Result<Option<u64>> {
        Ok(None)
    }

    pub(crate) fn peak_memory(&self) -> Option<u64> {
        None
    }

    pub(crate) fn counts_time(&self) -> bool {
        false
    }

    pub(crate) fn begin_aside(&self, _: WorkKind) {}

    pub(crate) fn rest(&self) {}

    pub(crate) fn make_room(&self) {}

    pub(crate) fn close(&self) {}
}

impl Instance {
    pub(crate) fn is_full(&self, _: &Context<'_>) -> bool {
        false
    }

    pub(crate) fn stand_still(&self) {}

    pub(crate) async fn start<R>(
        &self,
        start: impl Future<Output = wasmtime::Result<R>>,
    ) -> wasmtime::Result<R> {
        start.await
    }

    pub(crate) async fn in_time<R>(
        &self,
        work: impl Future<Output = wasmtime::Result<R>>,
    ) -> wasmtime::Result<R> {
        work.await
    }

    pub(crate) fn explain<T>(&self, _: &mut Store<T>, error: wasmtime::Error) -> wasmtime::Error {
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
