//! A function that a composition exports.

use std::fmt;
use std::sync::Arc;

use composer_plan::{Boundary, FuncType, Type};
use wasmtime::component::Val;

use crate::boundary::binding::ExportOffer;
use crate::boundary::endpoint::{Callee, Endpoint};
use crate::boundary::isolated::address::ExportRef;
#[cfg(feature = "component-model-async")]
use crate::boundary::isolated::incarnation::Incarnation;
use crate::boundary::outline::ExportedFunc;
use crate::boundary::resources::origin::ResourceOrigin;
use crate::boundary::resources::{AboutResource, TransferredHandle};
use crate::boundary::transferred_values::TransferredValues;
use crate::call::admission::AdmittedCall;
use crate::call::current::call_from_host;
use crate::composition::Composition;
use crate::composition::check::check;
use crate::composition::value::{Value, from_transferred, into_parts};
#[cfg(feature = "component-model-async")]
use crate::error::StreamError;
use crate::error::{CallError, LookupError, Site};
use crate::observe::call_record::{CallOrigin, CallerRecord};
use crate::transfer::{CallValues, HandleType, Ownership, STREAM_ITEMS};

/// A function of a running component, found by
/// [`Composition::get_func`](crate::Composition::get_func).
///
/// It is a cheap handle that can be cloned and called from any task, any
/// number of times at once. An `async func` runs beside others in its
/// component; a plain function runs as soon as its instance is free.
///
/// # Cancellation
///
/// Dropping the future of a call abandons it. If the component has not begun
/// it, it never will; otherwise it runs to its end in its own store, and what
/// it returns is dropped there, resources included. The component stays usable
/// either way.
#[derive(Clone)]
pub struct ExportFunc {
    composition: Composition,
    export_ref: ExportRef,
    /// The offer that it was found in.
    offer: Arc<ExportOffer>,
    /// Its index in the component that offers it.
    func: usize,
}

impl ExportFunc {
    pub(crate) fn new(
        composition: Composition,
        export_ref: ExportRef,
        offer: Arc<ExportOffer>,
        func: usize,
    ) -> Result<Self, LookupError> {
        let func = ExportFunc {
            composition,
            export_ref,
            offer,
            func,
        };
        // The component may have been replaced since its offer was read.
        let (endpoint, now) = func.export_ref.present(&func.offer);
        let Some(present) = now.exported(&func.exported().name) else {
            return Err(LookupError::Function {
                component: endpoint.name().to_owned(),
                name: format!("`{}`", func.exported().name),
                similar: Vec::new(),
            });
        };
        let stays = |ty: &Type| match ty {
            Type::Own(id) | Type::Borrow(id) => {
                matches!(endpoint.origin(*id), ResourceOrigin::Unknown)
            }
            ty => !Boundary::Isolated.carries(ty, STREAM_ITEMS),
        };
        let Some(place) = present.ty.locate(&mut |ty| stays(ty)) else {
            return Ok(func);
        };
        let world = endpoint.world();
        let reason = match place.ty {
            Type::Own(id) | Type::Borrow(id) => format!(
                "the resource `{}` belongs to the linker of `{}`, whose part does not tell its \
                 Rust type with `with_host_resource`",
                world.resource(*id),
                endpoint.name()
            ),
            Type::Stream(_) | Type::Future(_) => format!(
                "`{}` can leave its store only with the feature `fast-transfer`",
                place.ty.display(world)
            ),
            ty => format!("`{}` cannot leave its store", ty.display(world)),
        };
        Err(LookupError::Untransferable {
            site: func.site(),
            reason,
        })
    }

    /// The exported function, as it was when it was looked up.
    fn exported(&self) -> &ExportedFunc {
        &self.offer.component().funcs[self.func]
    }

    /// The types of its parameters and of its result.
    pub fn ty(&self) -> &Arc<FuncType> {
        &self.exported().ty
    }

    /// Names and types of its parameters.
    pub fn params(&self) -> &[(String, Type)] {
        &self.ty().params
    }

    /// The type of its result, if it has one.
    pub fn result(&self) -> Option<&Type> {
        self.ty().result.as_ref()
    }

    /// Which function of which component this is.
    pub fn site(&self) -> Site {
        self.offer.component().site(self.func)
    }

    /// Calls the function with wasmtime's own values.
    ///
    /// `results` must have one element for a function with a result and none for one
    /// without; that element is replaced.
    ///
    /// # Errors
    ///
    /// [`CallError`]. Wrong numbers or types of values are detected before anything runs.
    /// Functions with resources in their signature need
    /// [`call_owned`](ExportFunc::call_owned): a `Val` cannot own a resource outside of a
    /// store.
    pub async fn call(&self, params: &[Val], results: &mut [Val]) -> Result<(), CallError> {
        if self.exported().handle_paths.has_handles() {
            return Err(CallError::NeedsOwned { site: self.site() });
        }
        let expected = usize::from(self.result().is_some());
        self.check_count("results", expected, results.len())?;
        let returned = self.run(params.to_vec(), Vec::new()).await?;
        for (result, val) in results.iter_mut().zip(returned.values.into_vals()) {
            *result = val;
        }
        Ok(())
    }

    /// Calls the function with owned values, among them resources.
    ///
    /// Returns the function's result, or `None` if it has none.
    ///
    /// # Errors
    ///
    /// As [`call`](ExportFunc::call), and [`CallError::Lent`] if a resource is
    /// given away while it is lent.
    pub async fn call_owned(
        &self,
        params: impl IntoIterator<Item = Value>,
    ) -> Result<Option<Value>, CallError> {
        let (vals, handles) = into_parts(params);
        Ok(from_transferred(self.run(vals, handles).await?))
    }

    async fn run(
        &self,
        vals: Vec<Val>,
        handles: Vec<TransferredHandle>,
    ) -> Result<TransferredValues, CallError> {
        self.check_count("parameters", self.params().len(), vals.len())?;
        let admitted = self.enter().await?;
        let fits = self.check_args(&admitted.callee, &vals, &handles);
        admitted.caller_record.check(fits)?;
        let values = CallValues::Dynamic(vals);
        call_from_host(admitted, TransferredValues { values, handles }).await
    }

    /// Finds the component that takes the call, and waits if there is none right
    /// now.
    pub(crate) async fn enter(&self) -> Result<AdmittedCall, CallError> {
        if self.composition.is_closed() {
            let caller_record =
                CallerRecord::new(self.offer.component(), self.func, CallOrigin::Host);
            return caller_record.end(Err(CallError::Stopped { site: self.site() }));
        }
        let name = &self.exported().name;
        let func = Some(self.func);
        self.export_ref.enter(&self.offer, name, func).await
    }

    fn check_count(
        &self,
        what: &'static str,
        expected: usize,
        found: usize,
    ) -> Result<(), CallError> {
        if expected == found {
            return Ok(());
        }
        Err(CallError::Arity {
            site: self.site(),
            what,
            expected,
            found,
        })
    }

    /// Checks every argument against its type. A store does not survive a
    /// value of the wrong type, so none may get that far.
    fn check_args(
        &self,
        callee: &Callee,
        vals: &[Val],
        handles: &[TransferredHandle],
    ) -> Result<(), CallError> {
        self.check_alive(handles)?;
        let world = callee.endpoint.world();
        let mut given = handles.iter();
        for ((name, ty), val) in callee.exported().ty.params.iter().zip(vals) {
            let mut handle = |ty: &Type| match given.next() {
                Some(transferred) => fits(&callee.endpoint, transferred, ty),
                None => Err("nothing".to_owned()),
            };
            check(val, ty, &mut handle).map_err(|wrong| CallError::Type {
                site: self.site(),
                path: format!("parameter `{name}`{}", wrong.path),
                expected: wrong.expected.display(world).to_string(),
                found: wrong.found,
            })?;
        }
        self.check_lent(handles)
    }

    /// Checks the resources of arguments whose types are known to be right.
    pub(crate) fn check_resources(
        &self,
        callee: &Callee,
        values: &mut CallValues,
        handles: &[TransferredHandle],
    ) -> Result<(), CallError> {
        self.check_alive(handles)?;
        let world = callee.endpoint.world();
        let mut given = handles.iter();
        let handle_paths = &callee.exported().handle_paths;
        handle_paths.visit_args(values, &mut |ty, _| {
            let (ty, path) = match ty {
                HandleType::Resource(Ownership::Own, id) => (Type::Own(*id), "a resource"),
                HandleType::Resource(Ownership::Borrow, id) => (Type::Borrow(*id), "a resource"),
                #[cfg(feature = "component-model-async")]
                HandleType::Stream(payload) => (Type::Stream(payload.ty.clone()), "a stream"),
                #[cfg(feature = "component-model-async")]
                HandleType::Future(payload) => (Type::Future(payload.ty.clone()), "a future"),
            };
            let fits = match given.next() {
                Some(transferred) => fits(&callee.endpoint, transferred, &ty),
                None => Err("nothing".to_owned()),
            };
            fits.map_err(|found| CallError::Type {
                site: self.site(),
                path: path.to_owned(),
                expected: match &ty {
                    Type::Own(id) | Type::Borrow(id) => world.resource(*id).to_string(),
                    ty => ty.display(world).to_string(),
                },
                found,
            })
        })?;
        self.check_lent(handles)
    }

    /// Refuses resources of a run that is gone.
    fn check_alive(&self, handles: &[TransferredHandle]) -> Result<(), CallError> {
        match handles.iter().find_map(TransferredHandle::lost) {
            Some(entry) => Err(entry.refusal(self.site())),
            None => Ok(()),
        }
    }

    fn check_lent(&self, handles: &[TransferredHandle]) -> Result<(), CallError> {
        match handles.iter().find_map(TransferredHandle::lent) {
            Some(entry) => Err(CallError::Lent {
                site: self.site(),
                resource: format!("{entry:?}"),
            }),
            None => Ok(()),
        }
    }
}

/// Checks an item that the embedder writes to a stream which `reader` reads.
#[cfg(feature = "component-model-async")]
pub(crate) fn check_value(
    reader: &Arc<Incarnation>,
    ty: &Type,
    val: &Val,
    handles: &[TransferredHandle],
) -> Result<(), StreamError> {
    let wrong = |path: String, expected: String, found: String| StreamError::Type {
        path,
        expected,
        found,
    };
    let world = reader.world();
    let unusable = handles.iter().find_map(|handle| {
        let lost = || handle.lost().map(|entry| format!("{entry:?}"));
        let lent = handle.lent().map(|resource| format!("{resource:?}"));
        lent.or_else(lost)
    });
    if let Some(resource) = unusable {
        let expected = ty.display(world).to_string();
        return Err(wrong(
            "an item".to_owned(),
            expected,
            format!("{resource}, which is lent or gone"),
        ));
    }
    let endpoint = Endpoint::Isolated(reader.clone());
    let mut given = handles.iter();
    let mut handle = |ty: &Type| match given.next() {
        Some(transferred) => fits(&endpoint, transferred, ty),
        None => Err("nothing".to_owned()),
    };
    check(val, ty, &mut handle).map_err(|mismatch| {
        let expected = mismatch.expected.display(world).to_string();
        wrong(
            format!("an item{}", mismatch.path),
            expected,
            mismatch.found,
        )
    })
}

/// Checks that the embedder's handle is of the resource, stream or future that the
/// function expects. The error says what it is instead.
fn fits(endpoint: &Endpoint, transferred: &TransferredHandle, ty: &Type) -> Result<(), String> {
    let (id, resource) = match (ty, transferred) {
        (Type::Own(id), TransferredHandle::Own(owned)) => (*id, owned.about()),
        (Type::Borrow(id), TransferredHandle::Borrow(lend)) => (*id, lend.about()),
        (Type::Own(_), TransferredHandle::Borrow(lend)) => {
            return Err(format!("a borrow of {:?}", lend.about()));
        }
        (Type::Borrow(_), TransferredHandle::Own(owned)) => {
            let resource = owned.about();
            return Err(format!("{resource:?} itself, where a borrow is wanted"));
        }
        #[cfg(feature = "component-model-async")]
        (Type::Stream(item), TransferredHandle::Stream(end))
        | (Type::Future(item), TransferredHandle::Future(end)) => {
            return end.fits(endpoint, item.as_deref());
        }
        #[cfg(feature = "component-model-async")]
        (_, TransferredHandle::Stream(_)) => return Err("a stream".to_owned()),
        #[cfg(feature = "component-model-async")]
        (_, TransferredHandle::Future(_)) => return Err("a future".to_owned()),
        (_, transferred) => return Err(format!("{transferred:?}")),
    };
    let is_right = match resource {
        AboutResource::Component(entry) => {
            let found = endpoint.resolve(id);
            found.is_some_and(|(origin, id)| origin == *entry.origin() && id == entry.resource())
        }
        AboutResource::Host(entry) => endpoint.origin(id).host_type() == Some(entry.key()),
    };
    match is_right {
        true => Ok(()),
        false => Err(format!("{resource:?}")),
    }
}

impl fmt::Debug for ExportFunc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {}",
            self.site(),
            self.ty().display(&self.offer.component().world)
        )
    }
}
