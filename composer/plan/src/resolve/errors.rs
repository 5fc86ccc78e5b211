//! The mistakes of a stage, reported together.

use std::fmt;

use crate::resolve::PlanError;

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
        for (i, error) in self.errors.iter().enumerate() {
            if i > 0 {
                f.write_str("\n\n")?;
            }
            error.fmt(f)?;
        }
        Ok(())
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
