//! Calls on the stack of whoever makes them.
//!
//! A component that imports no function waits for nobody, so a call of it needs
//! neither a task nor a stack of its own: who calls may as well run its code
//! there and then. While nothing runs in such a component's store, its driver
//! leaves the store in its [seat](crate::instance::Seat), and whoever takes that
//! may call.

use std::any::Any;
use std::sync::Arc;

use wasmtime::{AsContextMut, Store};

use crate::error::CallError;
use crate::instance::driver::died;
use crate::instance::seat::Turn;
use crate::instance::{BoundFunc, Instance, Slot};
use crate::resource::Scope;
use crate::transfer::Parcel;

/// What a direct call comes to. Where calls are so short, moving a large error
/// type about for those that have none is a part of their time.
pub(crate) type Outcome = Result<Parcel, Box<CallError>>;

/// A store that nothing runs in, and that can be called in directly.
pub(crate) trait Direct: Any + Send {
    /// Calls one of the component's plain functions. After an error nobody can
    /// use the store any more.
    fn call(&mut self, func: usize, args: Parcel) -> wasmtime::Result<Outcome>;
}

/// The chance to make one call.
pub(crate) struct Opening<'s> {
    slot: &'s Slot,
    /// Nobody else may use the store.
    turn: Turn<'s>,
}

impl<'s> Opening<'s> {
    pub(super) fn new(slot: &'s Slot, turn: Turn<'s>) -> Self {
        Opening { slot, turn }
    }

    /// Calls one of the component's plain functions.
    pub(crate) fn call(mut self, func: usize, args: Parcel) -> Outcome {
        let Opening { slot, turn } = &mut self;
        let Some(store) = &mut turn.resting else {
            let site = slot.site(func);
            return Err(Box::new(CallError::Stopped { site }));
        };
        store.call(func, args).unwrap_or_else(|error| {
            turn.resting = None;
            let death = died(slot, error);
            // Its driver has to find out.
            slot.seat().look_again();
            let site = slot.site(func);
            Err(Box::new(CallError::Failed { site, death }))
        })
    }
}

/// What a driver leaves in its seat.
pub(super) struct Resting<T: 'static> {
    pub(super) store: Store<T>,
    pub(super) funcs: Arc<[BoundFunc<T>]>,
    pub(super) instance: Arc<Instance>,
}

impl<T: Send + 'static> Resting<T> {
    /// What was left there, which was of this type.
    pub(super) fn new(left: Box<dyn Direct>) -> Option<Box<Self>> {
        let left: Box<dyn Any> = left;
        left.downcast().ok()
    }
}

impl<T: Send + 'static> Direct for Resting<T> {
    fn call(&mut self, func: usize, args: Parcel) -> wasmtime::Result<Outcome> {
        let Resting {
            store,
            funcs,
            instance,
        } = self;
        let slot = &instance.slot;
        // As its driver would, before it takes in a call.
        if slot.has_drops() {
            for resource in instance.unheld() {
                resource.resource_drop(&mut *store)?;
            }
        }
        let count = slot.count_results(func);
        let exported = &slot.funcs()[func];
        if !exported.recipe.has_resources() {
            let results = funcs[func].call_now(store, exported.takes(args.values), count)?;
            return Ok(Ok(Parcel::plain(results)));
        }
        let mut scope = Scope::default();
        let args = match instance.lower_args(store.as_context_mut(), func, args, &mut scope)? {
            Ok(args) => args,
            Err(error) => return Ok(Err(Box::new(error))),
        };
        let results = funcs[func].call_now(store, args, count)?;
        let results = instance.lift_results(store.as_context_mut(), func, results, scope)?;
        Ok(Ok(results))
    }
}
