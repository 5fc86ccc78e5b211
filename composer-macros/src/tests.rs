//! The stages that need no compiler.
#![allow(clippy::unwrap_used)]

mod accepted;
mod golden;
mod paths;

use std::path::Path;

use proc_macro2::TokenStream;

/// What the macro makes of this, with paths that start from `root`.
fn run(input: TokenStream, root: &Path) -> String {
    crate::stages::run(input, root).to_string()
}
