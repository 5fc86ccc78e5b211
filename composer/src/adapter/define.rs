//! Adapters: the functions that represent another component's exports in an importer's
//! linker.

use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use composer_plan::{FuncType, Interface, Item, Name, ResourceId};
#[cfg(feature = "component-model-async")]
use futures::future::BoxFuture;
use wasmtime::StoreContextMut;
#[cfg(feature = "component-model-async")]
use wasmtime::component::Accessor;
use wasmtime::component::{Linker, LinkerInstance, ResourceType, Val};

use crate::adapter::call::StartedCall;
use crate::adapter::refused::RefusedImport;
use crate::boundary::isolated::instance::Instance;
use crate::boundary::link_context::LinkContext;
use crate::boundary::outline::ExportedFunc;
use crate::boundary::resources::host_table::HostSide;
use crate::boundary::resources::host_types::HostResources;
use crate::error::transfer::TransferError;
use crate::sync::lock;
#[cfg(feature = "fast-transfer")]
use crate::transfer::fast::FlatLayout;
use crate::transfer::{CallValues, FuncHandlePaths, LiftValues, LowerValues};
use crate::typed::{TypedImport, TypedRegistry};

/// Defines the import at this `index` of a part's world in its linker. Its values cross
/// in the best form that both ends have, or `one_by_one` if that is set.
pub(crate) fn define_import<T: Send + 'static>(
    (linker, host_resources): (&mut Linker<T>, &HostResources<T>),
    place: &LinkContext,
    index: usize,
    registry: &TypedRegistry<T>,
    one_by_one: bool,
) -> wasmtime::Result<()> {
    let import = &place.world.imports[index];
    let offer = place.sources[index].offer();
    let name = import.name.as_str();
    let room = crate::load::stack::room_above(linker.engine());
    let define =
        |linker: LinkerInstance<'_, T>, interface: Option<&Name>, function: &str, ty: &FuncType| {
            let (mut linker, inner_name) = descend(linker, function)?;
            let linker = &mut linker;
            let func = offer.and_then(|offer| offer.func(function));
            let linked = |form| {
                tracing::debug!(
                    component = place.name,
                    import = name,
                    function,
                    form,
                    "linked"
                );
            };
            if let Some(refused) = place.refusal(index, interface.map(|_| function)) {
                linked("refused");
                let refused = RefusedImport {
                    import: index,
                    name: function.to_owned(),
                    func,
                    refused: refused.clone(),
                };
                return Arc::new(refused).define(linker, inner_name, ty.is_async);
            }
            let adapter = Arc::new(Adapter {
                import: index,
                name: function.to_owned(),
                func,
                is_async: ty.is_async,
                handle_paths: FuncHandlePaths::new(ty),
                room,
            });
            let exported = offer.and_then(|offer| offer.exported(function));
            let form = match one_by_one {
                true => ValueForm::Vals,
                false => ValueForm::of(registry.find_import(interface, function), exported, ty),
            };
            linked(form.name());
            match form {
                ValueForm::Static(import) => {
                    (import.define)(adapter, AdapterCalls::new(), linker, inner_name)
                }
                #[cfg(feature = "fast-transfer")]
                ValueForm::Bulk(fit) => adapter.define_bulk(linker, inner_name, fit),
                ValueForm::Vals => adapter.define(linker, inner_name),
            }
        };
    match &import.item {
        Item::Func(ty) => define(linker.root(), None, name, ty),
        Item::Interface(interface) => {
            for (resource, id) in &interface.resources {
                let (mut linker, resource) = descend(linker.instance(name)?, resource)?;
                define_resource(&mut linker, resource, *id, host_resources)?;
            }
            for (function, ty) in &interface.funcs {
                define(linker.instance(name)?, Some(&import.name), function, ty)?;
            }
            Ok(())
        }
        Item::Resource(id) => define_resource(&mut linker.root(), name, *id, host_resources),
        // The planner refuses to link anything else.
        _ => Ok(()),
    }
}

/// Descends into the nested interfaces that lead to an item of an interface. Returns the
/// linker there, and the item's name in it.
pub(crate) fn descend<'l, 'n, T>(
    mut linker: LinkerInstance<'l, T>,
    item: &'n str,
) -> wasmtime::Result<(LinkerInstance<'l, T>, &'n str)> {
    let (inner, name) = Interface::split_inner(item);
    for inner in inner {
        linker = linker.into_instance(inner)?;
    }
    Ok((linker, name))
}

/// The form in which values cross.
enum ValueForm<'r, T: 'static> {
    /// In Rust types; the provider knows the function by the same ones.
    Static(&'r TypedImport<T>),
    /// In bulk.
    #[cfg(feature = "fast-transfer")]
    Bulk(FlatLayout),
    /// One by one.
    Vals,
}

impl<'r, T> ValueForm<'r, T> {
    /// The best form that both ends have.
    ///
    /// The provider of an import that is left open is not known yet, and so neither are
    /// its Rust types. But every plan gives such an import a provider of its own type,
    /// and the type decides whether the function can be called in bulk.
    fn of(
        declared: Option<&'r TypedImport<T>>,
        exported: Option<&ExportedFunc>,
        ty: &FuncType,
    ) -> Self {
        let signature = exported.and_then(|exported| exported.signature);
        let declared = declared
            .filter(|import| signature == Some(import.signature) && import.is_async == ty.is_async);
        #[cfg(feature = "fast-transfer")]
        match (declared, FlatLayout::of(ty)) {
            // Lists and maps cross faster in bulk, the more so the longer they are.
            (_, Some(fit)) if fit.many => return ValueForm::Bulk(fit),
            (None, Some(fit)) => return ValueForm::Bulk(fit),
            _ => {}
        }
        declared.map_or(ValueForm::Vals, ValueForm::Static)
    }

    fn name(&self) -> &'static str {
        match self {
            ValueForm::Static(_) => "static",
            #[cfg(feature = "fast-transfer")]
            ValueForm::Bulk(_) => "bulk",
            ValueForm::Vals => "vals",
        }
    }
}

/// Defines a resource of another component, which is a number in this store. The
/// instance's tables map the number to the resource. A resource of the embedder's that the
/// interface uses is what it is in the part's own linker.
fn define_resource<T: 'static>(
    linker: &mut LinkerInstance<'_, T>,
    name: &str,
    id: ResourceId,
    host_resources: &HostResources<T>,
) -> wasmtime::Result<()> {
    if let Some(table) = host_resources.table(id) {
        let table = table.clone();
        return linker.resource(name, table.resource_type(), move |store, rep| {
            let side = HostSide {
                store,
                instance: &*current_instance()?,
            };
            table.discard(side, rep).map_err(TransferError::into_fatal)
        });
    }
    linker.resource(name, ResourceType::host_dynamic(id.0), move |_, rep| {
        let released = lock(&current_instance()?.tables).remove(rep);
        drop(released);
        Ok(())
    })
}

/// The instance that calls.
pub(crate) fn current_instance() -> wasmtime::Result<Arc<Instance>> {
    Instance::current().ok_or_else(no_current_instance)
}

/// The error of an adapter that no instance calls. It should not occur, because linkers
/// with adapters in them are not given out.
pub(crate) fn no_current_instance() -> wasmtime::Error {
    wasmtime::Error::msg("a component is run by somebody else than its driver")
}

/// One imported function, in the linker that all runs of a composition share.
pub(crate) struct Adapter {
    /// The index in the world of the import that the function belongs to.
    pub(crate) import: usize,
    pub(crate) name: String,
    /// Its index among its provider's functions, if that is known.
    pub(crate) func: Option<usize>,
    pub(crate) is_async: bool,
    pub(crate) handle_paths: FuncHandlePaths,
    /// How much stack a callee may use above the caller's, if that is known.
    pub(crate) room: Option<usize>,
}

impl Adapter {
    /// Defines the function with types that are read at run time.
    fn define<T: Send + 'static>(
        self: Arc<Self>,
        linker: &mut LinkerInstance<'_, T>,
        name: &str,
    ) -> wasmtime::Result<()> {
        fn put(returned: CallValues, results: &mut [Val]) {
            for (result, val) in results.iter_mut().zip(returned.into_vals()) {
                *result = val;
            }
        }

        #[cfg(feature = "component-model-async")]
        if self.is_async {
            return linker.func_new_concurrent(name, move |accessor, _, params, results| {
                let args = CallValues::Dynamic(params.to_vec());
                let returned = self.clone().call_concurrent(accessor, args);
                Box::pin(async move {
                    put(returned.await?, results);
                    Ok(())
                })
            });
        }
        linker.func_new_async(name, move |store, _, params, results| {
            let args = CallValues::Dynamic(params.to_vec());
            let returned = self.start_call(store, args);
            Box::new(async move {
                put(returned.await?, results);
                Ok(())
            })
        })
    }

    /// Defines a plain function with Rust types.
    pub(crate) fn define_typed<T, P, R>(
        self: Arc<Self>,
        calls: AdapterCalls<T>,
        linker: &mut LinkerInstance<'_, T>,
        name: &str,
    ) -> wasmtime::Result<()>
    where
        T: Send + 'static,
        P: LiftValues,
        R: LowerValues,
    {
        linker.func_wrap_async(name, move |store, params: P| {
            let returned = (calls.start)(&self, store, params.into_values());
            Box::new(TypedResults::<_, R>::new(returned))
        })
    }

    /// Defines an `async func` with Rust types.
    #[cfg(feature = "component-model-async")]
    pub(crate) fn define_typed_async<T, P, R>(
        self: Arc<Self>,
        calls: AdapterCalls<T>,
        linker: &mut LinkerInstance<'_, T>,
        name: &str,
    ) -> wasmtime::Result<()>
    where
        T: Send + 'static,
        P: LiftValues,
        R: LowerValues,
    {
        linker.func_wrap_concurrent(name, move |accessor, params: P| {
            let returned = (calls.concurrent)(self.clone(), accessor, params.into_values());
            Box::pin(TypedResults::<_, R>::new(returned))
        })
    }
}

/// How an adapter calls, for stores with this data.
///
/// An adapter with Rust types is compiled with the program that has the types. It calls
/// by these pointers, so that no more than the types is compiled there.
pub(crate) struct AdapterCalls<T: 'static> {
    start: for<'s> fn(&Arc<Adapter>, StoreContextMut<'s, T>, CallValues) -> StartedCall<'s>,
    #[cfg(feature = "component-model-async")]
    concurrent: ConcurrentCall<T>,
}

#[cfg(feature = "component-model-async")]
type ConcurrentCall<T> = for<'a> fn(
    Arc<Adapter>,
    &'a Accessor<T>,
    CallValues,
) -> BoxFuture<'a, wasmtime::Result<CallValues>>;

impl<T> Clone for AdapterCalls<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for AdapterCalls<T> {}

impl<T: Send + 'static> AdapterCalls<T> {
    pub(crate) fn new() -> Self {
        AdapterCalls {
            start: Adapter::start_call,
            #[cfg(feature = "component-model-async")]
            concurrent: Adapter::call_concurrent,
        }
    }
}

/// The results of a call in their Rust types. It is a type of its own because the
/// combinators for it would be compiled for each type of results.
struct TypedResults<F, R> {
    returned: F,
    results: PhantomData<fn() -> R>,
}

impl<F, R> TypedResults<F, R> {
    fn new(returned: F) -> Self {
        TypedResults {
            returned,
            results: PhantomData,
        }
    }
}

impl<F, R> Future for TypedResults<F, R>
where
    F: Future<Output = wasmtime::Result<CallValues>> + Unpin,
    R: LowerValues,
{
    type Output = wasmtime::Result<R>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let returned = ready!(Pin::new(&mut self.returned).poll(cx))?;
        Poll::Ready(R::from_values(returned).ok_or_else(other_form))
    }
}

/// The error for results of another form. A call is always answered in the form in which
/// it was made.
fn other_form() -> wasmtime::Error {
    wasmtime::Error::msg("the results are of another form than the arguments")
}
