//! The mistakes of a stage, reported together.

use std::fmt;

use crate::Name;
use crate::resolve::PlanError;
use crate::resolve::wording;

/// Every mistake of the first stage of [`resolve`](crate::resolve()) that found
/// one; never empty.
///
/// The stages are: the hints and names, the source of every import, the order of
/// instantiation, the types. A later stage would only report consequences of the mistakes
/// of an earlier one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanErrors {
    errors: Vec<PlanError>,
}

impl PlanErrors {
    /// Ends a stage: fails with these errors, if there are any.
    pub(super) fn stop(errors: Vec<PlanError>) -> Result<(), PlanErrors> {
        if errors.is_empty() {
            Ok(())
        } else {
            Err(PlanErrors { errors })
        }
    }

    /// The mistakes, in an order that does not depend on the order in which
    /// components were added.
    pub fn errors(&self) -> &[PlanError] {
        &self.errors
    }
}

impl fmt::Display for PlanErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut paragraphs: Vec<String> = Vec::new();
        for (i, error) in self.errors.iter().enumerate() {
            let Some(missing) = MissingInterface::of(error) else {
                paragraphs.push(error.to_string());
                continue;
            };
            // One package that is missing is one mistake, however much of it is imported.
            let same = |other: &&MissingInterface<'_>| missing.is_of_one_package(other);
            if self.errors[..i]
                .iter()
                .filter_map(MissingInterface::of)
                .any(|it| same(&&it))
            {
                continue;
            }
            let all = self.errors.iter().filter_map(MissingInterface::of);
            let all: Vec<MissingInterface<'_>> = all.filter(|it| same(&it)).collect();
            paragraphs.push(match &all[..] {
                [_] => error.to_string(),
                several => missing.message(several),
            });
        }
        f.write_str(&paragraphs.join("\n\n"))
    }
}

/// An interface that nothing provides, and that nothing resembles.
struct MissingInterface<'e> {
    component: &'e str,
    import: &'e Name,
    package: &'e str,
    interface: &'e str,
}

impl<'e> MissingInterface<'e> {
    fn of(error: &'e PlanError) -> Option<Self> {
        let PlanError::Unresolved {
            component,
            import,
            interface: None,
            near,
        } = error
        else {
            return None;
        };
        let (package, interface) = import.base().split_once('/')?;
        near.is_empty().then_some(MissingInterface {
            component,
            import,
            package,
            interface,
        })
    }

    fn is_of_one_package(&self, other: &Self) -> bool {
        (self.component, self.package, self.import.version())
            == (other.component, other.package, other.import.version())
    }

    /// The mistake for all interfaces of the package.
    fn message(&self, all: &[MissingInterface<'_>]) -> String {
        let version = self.import.version();
        let version = version.map_or(String::new(), |version| format!("@{version}"));
        let names: Vec<String> = all.iter().map(|it| format!("`{}`", it.interface)).collect();
        format!(
            "component `{}` imports {} interfaces of `{}{version}`, which nothing provides: {}\n  \
             fix: {}",
            self.component,
            all.len(),
            self.package,
            names.join(", "),
            wording::missing_package_fix(self.component, self.import)
        )
    }
}

impl std::error::Error for PlanErrors {}

impl IntoIterator for PlanErrors {
    type Item = PlanError;
    type IntoIter = std::vec::IntoIter<PlanError>;

    fn into_iter(self) -> Self::IntoIter {
        self.errors.into_iter()
    }
}

impl<'a> IntoIterator for &'a PlanErrors {
    type Item = &'a PlanError;
    type IntoIter = std::slice::Iter<'a, PlanError>;

    fn into_iter(self) -> Self::IntoIter {
        self.errors.iter()
    }
}
