//! One call through an adapter: the arguments leave the caller's store, the callee runs,
//! and the results come back.

use std::cell::RefCell;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::{BoxFuture, Either, Ready, ready};
use tokio::sync::oneshot;
#[cfg(feature = "component-model-async")]
use wasmtime::component::Accessor;
use wasmtime::{AsContextMut, StoreContextMut};

#[cfg(feature = "component-model-async")]
use crate::adapter::define::current_instance;
use crate::adapter::define::{Adapter, no_current_instance};
use crate::boundary::isolated::direct_call::{DirectCallOutcome, DirectCallResult, DirectCalls};
use crate::boundary::isolated::incarnation::Incarnation;
use crate::boundary::isolated::instance::Instance;
use crate::boundary::isolated::waiting_line::{CallInLine, LetIn};
use crate::boundary::transferred_values::TransferredValues;
use crate::call::admission::{Admission, AdmittedCall};
use crate::call::chain::{CallFrame, FreezeGuard, check_cycle};
use crate::call::in_flight_count::InFlightGuard;
use crate::call::request::{MadeBy, PollPermission, answered, call};
use crate::error::{CallError, Site};
use crate::observe::call_record::{CallOrigin, CallerRecord};
use crate::transfer::CallValues;

/// The results of a call that has already ended, or the future of one that may take
/// longer.
pub(crate) type StartedCall<'s> =
    Either<Ready<wasmtime::Result<CallValues>>, BoxFuture<'s, wasmtime::Result<CallValues>>>;

/// A call that has not returned at once.
enum NotReturned {
    /// The call was not made directly.
    NotBegun {
        args: CallValues,
        /// Whether other tasks on this thread should run first.
        pause: bool,
    },
    /// The call was made directly, and waits for something.
    Waits(LetIn),
}

/// A call that waits to be admitted.
struct PlaceInLine {
    /// The function, as it was planned.
    site: Site,
    let_in: oneshot::Receiver<Result<LetIn, CallError>>,
}

impl NotReturned {
    fn not_begun(args: CallValues) -> Self {
        let pause = false;
        NotReturned::NotBegun { args, pause }
    }
}

impl Adapter {
    /// Makes the call: at once if possible, and otherwise in a future. The future is
    /// boxed, so that it is compiled once for each type of store and not for each form of
    /// values.
    pub(crate) fn start_call<'s, T: Send + 'static>(
        self: &Arc<Self>,
        store: StoreContextMut<'s, T>,
        args: CallValues,
    ) -> StartedCall<'s> {
        let carried = Instance::with_current(|caller| self.start_call_for(caller, store, args));
        carried.unwrap_or_else(|| Either::Left(ready(Err(no_current_instance()))))
    }

    fn start_call_for<'s, T: Send + 'static>(
        self: &Arc<Self>,
        caller: &Arc<Instance>,
        mut store: StoreContextMut<'s, T>,
        args: CallValues,
    ) -> StartedCall<'s> {
        let begun = {
            let store = RefCell::new(store.as_context_mut());
            let parent = || caller.current_frame(store.borrow_mut().as_context_mut());
            self.begin(&caller.incarnation, &parent)
        };
        let (admission, caller_record) = match begun {
            Ok(begun) => begun,
            Err(error) => return Either::Left(ready(Err(error.into()))),
        };
        let undone = match &admission {
            None => NotReturned::not_begun(args),
            Some(admission) => {
                match self.go_directly(
                    (caller, admission, &caller_record),
                    store.as_context_mut(),
                    args,
                ) {
                    Ok(returned) => {
                        let results = match returned {
                            Ok(values) => {
                                caller_record.returned();
                                self.lower_results(caller, store, values)
                            }
                            Err(error) => caller_record
                                .end(Err(*error))
                                .map_err(wasmtime::Error::from),
                        };
                        return Either::Left(ready(results));
                    }
                    Err(undone) => undone,
                }
            }
        };
        let adapter = self.clone();
        let caller = caller.clone();
        let (args, pause) = match undone {
            NotReturned::NotBegun { args, pause } => (args, pause),
            NotReturned::Waits(let_in) => {
                let waits = async move {
                    let returned = adapter
                        .wait_for_answer(&caller, caller_record, let_in)
                        .await?;
                    adapter.lower_results(&caller, store, returned)
                };
                return Either::Right(waits.boxed());
            }
        };
        // The parent is found now, while the task of the calling code runs.
        let parent = caller.current_frame(store.as_context_mut());
        let Some(admission) = admission else {
            let line = adapter.queue_call(
                &caller,
                parent,
                &caller_record,
                store.as_context_mut(),
                args,
            );
            let waits = async move {
                let returned = adapter.wait_in_line(&caller, caller_record, line).await?;
                adapter.lower_results(&caller, store, returned)
            };
            return Either::Right(waits.boxed());
        };
        let admitted = admission.stay(caller_record);
        let way = async move {
            if pause {
                tokio::task::yield_now().await;
            }
            let frame = adapter.frame(parent, &admitted)?;
            let AdmittedCall {
                callee,
                guard,
                caller_record,
            } = admitted;
            let site = || callee.site();
            let args = adapter.lift_args(&caller, site, store.as_context_mut(), args);
            let args = caller_record.check(args)?;
            let returned = caller_record.end(
                adapter
                    .call_through_driver(&caller, frame, args, guard)
                    .await,
            )?;
            adapter.lower_results(&caller, store, returned)
        };
        Either::Right(way.boxed())
    }

    /// Makes the call of an `async` function.
    #[cfg(feature = "component-model-async")]
    pub(crate) fn call_concurrent<T: Send + 'static>(
        self: Arc<Self>,
        accessor: &Accessor<T>,
        args: CallValues,
    ) -> BoxFuture<'_, wasmtime::Result<CallValues>> {
        async move {
            let caller = current_instance()?;
            // The parent is found now, while the task of the calling code runs.
            let parent = accessor.with(|mut s| caller.current_frame(s.as_context_mut()));
            let (admission, caller_record) = self.begin(&caller.incarnation, &|| parent.clone())?;
            let Some(admission) = admission else {
                let line = accessor.with(|mut s| {
                    self.queue_call(&caller, parent, &caller_record, s.as_context_mut(), args)
                });
                let returned = self.wait_in_line(&caller, caller_record, line).await?;
                return accessor
                    .with(|mut s| self.lower_results(&caller, s.as_context_mut(), returned));
            };
            let admitted = admission.stay(caller_record);
            let frame = self.frame(parent, &admitted)?;
            let AdmittedCall {
                callee,
                guard,
                caller_record,
            } = admitted;
            let site = || callee.site();
            let args =
                accessor.with(|mut s| self.lift_args(&caller, site, s.as_context_mut(), args));
            let args = caller_record.check(args)?;
            let returned =
                caller_record.end(self.call_through_driver(&caller, frame, args, guard).await)?;
            accessor.with(|mut s| self.lower_results(&caller, s.as_context_mut(), returned))
        }
        .boxed()
    }

    /// Finds the callee, and admits the call unless it has to wait.
    fn begin<'c>(
        &self,
        caller: &'c Incarnation,
        parent: &dyn Fn() -> Option<Arc<CallFrame>>,
    ) -> Result<(Option<Admission<'c>>, CallerRecord), CallError> {
        let by = CallOrigin::Import { caller, parent };
        let source = caller.import(self.import);
        source.enter_now(&self.name, self.func, by)
    }

    /// Makes the call without the callee's driver, if the callee allows it and no other
    /// caller uses it.
    ///
    /// Such a callee calls no other component. Until the call waits for a host function,
    /// the chain of calls ends with it and no cycle can lead through it, so the caller's
    /// store need not be marked as frozen.
    fn go_directly<T: 'static>(
        &self,
        (caller, admission, caller_record): (&Arc<Instance>, &Admission<'_>, &CallerRecord),
        mut store: StoreContextMut<'_, T>,
        args: CallValues,
    ) -> Result<DirectCallOutcome, NotReturned> {
        let callee = &admission.callee;
        let allowed = match (callee.endpoint.direct(), self.room) {
            (Some(DirectCalls::OnCallersStack(stack)), Some(room)) => stack <= room,
            (Some(DirectCalls::OnOwnStack), _) => true,
            _ => false,
        };
        // Host functions of the callee may ask for the current span, which only its
        // driver shows.
        if !allowed || (callee.endpoint.calls_host() && caller_record.has_span()) {
            return Err(NotReturned::not_begun(args));
        }
        if !caller.count_direct_call() {
            return Err(NotReturned::NotBegun { args, pause: true });
        }
        let Some(direct_call) = callee.endpoint.direct_call() else {
            return Err(NotReturned::not_begun(args));
        };
        let site = || callee.site();
        let args = match self.lift_args(caller, site, store.as_context_mut(), args) {
            Ok(args) => args,
            Err(error) => return Ok(Err(Box::new(error))),
        };
        let record = caller_record.record();
        record.queued();
        record.begun();
        match direct_call.call(caller, callee.func, args) {
            DirectCallResult::Returned(returned) => {
                record.ended();
                Ok(returned)
            }
            DirectCallResult::Waits(call) => {
                let parent = caller.current_frame(store);
                let frame = CallFrame::begun(callee.clone(), parent, record);
                let (reply, answer) = oneshot::channel();
                // The caller is marked before the driver continues the call, because a
                // host function may call back.
                let freeze = FreezeGuard::new(&caller.incarnation, &frame);
                call.leave(frame.clone(), reply, admission.count_again());
                Err(NotReturned::Waits(LetIn {
                    frame,
                    freeze: Some(freeze),
                    answer,
                }))
            }
        }
    }

    /// The frame of an admitted call of a component.
    fn frame(
        &self,
        parent: Option<Arc<CallFrame>>,
        admitted: &AdmittedCall,
    ) -> Result<Arc<CallFrame>, CallError> {
        let depth = parent.as_ref().map_or(0, |parent| parent.depth() + 1);
        let AdmittedCall {
            callee,
            caller_record,
            ..
        } = admitted;
        caller_record.check(CallFrame::new(
            callee.clone(),
            parent,
            depth,
            caller_record.record(),
        ))
    }

    /// Queues a call until its callee admits it. Later calls wait behind it.
    fn queue_call<T: 'static>(
        &self,
        caller: &Arc<Instance>,
        parent: Option<Arc<CallFrame>>,
        caller_record: &CallerRecord,
        store: StoreContextMut<'_, T>,
        args: CallValues,
    ) -> Result<PlaceInLine, CallError> {
        let source = caller.incarnation.import(self.import);
        let site = source.site(&self.name, self.func)?;
        let args = self.lift_args(caller, || site.clone(), store, args)?;
        let (is_let_in, let_in) = oneshot::channel();
        let call = CallInLine {
            parent,
            record: caller_record.record(),
            args,
            frozen: (!self.is_async).then(|| caller.incarnation.clone()),
            is_let_in,
        };
        source.queue_call(&self.name, self.func, call)?;
        Ok(PlaceInLine { site, let_in })
    }

    /// Waits until the call has been admitted, and then for its results.
    async fn wait_in_line(
        &self,
        caller: &Instance,
        caller_record: CallerRecord,
        line: Result<PlaceInLine, CallError>,
    ) -> Result<TransferredValues, CallError> {
        let PlaceInLine { site, let_in } = caller_record.check(line)?;
        let let_in = {
            // A sync import freezes the whole store of its caller.
            let _still = (!self.is_async).then(|| caller.exempt_wait());
            // Without the address, nothing admits the call any more.
            let_in.await.unwrap_or(Err(CallError::Stopped { site }))
        };
        let let_in = caller_record.check(let_in)?;
        self.wait_for_answer(caller, caller_record, let_in).await
    }

    /// Waits for the results of a call that was made on the caller's behalf.
    async fn wait_for_answer(
        &self,
        caller: &Instance,
        caller_record: CallerRecord,
        let_in: LetIn,
    ) -> Result<TransferredValues, CallError> {
        let LetIn {
            frame,
            freeze,
            answer,
        } = let_in;
        let still = !self.is_async && frame.endpoint().outline().has_deadline();
        let _still = still.then(|| caller.exempt_wait());
        let returned = caller_record.end(answered(&frame, answer).await);
        drop(freeze);
        returned
    }

    async fn call_through_driver(
        &self,
        instance: &Instance,
        frame: Arc<CallFrame>,
        args: TransferredValues,
        guard: InFlightGuard,
    ) -> Result<TransferredValues, CallError> {
        let caller = &instance.incarnation;
        // A sync import freezes the whole store of its caller.
        let _freeze = (!self.is_async).then(|| FreezeGuard::new(caller, &frame));
        let still = !self.is_async && frame.endpoint().outline().has_deadline();
        let _still = still.then(|| instance.exempt_wait());
        check_cycle(&frame, (!self.is_async).then_some(caller))?;
        let permission = match self.is_async {
            true => PollPermission::Nothing,
            false => PollPermission::Thread,
        };
        call(frame, args, guard, permission, MadeBy::Component).await
    }
}
