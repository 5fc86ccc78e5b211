//! What the user wrote, with the tokens to point to.

use syn::ext::IdentExt;
use syn::{Ident, LitStr, Path};

/// One `compose!`.
pub(crate) struct Input {
    /// Folders or files of WIT, relative to the crate's manifest.
    pub(crate) paths: Vec<LitStr>,
    /// WIT as text.
    pub(crate) inline: Option<LitStr>,
    /// The name of the type.
    pub(crate) composition: Ident,
    pub(crate) components: Vec<Component>,
    pub(crate) hints: Vec<Hints>,
    /// Imports that the embedder's linkers provide.
    pub(crate) host: Vec<LitStr>,
    /// Imports that are left open.
    pub(crate) open: Vec<LitStr>,
    pub(crate) exports: Vec<Export>,
    /// Where the `composer` crate is.
    pub(crate) krate: Option<Path>,
}

/// `till: "shop:till/till"`
pub(crate) struct Component {
    pub(crate) name: Ident,
    pub(crate) world: LitStr,
}

/// `till: { "shop:tax/rates": tax }`
pub(crate) struct Hints {
    pub(crate) component: Ident,
    pub(crate) hints: Vec<Hint>,
}

/// `"shop:tax/rates": tax`
pub(crate) struct Hint {
    pub(crate) name: LitStr,
    pub(crate) to: Ident,
}

/// `"shop:till/checkout"` or `"shop:till/checkout": till`
pub(crate) struct Export {
    pub(crate) name: LitStr,
    pub(crate) from: Option<Ident>,
}

/// A name as the planner knows it.
pub(crate) fn text(ident: &Ident) -> String {
    ident.unraw().to_string()
}
