//! The methods of the composition that give out handles.

use std::collections::{HashMap, HashSet};

use proc_macro2::Span;

use super::{Module, Owner};
use crate::ast::{Component, Input, text};
use crate::check::{Declared, What};

/// A method that gives out the handle of an exported interface, or those of a
/// list.
pub(crate) struct Accessor {
    pub(crate) name: String,
    pub(crate) owner: Owner,
    /// Of a list, its place among the components.
    pub(crate) list: Option<usize>,
    pub(crate) span: Span,
}

/// The methods that every composition has.
pub(crate) const METHODS: [&str; 5] = [
    "compose",
    "prepare",
    "from_composition",
    "composition",
    "clone",
];

/// Names an interface as shortly as it can be: by its own name, or else with
/// its package's before it, or with all that its path has.
pub(super) fn find(
    input: &Input,
    components: &[Declared],
    modules: &[Module],
    places: &HashMap<Owner, usize>,
) -> Vec<Accessor> {
    let mut lists = Vec::new();
    for (place, component) in components.iter().enumerate() {
        let Component { name, .. } = &input.components[place];
        if let What::Many(id) = component.what
            && modules[places[&Owner::Interface(id)]].has_handle()
        {
            lists.push(Accessor {
                name: name.to_string(),
                owner: Owner::Interface(id),
                list: Some(place),
                span: name.span(),
            });
        }
    }
    let exported: Vec<&Module> = modules
        .iter()
        .filter(|module| module.has_handle() && module.exported_by.is_some())
        .collect();
    let functions = modules.iter().filter(|module| module.interface.is_none());
    let functions = functions.flat_map(|module| &module.functions);
    let mut taken: HashSet<String> = functions
        .filter(|func| func.called.is_some())
        .map(|func| func.name.clone())
        .collect();
    taken.extend(METHODS.map(str::to_owned));
    taken.extend(
        input
            .components
            .iter()
            .map(|c| text(&c.name))
            .filter(|name| lists.iter().any(|list: &Accessor| list.name == *name)),
    );

    let mut lengths = vec![1; exported.len()];
    loop {
        let names: Vec<String> = exported
            .iter()
            .zip(&lengths)
            .map(|(module, length)| shown(module, *length))
            .collect();
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for name in &names {
            *counts.entry(name).or_default() += 1;
        }
        let mut is_settled = true;
        for ((name, length), module) in names.iter().zip(&mut lengths).zip(&exported) {
            let clashes = counts[&**name] > 1 || taken.contains(name);
            if clashes && *length < module.path.len() {
                *length += 1;
                is_settled = false;
            }
        }
        if is_settled {
            let named = names.into_iter().zip(exported);
            let exports = named.map(|(name, module)| Accessor {
                name,
                owner: module.owner,
                list: None,
                span: module.span,
            });
            return exports.chain(lists).collect();
        }
    }
}

/// The last names of a path in one.
fn shown(module: &Module, length: usize) -> String {
    let first = module.path.len() - length;
    module.path[first..].join("_")
}
