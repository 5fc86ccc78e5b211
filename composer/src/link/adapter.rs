//! The functions that stand in an importer's linker for another component's
//! exports.

use std::sync::Arc;

use composer_plan::{Extern, FuncType, Item, ResourceId};
use wasmtime::component::{Linker, LinkerInstance, ResourceType, Val};
use wasmtime::{AsContextMut, StoreContextMut};

use crate::error::CallError;
use crate::instance::{Frame, Freeze, Instance, call, check_cycle, lock};
use crate::link::ImportSource;
use crate::resource::TransferError;
use crate::transfer::{FuncRecipe, Parcel};

/// Defines one import of the component of `instance` in its linker.
pub(crate) fn define_import<T: Send + 'static>(
    linker: &mut Linker<T>,
    instance: &Arc<Instance>,
    import: &Extern,
    source: &ImportSource,
) -> wasmtime::Result<()> {
    let name = import.name.as_str();
    match &import.item {
        Item::Func(ty) => {
            let adapter = Adapter::new(instance, source, name, ty);
            adapter.define(&mut linker.root(), name)
        }
        Item::Interface(interface) => {
            let mut linker = linker.instance(name)?;
            for (name, id) in &interface.resources {
                define_resource(&mut linker, instance, name, *id)?;
            }
            for (name, ty) in &interface.funcs {
                Adapter::new(instance, source, name, ty).define(&mut linker, name)?;
            }
            Ok(())
        }
        Item::Resource(id) => define_resource(&mut linker.root(), instance, name, *id),
        // The planner refuses to link anything else.
        _ => Ok(()),
    }
}

/// A resource of another component is a number in this store: what it stands
/// for is in the instance's tables.
fn define_resource<T: 'static>(
    linker: &mut LinkerInstance<'_, T>,
    instance: &Arc<Instance>,
    name: &str,
    id: ResourceId,
) -> wasmtime::Result<()> {
    let instance = instance.clone();
    linker.resource(name, ResourceType::host_dynamic(id.0), move |_, rep| {
        let released = lock(&instance.tables).remove(rep);
        drop(released);
        Ok(())
    })
}

/// One imported function.
struct Adapter {
    instance: Arc<Instance>,
    source: ImportSource,
    name: String,
    is_async: bool,
    recipe: FuncRecipe,
}

impl Adapter {
    fn new(
        instance: &Arc<Instance>,
        source: &ImportSource,
        name: &str,
        ty: &FuncType,
    ) -> Arc<Self> {
        Arc::new(Adapter {
            instance: instance.clone(),
            source: source.clone(),
            name: name.to_owned(),
            is_async: ty.is_async,
            recipe: FuncRecipe::new(ty),
        })
    }

    fn define<T: Send + 'static>(
        self: Arc<Self>,
        linker: &mut LinkerInstance<'_, T>,
        name: &str,
    ) -> wasmtime::Result<()> {
        #[cfg(feature = "component-model-async")]
        if self.is_async {
            return linker.func_new_concurrent(name, move |accessor, _, params, results| {
                let adapter = self.clone();
                Box::pin(async move {
                    let (frame, args) =
                        accessor.with(|mut s| adapter.depart(s.as_context_mut(), params))?;
                    let returned = adapter.cross(frame, args).await?;
                    accessor.with(|mut s| adapter.arrive(s.as_context_mut(), returned, results))
                })
            });
        }
        linker.func_new_async(name, move |mut store, _, params, results| {
            let adapter = self.clone();
            Box::new(async move {
                let (frame, args) = adapter.depart(store.as_context_mut(), params)?;
                let returned = adapter.cross(frame, args).await?;
                adapter.arrive(store, returned, results)
            })
        })
    }

    /// Finds whom to call and on whose behalf, and moves the arguments out of
    /// the caller's store.
    fn depart<T: 'static>(
        &self,
        mut store: StoreContextMut<'_, T>,
        params: &[Val],
    ) -> wasmtime::Result<(Arc<Frame>, Parcel)> {
        let parent = self.instance.current_frame(store.as_context_mut());
        let depth = parent.as_ref().map_or(0, |parent| parent.depth() + 1);
        let callee = self.source.callee(&self.name)?;
        let frame = Frame::new(callee, parent, depth)?;
        let mut vals = params.to_vec();
        let mut handles = Vec::new();
        let mut tables = lock(&self.instance.tables);
        self.recipe
            .visit_args(&mut vals, &mut |_, id, val| {
                handles.push(tables.lift(store.as_context_mut(), &self.instance.slot, id, val)?);
                Ok(())
            })
            .map_err(|error| CallError::transfer(frame.site(), error))?;
        drop(tables);
        Ok((frame, Parcel { vals, handles }))
    }

    async fn cross(&self, frame: Arc<Frame>, args: Parcel) -> Result<Parcel, CallError> {
        let caller = &self.instance.slot;
        // A sync import freezes the whole store of its caller.
        let _freeze = (!self.is_async).then(|| Freeze::new(caller, &frame));
        check_cycle(&frame, (!self.is_async).then_some(caller))?;
        call(frame, args).await
    }

    /// Moves the results into the caller's store.
    fn arrive<T: 'static>(
        &self,
        mut store: StoreContextMut<'_, T>,
        returned: Parcel,
        results: &mut [Val],
    ) -> wasmtime::Result<()> {
        let Parcel { mut vals, handles } = returned;
        let mut handles = handles.into_iter();
        let mut scope = Default::default();
        let mut tables = lock(&self.instance.tables);
        self.recipe
            .visit_results(&mut vals, &mut |carry, id, val| match handles.next() {
                Some(crossing) => {
                    let (slot, what) = (&self.instance.slot, (carry, id));
                    tables.lower(
                        store.as_context_mut(),
                        slot,
                        what,
                        crossing,
                        &mut scope,
                        val,
                    )
                }
                None => Ok(()),
            })
            .map_err(TransferError::into_fatal)?;
        for (result, val) in results.iter_mut().zip(vals) {
            *result = val;
        }
        Ok(())
    }
}
