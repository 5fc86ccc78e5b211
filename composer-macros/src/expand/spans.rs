//! The places of generated items: each is at the token that causes it, where editors and
//! the notes of errors lead.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};

/// The tokens at the place of `span`. Names resolve as before.
pub(super) fn located(tokens: TokenStream, span: Span) -> TokenStream {
    let mut located = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let is_attribute = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '#');
        located.push(at(token, span));
        if is_attribute && let Some(attribute) = tokens.next_if(is_derive) {
            // The user's own paths of traits are in it.
            located.push(attribute);
        }
    }
    located.into_iter().collect()
}

fn at(mut token: TokenTree, span: Span) -> TokenTree {
    let here = token.span().located_at(span);
    if let TokenTree::Group(group) = &token {
        let content = located(group.stream(), span);
        token = Group::new(group.delimiter(), content).into();
    }
    token.set_span(here);
    token
}

fn is_derive(token: &TokenTree) -> bool {
    let TokenTree::Group(group) = token else {
        return false;
    };
    let first = group.stream().into_iter().next();
    let is_derive = matches!(first, Some(TokenTree::Ident(name)) if name == "derive");
    group.delimiter() == Delimiter::Bracket && is_derive
}
