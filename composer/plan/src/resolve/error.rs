//! The mistakes in a composition. Their texts are in [`message`](super::message).

use crate::resolve::report::{
    Candidate, CycleStep, Hint, NearMiss, ResourceUser, Satisfied, Untransferable,
};
use crate::{Difference, Name};

/// One mistake in a composition.
///
/// The fields are for programs; `Display` gives the same information as text and ends
/// with a fix. [`message`](PlanError::message) does so for readers who write something
/// else than calls of the Rust API.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlanError {
    /// Several components have one name.
    DuplicateComponent {
        /// The name.
        component: String,
        /// How many have it.
        count: usize,
    },

    /// A hint points to a component that does not exist.
    HintUnknownComponent {
        /// The hint.
        hint: Hint,
        /// Components with similar names.
        similar: Vec<String>,
    },

    /// A hint is about an import or export that does not exist.
    HintUnknownName {
        /// The hint.
        hint: Hint,
        /// Imports of that component, or exports, with similar names.
        similar: Vec<String>,
    },

    /// A hint is about a type that stands directly in a component's world.
    HintForType {
        /// The hint.
        hint: Hint,
    },

    /// A hint leaves open which of several imports or exports it is about.
    HintUnclear {
        /// The hint.
        hint: Hint,
        /// The imports or exports that it could be about.
        names: Vec<Name>,
    },

    /// A hint points to a component that does not export what the hint asks for.
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
    HintToItself {
        /// The hint.
        hint: Hint,
    },

    /// The same hint is given more than once.
    HintRepeated {
        /// The hint.
        hint: Hint,
        /// How often it is given.
        count: usize,
    },

    /// Two hints disagree.
    HintsDisagree {
        /// The import or export, in full.
        name: Name,
        /// The hints.
        hints: Vec<Hint>,
    },

    /// An open import that no component imports.
    OpenImportUnknown {
        /// The open import.
        import: String,
        /// Imports with similar names.
        similar: Vec<String>,
    },

    /// An open import that every component gets from somewhere else.
    OpenImportUseless {
        /// The open import.
        import: String,
        /// The components that import it, each with the source of its import.
        satisfied: Vec<Satisfied>,
    },

    /// The linker of a component is to provide an import, but has it only in another
    /// version, and a link to another component would take precedence over that version.
    LinkerCaptured {
        /// The component.
        component: String,
        /// The import that the linker is to provide.
        import: Name,
        /// The import whose link would take precedence.
        captor: Name,
    },

    /// A linker has an interface that a component imports, but not all of it.
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
    Ambiguous {
        /// The importing component.
        component: String,
        /// The import.
        import: Name,
        /// The exporting component.
        candidates: Vec<Candidate>,
    },

    /// An import that a composition cannot wire.
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
    Cycle {
        /// A shortest cycle; the provider of the last step is the component of the first.
        steps: Vec<CycleStep>,
        /// More components that cannot start for the same reason, by name.
        also: Vec<String>,
    },

    /// The two sides of a link are items of different kinds.
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

    /// A component would get a resource from two sides: from another component by some
    /// of its imports, and from its linker by others.
    SplitResource {
        /// The importing component.
        component: String,
        /// The resource.
        resource: String,
        /// The interface that introduces it.
        interface: Option<Name>,
        /// The other component.
        provider: String,
        /// The imports that have to come from one side: all that use the resource, and
        /// what hangs together with it by further resources.
        users: Vec<ResourceUser>,
    },

    /// The two sides of a link have different types for a function.
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
