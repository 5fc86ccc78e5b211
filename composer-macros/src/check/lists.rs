//! Lists of components in the planner's graph, which knows only components.
//!
//! A list stands there as two of them, so that whoever would have one of its
//! exports without saying whose finds out that there is not only one.

use crate::ast::{ComposeInput, text};

/// The nodes that stand for a component of this name.
pub(super) fn nodes(input: &ComposeInput, component: &str) -> Vec<String> {
    if is_list(input, component) {
        vec![format!("{component}[0]"), format!("{component}[1]")]
    } else {
        vec![component.to_owned()]
    }
}

/// The first node that stands for what a hint points to.
pub(super) fn node(input: &ComposeInput, component: String) -> String {
    let first = nodes(input, &component).into_iter().next();
    first.unwrap_or(component)
}

/// Whether the name is that of a list.
pub(super) fn is_list(input: &ComposeInput, component: &str) -> bool {
    let mut lists = input.components.iter().filter(|c| c.is_list());
    lists.any(|list| text(&list.name) == component)
}

/// The list that a node stands for. Names in Rust have no brackets.
pub(super) fn list_of(node: &str) -> Option<&str> {
    node.split_once('[').map(|(list, _)| list)
}

/// A node's name as the user wrote it.
pub(crate) fn written(node: &str) -> &str {
    list_of(node).unwrap_or(node)
}

/// The fix for those who meant one component of a list.
pub(super) fn own_name_fix(interface: &str) -> String {
    format!(
        "give the component that is meant a name of its own, \
         as in `components: {{ one: dyn {interface:?} }}`"
    )
}

/// A message of the planner in which every list has its own name.
pub(super) fn read_well(input: &ComposeInput, mut message: String) -> String {
    let lists = input.components.iter().filter(|c| c.is_list());
    let lists: Vec<String> = lists.map(|list| text(&list.name)).collect();
    let all = || {
        lists
            .iter()
            .flat_map(|list| nodes(input, list).into_iter().map(move |n| (n, list)))
    };
    for (node, list) in all() {
        message = message.replace(
            &format!("component `{node}`"),
            &format!("the list `{list}`"),
        );
    }
    // Last, since one name may be the end of another.
    for (node, list) in all() {
        message = message.replace(&node, list);
    }
    // What was said of both nodes is now said twice.
    let mut lines: Vec<&str> = message.lines().collect();
    lines.dedup();
    lines.join("\n")
}
