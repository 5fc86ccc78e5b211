//! Lists of components in the planner's graph, where one component stands for a list.

use crate::ast::{ComposeInput, text};

/// The node that stands for a component of this name. A node that stands for a list has a
/// name that no component can have.
pub(super) fn node(input: &ComposeInput, component: String) -> String {
    match is_list(input, &component) {
        true => format!("{component}[]"),
        false => component,
    }
}

/// Whether the name is a list's.
pub(super) fn is_list(input: &ComposeInput, component: &str) -> bool {
    let mut lists = input.components.iter().filter(|c| c.is_list());
    lists.any(|list| text(&list.name) == component)
}

/// The list that a node stands for. Rust names have no brackets, so no other node has
/// one.
pub(super) fn list_of(node: &str) -> Option<&str> {
    node.split_once('[').map(|(list, _)| list)
}

/// A node's name as the user wrote it.
pub(crate) fn written(node: &str) -> &str {
    list_of(node).unwrap_or(node)
}

/// The fix for an input that means one component of a list.
pub(super) fn own_name_fix(interface: &str) -> String {
    format!(
        "give the component that is meant a name of its own, \
         as in `components: {{ one: dyn {interface:?} }}`"
    )
}
