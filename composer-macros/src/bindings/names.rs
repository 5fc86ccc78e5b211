//! The spelling of WIT names in Rust, which is that of wasmtime's `bindgen!`.

use std::collections::HashSet;

use heck::{ToShoutySnakeCase, ToSnakeCase, ToUpperCamelCase};
use proc_macro2::{Ident, Span};

/// A function, a parameter or a field: `in-stock` is `in_stock`.
pub(crate) fn snake(name: &str) -> String {
    let snake = name.to_snake_case();
    // `syn` refuses every keyword as an identifier, reserved ones included.
    match syn::parse_str::<Ident>(&snake) {
        Ok(_) if snake != "gen" => snake,
        _ => snake + "_",
    }
}

/// Parameters named as in the WIT; none has the name of another, or one that is `taken`.
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

/// A module, with a name that generated code does not use itself.
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

/// A case of a variant or an enum, which can shadow nothing but `Self`.
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

/// An identifier for generated code.
pub(crate) fn ident(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}

/// Modules that generated code names.
const MODULES: [&str; 8] = [
    "core", "glue", "prelude", "private", "std", "untyped", "wasmtime", "wire",
];

/// Types and traits that generated code names beside the types of an interface.
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

    #[test]
    fn a_parameter_has_neither_a_taken_name_nor_that_of_another() {
        let params = params(&["program"], ["program", "in-stock", "in-stock"]);
        assert_eq!(params, ["program_", "in_stock", "in_stock_"]);
    }
}
