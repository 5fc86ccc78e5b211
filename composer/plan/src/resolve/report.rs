//! The data in planner errors, with its wording.

use std::fmt::{self, Display};

use crate::resolve::dialect::{Dialect, RustApi};
use crate::{ConfinedType, HintTarget, Name};

/// Displays a type by its text for programs that call the Rust API.
macro_rules! in_rust {
    ($type:ty) => {
        impl Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.text(&RustApi))
            }
        }
    };
}

/// A hint of the embedder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hint {
    /// The component whose import it is about; `None` for an export hint.
    pub component: Option<String>,
    /// The import or export, as the hint spells it.
    pub name: String,
    /// The component that it points to.
    pub to: String,
    /// The export of that component, if the hint says which.
    pub export: Option<String>,
}

impl Hint {
    /// The builder call that gives an import hint.
    pub(crate) fn import_call(import: &str, to: &str, export: Option<&str>) -> String {
        match export {
            Some(export) => format!(".with_import_hint({import:?}, ({to:?}, {export:?}))"),
            None => format!(".with_import_hint({import:?}, {to:?})"),
        }
    }

    /// The builder call that gives an export hint.
    pub(crate) fn export_call(export: &str, to: &str) -> String {
        format!(".with_export_hint({export:?}, {to:?})")
    }
}

impl Hint {
    /// The target of the hint.
    pub fn target(&self) -> HintTarget {
        HintTarget {
            component: self.to.clone(),
            export: self.export.clone(),
        }
    }
}

impl Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.component {
            Some(component) => write!(
                f,
                "`{}` on component `{component}`",
                Hint::import_call(&self.name, &self.to, self.export.as_deref())
            ),
            None => write!(f, "`{}`", Hint::export_call(&self.name, &self.to)),
        }
    }
}

/// Something that almost satisfies an import or a hint, with the reason why it does not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum NearMiss {
    /// The interface in a version that is not compatible.
    Version {
        /// The exporting component.
        component: String,
        /// The name of the export.
        export: Name,
        /// The name that is wanted.
        wanted: Name,
    },
    /// The right export, removed by a filter.
    Hidden {
        /// The component with the filter.
        component: String,
        /// The export.
        export: Name,
    },
    /// The importer's own export.
    Itself {
        /// The importer.
        component: String,
        /// The export.
        export: Name,
    },
    /// A name that looks alike.
    Similar {
        /// The exporting component.
        component: String,
        /// The name of the export.
        export: Name,
    },
}

impl NearMiss {
    /// The ways to get an export from a component, the likeliest first, in words that hold
    /// wherever a composition is written.
    pub fn fixes(near: &[NearMiss], export: &Name) -> Vec<String> {
        let near = near.iter().filter_map(|near| match near {
            NearMiss::Hidden { component, .. } => {
                Some(format!("let the export filter of `{component}` show it"))
            }
            NearMiss::Version { component, .. } => Some(format!(
                "use a version of `{component}` that exports `{export}`"
            )),
            NearMiss::Itself { .. } | NearMiss::Similar { .. } => None,
        });
        let add =
            (!export.is_location()).then(|| format!("add a component that exports `{export}`"));
        near.take(1).chain(add).collect()
    }
}

impl NearMiss {
    pub(super) fn text(&self, dialect: &dyn Dialect) -> String {
        let of = |component: &str| dialect.component(component);
        match self {
            NearMiss::Version {
                component,
                export,
                wanted,
            } => format!(
                "{} exports `{export}`, but {}",
                of(component),
                incompatible(export, wanted)
            ),
            NearMiss::Hidden { component, export } => format!(
                "{} has `{export}`, but its export filter hides it",
                of(component)
            ),
            NearMiss::Itself { component, export } => format!(
                "{} exports `{export}` itself, but a component cannot satisfy its own imports",
                of(component)
            ),
            NearMiss::Similar { component, export } => {
                format!("{} exports the similar name `{export}`", of(component))
            }
        }
    }
}

in_rust!(NearMiss);

/// The reason why two versions of an interface are not compatible.
fn incompatible(export: &Name, wanted: &Name) -> String {
    match (export.track(), wanted.track()) {
        (Some(export), Some(wanted)) => format!("{export} is not compatible with {wanted}"),
        _ if export.version().is_none() || wanted.version().is_none() => {
            "a name with a version and one without do not match".into()
        }
        _ => "a pre-release version matches only itself".into(),
    }
}

/// A component that could satisfy an import.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// The component.
    pub component: String,
    /// The export that would satisfy the import.
    pub export: Name,
    /// Whether it is a component of a list.
    pub in_list: bool,
}

impl Candidate {
    pub(super) fn text(&self, dialect: &dyn Dialect) -> String {
        let component = dialect.component(&self.component);
        format!("{component} exports `{}`", self.export)
    }
}

in_rust!(Candidate);

/// The source from which a component gets an import that was to be left open.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Satisfied {
    /// From another component, by a hint.
    ByHint {
        /// The importing component.
        component: String,
        /// The import.
        import: Name,
        /// The component that the hint names.
        provider: String,
    },
    /// From its own linker.
    ByLinker {
        /// The importing component.
        component: String,
        /// The import.
        import: Name,
    },
    /// Nowhere: the interface has only plain types, so it needs no provider.
    PlainTypes {
        /// The importing component.
        component: String,
        /// The import.
        import: Name,
    },
}

impl Satisfied {
    pub(super) fn text(&self, dialect: &dyn Dialect) -> String {
        let of = |component: &str| dialect.component(component);
        match self {
            Satisfied::ByHint {
                component,
                import,
                provider,
            } => format!(
                "{} gets `{import}` from {} by a hint",
                of(component),
                of(provider)
            ),
            Satisfied::ByLinker { component, import } => {
                format!("{} gets `{import}` from its linker", of(component))
            }
            Satisfied::PlainTypes { component, import } => format!(
                "{} needs no provider of `{import}`, which has only plain types",
                of(component)
            ),
        }
    }
}

in_rust!(Satisfied);

/// An import that uses a resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ResourceUser {
    /// The import.
    pub import: Name,
    /// The component that it comes from; `None` if that is the importer's linker.
    pub provider: Option<String>,
    /// Whether the component that has the resource exports the import as well.
    pub offered: bool,
}

impl ResourceUser {
    pub(super) fn text(&self, dialect: &dyn Dialect) -> String {
        match &self.provider {
            Some(provider) => format!("`{}` from {}", self.import, dialect.component(provider)),
            None => format!("`{}` from its linker", self.import),
        }
    }
}

in_rust!(ResourceUser);

/// One step of a cycle.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CycleStep {
    /// The importing component.
    pub component: String,
    /// The import.
    pub import: Name,
    /// The providing component.
    pub provider: String,
}

impl CycleStep {
    pub(super) fn text(&self, dialect: &dyn Dialect) -> String {
        let component = dialect.component(&self.component);
        let provider = dialect.component(&self.provider);
        format!("{component} imports `{}` from {provider}", self.import)
    }
}

in_rust!(CycleStep);

/// Something that cannot go from one store to another.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Untransferable {
    /// A type. Functions with it are [refused](crate::RefusedFunction), unless
    /// [`Graph::requires_all_functions`](crate::Graph::requires_all_functions) is set.
    Type(ConfinedType),
    /// A resource that a linker of the embedder defines.
    HostResource {
        /// Its name.
        resource: String,
        /// The interface that introduces it.
        interface: Option<Name>,
        /// The component whose linker defines it.
        component: String,
    },
}

impl Untransferable {
    pub(super) fn fix(&self) -> String {
        match self {
            Untransferable::Type(ty) => ty.fix().into(),
            Untransferable::HostResource {
                interface: Some(interface),
                ..
            } if interface.base() == "wasi:io/poll" => format!(
                "pass the stream that it waits for instead, or let a component export \
                 `{interface}` and give it to both sides"
            ),
            Untransferable::HostResource {
                interface: Some(interface),
                ..
            } => format!(
                "tell its Rust type to the parts of both sides with `with_host_resource`, \
                 or let a component export `{interface}` and give it to both"
            ),
            Untransferable::HostResource { .. } => {
                "tell its Rust type to the parts of both sides with `with_host_resource`".into()
            }
        }
    }
}

impl Untransferable {
    pub(super) fn text(&self, dialect: &dyn Dialect) -> String {
        match self {
            Untransferable::Type(ty) => {
                format!("`{ty}` cannot cross from one store to another")
            }
            Untransferable::HostResource {
                resource,
                interface,
                component,
            } => {
                let interface = match interface {
                    Some(interface) => format!(" of `{interface}`"),
                    None => String::new(),
                };
                format!(
                    "the resource `{resource}`{interface} comes from the linker of {} and cannot \
                     leave its store",
                    dialect.component(component)
                )
            }
        }
    }
}

in_rust!(Untransferable);
