//! Tests of the stages without a compiler.
#![allow(clippy::unwrap_used)]

mod accepted;
mod golden;
mod paths;

use std::path::Path;

use proc_macro2::TokenStream;

/// Expands this input; paths are relative to `root`.
fn run(input: TokenStream, root: &Path) -> String {
    crate::stages::run(input, root).to_string()
}
