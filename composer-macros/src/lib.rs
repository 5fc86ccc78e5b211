//! The `compose!` macro of the `composer` crate, which documents it.
//!
//! It works in stages, a module each: what is written is parsed, the WIT is
//! loaded, the wiring is checked by the planner's own rules, what of the WIT
//! there is in Rust is decided, and only what has no mistake is expanded. Every stage reports all that it finds, and no stage
//! but the first ends the run.

mod ast;
mod check;
mod errors;
mod expand;
mod load;
mod parse;
mod surface;
#[cfg(test)]
mod tests;
mod wire;

use std::path::Path;

use errors::Errors;
use proc_macro2::TokenStream;

/// Declares a composition. See `composer::compose!`.
#[proc_macro]
pub fn compose(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let root = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    run(input.into(), Path::new(&root)).into()
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

/// All stages; `root` is the folder that paths start from.
fn run(input: TokenStream, root: &Path) -> TokenStream {
    let mut errors = Errors::default();
    let checked = parse::parse(input, &mut errors).and_then(|input| {
        let wit = load::load(&input, root, &mut errors)?;
        check::check(input, wit, &mut errors)
    });
    match (checked, errors.into_tokens()) {
        (Some(checked), None) => expand::expand(&checked),
        (_, errors) => errors.unwrap_or_default(),
    }
}
