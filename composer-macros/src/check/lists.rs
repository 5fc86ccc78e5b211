//! Lists of components in the planner's graph, which has only single components.
//!
//! The graph has two nodes for a list, so that an import that could use one of the list's
//! exports, and has no hint, is reported as ambiguous.

use crate::ast::{ComposeInput, text};

/// The nodes that stand for a component of this name.
pub(super) fn nodes(input: &ComposeInput, component: &str) -> Vec<String> {
    if is_list(input, component) {
        vec![format!("{component}[0]"), format!("{component}[1]")]
    } else {
        vec![component.to_owned()]
    }
}

/// The first node that stands for the component that a hint points to.
pub(super) fn node(input: &ComposeInput, component: String) -> String {
    let first = nodes(input, &component).into_iter().next();
    first.unwrap_or(component)
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
