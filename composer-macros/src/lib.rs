//! The `compose!` macro of the `composer` crate, which documents it.
//!
//! It works in stages, a module each: what is written is parsed, the WIT is
//! loaded, the wiring is checked by the planner's own rules, what of the WIT
//! there is in Rust is decided, and only what has no mistake is expanded. Every stage reports all that it finds, and no stage
//! but the first ends the run.

mod ast;
mod bindings;
mod check;
mod errors;
mod expand;
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

/// How a type that `compose!` made crosses between stores. Not for people.
#[doc(hidden)]
#[proc_macro_derive(Wire, attributes(component, wire))]
pub fn wire(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let derived = syn::parse(input).and_then(|input| wire::derive(&input));
    derived
        .unwrap_or_else(|error| error.into_compile_error())
        .into()
}
