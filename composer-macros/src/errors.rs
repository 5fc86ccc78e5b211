//! The mistakes of one run, collected so that all of them are reported.

use std::fmt::Display;

use proc_macro2::{Span, TokenStream};

/// Every mistake so far.
#[derive(Default)]
pub(crate) struct MacroErrors {
    combined: Option<syn::Error>,
}

impl MacroErrors {
    /// Reports a mistake at the user's own token.
    pub(crate) fn at(&mut self, span: Span, message: impl Display) {
        self.push(syn::Error::new(span, message));
    }

    pub(crate) fn push(&mut self, error: syn::Error) {
        match &mut self.combined {
            Some(combined) => combined.combine(error),
            none => *none = Some(error),
        }
    }

    /// The errors as code that makes the compiler report them.
    pub(crate) fn into_tokens(self) -> Option<TokenStream> {
        self.combined.map(|errors| errors.to_compile_error())
    }
}

/// `` `a`, `b` or `c` ``
pub(crate) fn any_of<T: Display>(items: &[T]) -> String {
    let quoted: Vec<String> = items.iter().map(|item| format!("`{item}`")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
    }
}

/// `; did you mean …?`, or nothing if there is no similar name.
pub(crate) fn did_you_mean<T: Display>(similar: &[T]) -> String {
    if similar.is_empty() {
        String::new()
    } else {
        format!("; did you mean {}?", any_of(similar))
    }
}

/// Each item on a line of its own, below the sentence it belongs to.
pub(crate) fn details<T: Display>(items: &[T]) -> String {
    items.iter().map(|item| format!("\n  - {item}")).collect()
}
