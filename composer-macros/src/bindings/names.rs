//! Names of WIT as names in Rust, spelled as `bindgen!` of wasmtime does.

use std::collections::HashSet;

use heck::{ToShoutySnakeCase, ToSnakeCase, ToUpperCamelCase};
use proc_macro2::{Ident, Span};

/// A function, a parameter or a field: `in-stock` is `in_stock`.
pub(crate) fn snake(name: &str) -> String {
    let snake = name.to_snake_case();
    // Every keyword is refused as an identifier, those of the future too.
    match syn::parse_str::<Ident>(&snake) {
        Ok(_) if snake != "gen" => snake,
        _ => snake + "_",
    }
}

/// Parameters by names of WIT, each with a name of its own that is not `taken`.
pub(crate) fn params<'w>(taken: &[&str], names: impl IntoIterator<Item = &'w str>) -> Vec<Ident> {
    let mut taken: HashSet<String> = taken.iter().map(|name| (*name).to_owned()).collect();
    let names = names.into_iter().map(|wit| {
        let mut name = snake(wit);
        while !taken.insert(name.clone()) {
            name.push('_');
        }
        ident(&name)
    });
    names.collect()
}

/// A module, beside what the code inside it needs under its own name.
pub(crate) fn module(name: &str) -> String {
    match snake(name) {
        taken if MODULES.contains(&&*taken) => taken + "_",
        name => name,
    }
}

/// A type: `in-stock` is `InStock`.
pub(crate) fn camel(name: &str) -> String {
    match name.to_upper_camel_case() {
        taken if TYPES.contains(&&*taken) => taken + "_",
        name => name,
    }
}

/// A case of a variant or an enum, which hides nothing but `Self`.
pub(crate) fn case(name: &str) -> String {
    match name.to_upper_camel_case() {
        keyword if keyword == "Self" => keyword + "_",
        name => name,
    }
}

/// A constant: `in-stock` is `IN_STOCK`.
pub(crate) fn constant(name: &str) -> String {
    name.to_shouty_snake_case()
}

/// An identifier that stands in the code that the macro makes.
pub(crate) fn ident(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}

/// Modules that the code in other modules names.
const MODULES: [&str; 8] = [
    "core", "glue", "prelude", "private", "std", "untyped", "wasmtime", "wire",
];

/// Types and traits that the code beside the types of an interface names.
const TYPES: [&str; 33] = [
    "Box",
    "Clone",
    "Copy",
    "Default",
    "Drop",
    "Eq",
    "Err",
    "Exports",
    "Fn",
    "FnMut",
    "FnOnce",
    "From",
    "Future",
    "Host",
    "Into",
    "Iterator",
    "None",
    "Ok",
    "Option",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Result",
    "Self",
    "Send",
    "Sized",
    "Some",
    "String",
    "Sync",
    "ToOwned",
    "ToString",
    "Unpin",
    "Vec",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_and_what_generated_code_needs_get_an_underscore() {
        assert_eq!(snake("in-stock"), "in_stock");
        assert_eq!(snake("HTTP-get"), "http_get");
        for keyword in ["type", "self", "crate", "gen", "async", "yield", "union"] {
            let expected = match keyword {
                "union" => keyword.to_owned(),
                _ => format!("{keyword}_"),
            };
            assert_eq!(snake(keyword), expected);
        }
        assert_eq!(module("wire"), "wire_");
        assert_eq!(camel("in-stock"), "InStock");
        assert_eq!(camel("string"), "String_");
        assert_eq!(case("none"), "None");
        assert_eq!(case("self"), "Self_");
        assert_eq!(constant("in-stock"), "IN_STOCK");
    }
}
