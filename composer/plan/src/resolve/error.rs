//! The mistakes in a composition. Each message ends with a fix.

use crate::resolve::report::{Candidate, CycleStep, Hint, NearMiss, Satisfied, Untransferable};
use crate::resolve::wording::{
    a, about, ambiguous_fix, circle, details, found_in, inside, labelled, lacking_fix, link,
    mismatch_fix, missing, missing_fix, unresolved_fix,
};
use crate::words::{all_of, any_of, did_you_mean};
use crate::{Difference, Name};

/// One mistake in a composition.
///
/// The fields are for programs; `Display` gives the same information as text and ends
/// with a fix.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// Several components have one name.
    #[error(
        "{count} components are named `{component}`\n  \
         fix: give every component of the composition a name of its own"
    )]
    DuplicateComponent {
        /// The name.
        component: String,
        /// How many have it.
        count: usize,
    },

    /// A hint points to a component that does not exist.
    #[error(
        "{hint} points to `{to}`, but no component has that name\n  \
         fix: {}",
        if similar.is_empty() {
            format!("add a component `{to}`, or remove the hint", to = hint.to)
        } else {
            format!("write {}", any_of(similar))
        },
        to = hint.to
    )]
    HintUnknownComponent {
        /// The hint.
        hint: Hint,
        /// Components with similar names.
        similar: Vec<String>,
    },

    /// A hint is about an import or export that does not exist.
    #[error(
        "{hint} is about `{}`, which {}{}\n  \
         fix: write the name as it stands in the WIT, or remove the hint",
        hint.name,
        match &hint.component {
            Some(component) => format!("`{component}` does not import"),
            None => "no component exports".to_owned(),
        },
        did_you_mean(similar)
    )]
    HintUnknownName {
        /// The hint.
        hint: Hint,
        /// Imports of that component, or exports, with similar names.
        similar: Vec<String>,
    },

    /// A hint leaves open which of several imports or exports it is about.
    #[error(
        "{hint} could be about {}\n  \
         fix: write the one that is meant in full, with its version",
        any_of(names)
    )]
    HintUnclear {
        /// The hint.
        hint: Hint,
        /// The imports or exports that it could be about.
        names: Vec<Name>,
    },

    /// A hint points to a component that does not export what the hint asks for.
    #[error(
        "{hint} points to `{}`, which does not export `{name}`{}\n  \
         fix: point to a component that exports it{}",
        hint.to,
        details(near),
        found_in(offered_by)
    )]
    HintNotOffered {
        /// The hint.
        hint: Hint,
        /// The import or export, in full.
        name: Name,
        /// Exports of the component that come near.
        near: Vec<NearMiss>,
        /// The components that do export it.
        offered_by: Vec<String>,
    },

    /// A hint points a component to itself.
    #[error(
        "{hint} points `{}` to itself: a component cannot run before it has its imports\n  \
         fix: point to another component, or remove the hint",
        hint.to
    )]
    HintToItself {
        /// The hint.
        hint: Hint,
    },

    /// The same hint is given more than once.
    #[error("{hint} is given {count} times\n  fix: keep one")]
    HintRepeated {
        /// The hint.
        hint: Hint,
        /// How often it is given.
        count: usize,
    },

    /// Two hints disagree.
    #[error(
        "hints for `{name}` disagree:{}\n  \
         fix: keep one",
        details(hints)
    )]
    HintsDisagree {
        /// The import or export, in full.
        name: Name,
        /// The hints.
        hints: Vec<Hint>,
    },

    /// A hint does not change anything.
    #[error("{hint} changes nothing: {}\n  fix: remove it", match &hint.component {
        Some(component) => format!("`{component}` gets `{name}` from `{}` without it", hint.to),
        None => format!("`{}` is the only component that exports `{name}`", hint.to),
    })]
    HintUseless {
        /// The hint.
        hint: Hint,
        /// The import or export, in full.
        name: Name,
    },

    /// An open import that no component imports.
    #[error(
        "the open import `{import}` is imported by no component{}\n  \
         fix: write the name as it stands in the WIT, or remove it",
        did_you_mean(similar)
    )]
    OpenImportUnknown {
        /// The open import.
        import: String,
        /// Imports with similar names.
        similar: Vec<String>,
    },

    /// An open import that every component gets from somewhere else.
    #[error(
        "the open import `{import}` is not needed, since everyone who imports it has it:{}\n  \
         fix: remove it, or take away what satisfies it",
        details(satisfied)
    )]
    OpenImportUseless {
        /// The open import.
        import: String,
        /// The components that import it, each with the source of its import.
        satisfied: Vec<Satisfied>,
    },

    /// The linker of a component is to provide an import, but has it only in another
    /// version, and a link to another component would take precedence over that version.
    #[error(
        "component `{component}` imports `{import}` from its linker, which has it in another \
         version, and `{captor}` from elsewhere, which would take its place in the linker\n  \
         fix: define `{import}` in the linker under exactly this name"
    )]
    LinkerCaptured {
        /// The component.
        component: String,
        /// The import that the linker is to provide.
        import: Name,
        /// The import whose link would take precedence.
        captor: Name,
    },

    /// A linker has an interface that a component imports, but not all of it.
    #[error(
        "the linker of component `{component}` has `{import}` without {}, which the component \
         needs\n  \
         fix: define the rest there{}",
        all_of(lacking),
        lacking_fix(import, offered_by)
    )]
    LinkerLacks {
        /// The importing component.
        component: String,
        /// The import that the linker is to provide.
        import: Name,
        /// The functions and resources that it lacks.
        lacking: Vec<String>,
        /// The components that export the interface.
        offered_by: Vec<String>,
    },

    /// Nothing satisfies an import.
    #[error(
        "component `{component}` imports {}, which nothing provides{}\n  fix: {}",
        labelled(import, interface),
        details(near),
        unresolved_fix(component, import, interface, near)
    )]
    Unresolved {
        /// The importing component.
        component: String,
        /// The import.
        import: Name,
        /// The interface that it is, if `import` is a label.
        interface: Option<Name>,
        /// The near misses.
        near: Vec<NearMiss>,
    },

    /// Several components could satisfy an import.
    #[error(
        "component `{component}` imports `{import}`, which several components export:{}\n  \
         fix: {}",
        details(candidates),
        ambiguous_fix(component, import, candidates)
    )]
    Ambiguous {
        /// The importing component.
        component: String,
        /// The import.
        import: Name,
        /// The exporting component.
        candidates: Vec<Candidate>,
    },

    /// An import that a composition cannot wire.
    #[error(
        "component `{component}` imports the {kind} {}, which only a linker can provide\n  \
         fix: define {} in the linker of `{component}`, or compose the two when they are built",
        inside(import, item),
        if item.is_some() { format!("`{import}`") } else { "it".to_owned() }
    )]
    Unsupported {
        /// The importing component.
        component: String,
        /// The import.
        import: Name,
        /// The item of the interface; `None` if the import itself cannot be wired.
        item: Option<String>,
        /// The kind of the item that cannot be wired: a core module, a component.
        kind: String,
    },

    /// Components that need each other before any of them can start.
    #[error(
        "{} need each other before they can start: {}{}{}\n  \
         fix: satisfy one of these imports from another component or from a linker, \
         or move what they share into a component of its own",
        all_of(steps.iter().map(|step| &step.component)),
        circle(steps),
        details(steps),
        if also.is_empty() {
            String::new()
        } else {
            format!("\n  caught in further circles with them: {}", all_of(also))
        }
    )]
    Cycle {
        /// A shortest cycle; the provider of the last step is the component of the first.
        steps: Vec<CycleStep>,
        /// More components that cannot start for the same reason, by name.
        also: Vec<String>,
    },

    /// The two sides of a link are items of different kinds.
    #[error(
        "component `{component}` imports the {import_kind} `{import}`, \
         but `{export}` of component `{provider}` is {}\n  \
         fix: rename one of the two, or hint to another component",
        a(export_kind)
    )]
    KindMismatch {
        /// The importing component.
        component: String,
        /// The import.
        import: Name,
        /// The kind of the import.
        import_kind: String,
        /// The providing component.
        provider: String,
        /// The provider's name for the import.
        export: Name,
        /// The kind of the export.
        export_kind: String,
    },

    /// A provider's interface lacks a function.
    #[error(
        "component `{component}` needs the function `{function}` of `{import}`, {}\n  fix: {}",
        missing(provider, export, *hidden, similar),
        missing_fix(component, provider, export, function, *hidden)
    )]
    MissingFunction {
        /// The importing component.
        component: String,
        /// The imported interface.
        import: Name,
        /// The providing component.
        provider: String,
        /// The provider's name for the interface.
        export: Name,
        /// The function.
        function: String,
        /// Whether the provider has it and a filter hides it.
        hidden: bool,
        /// Functions of the provider with similar names.
        similar: Vec<String>,
    },

    /// A provider's interface lacks a resource.
    #[error(
        "component `{component}` needs the resource `{resource}` of `{import}`, \
         but `{export}` of component `{provider}` has no such resource\n  \
         fix: build `{provider}` against the version that `{component}` uses, \
         or hint to another component"
    )]
    MissingResource {
        /// The importing component.
        component: String,
        /// The imported interface.
        import: Name,
        /// The providing component.
        provider: String,
        /// The provider's name for the interface.
        export: Name,
        /// The resource.
        resource: String,
    },

    /// The two sides of a link have different types for a function.
    #[error(
        "component `{component}` imports {}, but they disagree about {}\n  \
         at {}:\n    \
         `{component}` expects {}\n    \
         `{provider}` has {}\n  \
         fix: {}",
        link(import, provider, export),
        about(function, "its type"),
        difference.path,
        difference.expected,
        difference.found,
        mismatch_fix(difference)
    )]
    Mismatch {
        /// The importing component.
        component: String,
        /// The import.
        import: Name,
        /// The providing component.
        provider: String,
        /// The provider's name for the import.
        export: Name,
        /// The function of the interface; `None` if the import is itself the function.
        function: Option<String>,
        /// The first difference of the types.
        difference: Difference,
    },

    /// A type or a resource that cannot go from one store to another.
    #[error(
        "component `{component}` imports `{import}` from {}, but {} cannot be used across stores\n  \
         at {path}: {what}\n  \
         fix: {}",
        match provider {
            Some(provider) => format!("component `{provider}`"),
            None => "outside the composition".to_owned(),
        },
        about(function, "it"),
        what.fix()
    )]
    Untransferable {
        /// The importing component.
        component: String,
        /// The import.
        import: Name,
        /// The providing component; `None` for an open import.
        provider: Option<String>,
        /// The function of the interface; `None` if the import is itself the function, or
        /// if the import as a whole is meant.
        function: Option<String>,
        /// The path to it.
        path: String,
        /// The type or resource that cannot cross.
        what: Untransferable,
    },

    /// Two components need one open import with different types.
    #[error(
        "components `{first}` and `{second}` both leave `{import}` open, \
         but they disagree about {}\n  \
         at {}:\n    \
         `{first}` expects {}\n    \
         `{second}` expects {}\n  \
         fix: build both against one version of the interface, \
         or satisfy one of them inside the composition",
        about(function, "its type"),
        difference.path,
        difference.expected,
        difference.found
    )]
    OpenImportConflict {
        /// The open import.
        import: Name,
        /// The function of the interface; `None` if the import is itself the function.
        function: Option<String>,
        /// A component that needs it.
        first: String,
        /// A component that needs another type.
        second: String,
        /// The first difference of the types: `expected` is the first component's,
        /// `found` the second's.
        difference: Difference,
    },
}
