//! Names of components that would be one name in Rust.

use std::collections::HashMap;

use crate::ast::{Input, text};
use crate::errors::Errors;

/// The type parameter that stands for a component's part: `CatalogPart`.
pub(crate) fn type_parameter(component: &str) -> String {
    let mut name = String::new();
    for word in component.split('_') {
        let mut letters = word.chars();
        name.extend(letters.next().into_iter().flat_map(char::to_uppercase));
        name.push_str(letters.as_str());
    }
    name + "Part"
}

/// Whether two components have one name.
pub(super) fn has_duplicates(input: &Input) -> bool {
    let mut names: Vec<String> = input.components.iter().map(|c| text(&c.name)).collect();
    names.sort();
    names.windows(2).any(|two| two[0] == two[1])
}

/// Reports clashes; `true` if there are any.
pub(super) fn check(input: &Input, errors: &mut Errors) -> bool {
    let mut wrong = false;
    let mut known: HashMap<String, String> = HashMap::new();
    for component in &input.components {
        let name = text(&component.name);
        let parameter = type_parameter(&name);
        let message = match known.get(&parameter) {
            Some(other) if *other == name => format!(
                "two components are named `{name}`\n  \
                 fix: give every component of the composition a name of its own"
            ),
            Some(other) => format!(
                "the components `{other}` and `{name}` would both be `{parameter}` in Rust\n  \
                 fix: rename one of them"
            ),
            None if input.composition == parameter => format!(
                "the part `{name}` would be `{parameter}` in Rust, which is the composition's name\n  \
                 fix: rename one of them"
            ),
            None => {
                known.insert(parameter, name);
                continue;
            }
        };
        errors.at(component.name.span(), message);
        wrong = true;
    }
    wrong
}
