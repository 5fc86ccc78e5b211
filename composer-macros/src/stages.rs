//! The stages from the macro's input to its code.

use std::path::Path;

use proc_macro2::TokenStream;
use quote::quote;

use crate::errors::MacroErrors;
use crate::{check, expand, load, parse};

/// Runs all stages; paths in the input are relative to `root`.
pub(crate) fn run(input: TokenStream, root: &Path) -> TokenStream {
    let mut errors = MacroErrors::default();
    let checked = parse::parse(input, &mut errors).and_then(|input| {
        let wit = load::load(&input, root, &mut errors)?;
        check::check(input, wit, &mut errors)
    });
    let errors = errors.into_tokens().unwrap_or_default();
    let code = checked.map(|checked| expand::expand(&checked));
    let code = code.unwrap_or_default();
    quote!(#errors #code)
}
