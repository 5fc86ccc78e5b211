//! The places of mistakes that the library finds.

use std::ops::Range;

use composer::plan::{PlanErrors, Subject};
use composer::{Name, PartError, PartErrors};

use crate::dialect::ManifestDialect;
use crate::problem::{Problem, Problems};
use crate::source::DescribedComposition;

/// The mistakes of a plan, each once, also if several imports have it.
pub(crate) fn of_plan(described: &DescribedComposition, errors: &PlanErrors) -> Problems {
    let dialect = ManifestDialect { described };
    let mut told: Vec<String> = Vec::new();
    let mut problems = Problems::default();
    for error in errors.errors() {
        let message = error.message(&dialect);
        if told.contains(&message) {
            continue;
        }
        let place = match error.subject() {
            Subject::HintName(hint) | Subject::HintTarget(hint) => match &hint.component {
                Some(component) => of_import(described, component, &hint.name)
                    .or_else(|| described.place_of(component)),
                None => of_export(described, &hint.name),
            },
            Subject::OpenImport(import) => {
                let mut open = described.open_imports.iter();
                let found = open.find(|open| is_same(&open.text, import));
                found.and_then(|open| open.place.clone())
            }
            Subject::Component(component) => described.place_of(component),
            Subject::Link { component, import } => {
                let place = of_import(described, component, import.as_str());
                place.or_else(|| described.place_of(component))
            }
            _ => None,
        };
        problems.push(placed(Problem::said(&message), place));
        told.push(message);
    }
    problems.sorted()
}

/// The mistakes of parts, each at the name of its part.
pub(crate) fn of_parts(described: &DescribedComposition, errors: &PartErrors) -> Problems {
    let problems = errors.errors().iter().map(|error| {
        let place = match error {
            PartError::Name { name: part, .. }
            | PartError::Filter {
                component: part, ..
            }
            | PartError::Host {
                component: part, ..
            }
            | PartError::Wasi {
                component: part, ..
            }
            | PartError::Limit {
                component: part, ..
            }
            | PartError::Unwatched {
                component: part, ..
            } => described.place_of(part),
            _ => None,
        };
        placed(Problem::said(error), place)
    });
    problems.collect::<Problems>().sorted()
}

pub(crate) fn placed(problem: Problem, place: Option<Range<usize>>) -> Problem {
    match place {
        Some(place) => problem.at(place),
        None => problem,
    }
}

/// The place of the entry about an import of a component, or of a member of a group.
fn of_import(described: &DescribedComposition, part: &str, import: &str) -> Option<Range<usize>> {
    let components = described.components.iter();
    let components = components.filter(|component| {
        let name = &component.name.text;
        name == part || described.part_of(name) == part
    });
    let mut imports = components.flat_map(|component| &component.imports);
    let found = imports.find(|(name, _)| is_same(&name.text, import));
    found.and_then(|(name, _)| name.place.clone())
}

fn of_export(described: &DescribedComposition, export: &str) -> Option<Range<usize>> {
    let mut exports = described.exports.iter().flatten();
    let found = exports.find(|(name, _)| is_same(&name.text, export));
    // An export that another component wants of a member of a group is at its import.
    let hinted = || {
        let mut imports = described.components.iter().flat_map(|it| &it.imports);
        imports.find(|(name, target)| {
            let wanted = target.export.as_ref().unwrap_or(&name.text);
            is_same(wanted, export)
        })
    };
    let found = found.map(|(name, _)| name);
    let found = found.or_else(|| hinted().map(|(name, _)| name));
    found.and_then(|name| name.place.clone())
}

/// Whether two texts name one import or export: the versions may be left out.
fn is_same(written: &str, name: &str) -> bool {
    written == name || Name::new(name).is_meant_by(written) || Name::new(written).is_meant_by(name)
}
