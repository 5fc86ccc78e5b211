//! The methods of the composition that return handles.

use std::collections::{HashMap, HashSet};

use proc_macro2::Span;

use crate::ast::{ComponentEntry, ComposeInput, text};
use crate::bindings::{BindingsModule, ItemOwner};
use crate::check::{Declaration, DeclaredComponent};

/// A method that returns the handle of an exported interface, or the handles of a list.
pub(crate) struct AccessorMethod {
    pub(crate) name: String,
    pub(crate) owner: ItemOwner,
    /// The list's index among the components, if it is a list's method.
    pub(crate) list: Option<usize>,
    pub(crate) span: Span,
}

/// The methods that every composition has.
pub(crate) const METHODS: [&str; 6] = [
    "compose",
    "prepare",
    "from_composition",
    "downgrade",
    "composition",
    "clone",
];

/// Gives each interface the shortest accessor name that is unique: its own name, or that
/// name preceded by its package's, or its whole path.
pub(super) fn find(
    input: &ComposeInput,
    components: &[DeclaredComponent],
    modules: &[BindingsModule],
    places: &HashMap<ItemOwner, usize>,
) -> Vec<AccessorMethod> {
    let mut lists = Vec::new();
    for (place, component) in components.iter().enumerate() {
        let ComponentEntry { name, .. } = &input.components[place];
        if let Declaration::Many(id) = component.what
            && modules[places[&ItemOwner::Interface(id)]].has_handle()
        {
            lists.push(AccessorMethod {
                name: name.to_string(),
                owner: ItemOwner::Interface(id),
                list: Some(place),
                span: name.span(),
            });
        }
    }
    let exported: Vec<&BindingsModule> = modules
        .iter()
        .filter(|module| module.has_handle() && module.is_exported())
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
            .filter(|name| lists.iter().any(|list: &AccessorMethod| list.name == *name)),
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
            let exports = named.map(|(name, module)| AccessorMethod {
                name,
                owner: module.owner,
                list: None,
                span: module.span,
            });
            return exports.chain(lists).collect();
        }
    }
}

/// The last `length` names of the module's path, joined into one.
fn shown(module: &BindingsModule, length: usize) -> String {
    let first = module.path.len() - length;
    module.path[first..].join("_")
}
