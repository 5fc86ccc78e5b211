//! The functions that stand in an importer's linker for another component's
//! exports.

use std::sync::Arc;

use composer_plan::{FuncType, Item, ResourceId};
use futures::FutureExt;
use futures::future::BoxFuture;
#[cfg(feature = "component-model-async")]
use wasmtime::component::Accessor;
use wasmtime::component::{
    ComponentNamedList, Lift, Linker, LinkerInstance, Lower, ResourceType, Val,
};
use wasmtime::{AsContextMut, StoreContextMut};

use crate::composable::Place;
use crate::error::CallError;
use crate::instance::{
    Asked, Busy, By, Callee, Entered, ExportedFunc, Frame, Freeze, Instance, Lend, call,
    check_cycle, lock,
};
use crate::resource::TransferError;
#[cfg(feature = "fast-transfer")]
use crate::transfer::fast::Fit;
use crate::transfer::{FuncRecipe, Parcel, Values, Wire};
use crate::typed::{Import, Registry};

/// Defines the import at this `index` of a part's world in its linker. Its
/// values cross in the best form there is, unless it is to be `one_by_one`.
pub(crate) fn define_import<T: Send + 'static>(
    linker: &mut Linker<T>,
    place: &Place,
    index: usize,
    registry: &Registry<T>,
    one_by_one: bool,
) -> wasmtime::Result<()> {
    let import = &place.world.imports[index];
    let offer = place.sources[index].offer();
    let name = import.name.as_str();
    let define = |linker: &mut LinkerInstance<'_, T>, interface, function: &str, ty: &FuncType| {
        let adapter = Arc::new(Adapter {
            import: index,
            name: function.to_owned(),
            func: offer.and_then(|offer| offer.func(function)),
            is_async: ty.is_async,
            recipe: FuncRecipe::new(ty),
        });
        let exported = offer.and_then(|offer| offer.exported(function));
        let form = match one_by_one {
            true => Form::Vals,
            false => Form::of(registry.find_import(interface, function), exported, ty),
        };
        tracing::debug!(
            component = place.name,
            import = name,
            function,
            form = form.name(),
            "linked"
        );
        match form {
            Form::Static(import) => (import.define)(adapter, linker, function),
            #[cfg(feature = "fast-transfer")]
            Form::Bulk(fit) => adapter.define_flow(linker, function, fit),
            Form::Vals => adapter.define(linker, function),
        }
    };
    match &import.item {
        Item::Func(ty) => define(&mut linker.root(), None, name, ty),
        Item::Interface(interface) => {
            let mut linker = linker.instance(name)?;
            for (name, id) in &interface.resources {
                define_resource(&mut linker, name, *id)?;
            }
            for (name, ty) in &interface.funcs {
                define(&mut linker, Some(&import.name), name, ty)?;
            }
            Ok(())
        }
        Item::Resource(id) => define_resource(&mut linker.root(), name, *id),
        // The planner refuses to link anything else.
        _ => Ok(()),
    }
}

/// The form in which values cross.
enum Form<'r, T: 'static> {
    /// In Rust types: the provider knows the function by the same ones.
    Static(&'r Import<T>),
    /// In bulk.
    #[cfg(feature = "fast-transfer")]
    Bulk(Fit),
    /// One by one.
    Vals,
}

impl<'r, T> Form<'r, T> {
    /// The best form that both ends have.
    ///
    /// Who provides what is left open is not known in time, and so neither are
    /// its Rust types. But it will be of the import's type, or no plan would
    /// have it, and that tells whether it can be called in bulk.
    fn of(declared: Option<&'r Import<T>>, exported: Option<&ExportedFunc>, ty: &FuncType) -> Self {
        #[cfg(not(feature = "fast-transfer"))]
        let _ = ty;
        let signature = exported.and_then(|exported| exported.signature);
        let declared = declared.filter(|import| signature == Some(import.signature));
        #[cfg(feature = "fast-transfer")]
        match (declared, Fit::of(ty)) {
            // Bulk is twice as fast then.
            (_, Some(fit)) if fit.many => return Form::Bulk(fit),
            (None, Some(fit)) => return Form::Bulk(fit),
            _ => {}
        }
        declared.map_or(Form::Vals, Form::Static)
    }

    fn name(&self) -> &'static str {
        match self {
            Form::Static(_) => "static",
            #[cfg(feature = "fast-transfer")]
            Form::Bulk(_) => "bulk",
            Form::Vals => "vals",
        }
    }
}

/// A resource of another component is a number in this store: what it stands
/// for is in the instance's tables.
fn define_resource<T: 'static>(
    linker: &mut LinkerInstance<'_, T>,
    name: &str,
    id: ResourceId,
) -> wasmtime::Result<()> {
    linker.resource(name, ResourceType::host_dynamic(id.0), move |_, rep| {
        let released = lock(&current()?.tables).remove(rep);
        drop(released);
        Ok(())
    })
}

/// The instance that calls.
fn current() -> wasmtime::Result<Arc<Instance>> {
    // Linkers with adapters in them are not given out.
    let elsewhere = || wasmtime::Error::msg("a component is run by somebody else than its driver");
    Instance::current().ok_or_else(elsewhere)
}

/// One imported function, in the linker that all runs of a composition share.
pub(crate) struct Adapter {
    /// The import that it belongs to, by its place in the world.
    import: usize,
    name: String,
    /// Its place among its provider's functions, where that is known.
    func: Option<usize>,
    pub(super) is_async: bool,
    recipe: FuncRecipe,
}

impl Adapter {
    /// Defines the function with types that are read at run time.
    fn define<T: Send + 'static>(
        self: Arc<Self>,
        linker: &mut LinkerInstance<'_, T>,
        name: &str,
    ) -> wasmtime::Result<()> {
        fn put(returned: Values, results: &mut [Val]) {
            for (result, val) in results.iter_mut().zip(returned.into_vals()) {
                *result = val;
            }
        }

        #[cfg(feature = "component-model-async")]
        if self.is_async {
            return linker.func_new_concurrent(name, move |accessor, _, params, results| {
                let args = Values::Dynamic(params.to_vec());
                let returned = self.clone().carry_concurrent(accessor, args);
                Box::pin(async move {
                    put(returned.await?, results);
                    Ok(())
                })
            });
        }
        linker.func_new_async(name, move |store, _, params, results| {
            let args = Values::Dynamic(params.to_vec());
            let returned = self.clone().carry(store, args);
            Box::new(async move {
                put(returned.await?, results);
                Ok(())
            })
        })
    }

    /// Defines the function with Rust types.
    pub(crate) fn define_static<T, P, R>(
        self: Arc<Self>,
        linker: &mut LinkerInstance<'_, T>,
        name: &str,
    ) -> wasmtime::Result<()>
    where
        T: Send + 'static,
        P: Wire + ComponentNamedList + Lift,
        R: Wire + ComponentNamedList + Lower,
    {
        let results = |returned: Values| returned.into_static::<R>().ok_or_else(other_form);
        #[cfg(feature = "component-model-async")]
        if self.is_async {
            return linker.func_wrap_concurrent(name, move |accessor, params: P| {
                let returned = self
                    .clone()
                    .carry_concurrent(accessor, Values::fixed(params));
                Box::pin(returned.map(move |returned| results(returned?)))
            });
        }
        linker.func_wrap_async(name, move |store, params: P| {
            let returned = self.clone().carry(store, Values::fixed(params));
            Box::new(returned.map(move |returned| results(returned?)))
        })
    }

    /// Makes the call. It is boxed so that it is compiled once for a store's
    /// type, and not for every form that values come in.
    pub(super) fn carry<T: Send + 'static>(
        self: Arc<Self>,
        mut store: StoreContextMut<'_, T>,
        args: Values,
    ) -> BoxFuture<'_, wasmtime::Result<Values>> {
        async move {
            let caller = current()?;
            let parent = caller.current_frame(store.as_context_mut());
            let Entered {
                callee,
                busy,
                asked,
            } = self.enter(&caller, parent.as_ref()).await?;
            let frame = frame(callee, parent, &asked)?;
            let args = self.depart(&caller, &frame, store.as_context_mut(), args);
            let args = asked.check(args)?;
            let returned = asked.end(self.cross(&caller, frame, args, busy).await)?;
            self.arrive(&caller, store, returned)
        }
        .boxed()
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
            let Entered {
                callee,
                busy,
                asked,
            } = self.enter(&caller, parent.as_ref()).await?;
            let frame = frame(callee, parent, &asked)?;
            let args =
                accessor.with(|mut s| self.depart(&caller, &frame, s.as_context_mut(), args));
            let args = asked.check(args)?;
            let returned = asked.end(self.cross(&caller, frame, args, busy).await)?;
            accessor.with(|mut s| self.arrive(&caller, s.as_context_mut(), returned))
        }
        .boxed()
    }

    /// Finds whom to call, and waits if nobody can be called right now.
    async fn enter(
        &self,
        caller: &Instance,
        parent: Option<&Arc<Frame>>,
    ) -> Result<Entered, CallError> {
        let caller = &*caller.slot;
        let source = caller.import(self.import);
        let by = By::Import { caller, parent };
        source.enter(&self.name, self.func, by).await
    }

    /// Moves the arguments out of the caller's store.
    fn depart<T: 'static>(
        &self,
        caller: &Instance,
        frame: &Frame,
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
                .map_err(|error| CallError::transfer(frame.site(), error))?;
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

/// The next step of a chain of calls.
fn frame(
    callee: Callee,
    parent: Option<Arc<Frame>>,
    asked: &Asked,
) -> Result<Arc<Frame>, CallError> {
    let depth = parent.as_ref().map_or(0, |parent| parent.depth() + 1);
    asked.check(Frame::new(callee, parent, depth, asked.told()))
}

/// A call is answered in the form in which it was made.
pub(super) fn other_form() -> wasmtime::Error {
    wasmtime::Error::msg("the results are of another form than the arguments")
}
