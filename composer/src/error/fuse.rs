//! Errors of groups of components that cannot become one component.

use std::fmt;

use composer_plan::{Name, PlanErrors};
use thiserror::Error;

use crate::error::PartErrors;

/// Why a group of components cannot become one component.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FuseError {
    /// The group has no members.
    #[error("it has no members\n  fix: add some, or leave it out")]
    Empty,
    /// The whole cannot be loaded by the runtime that fuses it.
    #[cfg(feature = "runtime")]
    #[error("the component that they become cannot be loaded: {error}")]
    Load {
        /// The [`LoadError`](crate::LoadError).
        error: String,
    },
    /// Some members cannot be used as they are. This holds the errors of all of them.
    #[error(transparent)]
    Members(PartErrors),
    /// The members do not fit together. As for any composition, this holds every mistake
    /// of the first stage that found one.
    #[error(transparent)]
    Plan(#[from] PlanErrors),
    /// Members have imports that other components could provide only with resources of
    /// the group. This holds all such imports.
    #[error("{}", lines(.0))]
    Entangled(Vec<Entangled>),
    /// An import of one member cannot be connected to the export of another in
    /// one component, although they could be linked across stores.
    #[error(
        "member `{member}` imports `{import}`, but in one component the export `{export}` of \
         member `{provider}` cannot take its place: {reason}\n  \
         fix: build both against one version of the interface, or leave one of the two out of \
         the group"
    )]
    Link {
        /// The member that imports.
        member: String,
        /// The import.
        import: Box<Name>,
        /// The member that provides it.
        provider: String,
        /// The provider's name for it.
        export: Box<Name>,
        /// The reason that wac-graph gives.
        reason: String,
    },
    /// An import of a member from outside cannot be an import of the group.
    #[error(
        "member `{member}` imports `{import}`, which cannot be an import of the group: {reason}\n  \
         fix: satisfy it inside the group, or leave `{member}` out of it"
    )]
    Import {
        /// The member.
        member: String,
        /// The import.
        import: Name,
        /// The reason that wac-graph gives.
        reason: String,
    },
    /// A member cannot be part of another component.
    #[error(
        "member `{member}` cannot be put into another component: {reason}\n  \
         fix: leave `{member}` out of the group"
    )]
    Member {
        /// The member.
        member: String,
        /// The reason that wac-graph gives.
        reason: String,
    },
    /// An export of a member cannot be one of the group.
    #[error(
        "the export `{export}` of member `{member}` cannot be an export of the group: {}\n  \
         fix: {}hide it with `.hiding(&[\"{export}\"])`, or leave `{member}` out of the group",
        beside(reason, types),
        if types.is_empty() {
            String::new()
        } else {
            "declare it and its types in an interface, ".to_owned()
        }
    )]
    Export {
        /// The member.
        member: String,
        /// The export.
        export: Name,
        /// The types that stand beside it, directly in the member's world. A group can
        /// export functions that need such types only in an interface.
        types: Vec<String>,
        /// The reason that wac-graph gives.
        reason: String,
    },
    /// The members cannot be encoded as one component.
    #[error("its members cannot be written as one component: {reason}\n  fix: fuse fewer of them")]
    Encode {
        /// The reason that wac-graph gives.
        reason: String,
    },
    /// The engine accepts each member, but not the fused component.
    #[error("the engine does not accept it as one component: {reason}\n  fix: fuse fewer members")]
    Invalid {
        /// The reason that wasmtime gives.
        reason: String,
    },
}

/// An import of a group that other components could satisfy only with resources of the
/// group itself, so that each side would have to start before the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entangled {
    /// The member that has the import.
    pub member: String,
    /// The import.
    pub import: Name,
    /// The resource, as that member names it.
    pub resource: String,
    /// The member that defines the resource.
    pub owner: String,
}

impl fmt::Display for Entangled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Entangled {
            member,
            import,
            resource,
            owner,
        } = self;
        write!(
            f,
            "member `{member}` imports `{import}` from outside the group, and that uses the \
             resource `{resource}` of member `{owner}`, which is inside\n  \
             fix: add what exports `{import}` to the group, or leave `{owner}` out of it"
        )
    }
}

fn lines(entangled: &[Entangled]) -> String {
    let lines: Vec<String> = entangled.iter().map(Entangled::to_string).collect();
    lines.join("\n\n")
}

/// The reason why an export cannot be one of the group.
fn beside(reason: &str, types: &[String]) -> String {
    if types.is_empty() {
        return reason.to_owned();
    }
    format!(
        "it needs a type that the member has beside it, directly in its world ({})",
        quoted(types)
    )
}

fn quoted(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
