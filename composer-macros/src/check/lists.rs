//! Lists of components in the planner's graph, which knows only components.
//!
//! A list stands there as two of them, so that whoever would have one of its
//! exports without saying whose finds out that there is not only one.

use crate::ast::{Input, text};

/// The nodes that stand for a component of this name.
pub(super) fn nodes(input: &Input, component: &str) -> Vec<String> {
    if is_list(input, component) {
        vec![format!("{component}[0]"), format!("{component}[1]")]
    } else {
        vec![component.to_owned()]
    }
}

/// The first node that stands for what a hint points to.
pub(super) fn node(input: &Input, component: String) -> String {
    let first = nodes(input, &component).into_iter().next();
    first.unwrap_or(component)
}

/// Whether the name is that of a list.
pub(super) fn is_list(input: &Input, component: &str) -> bool {
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

/// Names in the fix for those who meant one component of a list.
pub(super) fn own_name_fix() -> &'static str {
    "give the component that is meant a name of its own in `components`"
}

/// A message of the planner in which every list has its own name.
pub(super) fn read_well(input: &Input, mut message: String) -> String {
    for list in input.components.iter().filter(|c| c.is_list()) {
        let list = text(&list.name);
        for node in nodes(input, &list) {
            message = message
                .replace(
                    &format!("component `{node}`"),
                    &format!("the list `{list}`"),
                )
                .replace(&node, &list);
        }
    }
    // What was said of both nodes is now said twice.
    let mut lines: Vec<&str> = message.lines().collect();
    lines.dedup();
    lines.join("\n")
}
