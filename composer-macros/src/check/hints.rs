//! Checks of hints that the planner cannot make: hints that involve lists, and hints for
//! components whose imports are not known yet.

use composer_plan::{HintTarget, World, similar_names};
use syn::LitStr;

use crate::ast::{ComponentEntry, ComposeInput, ExportEntry, text};
use crate::check::{DeclaredComponent, lists};
use crate::errors::{MacroErrors, did_you_mean};

/// The hints for a component, in the planner's form.
pub(crate) fn hints_of(input: &ComposeInput, component: &str) -> Vec<(String, HintTarget)> {
    let blocks = input.hints.iter();
    blocks
        .filter(|hints| text(&hints.component) == component)
        .flat_map(|hints| &hints.hints)
        .map(|hint| {
            let to = HintTarget {
                component: text(&hint.to),
                export: hint.export.as_ref().map(LitStr::value),
            };
            (hint.name.value(), to)
        })
        .collect()
}

/// The hints of a component for the graph, except those that only a running program could
/// check: these are mistakes.
pub(super) fn for_graph(
    input: &ComposeInput,
    component: &ComponentEntry,
    world: &World,
) -> Vec<(String, HintTarget)> {
    let hints = hints_of(input, &text(&component.name)).into_iter();
    hints
        .filter(|(import, _)| !component.is_dyn() || imports(world, import))
        .map(|(import, to)| {
            let component = lists::node(input, to.component);
            (import, HintTarget { component, ..to })
        })
        .collect()
}

/// For the graph, the components that exports are taken from.
pub(super) fn exports_for_graph(input: &ComposeInput) -> Vec<(String, String)> {
    let hinted = |export: &ExportEntry| {
        let from = text(export.from.as_ref()?);
        Some((export.name.value(), lists::node(input, from)))
    };
    input.exports.iter().filter_map(hinted).collect()
}

/// Reports hints for components that do not exist.
pub(super) fn check_components(input: &ComposeInput, errors: &mut MacroErrors) {
    let names: Vec<String> = input.components.iter().map(|c| text(&c.name)).collect();
    for hints in &input.hints {
        let name = text(&hints.component);
        if !names.contains(&name) {
            let similar = similar_names(&name, names.iter().map(String::as_str));
            if !input.is_complete && similar.is_empty() {
                // It may be one that could not be read.
                continue;
            }
            let message = format!(
                "these hints are for `{name}`, but no component has that name{}\n  \
                 fix: write a name from `components`, or remove the hints",
                did_you_mean(&similar)
            );
            errors.at(hints.component.span(), message);
        }
    }
}

/// Reports hints to lists, and hints for imports that are not known yet.
pub(super) fn check(
    input: &ComposeInput,
    components: &[DeclaredComponent],
    errors: &mut MacroErrors,
) {
    for hints in &input.hints {
        let name = text(&hints.component);
        let mut declared = input.components.iter().zip(components);
        let of = declared.find(|(component, _)| text(&component.name) == name);
        for hint in &hints.hints {
            let import = hint.name.value();
            let to = text(&hint.to);
            let written = format!("the hint `{import:?}: {to}` for `{name}`");
            if let Some((component, declared)) = of
                && component.is_dyn()
                && !imports(&declared.world, &import)
            {
                let message = format!(
                    "{written} cannot be checked: `{name}` is `dyn`, so its imports are known \
                     only at run time\n  \
                     fix: remove the hint, or declare the world of `{name}`, as in \
                     `{name}: \"shop:till/till\"`"
                );
                errors.at(hint.name.span(), message);
            }
            if lists::is_list(input, &to) {
                let message = format!(
                    "{written} points to a list, which is no single component\n  fix: {}, \
                     and point to that",
                    lists::own_name_fix(&import)
                );
                errors.at(hint.to.span(), message);
            }
        }
    }
    for export in &input.exports {
        let Some(from) = &export.from else { continue };
        if lists::is_list(input, &text(from)) {
            let name = export.name.value();
            let message = format!(
                "the export `{name:?}: {from}` is of a list, which is no single component\n  \
                 fix: {}, and export from that",
                lists::own_name_fix(&name)
            );
            errors.at(from.span(), message);
        }
    }
}

fn imports(world: &World, text: &str) -> bool {
    let mut imports = world.imports.iter();
    imports.any(|import| import.name.is_meant_by(text))
}
