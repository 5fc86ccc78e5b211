//! The stages from the macro's input to its code.

use std::path::Path;

use proc_macro2::TokenStream;

use crate::errors::MacroErrors;
use crate::{check, expand, load, parse};

/// Runs all stages; paths in the input are relative to `root`.
pub(crate) fn run(input: TokenStream, root: &Path) -> TokenStream {
    let mut errors = MacroErrors::default();
    let checked = parse::parse(input, &mut errors).and_then(|input| {
        let wit = load::load(&input, root, &mut errors)?;
        check::check(input, wit, &mut errors)
    });
    match (checked, errors.into_tokens()) {
        (Some(checked), None) => expand::expand(&checked),
        (_, errors) => errors.unwrap_or_default(),
    }
}
