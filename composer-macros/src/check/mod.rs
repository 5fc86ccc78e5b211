//! Whether the composition that was written can be wired.
//!
//! The wiring is decided by the planner, the one that runs when components are
//! composed. What is added here is about the macro's own words: names of
//! worlds, what the host provides, what is exported, names in Rust.

mod exports;
mod host;
mod planned;
mod rust_names;
mod worlds;

use std::collections::BTreeSet;
use std::sync::Arc;

use composer_plan::{Graph, Name, Node, World, resolve, similar_names};

use crate::ast::{Input, text};
use crate::errors::{Errors, did_you_mean};
use crate::load::Wit;

pub(crate) use rust_names::type_parameter;

/// What was written, and found to be without mistakes.
pub(crate) struct Checked {
    pub(crate) input: Input,
    pub(crate) wit: Wit,
    /// The components, in the order in which they were written.
    pub(crate) components: Vec<Declared>,
    /// What the composition exports as a whole, of what was asked for.
    pub(crate) exports: World,
}

/// A component and its world.
#[derive(Clone)]
pub(crate) struct Declared {
    pub(crate) id: wit_parser::WorldId,
    /// The world's name in full.
    pub(crate) name: String,
    pub(crate) world: Arc<World>,
}

/// Checks everything; `None` where a mistake was reported.
pub(crate) fn check(input: Input, wit: Wit, errors: &mut Errors) -> Option<Checked> {
    let mut wrong = rust_names::check(&input, errors);
    wrong |= hinted_components(&input, errors);
    let components = worlds::find(&input, &wit.resolve, errors);
    // Without all the worlds nothing could be said about the wires.
    let components: Vec<Declared> = components.into_iter().collect::<Option<_>>()?;
    let worlds: Vec<&World> = components.iter().map(|c| &*c.world).collect();
    wrong |= host::check(&input, &worlds, errors);
    wrong |= exports::check(&input, &worlds, errors);
    if rust_names::has_duplicates(&input) {
        return None;
    }
    let graph = graph(&input, &components);
    let plan = match resolve(&graph) {
        Ok(plan) => plan,
        Err(found) => {
            for error in &found {
                planned::report(&input, error, errors);
            }
            return None;
        }
    };
    wrong |= host::check_used(&input, &plan, errors);
    if wrong {
        return None;
    }
    let mut exports = plan.world(&graph);
    exports.imports = Vec::new();
    exports.exports.retain(|export| {
        input
            .exports
            .iter()
            .any(|e| means(&e.name.value(), &export.name))
    });
    Some(Checked {
        input,
        wit,
        components,
        exports,
    })
}

/// Whether a text that the user wrote is about an import or export: the same
/// name, a compatible version, or the name without its version.
fn means(text: &str, name: &Name) -> bool {
    text == name.base() || Name::new(text).matches(name).is_some()
}

fn graph(input: &Input, components: &[Declared]) -> Graph {
    let node = |(component, declared): (&crate::ast::Component, &Declared)| {
        let name = text(&component.name);
        let imports = declared.world.imports.iter();
        let host: BTreeSet<String> = imports
            .filter(|import| {
                input
                    .host
                    .iter()
                    .any(|host| means(&host.value(), &import.name))
            })
            .map(|import| import.name.to_string())
            .collect();
        Node {
            world: declared.world.clone(),
            host,
            host_in_other_version: BTreeSet::new(),
            import_hints: hints_of(input, &name),
            name,
        }
    };
    let hinted = |export: &crate::ast::Export| {
        let from = export.from.as_ref()?;
        Some((export.name.value(), text(from)))
    };
    Graph {
        nodes: input.components.iter().zip(components).map(node).collect(),
        export_hints: input.exports.iter().filter_map(hinted).collect(),
        open_imports: input.open.iter().map(syn::LitStr::value).collect(),
    }
}

/// The hints for a component, as the planner takes them.
pub(crate) fn hints_of(input: &Input, component: &str) -> Vec<(String, String)> {
    let blocks = input.hints.iter();
    blocks
        .filter(|hints| text(&hints.component) == component)
        .flat_map(|hints| &hints.hints)
        .map(|hint| (hint.name.value(), text(&hint.to)))
        .collect()
}

/// Hints for components that there are not.
fn hinted_components(input: &Input, errors: &mut Errors) -> bool {
    let names: Vec<String> = input.components.iter().map(|c| text(&c.name)).collect();
    let mut wrong = false;
    for hints in &input.hints {
        let name = text(&hints.component);
        if !names.contains(&name) {
            let similar = similar_names(&name, names.iter().map(String::as_str));
            let message = format!(
                "these hints are for `{name}`, but no component has that name{}\n  \
                 fix: write a name from `components`, or remove the hints",
                did_you_mean(&similar)
            );
            errors.at(hints.component.span(), message);
            wrong = true;
        }
    }
    wrong
}
