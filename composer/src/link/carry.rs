//! One call through an adapter: out of the caller's store, over, and back.

use std::cell::RefCell;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::{BoxFuture, Either, Ready, ready};
#[cfg(feature = "component-model-async")]
use wasmtime::component::Accessor;
use wasmtime::{AsContextMut, StoreContextMut};

#[cfg(feature = "component-model-async")]
use super::adapter::current;
use super::adapter::{Adapter, nobody};
use crate::error::CallError;
use crate::instance::{
    Asked, Busy, By, Callee, Entered, Frame, Freeze, Inside, Instance, Lend, Outcome, Slot, call,
    check_cycle, lock,
};
use crate::resource::TransferError;
use crate::transfer::{Parcel, Values};

/// A call that has been made already, or one that may take its time.
pub(super) type Carried<'s> =
    Either<Ready<wasmtime::Result<Values>>, BoxFuture<'s, wasmtime::Result<Values>>>;

/// A call that was not made directly.
struct Undone {
    args: Values,
    /// Whether others on this thread should have their turn first.
    pause: bool,
}

impl Adapter {
    /// Makes the call: there and then if that can be done, and else in a future
    /// that is boxed, so that it is compiled once for a store's type and not for
    /// every form that values come in.
    pub(super) fn carry<'s, T: Send + 'static>(
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
        let mut undone = Undone { args, pause: false };
        if let Some(inside) = &inside {
            let calls = (caller, &inside.callee, &asked);
            undone = match self.go_directly(calls, store.as_context_mut(), undone.args) {
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
            };
        }
        // Now, while it is its task that runs.
        let parent = caller.current_frame(store.as_context_mut());
        let entered = match inside {
            Some(inside) => Ok(inside.stay(asked)),
            None => Err(asked),
        };
        let adapter = self.clone();
        let caller = caller.clone();
        let way = async move {
            if undone.pause {
                tokio::task::yield_now().await;
            }
            let (entered, frame) = adapter.enter(&caller, parent, entered).await?;
            let Entered {
                callee,
                busy,
                asked,
            } = entered;
            let args = undone.args;
            let args = adapter.depart(&caller, &callee, store.as_context_mut(), args);
            let args = asked.check(args)?;
            let returned = asked.end(adapter.cross(&caller, frame, args, busy).await)?;
            adapter.arrive(&caller, store, returned)
        };
        Either::Right(way.boxed())
    }

    /// Makes the call of an `async` function.
    #[cfg(feature = "component-model-async")]
    pub(super) fn carry_concurrent<T: Send + 'static>(
        self: Arc<Self>,
        accessor: &Accessor<T>,
        args: Values,
    ) -> BoxFuture<'_, wasmtime::Result<Values>> {
        async move {
            let caller = current()?;
            // Now, while it is its task that runs.
            let parent = accessor.with(|mut s| caller.current_frame(s.as_context_mut()));
            let entered = match self.begin(&caller.slot, &|| parent.clone())? {
                (Some(inside), asked) => Ok(inside.stay(asked)),
                (None, asked) => Err(asked),
            };
            let (entered, frame) = self.enter(&caller, parent, entered).await?;
            let Entered {
                callee,
                busy,
                asked,
            } = entered;
            let args =
                accessor.with(|mut s| self.depart(&caller, &callee, s.as_context_mut(), args));
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

    /// Makes the call on the caller's own stack, if the callee is one that never
    /// waits and nobody else uses it.
    ///
    /// Such a callee calls nobody, so the chain of calls ends with it and the
    /// caller's store need not be marked as frozen: no cycle can lead through
    /// this call.
    fn go_directly<T: 'static>(
        &self,
        (caller, callee, asked): (&Arc<Instance>, &Callee, &Asked),
        store: StoreContextMut<'_, T>,
        args: Values,
    ) -> Result<Outcome, Undone> {
        let fits = match (callee.slot.stack(), self.room) {
            (Some(stack), Some(room)) => stack <= room,
            _ => false,
        };
        if !fits {
            return Err(Undone { args, pause: false });
        }
        if !caller.polls.may_stay() {
            return Err(Undone { args, pause: true });
        }
        let Some(opening) = callee.slot.opening() else {
            return Err(Undone { args, pause: false });
        };
        let args = match self.depart(caller, callee, store, args) {
            Ok(args) => args,
            Err(error) => return Ok(Err(Box::new(error))),
        };
        let told = asked.told();
        told.queued();
        told.begun();
        let returned = opening.call(callee.func, args);
        told.ended();
        Ok(returned)
    }

    /// Waits until the call is let in, if it has to.
    async fn enter(
        &self,
        caller: &Instance,
        parent: Option<Arc<Frame>>,
        entered: Result<Entered, Asked>,
    ) -> Result<(Entered, Arc<Frame>), CallError> {
        let entered = match entered {
            Ok(entered) => entered,
            Err(asked) => {
                // A sync import freezes the whole store of its caller.
                let _still = (!self.is_async).then(|| caller.stand_still());
                let source = caller.slot.import(self.import);
                source.wait(&self.name, self.func, asked).await?
            }
        };
        let depth = parent.as_ref().map_or(0, |parent| parent.depth() + 1);
        let Entered { callee, asked, .. } = &entered;
        let frame = asked.check(Frame::new(callee.clone(), parent, depth, asked.told()))?;
        Ok((entered, frame))
    }

    /// Moves the arguments out of the caller's store.
    fn depart<T: 'static>(
        &self,
        caller: &Instance,
        callee: &Callee,
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
                .map_err(|error| CallError::transfer(callee.site(), error))?;
        }
        Ok(Parcel {
            values: args,
            handles,
        })
    }

    async fn cross(
        &self,
        caller: &Instance,
        frame: Arc<Frame>,
        args: Parcel,
        busy: Busy,
    ) -> Result<Parcel, CallError> {
        let caller = &caller.slot;
        // A sync import freezes the whole store of its caller.
        let _freeze = (!self.is_async).then(|| Freeze::new(caller, &frame));
        check_cycle(&frame, (!self.is_async).then_some(caller))?;
        let lend = match self.is_async {
            true => Lend::Nothing,
            false => Lend::Thread,
        };
        call(frame, args, busy, lend).await
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
