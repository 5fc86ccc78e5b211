//! The `compose!` macro of the `composer` crate, which documents it.
//!
//! It works in stages, a module each: `parse` reads the input, `load` reads the WIT,
//! `check` applies the planner's own rules to the wiring, `bindings` decides which items
//! of the WIT exist in Rust, and `expand` generates code, also after mistakes in the wiring.
//! Every stage reports all mistakes that it finds, and no stage but the first ends the
//! run.

mod ast;
mod bindings;
mod check;
mod errors;
mod expand;
mod keys;
mod labels;
mod load;
mod parse;
mod stages;
#[cfg(test)]
mod tests;
mod wire;

use std::path::Path;

/// Declares a composition. See `composer::compose!`.
#[proc_macro]
pub fn compose(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let root = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    stages::run(input.into(), Path::new(&root)).into()
}

/// Derives the conversions that carry a type of `compose!` between stores. See
/// `composer::Wire`.
#[proc_macro_derive(Wire, attributes(component, wire))]
pub fn wire(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let derived = syn::parse(input).and_then(|input| wire::derive(&input));
    derived
        .unwrap_or_else(|error| error.into_compile_error())
        .into()
}
