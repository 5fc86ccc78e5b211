//! Errors of looking a function up, and of calling it.

use std::fmt;
use std::sync::Arc;

use composer_plan::{ConfinedType, ExportError};
use thiserror::Error;

use crate::error::death::Death;
use crate::error::transfer::TransferError;

/// Why a function or component was not found, or cannot be called from outside.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LookupError {
    /// The name does not lead to one export.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// There is no such component in the composition.
    #[error("the composition has no component `{name}`{}", suggest(similar))]
    Component {
        /// The name that was looked up.
        name: String,
        /// Components with similar names.
        similar: Vec<String>,
    },
    /// The component exports no such function, or a filter hides it.
    #[error(
        "component `{component}` exports no function {name}{}",
        suggest(similar)
    )]
    Function {
        /// The component.
        component: String,
        /// The function that was looked up, with its interface.
        name: String,
        /// Functions with similar names in the same place.
        similar: Vec<String>,
    },
    /// The function's values cannot leave a store.
    #[error("{site} cannot be called from outside: {reason}")]
    Untransferable {
        /// The function.
        site: Site,
        /// The reason.
        reason: String,
    },
}

/// Why a call failed.
///
/// An error that the function itself returns is not among these: it is a
/// value of the function's own `result`.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum CallError {
    /// The component died while this call was in it.
    #[error("call of {site} failed: {death}")]
    Failed {
        /// The function that was called.
        site: Site,
        /// What happened.
        death: Arc<Death>,
    },
    /// The component, or another one whose resource was passed, had died before the call.
    #[error("call of {site} refused: {death}")]
    Dead {
        /// The function that was called.
        site: Site,
        /// What had happened.
        death: Arc<Death>,
    },
    /// The component died, and is about to be restarted.
    #[error("call of {site} refused, it is being restarted: {death}")]
    Restarting {
        /// The function that was called.
        site: Site,
        /// What had happened.
        death: Arc<Death>,
    },
    /// A resource was passed whose component has since been restarted or replaced. The
    /// resource is gone with the state that it was part of.
    #[error(
        "call of {site} refused: the resource {resource} is gone, since `{component}` {}; \
         get a new one",
        if death.is_some() { "has been restarted" } else { "has been replaced" }
    )]
    Stale {
        /// The function that was called.
        site: Site,
        /// The resource.
        resource: String,
        /// The component that the resource belonged to.
        component: String,
        /// Why the component was restarted; `None` if it was replaced.
        death: Option<Arc<Death>>,
    },
    /// The component was [removed](crate::ComponentHandle::remove), or the composition has
    /// been shut down.
    #[error("call of {site} refused: its component was removed, or its composition shut down")]
    Stopped {
        /// The function that was called.
        site: Site,
    },
    /// The call would wait for itself.
    #[error("call of {site} would wait for itself: {}", path.join(" → "))]
    Cycle {
        /// The function that was called.
        site: Site,
        /// The components that would wait for each other.
        path: Vec<String>,
    },
    /// The chain of calls would be too long.
    #[error("call of {site} refused: a chain may have {limit} calls, and this would be one more")]
    TooDeep {
        /// The function that was called.
        site: Site,
        /// The most calls that a chain may have.
        limit: u32,
    },
    /// The number of arguments or results is wrong.
    #[error("{site} has {expected} {what}, not {found}")]
    Arity {
        /// The function.
        site: Site,
        /// `parameters` or `results`.
        what: &'static str,
        /// The number that the function has.
        expected: usize,
        /// The number that was given.
        found: usize,
    },
    /// An argument has the wrong type.
    #[error("{site}: {path} must be {expected}, not {found}")]
    Type {
        /// The function.
        site: Site,
        /// The path from the parameter to the wrong value.
        path: String,
        /// The type that the value must have.
        expected: String,
        /// The type that it has.
        found: String,
    },
    /// Ownership of a resource was to be passed while a call still uses the resource.
    #[error("{site}: the resource {resource} is lent; it can be given away when no call uses it")]
    Lent {
        /// The function.
        site: Site,
        /// The resource.
        resource: String,
    },
    /// The function takes or returns resources, which `Val` cannot carry
    /// outside of a store.
    #[error("{site} has resources in its signature: call it with `call_owned`")]
    NeedsOwned {
        /// The function.
        site: Site,
    },
    /// The function has a type whose values cannot go from one store to another, so no
    /// component in another store can call it. The [plan](crate::Link::refused) lists such
    /// functions.
    #[error(
        "call of {site} refused: {path} has the type `{ty}`, which cannot cross from one store \
         to another; {}",
        ty.fix()
    )]
    Refused {
        /// The function that was called.
        site: Site,
        /// The path to the type in the function.
        path: String,
        /// The type.
        ty: ConfinedType,
    },
    /// An import that the composition leaves open has not been bound.
    #[error(
        "`{import}` is an open import that nothing satisfies: nest the composition in one that does"
    )]
    Unbound {
        /// The import.
        import: String,
    },
    /// A value could not be moved into or out of a store.
    #[error("{site}: {reason}")]
    Transfer {
        /// The function.
        site: Site,
        /// The reason.
        reason: String,
    },
}

impl CallError {
    pub(crate) fn transfer(site: Site, error: TransferError) -> Self {
        CallError::Transfer {
            site,
            reason: error.to_string(),
        }
    }

    /// The kind of error, as spans and metrics report it.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            CallError::Failed { .. } => "failed",
            CallError::Dead { .. } => "dead",
            CallError::Restarting { .. } => "restarting",
            CallError::Stale { .. } => "stale",
            CallError::Stopped { .. } => "stopped",
            CallError::Cycle { .. } => "cycle",
            CallError::TooDeep { .. } => "too-deep",
            CallError::Arity { .. } => "arity",
            CallError::Type { .. } => "type",
            CallError::Lent { .. } => "lent",
            CallError::NeedsOwned { .. } => "needs-owned",
            CallError::Refused { .. } => "refused",
            CallError::Unbound { .. } => "unbound",
            CallError::Transfer { .. } => "transfer",
        }
    }

    /// The error at the root of this one: if components failed because a call that they
    /// made had failed, the error of the innermost of those calls.
    ///
    /// A [stale](CallError::Stale) resource is an error of its own, whatever the reason
    /// for which its component was restarted.
    pub fn root(&self) -> &CallError {
        let (CallError::Failed { death, .. }
        | CallError::Dead { death, .. }
        | CallError::Restarting { death, .. }) = self
        else {
            return self;
        };
        match &death.cause {
            crate::DeathCause::Import(call) => call.root(),
            _ => self,
        }
    }

    /// The death that caused this, followed to its origin through the
    /// components that failed because of it.
    pub fn death(&self) -> Option<&Arc<Death>> {
        let (CallError::Failed { death, .. }
        | CallError::Dead { death, .. }
        | CallError::Restarting { death, .. }
        | CallError::Stale {
            death: Some(death), ..
        }) = self
        else {
            return None;
        };
        Some(death.first())
    }
}

/// A function of a component.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Site {
    /// The component.
    pub component: String,
    /// The interface; `None` for a function directly in the component's world.
    pub interface: Option<String>,
    /// The function.
    pub function: String,
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Site {
            component,
            interface,
            function,
        } = self;
        match interface {
            Some(interface) => write!(f, "`{interface}#{function}` of component `{component}`"),
            None => write!(f, "`{function}` of component `{component}`"),
        }
    }
}

fn suggest(similar: &[String]) -> String {
    if similar.is_empty() {
        return String::new();
    }
    let quoted: Vec<_> = similar.iter().map(|name| format!("`{name}`")).collect();
    format!("; did you mean {}?", quoted.join(" or "))
}
