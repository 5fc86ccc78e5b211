//! Doc comments.

use proc_macro2::TokenStream;
use quote::quote;
use wit_parser::{Docs, Stability, TypeDef};

/// The documentation that the WIT has, or else `otherwise`.
pub(super) fn docs(docs: &Docs, otherwise: &str) -> TokenStream {
    docs_and(docs, otherwise, [])
}

/// Like `docs`, followed by more lines.
pub(super) fn docs_and(
    docs: &Docs,
    otherwise: &str,
    more: impl IntoIterator<Item = String>,
) -> TokenStream {
    let text = docs.contents.as_deref().map(str::trim_end);
    let text = text.filter(|text| !text.is_empty()).unwrap_or(otherwise);
    let lines = spaced(text.lines().map(str::to_owned).chain(more));
    match has_code(text) {
        // Without this, the code would run as a doctest of the crate that uses the macro.
        true => quote!(#(#[cfg_attr(not(doctest), doc = #lines)])*),
        false => quote!(#(#[doc = #lines])*),
    }
}

/// The documentation of a type, with its versions.
pub(super) fn docs_of(def: &TypeDef, sort: &str) -> TokenStream {
    let name = def.name.as_deref().unwrap_or_default();
    let docs = docs_and(
        &def.docs,
        &format!("The {sort} `{name}`."),
        since(&def.stability),
    );
    let deprecated = deprecated(&def.stability);
    quote!(#docs #deprecated)
}

/// The lines that say since which version an item is there.
pub(super) fn since(stability: &Stability) -> Vec<String> {
    match stability {
        Stability::Stable { since, .. } => vec![String::new(), format!("Since version {since}.")],
        Stability::Unstable { .. } | Stability::Unknown => Vec::new(),
    }
}

/// The attribute of an item that the WIT calls deprecated.
pub(super) fn deprecated(stability: &Stability) -> Option<TokenStream> {
    let version = match stability {
        Stability::Stable { deprecated, .. } | Stability::Unstable { deprecated, .. } => {
            deprecated.as_ref()?
        }
        Stability::Unknown => return None,
    };
    let version = version.to_string();
    Some(quote!(#[deprecated(since = #version)]))
}

/// Whether a text contains code, fenced or indented.
fn has_code(text: &str) -> bool {
    let is_code = |line: &str| {
        let fence = line.trim_start();
        let indented = line.starts_with("    ") || line.starts_with('\t');
        fence.starts_with("```") || fence.starts_with("~~~") || indented
    };
    text.lines().any(is_code)
}

/// Lines with the space that follows `///`.
pub(super) fn spaced(doc: impl IntoIterator<Item = String>) -> Vec<String> {
    let space = |line: String| match line.as_str() {
        "" => line,
        _ => format!(" {line}"),
    };
    doc.into_iter().map(space).collect()
}
