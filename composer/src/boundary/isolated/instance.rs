//! The state that a driver shares with the import adapters of its store: the calls in
//! flight, the resources on this side of the boundaries, and the transfer of values in
//! and out.

use std::sync::{Arc, Mutex};

use wasmtime::component::{ResourceAny, ResourceTable};
use wasmtime::{AsContextMut, StoreContextMut};

use crate::boundary::isolated::incarnation::Incarnation;
use crate::boundary::resources::{CallScope, ResourceTables, TransferredResource};
use crate::boundary::transferred_values::TransferredValues;
use crate::call::chain::CallFrame;
use crate::call::current::PollCounts;
use crate::call::in_flight::InFlight;
#[cfg(feature = "component-model-async")]
use crate::call::request::CallRequest;
use crate::error::CallError;
use crate::error::transfer::TransferError;
use crate::limits::meter::Meter;
use crate::observe::current_span::SpanCount;
use crate::sync::lock;
use crate::transfer::CallValues;

/// A component's side of its boundaries, for its driver and its adapters.
pub(crate) struct Instance {
    pub(crate) incarnation: Arc<Incarnation>,
    pub(crate) tables: Mutex<ResourceTables>,
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
            incarnation,
            tables: Mutex::default(),
            host: Mutex::default(),
            in_flight: Mutex::default(),
            polls: PollCounts::default(),
            spans: SpanCount::default(),
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
        &self,
        mut store: StoreContextMut<'_, T>,
        func: usize,
        args: TransferredValues,
        scope: &mut CallScope,
    ) -> wasmtime::Result<Result<CallValues, Box<CallError>>> {
        let TransferredValues {
            mut values,
            handles,
        } = args;
        let exported = &self.incarnation.funcs()[func];
        values = exported.takes(values);
        let resource_paths = &exported.resource_paths;
        if !resource_paths.has_resources() {
            return Ok(Ok(values));
        }
        let lent = |c: &&TransferredResource| {
            matches!(c, TransferredResource::Own(_)) && c.entry().is_lent()
        };
        if let Some(crossing) = handles.iter().find(lent) {
            return Ok(Err(Box::new(CallError::Lent {
                site: self.incarnation.site(func),
                resource: format!("{:?}", crossing.entry()),
            })));
        }
        if let Some(crossing) = handles.iter().find(|c| !c.entry().is_alive()) {
            let refusal = crossing.entry().refusal(self.incarnation.site(func));
            return Ok(Err(Box::new(refusal)));
        }
        let mut handles = handles.into_iter();
        let mut tables = lock(&self.tables);
        resource_paths
            .visit_args(&mut values, &mut |ownership, id, place| {
                let crossing = handles.next().ok_or(TransferError::Nothing)?;
                let store = store.as_context_mut();
                tables.lower(
                    store,
                    &self.incarnation,
                    (ownership, id),
                    crossing,
                    scope,
                    place,
                )
            })
            .map_err(TransferError::into_fatal)?;
        Ok(Ok(values))
    }

    /// Moves results out of the store and takes back what was lent to it.
    pub(crate) fn lift_results<T: 'static>(
        &self,
        mut store: StoreContextMut<'_, T>,
        func: usize,
        mut values: CallValues,
        scope: CallScope,
    ) -> wasmtime::Result<TransferredValues> {
        let mut handles = Vec::new();
        let resource_paths = &self.incarnation.funcs()[func].resource_paths;
        if resource_paths.has_resources() {
            let mut tables = lock(&self.tables);
            resource_paths
                .visit_results(&mut values, &mut |_, id, place| {
                    let store = store.as_context_mut();
                    handles.push(tables.lift(store, &self.incarnation, id, place)?);
                    Ok(())
                })
                .and_then(|()| tables.close(store, scope))
                .map_err(TransferError::into_fatal)?;
        }
        Ok(TransferredValues { values, handles })
    }

    /// The component's own resources that have no holder left outside the store.
    pub(crate) fn take_released(&self) -> impl Iterator<Item = ResourceAny> {
        let keys = self.incarnation.inbox.take_drops().into_iter();
        keys.filter_map(|key| lock(&self.tables).take_given(key))
    }
}
