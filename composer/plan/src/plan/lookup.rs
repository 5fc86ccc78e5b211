//! Lookup of the composition's exports by the names that the embedder uses.

use std::fmt;

use crate::Name;
use crate::plan::{Export, ExportKind, Plan};
use crate::resolve::HintText;
use crate::similar::SimilarSearch;
use crate::words::{all_of, any_of, did_you_mean};

/// An export of the composition and the one component it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExportOwner<'a> {
    /// The name, as the component spells it.
    pub name: &'a Name,
    /// Its kind.
    pub kind: ExportKind,
    /// The position of the component in [`Plan::components`].
    pub index: usize,
    /// The name of the component.
    pub component: &'a str,
}

/// The reason why a name does not identify one export.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExportError {
    /// Nothing is exported under this name.
    Unknown {
        /// The name that was looked up.
        name: String,
        /// Exports with similar names.
        similar: Vec<String>,
    },
    /// Several components export it.
    Ambiguous {
        /// The export, in full.
        name: Name,
        /// The components, by name.
        components: Vec<String>,
    },
    /// A name that is not exactly an export's could mean several.
    Unclear {
        /// The name that was looked up.
        name: String,
        /// The exports that it could mean.
        names: Vec<Name>,
    },
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExportError::Unknown { name, similar } => write!(
                f,
                "the composition does not export `{name}`{}\n  \
                 fix: write the name as it stands in the WIT, or add a component that exports it",
                did_you_mean(similar)
            ),
            ExportError::Ambiguous { name, components } => write!(
                f,
                "several components export `{name}`: {}\n  \
                 fix: ask the component that is meant, or compose with one of {}",
                all_of(components),
                any_of(
                    components
                        .iter()
                        .map(|component| HintText::export_call(name.as_str(), component))
                )
            ),
            ExportError::Unclear { name, names } => write!(
                f,
                "`{name}` could mean {}\n  \
                 fix: write the one that is meant in full, with its version",
                any_of(names)
            ),
        }
    }
}

impl std::error::Error for ExportError {}

impl Plan {
    /// The one component behind an exported function or interface.
    ///
    /// The lookup takes the export of exactly this name; else the highest compatible
    /// version; else, if the name has no version, the export in any version.
    ///
    /// # Errors
    ///
    /// [`ExportError`] when there is no such export, or more than one.
    pub fn export_owner(&self, name: &str) -> Result<ExportOwner<'_>, ExportError> {
        let (export, component) = find_export(&self.exports, name)?;
        let position = self.components.iter().position(|c| c.name == component);
        // Every export of a plan belongs to one of its components.
        let index = position.ok_or_else(|| unknown(&self.exports, name))?;
        Ok(ExportOwner {
            name: &export.name,
            kind: export.kind,
            index,
            component,
        })
    }
}

/// The one export among these that `name` means, and its one component. The
/// rules are those of [`Plan::export_owner`].
///
/// # Errors
///
/// [`ExportError`] when there is no such export, or more than one.
pub fn find_export<'a>(
    exports: &'a [Export],
    name: &str,
) -> Result<(&'a Export, &'a str), ExportError> {
    let wanted = Name::new(name);
    let named = |wanted: &dyn Fn(&Export) -> bool| -> Vec<&'a Export> {
        exports.iter().filter(|export| wanted(export)).collect()
    };
    let exact = named(&|export| export.name == wanted);
    if let Some(&export) = exact.first() {
        return sole(export, &exact);
    }
    let mut found = named(&|export| export.name.matches(&wanted).is_some());
    if found.is_empty() && wanted.version().is_none() {
        found = named(&|export| export.name.base() == name);
    }
    let Some(&highest) = found.iter().max_by_key(|export| export.name.version()) else {
        return Err(unknown(exports, name));
    };
    // Compatible versions of one component count as a single choice.
    let together = found.iter().all(|export| {
        export.name.matches(&highest.name).is_some() && export.components == highest.components
    });
    if together {
        return sole(highest, &[highest]);
    }
    Err(ExportError::Unclear {
        name: name.to_owned(),
        names: found.iter().map(|export| export.name.clone()).collect(),
    })
}

fn unknown(exports: &[Export], name: &str) -> ExportError {
    let known = exports.iter().map(|export| export.name.as_str());
    ExportError::Unknown {
        name: name.to_owned(),
        similar: SimilarSearch::new().to(name, known),
    }
}

/// An export with its only component. `same` are the exports of the same name: there are
/// two if the name is a function here and an interface there.
fn sole<'a>(export: &'a Export, same: &[&'a Export]) -> Result<(&'a Export, &'a str), ExportError> {
    let mut owners = same.iter().flat_map(|export| &export.components);
    if let (Some(owner), None) = (owners.next(), owners.next()) {
        return Ok((export, owner));
    }
    let owners = same.iter().flat_map(|export| &export.components);
    let mut components: Vec<String> = owners.cloned().collect();
    components.sort();
    Err(ExportError::Ambiguous {
        name: export.name.clone(),
        components,
    })
}
