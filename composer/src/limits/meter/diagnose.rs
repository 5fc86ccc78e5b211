//! Finds out which limit ended a store, where wasmtime's error does not say so.

use wasmtime::component::{Resource, ResourceAny};
use wasmtime::{
    Instance as CoreInstance, Module, PoolConcurrencyLimitError, Store, Trap, WasmBacktrace,
};

use crate::boundary::isolated::instance::Instance;
use crate::error::{CallError, Limit, LimitExceeded};
use crate::limits::usage::UsageDelta;
#[cfg(feature = "fast-transfer")]
use crate::transfer::OversizedValues;
use crate::transfer::is_out_of_fuel;

impl Instance {
    /// Adds to an error that ended the store which limit was exceeded, if one was.
    pub(crate) fn explain<T>(
        &self,
        store: &mut Store<T>,
        error: wasmtime::Error,
    ) -> wasmtime::Error {
        let Some(rules) = &self.meter.rules else {
            return error;
        };
        let mut state = self.meter.state();
        if let Ok(left) = store.get_fuel() {
            let fuel = state.fuel.look(left);
            rules.usage.add(UsageDelta { fuel, time: 0 });
        }
        let site = state.only().map(|func| self.incarnation.site(func));
        drop(state);
        let limits = &rules.limits;
        let exceeded = match (error.downcast_ref::<LimitExceeded>(), error.downcast_ref()) {
            (Some(known), _) if known.site.is_some() => return error,
            (Some(known), _) => known.clone(),
            (None, Some(Trap::OutOfFuel)) => {
                LimitExceeded::new(Limit::Fuel, None, limits.fuel().unwrap_or(0))
            }
            (None, Some(Trap::StackOverflow)) => {
                LimitExceeded::new(Limit::Stack, None, rules.stack as u64)
            }
            (None, None) if let Some(wanted) = oversize(&error) => {
                let allowed = limits.value_size() as u64;
                LimitExceeded::new(Limit::ValueSize, wanted, allowed)
            }
            (None, None) if !error.is::<CallError>() && has_all_handles(store) => {
                let allowed = limits.handles() as u64;
                LimitExceeded::new(Limit::Handles, Some(allowed.saturating_add(1)), allowed)
            }
            _ => return error,
        };
        error.context(exceeded.at(site))
    }

    /// Like [`explain`](Instance::explain), for an error that ended the store while its
    /// component started.
    pub(crate) async fn explain_start<T: Send>(
        &self,
        store: &mut Store<T>,
        error: wasmtime::Error,
    ) -> wasmtime::Error {
        let error = self.explain(store, error);
        let Some(rules) = &self.meter.rules else {
            return error;
        };
        // wasmtime counts core instances before any of their code runs, and its error
        // has no type of its own.
        let known = error.is::<LimitExceeded>()
            || error.is::<WasmBacktrace>()
            || error.is::<Trap>()
            || error.is::<PoolConcurrencyLimitError>();
        if known || !has_all_instances(store).await {
            return error;
        }
        let allowed = rules.limits.core_instances() as u64;
        let wanted = Some(allowed.saturating_add(1));
        error.context(LimitExceeded::new(Limit::CoreInstances, wanted, allowed))
    }
}

/// Whether an error is about values that exceed the limit of their size. If so, the
/// inner option is the least size that they had, where that is known.
///
/// Values in bulk are measured by this crate, and all others by wasmtime.
fn oversize(error: &wasmtime::Error) -> Option<Option<u64>> {
    #[cfg(feature = "fast-transfer")]
    if let Some(OversizedValues(bytes)) = error.downcast_ref() {
        return Some(Some(*bytes as u64));
    }
    // An error of another store concerns that store's limit.
    if error.is::<CallError>() {
        return None;
    }
    is_out_of_fuel(error).then_some(None)
}

/// Whether a store accepts no further handle, and would accept one if its limit were
/// higher. wasmtime's error has no type that says so.
fn has_all_handles<T>(store: &mut Store<T>) -> bool {
    struct HandleProbe;
    let takes = |store: &mut Store<T>| {
        let probe = Resource::<HandleProbe>::new_own(0);
        ResourceAny::try_from_resource(probe, store).is_ok()
    };
    let limit = store.max_component_handles();
    if takes(store) {
        return false;
    }
    store.set_max_component_handles(limit.saturating_add(1));
    let full = takes(store);
    store.set_max_component_handles(limit);
    full
}

/// Whether a store accepts no further core instance, not even one of an empty module.
async fn has_all_instances<T: Send>(store: &mut Store<T>) -> bool {
    let Ok(empty) = Module::new(store.engine(), b"\0asm\x01\0\0\0") else {
        return false;
    };
    match CoreInstance::new_async(store, &empty, &[]).await {
        Ok(_) => false,
        Err(error) => !error.is::<PoolConcurrencyLimitError>(),
    }
}
