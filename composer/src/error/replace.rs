//! Errors of replacing a component.

use composer_plan::{Misfit, PlanErrors};
use thiserror::Error;

use crate::error::{LookupError, PartErrors, StartError};

/// Why a component was not replaced. The component continues as before.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReplaceError {
    /// The new part cannot be used.
    #[error(transparent)]
    Part(#[from] PartErrors),
    /// The new part has another name than the component that it should replace.
    #[error(
        "`{found}` cannot take the place of `{component}`: names stay; describe it as `{component}`"
    )]
    Name {
        /// The component.
        component: String,
        /// The new part's name.
        found: String,
    },
    /// The new part does not export what the component exports, by name and
    /// type.
    #[error(
        "another `{component}` must export what this one does: {}",
        list(misfits)
    )]
    Misfit {
        /// The component.
        component: String,
        /// Every difference.
        misfits: Vec<Misfit>,
    },
    /// The composition would not be complete with the new part.
    #[error("with another `{component}` the composition does not fit together: {errors}")]
    Plan {
        /// The component.
        component: String,
        /// Every mistake.
        errors: PlanErrors,
    },
    /// The new part would change where other components get their imports from, or which
    /// imports the composition leaves open.
    #[error("another `{component}` would change the others: {reason}")]
    Rewired {
        /// The component.
        component: String,
        /// What would change.
        reason: String,
    },
    /// The old or the new part is a composition, and not one component.
    #[error("`{component}` cannot be replaced: {what} is a composition, and not one component")]
    Nested {
        /// The component.
        component: String,
        /// Which of the two parts.
        what: &'static str,
    },
    /// Calls were still running in the component when the time was up.
    #[error("`{component}` was not replaced: {running} calls were in it when the time was up")]
    Busy {
        /// The component.
        component: String,
        /// The number of such calls.
        running: usize,
    },
    /// The new component did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The part was made for another place than the list in which it should replace one.
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
    /// There is no such component.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// The component has been removed.
    #[error("`{component}` was not replaced: it has been removed; add the new one")]
    Removed {
        /// The component.
        component: String,
    },
    /// The composition has been shut down.
    #[error("`{component}` was not replaced: the composition has been shut down")]
    Stopped {
        /// The component.
        component: String,
    },
}

fn list(misfits: &[Misfit]) -> String {
    let texts: Vec<_> = misfits.iter().map(ToString::to_string).collect();
    texts.join("; ")
}
