//! Calls of the interface `wit/lifecycle`, through which a composition starts, checks and
//! stops its components.

use std::sync::Arc;

use composer_plan::{FuncType, Name, Type};
use wasmtime::component::Val;

use crate::boundary::endpoint::{Callee, Endpoint};
use crate::boundary::isolated::incarnation::Incarnation;
use crate::boundary::transferred_values::TransferredValues;
use crate::call::admission::AdmittedCall;
use crate::call::current::call_from_host;
use crate::call::in_flight_count::InFlightCount;
use crate::error::{CallError, StartError};
use crate::observe::call_record::{CallOrigin, CallerRecord};
use crate::transfer::CallValues;

const INTERFACE: &str = "composer:lifecycle/lifecycle@0.1.0";

/// The health that a component reports through its export `composer:lifecycle/lifecycle`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Health {
    /// It can do its work.
    Well,
    /// Something keeps it from its work.
    Ill(String),
    /// It does not export the interface, or its part hides it.
    Unknown,
}

/// Calls the `start` function of a component, if it exports one.
pub(crate) async fn start(incarnation: &Arc<Incarnation>) -> Result<(), StartError> {
    let component = || incarnation.name().to_owned();
    for (name, fits) in [
        ("start", answers as fn(&FuncType) -> bool),
        ("health", answers),
        ("stop", |ty| ty.params.is_empty() && ty.result.is_none()),
    ] {
        if let Some(func) = find(incarnation, name)
            && !fits(&incarnation.funcs()[func].ty)
        {
            return Err(StartError::Lifecycle {
                site: incarnation.site(func),
            });
        }
    }
    let Some(func) = find(incarnation, "start") else {
        return Ok(());
    };
    match ask(incarnation, func).await {
        Ok(Health::Ill(reason)) => Err(StartError::Refused {
            component: component(),
            reason,
        }),
        Ok(_) => Ok(()),
        Err(error) => Err(StartError::Refused {
            component: component(),
            reason: error.to_string(),
        }),
    }
}

/// Calls the `stop` function of a component that is about to end, if it exports one.
pub(crate) async fn stop(incarnation: &Arc<Incarnation>) {
    if let Some(func) = find(incarnation, "stop").filter(|_| incarnation.is_running())
        && let Err(error) = ask(incarnation, func).await
    {
        let component = incarnation.name();
        tracing::warn!(component, %error, "a component did not stop by itself");
    }
}

/// The `health` function of a component, if it exports one.
pub(crate) fn find_health(incarnation: &Incarnation) -> Option<usize> {
    find(incarnation, "health")
}

pub(crate) async fn ask(incarnation: &Arc<Incarnation>, func: usize) -> Result<Health, CallError> {
    let callee = Callee {
        endpoint: Endpoint::Isolated(incarnation.clone()),
        func,
    };
    let nothing = TransferredValues {
        values: CallValues::Dynamic(Vec::new()),
        handles: Vec::new(),
    };
    let admitted = AdmittedCall {
        callee,
        guard: InFlightCount::uncounted(),
        caller_record: CallerRecord::new(incarnation.outline(), func, CallOrigin::Host),
    };
    let returned = call_from_host(admitted, nothing).await?;
    Ok(match returned.values.into_vals().pop() {
        Some(Val::Result(Err(Some(reason)))) => match *reason {
            Val::String(reason) => Health::Ill(reason),
            other => Health::Ill(format!("{other:?}")),
        },
        _ => Health::Well,
    })
}

fn find(incarnation: &Incarnation, name: &str) -> Option<usize> {
    incarnation
        .funcs()
        .iter()
        .position(|func| func.name == name && func.interface.as_ref().is_some_and(is_lifecycle))
}

/// Whether this is the name of the interface, in a matching version.
pub(crate) fn is_lifecycle(name: &Name) -> bool {
    name.matches(&Name::new(INTERFACE)).is_some()
}

/// Whether it is a `func() -> result<_, string>`.
fn answers(ty: &FuncType) -> bool {
    let is_answer = |ty: &Type| matches!(ty, Type::Result(sides) if matches!(&**sides, (None, Some(Type::String))));
    ty.params.is_empty() && ty.result.as_ref().is_some_and(is_answer)
}
