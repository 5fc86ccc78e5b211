//! One call through an adapter: out of the caller's store, over, and back.

use std::cell::RefCell;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::{BoxFuture, Either, Ready, ready};
use tokio::sync::oneshot;
#[cfg(feature = "component-model-async")]
use wasmtime::component::Accessor;
use wasmtime::{AsContextMut, StoreContextMut};

#[cfg(feature = "component-model-async")]
use crate::adapter::define::current;
use crate::adapter::define::{Adapter, nobody};
use crate::boundary::isolated::address::{Entered, Inside};
use crate::boundary::isolated::direct_call::{Called, DirectCalls, Outcome};
use crate::boundary::isolated::incarnation::{Lend, MadeBy, Slot, answered, call};
use crate::boundary::isolated::instance::Instance;
use crate::boundary::isolated::waiting_line::{CallInLine, LetIn};
use crate::call::chain::{Frame, Freeze, check_cycle};
use crate::call::in_flight_count::Busy;
use crate::error::{CallError, Site};
use crate::observe::call_record::{Asked, By};
use crate::sync::lock;
use crate::transfer::resources::TransferError;
use crate::transfer::{Parcel, Values};

/// A call that has been made already, or one that may take its time.
pub(crate) type Carried<'s> =
    Either<Ready<wasmtime::Result<Values>>, BoxFuture<'s, wasmtime::Result<Values>>>;

/// A call that has not returned there and then.
enum Undone {
    /// It was not made directly.
    NotBegun {
        args: Values,
        /// Whether others on this thread should have their turn first.
        pause: bool,
    },
    /// It was, and waits for something.
    Waits(LetIn),
}

/// A call that waits to be let in.
struct PlaceInLine {
    /// The function, as it was planned.
    site: Site,
    let_in: oneshot::Receiver<Result<LetIn, CallError>>,
}

impl Undone {
    fn not_begun(args: Values) -> Self {
        let pause = false;
        Undone::NotBegun { args, pause }
    }
}

impl Adapter {
    /// Makes the call: there and then if that can be done, and else in a future
    /// that is boxed, so that it is compiled once for a store's type and not for
    /// every form that values come in.
    pub(crate) fn carry<'s, T: Send + 'static>(
        self: &Arc<Self>,
        store: StoreContextMut<'s, T>,
        args: Values,
    ) -> Carried<'s> {
        let carried = Instance::with_current(|caller| self.carry_for(caller, store, args));
        carried.unwrap_or_else(|| Either::Left(ready(Err(nobody()))))
    }

    fn carry_for<'s, T: Send + 'static>(
        self: &Arc<Self>,
        caller: &Arc<Instance>,
        mut store: StoreContextMut<'s, T>,
        args: Values,
    ) -> Carried<'s> {
        let begun = {
            let store = RefCell::new(store.as_context_mut());
            let parent = || caller.current_frame(store.borrow_mut().as_context_mut());
            self.begin(&caller.slot, &parent)
        };
        let (inside, asked) = match begun {
            Ok(begun) => begun,
            Err(error) => return Either::Left(ready(Err(error.into()))),
        };
        let undone = match &inside {
            None => Undone::not_begun(args),
            Some(inside) => {
                match self.go_directly((caller, inside, &asked), store.as_context_mut(), args) {
                    Ok(returned) => {
                        let results = match returned {
                            Ok(parcel) => {
                                asked.returned();
                                self.arrive(caller, store, parcel)
                            }
                            Err(error) => asked.end(Err(*error)).map_err(wasmtime::Error::from),
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
            Undone::NotBegun { args, pause } => (args, pause),
            Undone::Waits(let_in) => {
                let waits = async move {
                    let returned = adapter.wait_for_answer(&caller, asked, let_in).await?;
                    adapter.arrive(&caller, store, returned)
                };
                return Either::Right(waits.boxed());
            }
        };
        // Now, while it is its task that runs.
        let parent = caller.current_frame(store.as_context_mut());
        let Some(inside) = inside else {
            let line = adapter.stand_in_line(&caller, parent, &asked, store.as_context_mut(), args);
            let waits = async move {
                let returned = adapter.wait_in_line(&caller, asked, line).await?;
                adapter.arrive(&caller, store, returned)
            };
            return Either::Right(waits.boxed());
        };
        let entered = inside.stay(asked);
        let way = async move {
            if pause {
                tokio::task::yield_now().await;
            }
            let frame = adapter.frame(parent, &entered)?;
            let Entered {
                callee,
                busy,
                asked,
            } = entered;
            let site = || callee.site();
            let args = adapter.depart(&caller, site, store.as_context_mut(), args);
            let args = asked.check(args)?;
            let returned = asked.end(adapter.cross(&caller, frame, args, busy).await)?;
            adapter.arrive(&caller, store, returned)
        };
        Either::Right(way.boxed())
    }

    /// Makes the call of an `async` function.
    #[cfg(feature = "component-model-async")]
    pub(crate) fn carry_concurrent<T: Send + 'static>(
        self: Arc<Self>,
        accessor: &Accessor<T>,
        args: Values,
    ) -> BoxFuture<'_, wasmtime::Result<Values>> {
        async move {
            let caller = current()?;
            // Now, while it is its task that runs.
            let parent = accessor.with(|mut s| caller.current_frame(s.as_context_mut()));
            let (inside, asked) = self.begin(&caller.slot, &|| parent.clone())?;
            let Some(inside) = inside else {
                let line = accessor.with(|mut s| {
                    self.stand_in_line(&caller, parent, &asked, s.as_context_mut(), args)
                });
                let returned = self.wait_in_line(&caller, asked, line).await?;
                return accessor.with(|mut s| self.arrive(&caller, s.as_context_mut(), returned));
            };
            let entered = inside.stay(asked);
            let frame = self.frame(parent, &entered)?;
            let Entered {
                callee,
                busy,
                asked,
            } = entered;
            let site = || callee.site();
            let args = accessor.with(|mut s| self.depart(&caller, site, s.as_context_mut(), args));
            let args = asked.check(args)?;
            let returned = asked.end(self.cross(&caller, frame, args, busy).await)?;
            accessor.with(|mut s| self.arrive(&caller, s.as_context_mut(), returned))
        }
        .boxed()
    }

    /// Finds whom to call.
    fn begin<'c>(
        &self,
        caller: &'c Slot,
        parent: &dyn Fn() -> Option<Arc<Frame>>,
    ) -> Result<(Option<Inside<'c>>, Asked), CallError> {
        let by = By::Import { caller, parent };
        let source = caller.import(self.import);
        source.enter_now(&self.name, self.func, by)
    }

    /// Makes the call without the callee's driver, if the callee is one that allows
    /// it and no other caller uses it.
    ///
    /// Such a callee calls no other component. As long as the call has not begun to
    /// wait for a function of the host the chain of calls ends with it, and no cycle
    /// can lead through it: the caller's store need not be marked as frozen.
    fn go_directly<T: 'static>(
        &self,
        (caller, inside, asked): (&Arc<Instance>, &Inside<'_>, &Asked),
        mut store: StoreContextMut<'_, T>,
        args: Values,
    ) -> Result<Outcome, Undone> {
        let callee = &inside.callee;
        let allowed = match (callee.slot.direct(), self.room) {
            (Some(DirectCalls::OnCallersStack(stack)), Some(room)) => stack <= room,
            (Some(DirectCalls::OnOwnStack), _) => true,
            _ => false,
        };
        // Whose functions may ask for the current span has one while it is driven.
        if !allowed || (callee.slot.calls_host() && asked.has_span()) {
            return Err(Undone::not_begun(args));
        }
        if !caller.may_stay() {
            return Err(Undone::NotBegun { args, pause: true });
        }
        let Some(opening) = callee.slot.opening() else {
            return Err(Undone::not_begun(args));
        };
        let site = || callee.site();
        let args = match self.depart(caller, site, store.as_context_mut(), args) {
            Ok(args) => args,
            Err(error) => return Ok(Err(Box::new(error))),
        };
        let told = asked.told();
        told.queued();
        told.begun();
        match opening.call(caller, callee.func, args) {
            Called::Returned(returned) => {
                told.ended();
                Ok(returned)
            }
            Called::Waits(call) => {
                let parent = caller.current_frame(store);
                let frame = Frame::begun(callee.clone(), parent, told);
                let (reply, answer) = oneshot::channel();
                // Before the driver goes on with it: a function of the host may call back.
                let freeze = Freeze::new(&caller.slot, &frame);
                call.leave(frame.clone(), reply, inside.count_again());
                Err(Undone::Waits(LetIn {
                    frame,
                    freeze: Some(freeze),
                    answer,
                }))
            }
        }
    }

    /// The call of a component that has been let in.
    fn frame(
        &self,
        parent: Option<Arc<Frame>>,
        entered: &Entered,
    ) -> Result<Arc<Frame>, CallError> {
        let depth = parent.as_ref().map_or(0, |parent| parent.depth() + 1);
        let Entered { callee, asked, .. } = entered;
        asked.check(Frame::new(callee.clone(), parent, depth, asked.told()))
    }

    /// Has a call wait until its callee lets it in. Whatever is called later waits
    /// behind it.
    fn stand_in_line<T: 'static>(
        &self,
        caller: &Arc<Instance>,
        parent: Option<Arc<Frame>>,
        asked: &Asked,
        store: StoreContextMut<'_, T>,
        args: Values,
    ) -> Result<PlaceInLine, CallError> {
        let source = caller.slot.import(self.import);
        let site = source.site(&self.name, self.func)?;
        let args = self.depart(caller, || site.clone(), store, args)?;
        let (is_let_in, let_in) = oneshot::channel();
        let call = CallInLine {
            parent,
            told: asked.told(),
            args,
            frozen: (!self.is_async).then(|| caller.slot.clone()),
            is_let_in,
        };
        source.stand_in_line(&self.name, self.func, call)?;
        Ok(PlaceInLine { site, let_in })
    }

    /// Waits until it has been let in, and then for its results.
    async fn wait_in_line(
        &self,
        caller: &Instance,
        asked: Asked,
        line: Result<PlaceInLine, CallError>,
    ) -> Result<Parcel, CallError> {
        let PlaceInLine { site, let_in } = asked.check(line)?;
        let let_in = {
            // A sync import freezes the whole store of its caller.
            let _still = (!self.is_async).then(|| caller.stand_still());
            // Without the post, nothing lets it in any more.
            let_in.await.unwrap_or(Err(CallError::Stopped { site }))
        };
        let let_in = asked.check(let_in)?;
        self.wait_for_answer(caller, asked, let_in).await
    }

    /// Waits for the results of a call that was made on the caller's behalf.
    async fn wait_for_answer(
        &self,
        caller: &Instance,
        asked: Asked,
        let_in: LetIn,
    ) -> Result<Parcel, CallError> {
        let LetIn {
            frame,
            freeze,
            answer,
        } = let_in;
        let still = !self.is_async && frame.slot().outline().has_deadline();
        let _still = still.then(|| caller.stand_still());
        let returned = asked.end(answered(&frame, answer).await);
        drop(freeze);
        returned
    }

    /// Moves the arguments out of the caller's store.
    fn depart<T: 'static>(
        &self,
        caller: &Instance,
        site: impl FnOnce() -> Site,
        mut store: StoreContextMut<'_, T>,
        mut args: Values,
    ) -> Result<Parcel, CallError> {
        let mut handles = Vec::new();
        if self.recipe.has_resources() {
            let mut tables = lock(&caller.tables);
            self.recipe
                .visit_args(&mut args, &mut |_, id, place| {
                    let store = store.as_context_mut();
                    handles.push(tables.lift(store, &caller.slot, id, place)?);
                    Ok(())
                })
                .map_err(|error| CallError::transfer(site(), error))?;
        }
        Ok(Parcel {
            values: args,
            handles,
        })
    }

    async fn cross(
        &self,
        instance: &Instance,
        frame: Arc<Frame>,
        args: Parcel,
        busy: Busy,
    ) -> Result<Parcel, CallError> {
        let caller = &instance.slot;
        // A sync import freezes the whole store of its caller.
        let _freeze = (!self.is_async).then(|| Freeze::new(caller, &frame));
        let still = !self.is_async && frame.slot().outline().has_deadline();
        let _still = still.then(|| instance.stand_still());
        check_cycle(&frame, (!self.is_async).then_some(caller))?;
        let lend = match self.is_async {
            true => Lend::Nothing,
            false => Lend::Thread,
        };
        call(frame, args, busy, lend, MadeBy::Component).await
    }

    /// Moves the results into the caller's store.
    fn arrive<T: 'static>(
        &self,
        caller: &Instance,
        mut store: StoreContextMut<'_, T>,
        returned: Parcel,
    ) -> wasmtime::Result<Values> {
        let Parcel {
            mut values,
            handles,
        } = returned;
        if self.recipe.has_resources() {
            let mut handles = handles.into_iter();
            let mut scope = Default::default();
            let mut tables = lock(&caller.tables);
            let slot = &caller.slot;
            self.recipe
                .visit_results(&mut values, &mut |carry, id, place| {
                    let crossing = handles.next().ok_or(TransferError::Nothing)?;
                    let store = store.as_context_mut();
                    tables.lower(store, slot, (carry, id), crossing, &mut scope, place)
                })
                .map_err(TransferError::into_fatal)?;
        }
        Ok(values)
    }
}
