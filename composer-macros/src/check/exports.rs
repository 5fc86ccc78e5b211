//! What the composition is to export.

use std::collections::BTreeSet;

use composer_plan::{Item, Name, NameMatch, World, similar_names};

use super::means;
use crate::ast::{Export, Input, text};
use crate::errors::{Errors, any_of, details, did_you_mean};

/// Reports exports that nobody has or that several have. One that says from
/// whom it comes is an export hint, which the planner checks.
pub(super) fn check(input: &Input, worlds: &[&World], errors: &mut Errors) -> bool {
    let mut wrong = false;
    for (i, export) in input.exports.iter().enumerate() {
        let name = export.name.value();
        let message = if input.exports[..i].iter().any(|e| e.name.value() == name) {
            Some(format!(
                "the export `{name}` is given twice\n  fix: keep one"
            ))
        } else if export.from.is_some() {
            None
        } else {
            problem(input, worlds, export)
        };
        if let Some(message) = message {
            errors.at(export.name.span(), message);
            wrong = true;
        }
    }
    wrong
}

fn problem(input: &Input, worlds: &[&World], export: &Export) -> Option<String> {
    let wanted = export.name.value();
    let exports = || {
        let components = input.components.iter().zip(worlds);
        components.flat_map(|(component, world)| {
            let callable = world
                .exports
                .iter()
                .filter(|e| matches!(e.item, Item::Func(_) | Item::Interface(_)));
            callable.map(|export| (text(&component.name), &export.name))
        })
    };
    let mut found: Vec<(String, &Name)> =
        exports().filter(|(_, name)| means(&wanted, name)).collect();
    let exact = |name: &Name| Name::new(&*wanted).matches(name) == Some(NameMatch::Exact);
    if found.iter().any(|(_, name)| exact(name)) {
        found.retain(|(_, name)| exact(name));
    }
    let names: BTreeSet<&Name> = found.iter().map(|(_, name)| *name).collect();
    if found.is_empty() {
        let similar = similar_names(&wanted, exports().map(|(_, name)| name.as_str()));
        return Some(format!(
            "no component exports `{wanted}`{}\n  \
             fix: write the name as it stands in the WIT, or add a component that exports it",
            did_you_mean(&similar)
        ));
    }
    if names.len() > 1 {
        return Some(format!(
            "the export `{wanted}` could be {}\n  \
             fix: write the one that is meant in full, with its version",
            any_of(&names.into_iter().collect::<Vec<_>>())
        ));
    }
    if found.len() > 1 {
        let hints: Vec<String> = found
            .iter()
            .map(|(component, _)| format!("exports: {{ {wanted:?}: {component} }}"))
            .collect();
        let found: Vec<String> = found
            .iter()
            .map(|(component, name)| format!("component `{component}` exports `{name}`"))
            .collect();
        return Some(format!(
            "several components export `{wanted}`:{}\n  fix: say whose is meant, with {}",
            details(&found),
            any_of(&hints)
        ));
    }
    None
}
