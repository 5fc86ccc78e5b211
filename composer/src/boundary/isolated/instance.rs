//! The state that a driver shares with the import adapters of its store: the calls in
//! flight, the resources on this side of the boundaries, and the transfer of values in
//! and out.

use std::sync::{Arc, Mutex};

use wasmtime::component::{ResourceAny, ResourceTable};
use wasmtime::{AsContextMut, StoreContextMut};

use crate::boundary::isolated::incarnation::Incarnation;
use crate::boundary::resources::{CallScope, ResourceTables, TransferredHandle};
#[cfg(feature = "component-model-async")]
use crate::boundary::streams::buffers::BufferPool;
#[cfg(feature = "component-model-async")]
use crate::boundary::streams::idle::WatchedPipes;
#[cfg(feature = "component-model-async")]
use crate::boundary::streams::open_stream::StreamCount;
#[cfg(feature = "component-model-async")]
use crate::boundary::streams::parked::ParkedHandles;
use crate::boundary::transferred_values::TransferredValues;
use crate::call::chain::CallFrame;
use crate::call::current::PollCounts;
use crate::call::in_flight::InFlight;
#[cfg(feature = "component-model-async")]
use crate::call::request::CallRequest;
use crate::error::CallError;
#[cfg(feature = "component-model-async")]
use crate::error::LimitExceeded;
use crate::error::transfer::TransferError;
#[cfg(feature = "component-model-async")]
use crate::limits::DEFAULT_STREAM_BUFFER;
use crate::limits::meter::Meter;
use crate::observe::current_span::SpanCount;
use crate::sync::lock;
use crate::transfer::{CallValues, FuncHandlePaths};

/// A component's side of its boundaries, for its driver and its adapters.
pub(crate) struct Instance {
    pub(crate) incarnation: Arc<Incarnation>,
    pub(crate) tables: Mutex<ResourceTables>,
    /// Streams and futures that left the store and that have not been read from.
    #[cfg(feature = "component-model-async")]
    pub(crate) parked: Mutex<ParkedHandles>,
    #[cfg(feature = "component-model-async")]
    pub(crate) streams: Arc<StreamCount>,
    #[cfg(feature = "component-model-async")]
    pub(crate) watched: Mutex<WatchedPipes>,
    /// Buffers for what it writes.
    #[cfg(feature = "component-model-async")]
    pub(crate) buffers: Arc<BufferPool>,
    /// The embedder's own resources that the component has: see
    /// [`HostTable`](crate::typed::HostTable).
    pub(crate) host: Mutex<ResourceTable>,
    pub(crate) in_flight: Mutex<InFlight>,
    pub(crate) polls: PollCounts,
    pub(crate) spans: SpanCount,
    pub(crate) meter: Meter,
    /// Whether calls run concurrently in the store.
    #[cfg(feature = "component-model-async")]
    pub(crate) concurrent: bool,
}

impl Instance {
    pub(crate) fn new(incarnation: Arc<Incarnation>) -> Arc<Self> {
        Arc::new(Instance {
            #[cfg(feature = "component-model-async")]
            concurrent: incarnation.outline.concurrent,
            meter: Meter::new(incarnation.outline.rules.as_ref()),
            tables: Mutex::default(),
            #[cfg(feature = "component-model-async")]
            parked: Mutex::default(),
            #[cfg(feature = "component-model-async")]
            streams: StreamCount::new(&incarnation.outline),
            #[cfg(feature = "component-model-async")]
            watched: Mutex::default(),
            #[cfg(feature = "component-model-async")]
            buffers: Arc::default(),
            host: Mutex::default(),
            in_flight: Mutex::default(),
            polls: PollCounts::default(),
            spans: SpanCount::default(),
            incarnation,
        })
    }

    /// The call for which the store's code runs right now, if it runs for one.
    pub(crate) fn current_frame<T>(&self, store: StoreContextMut<'_, T>) -> Option<Arc<CallFrame>> {
        #[cfg(feature = "component-model-async")]
        if self.concurrent {
            let mut store = store;
            let root = store.async_call_stack().ok()?.last()?;
            return lock(&self.in_flight).of_task(root);
        }
        #[cfg(not(feature = "component-model-async"))]
        let _ = store;
        lock(&self.in_flight).only()
    }

    /// Whether it is harmless to start no other call until this one ends.
    ///
    /// A plain function must not wait before it returns. So one that has not returned
    /// either waits for its turn, or its store is frozen in an import; and without
    /// another call, it has its turn already.
    #[cfg(feature = "component-model-async")]
    pub(crate) fn runs_alone(&self, request: &CallRequest) -> bool {
        !request.frame.is_async() && lock(&self.in_flight).len() == 0
    }

    /// Ends one call. A result whose caller has left is dropped here, and
    /// with it the resources it carries.
    pub(crate) fn end(&self, id: usize, result: Result<TransferredValues, CallError>) {
        let running = lock(&self.in_flight).end(id);
        let reply = running.map(|running| {
            // A caller that has its answer must find the call reported and no longer
            // counted.
            running.frame.record().ended();
            self.hide(&running.frame);
            let memory = self.meter.peak_memory();
            self.incarnation.outline.metrics.peak_memory(memory);
            running.reply
        });
        if let Some(reply) = reply {
            let unwanted = reply.send(result);
            drop(unwanted);
        }
        self.meter.make_room();
    }

    /// Moves arguments into the store. A refusal (the inner error) has changed nothing.
    /// After the outer error, some arguments are in the store, whose state is unknown.
    pub(crate) fn lower_args<T: 'static>(
        self: &Arc<Self>,
        mut store: StoreContextMut<'_, T>,
        func: usize,
        args: TransferredValues,
        scope: &mut CallScope,
    ) -> wasmtime::Result<Result<CallValues, Box<CallError>>> {
        let TransferredValues {
            mut values,
            mut handles,
        } = args;
        let exported = &self.incarnation.funcs()[func];
        values = exported.takes(values);
        let handle_paths = &exported.handle_paths;
        if !handle_paths.has_handles() {
            return Ok(Ok(values));
        }
        if let Some(entry) = handles.iter().find_map(TransferredHandle::lent) {
            return Ok(Err(Box::new(CallError::Lent {
                site: self.incarnation.site(func),
                resource: format!("{entry:?}"),
            })));
        }
        #[cfg(feature = "component-model-async")]
        if let Some(exceeded) = self.refuse_streams(&handles) {
            let site = self.incarnation.site(func);
            let reason = exceeded.to_string();
            return Ok(Err(Box::new(CallError::Transfer { site, reason })));
        }
        if let Some(entry) = handles.iter().find_map(TransferredHandle::lost) {
            let refusal = entry.refusal(self.incarnation.site(func));
            return Ok(Err(Box::new(refusal)));
        }
        if let Err(error) = handles.iter_mut().try_for_each(TransferredHandle::reserve) {
            let site = self.incarnation.site(func);
            return Ok(Err(Box::new(CallError::transfer(site, error))));
        }
        let mut handles = handles.into_iter();
        handle_paths
            .visit_args(&mut values, &mut |ty, place| {
                let handle = handles.next().ok_or(TransferError::Nothing)?;
                self.lower_handle(store.as_context_mut(), ty, handle, scope, place)
            })
            .map_err(TransferError::into_fatal)?;
        Ok(Ok(values))
    }

    /// Moves the arguments of a function that the component imports out of the store.
    pub(crate) fn lift_imported_args<T: 'static>(
        self: &Arc<Self>,
        mut store: StoreContextMut<'_, T>,
        handle_paths: &FuncHandlePaths,
        mut values: CallValues,
    ) -> Result<TransferredValues, TransferError> {
        let mut handles = Vec::new();
        if handle_paths.has_handles() {
            handle_paths.visit_args::<TransferError>(&mut values, &mut |ty, place| {
                handles.push(self.lift_handle(store.as_context_mut(), ty, place)?);
                Ok(())
            })?;
        }
        Ok(TransferredValues { values, handles })
    }

    /// Moves the results of a function that the component imports into the store.
    pub(crate) fn lower_imported_results<T: 'static>(
        self: &Arc<Self>,
        mut store: StoreContextMut<'_, T>,
        handle_paths: &FuncHandlePaths,
        returned: TransferredValues,
    ) -> wasmtime::Result<CallValues> {
        let TransferredValues {
            mut values,
            handles,
        } = returned;
        if handle_paths.has_handles() {
            self.restore_values(store.as_context_mut());
            let mut handles = handles.into_iter();
            let mut scope = CallScope::default();
            handle_paths
                .visit_results(&mut values, &mut |ty, place| {
                    let handle = handles.next().ok_or(TransferError::Nothing)?;
                    self.lower_handle(store.as_context_mut(), ty, handle, &mut scope, place)
                })
                .map_err(TransferError::into_fatal)?;
        }
        Ok(values)
    }

    /// Moves results out of the store and takes back what was lent to it.
    pub(crate) fn lift_results<T: 'static>(
        self: &Arc<Self>,
        mut store: StoreContextMut<'_, T>,
        func: usize,
        mut values: CallValues,
        mut scope: CallScope,
    ) -> wasmtime::Result<TransferredValues> {
        let mut handles = Vec::new();
        let handle_paths = &self.incarnation.funcs()[func].handle_paths;
        if handle_paths.has_handles() {
            handle_paths
                .visit_results(&mut values, &mut |ty, place| {
                    handles.push(self.lift_handle(store.as_context_mut(), ty, place)?);
                    Ok(())
                })
                .and_then(|()| self.take_back_values(store.as_context_mut(), &mut scope))
                .and_then(|()| lock(&self.tables).close(store, scope))
                .map_err(TransferError::into_fatal)?;
        }
        Ok(TransferredValues { values, handles })
    }

    /// Why the streams among some arguments are too many.
    #[cfg(feature = "component-model-async")]
    fn refuse_streams(&self, handles: &[TransferredHandle]) -> Option<LimitExceeded> {
        let streams = handles.iter().filter(|handle| handle.is_stream());
        match streams.count() {
            0 => None,
            more => self.too_many_streams(more),
        }
    }

    /// How many bytes of each stream are held for its reader.
    #[cfg(feature = "component-model-async")]
    pub(crate) fn stream_buffer(&self) -> usize {
        let rules = self.incarnation.outline.rules.as_ref();
        rules.map_or(DEFAULT_STREAM_BUFFER, |rules| rules.limits.stream_buffer())
    }

    /// The component's own resources that have no holder left outside the store.
    pub(crate) fn take_released(&self) -> impl Iterator<Item = ResourceAny> {
        let keys = self.incarnation.inbox.take_drops().into_iter();
        keys.filter_map(|key| lock(&self.tables).take_given(key))
    }
}
