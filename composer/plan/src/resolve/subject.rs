//! What an error is about: the part of the input that its reader has to change.

use crate::resolve::error::PlanError;
use crate::resolve::report::Hint;

/// The subject of a [`PlanError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Subject<'e> {
    /// The name of the import or export that a hint is about.
    HintName(&'e Hint),
    /// The component that a hint points to.
    HintTarget(&'e Hint),
    /// An open import.
    OpenImport(&'e str),
    /// A component.
    Component(&'e str),
    /// The link of a component's import: a hint, if one made it, or else the component.
    Link {
        /// The importing component.
        component: &'e str,
        /// The import.
        import: &'e crate::Name,
    },
    /// The composition as a whole.
    Composition,
}

impl PlanError {
    /// What the error is about.
    pub fn subject(&self) -> Subject<'_> {
        match self {
            PlanError::HintUnknownName { hint, .. }
            | PlanError::HintForType { hint }
            | PlanError::HintUnclear { hint, .. }
            | PlanError::HintRepeated { hint, .. } => Subject::HintName(hint),
            PlanError::HintUnknownComponent { hint, .. }
            | PlanError::HintNotOffered { hint, .. }
            | PlanError::HintToItself { hint } => Subject::HintTarget(hint),
            PlanError::HintsDisagree { hints, .. } => hints
                .last()
                .map_or(Subject::Composition, Subject::HintTarget),
            PlanError::OpenImportUnknown { import, .. }
            | PlanError::OpenImportUseless { import, .. } => Subject::OpenImport(import),
            PlanError::OpenImportConflict { import, .. } => Subject::OpenImport(import.as_str()),
            PlanError::KindMismatch {
                component, import, ..
            }
            | PlanError::MissingFunction {
                component, import, ..
            }
            | PlanError::MissingResource {
                component, import, ..
            }
            | PlanError::Mismatch {
                component, import, ..
            }
            | PlanError::Untransferable {
                component, import, ..
            } => Subject::Link { component, import },
            PlanError::DuplicateComponent { component, .. }
            | PlanError::SplitResource { component, .. }
            | PlanError::LinkerCaptured { component, .. }
            | PlanError::LinkerLacks { component, .. }
            | PlanError::Unresolved { component, .. }
            | PlanError::Ambiguous { component, .. }
            | PlanError::Unsupported { component, .. } => Subject::Component(component),
            PlanError::Cycle { steps, .. } => {
                let first = steps.first();
                first.map_or(Subject::Composition, |step| {
                    Subject::Component(&step.component)
                })
            }
        }
    }
}
