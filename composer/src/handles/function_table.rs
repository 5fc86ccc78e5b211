//! The functions of a composition, or of one component, for calls in Rust
//! types.

use std::fmt;
use std::sync::Arc;

use wasmtime::component::Val;

use crate::boundary::resources::TransferredHandle;
use crate::boundary::transferred_values::TransferredValues;
use crate::call::admission::AdmittedCall;
use crate::call::current::call_from_host;
use crate::composition::{ComponentHandle, Composition, ExportFunc};
use crate::error::CallError;
use crate::handles::into_wire::{InboundResources, OutboundResources};
use crate::transfer::{CallValues, TypeSignature, Wire};
use crate::typed::{Function, TypedValues};

/// Interface and name of a function.
pub type FunctionName = (Option<&'static str>, &'static str);

/// Marks a function that has more parameters than a tuple can hold.
pub enum UntypedParams {}

/// The functions that typed handles call, looked up once.
#[derive(Clone)]
pub struct FunctionTable {
    funcs: Arc<[Option<ExportFunc>]>,
}

impl fmt::Debug for FunctionTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FunctionTable")
    }
}

impl FunctionTable {
    /// The functions of a whole composition.
    ///
    /// The exports have been checked before. Functions that are not found belong to
    /// handles with other tables.
    pub fn new(composition: &Composition, functions: &[FunctionName]) -> Self {
        let find = |(interface, name): &FunctionName| composition.get_func(*interface, name).ok();
        FunctionTable {
            funcs: functions.iter().map(find).collect(),
        }
    }

    /// No functions.
    pub(crate) fn empty() -> Self {
        FunctionTable {
            funcs: Arc::new([]),
        }
    }

    /// The functions of one component of the composition. Those of interfaces that the
    /// component does not export are those of the whole composition: methods of resources
    /// which come from other components.
    pub(crate) fn of_component(
        &self,
        component: &ComponentHandle,
        functions: &[FunctionName],
    ) -> Self {
        let of_all = self.funcs.iter();
        let funcs = functions
            .iter()
            .zip(of_all)
            .map(|((interface, name), of_all)| {
                let is_own = match interface {
                    Some(interface) => component.exports_interface(interface),
                    None => true,
                };
                let own = component.func(*interface, name);
                own.or_else(|| of_all.clone().filter(|_| !is_own))
            });
        FunctionTable {
            funcs: funcs.collect(),
        }
    }

    /// Calls a function without resources in its types.
    ///
    /// # Errors
    ///
    /// [`CallError`], which is independent of the function's own `result`.
    pub async fn call<P: TypedValues, R: TypedValues>(
        &self,
        function: &Function<P, R>,
        args: P,
    ) -> Result<R, CallError> {
        let func = self.find(function)?;
        let args = CallValues::fixed(args);
        let returned = exchange(func, function.signature(), args, Vec::new()).await?;
        results(func, returned.values)
    }

    /// Calls a function with resources among its arguments or results.
    ///
    /// # Errors
    ///
    /// [`CallError`]; a resource of another origin, or one that is lent and
    /// would be given away, is refused before anything runs.
    pub async fn call_with_resources<P: TypedValues, R: TypedValues>(
        &self,
        function: &Function<P, R>,
        args: P,
        outbound: OutboundResources,
    ) -> Result<(R, InboundResources), CallError> {
        let func = self.find(function)?;
        let args = CallValues::fixed(args);
        let returned = exchange(func, function.signature(), args, outbound.handles).await?;
        let resources = InboundResources::new(self, func, returned.handles);
        Ok((results(func, returned.values)?, resources))
    }

    /// Calls a function that has more parameters than a tuple can hold.
    ///
    /// # Errors
    ///
    /// As [`FunctionTable::call_with_resources`].
    pub async fn call_untyped<R: Wire>(
        &self,
        function: &Function<UntypedParams, R>,
        args: Vec<Val>,
        outbound: OutboundResources,
    ) -> Result<(R, InboundResources), CallError> {
        let func = self.find(function)?;
        let args = CallValues::Dynamic(args);
        let admitted = func.enter().await?;
        let returned = send(func, admitted, args, outbound.handles).await?;
        let resources = InboundResources::new(self, func, returned.handles);
        Ok((results(func, returned.values)?, resources))
    }

    fn find<P, R>(&self, function: &Function<P, R>) -> Result<&ExportFunc, CallError> {
        let func = self.funcs.get(function.index).and_then(Option::as_ref);
        func.ok_or_else(|| CallError::Unbound {
            import: function.name.to_owned(),
        })
    }
}

/// Sends arguments in their Rust types if the component behind the function knows it by
/// these types, and as dynamic values otherwise.
async fn exchange(
    func: &ExportFunc,
    signature: TypeSignature,
    args: CallValues,
    handles: Vec<TransferredHandle>,
) -> Result<TransferredValues, CallError> {
    let admitted = func.enter().await?;
    let args = match admitted.callee.exported().signature == Some(signature) {
        true => args,
        false => args.without_type(),
    };
    send(func, admitted, args, handles).await
}

/// Sends arguments; the results come in the same form.
async fn send(
    func: &ExportFunc,
    admitted: AdmittedCall,
    mut args: CallValues,
    handles: Vec<TransferredHandle>,
) -> Result<TransferredValues, CallError> {
    let fit = func.check_resources(&admitted.callee, &mut args, &handles);
    admitted.caller_record.check(fit)?;
    let values = TransferredValues {
        values: args,
        handles,
    };
    call_from_host(admitted, values).await
}

/// The results in their Rust types.
fn results<R: Wire>(func: &ExportFunc, values: CallValues) -> Result<R, CallError> {
    values.into_static().ok_or_else(|| other(func))
}

/// The error for results of another type. The component behind a handle has been checked
/// against the types that the program was compiled with, so this does not occur unless
/// that check is wrong.
fn other(func: &ExportFunc) -> CallError {
    CallError::Transfer {
        site: func.site(),
        reason: "its results are not of the type it was declared with".to_owned(),
    }
}
