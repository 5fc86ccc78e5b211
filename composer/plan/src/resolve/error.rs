//! What can be wrong with a composition, in words that end in a fix.

use crate::resolve::report::{Candidate, CycleStep, Hint, NearMiss, Satisfied, Untransferable};
use crate::resolve::wording::{
    a, about, ambiguous_fix, circle, details, found_in, inside, labelled, lacking_fix, link,
    mismatch_fix, missing, missing_fix, unresolved_fix,
};
use crate::words::{all_of, any_of, did_you_mean};
use crate::{Difference, Name};

/// One mistake in a composition.
///
/// The fields are for programs; `Display` says the same to people and ends
/// with a line that says what to do.
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
        /// What it could be about.
        names: Vec<Name>,
    },

    /// A hint points to a component that does not offer what is asked for.
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
        /// What the component exports that comes near.
        near: Vec<NearMiss>,
        /// Who does export it.
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
        /// Who imports it, and where they get it.
        satisfied: Vec<Satisfied>,
    },

    /// A component would get an import from another component although its
    /// linker is to provide it: the linker has it only in another version, and
    /// the version that is linked to the other component would come before it.
    #[error(
        "component `{component}` imports `{import}` from its linker, which has it in another \
         version, and `{captor}` from elsewhere, which would take its place in the linker\n  \
         fix: define `{import}` in the linker under exactly this name"
    )]
    LinkerCaptured {
        /// The component.
        component: String,
        /// What the linker is to provide.
        import: Name,
        /// The import that is linked to something else.
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
        /// Who imports.
        component: String,
        /// What the linker is to provide.
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
        /// Who imports.
        component: String,
        /// What it imports.
        import: Name,
        /// The interface that it is, if `import` is a label.
        interface: Option<Name>,
        /// What comes near.
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
        /// Who imports.
        component: String,
        /// What it imports.
        import: Name,
        /// Who exports it.
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
        /// Who imports.
        component: String,
        /// What it imports.
        import: Name,
        /// The item of the interface; `None` when the import is itself what cannot
        /// be wired.
        item: Option<String>,
        /// The kind of what cannot be wired: a core module, a component.
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
        /// A shortest circle; the provider of the last step is the component
        /// of the first.
        steps: Vec<CycleStep>,
        /// More components that cannot start for the same reason, by name.
        also: Vec<String>,
    },

    /// The two sides of a link are different kinds of things.
    #[error(
        "component `{component}` imports the {import_kind} `{import}`, \
         but `{export}` of component `{provider}` is {}\n  \
         fix: rename one of the two, or hint to another component",
        a(export_kind)
    )]
    KindMismatch {
        /// Who imports.
        component: String,
        /// What it imports.
        import: Name,
        /// What kind of thing it imports.
        import_kind: String,
        /// Who provides.
        provider: String,
        /// The provider's name for it.
        export: Name,
        /// What kind of thing that is.
        export_kind: String,
    },

    /// A provider's interface lacks a function.
    #[error(
        "component `{component}` needs the function `{function}` of `{import}`, {}\n  fix: {}",
        missing(provider, export, *hidden, similar),
        missing_fix(component, provider, export, function, *hidden)
    )]
    MissingFunction {
        /// Who imports.
        component: String,
        /// The interface it imports.
        import: Name,
        /// Who provides.
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
        /// Who imports.
        component: String,
        /// The interface it imports.
        import: Name,
        /// Who provides.
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
        /// Who imports.
        component: String,
        /// What it imports.
        import: Name,
        /// Who provides.
        provider: String,
        /// The provider's name for it.
        export: Name,
        /// The function of the interface; `None` when the import is itself
        /// the function.
        function: Option<String>,
        /// Where the types part.
        difference: Difference,
    },

    /// Something that cannot go from one store to another.
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
        /// Who imports.
        component: String,
        /// What it imports.
        import: Name,
        /// Who provides; `None` for an open import.
        provider: Option<String>,
        /// The function of the interface; `None` when the import is itself
        /// the function, or when the import as a whole is meant.
        function: Option<String>,
        /// Where in it.
        path: String,
        /// What cannot cross.
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
        /// The function of the interface; `None` when the import is itself
        /// the function.
        function: Option<String>,
        /// A component that needs it.
        first: String,
        /// A component that needs something else.
        second: String,
        /// Where the types part: `expected` is of the first, `found` of the
        /// second.
        difference: Difference,
    },
}
