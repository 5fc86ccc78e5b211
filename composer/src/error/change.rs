//! Errors of adding and removing components of a running composition.

use composer_plan::PlanErrors;
use thiserror::Error;

use crate::error::{LookupError, PartErrors, StartError};

/// Why a component was not added. The composition continues as before.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AddError {
    /// The part cannot be used.
    #[error(transparent)]
    Part(#[from] PartErrors),
    /// There is a component of this name.
    #[error(
        "there is a component `{component}` already; choose another name, or put a new version \
         in its place with `ComponentHandle::replace`"
    )]
    Exists {
        /// The component.
        component: String,
    },
    /// The part is the composition itself, or contains it.
    #[error("`{component}` is the composition that it would become a part of, or contains it")]
    Itself {
        /// The component.
        component: String,
    },
    /// The part was made for another place than the list that it is added to.
    #[error(
        "`{found}` does not belong to the list `{list}`; make the part with the function \
         `{list}` of the composition's parts"
    )]
    OtherList {
        /// The list.
        list: String,
        /// The name of the part.
        found: String,
    },
    /// The composition would not be complete with the part.
    #[error("with `{component}` the composition does not fit together: {errors}")]
    Plan {
        /// The component.
        component: String,
        /// Every mistake.
        errors: PlanErrors,
    },
    /// The part would change where other components get their imports from, or which
    /// imports the composition leaves open.
    #[error("`{component}` would change the others: {reason}")]
    Rewired {
        /// The component.
        component: String,
        /// What would change.
        reason: String,
    },
    /// The component did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The composition has been shut down.
    #[error("`{component}` was not added: the composition has been shut down")]
    Stopped {
        /// The component.
        component: String,
    },
}

/// Why a component was not removed. It continues as before.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RemoveError {
    /// There is no such component.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// Others import from it.
    #[error(
        "`{component}` cannot be removed: {} from it; remove {} first, or replace `{component}`",
        importing(by),
        if by.len() == 1 { "that one" } else { "those" }
    )]
    Needed {
        /// The component.
        component: String,
        /// Who imports from it.
        by: Vec<String>,
    },
    /// `compose!` declared it, and typed handles lead to it.
    #[error(
        "`{component}` cannot be removed: `compose!` declares it, and only components of lists \
         come and go; replace it, or declare a list"
    )]
    Declared {
        /// The component.
        component: String,
    },
    /// The composition is part of another one, which uses an export of the component.
    #[error(
        "`{component}` cannot be removed: the composition is part of another one, which uses what \
         it exports; replace it"
    )]
    Given {
        /// The component.
        component: String,
    },
    /// Without it, others would get their imports from elsewhere.
    #[error("without `{component}` the others would change: {reason}")]
    Rewired {
        /// The component.
        component: String,
        /// What would change.
        reason: String,
    },
    /// It has been removed before, or the composition has been shut down.
    #[error("`{component}` is gone already, or its composition has been shut down")]
    Gone {
        /// The component.
        component: String,
    },
}

/// `a imports`, or `a and b import`.
fn importing(components: &[String]) -> String {
    let quoted: Vec<String> = components.iter().map(|name| format!("`{name}`")).collect();
    match &quoted[..] {
        [] => "nobody imports".to_owned(),
        [one] => format!("{one} imports"),
        [first @ .., last] => format!("{} and {last} import", first.join(", ")),
    }
}
