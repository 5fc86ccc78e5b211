//! The mistakes of one run, collected so that all of them are reported.

use std::fmt::Display;

use proc_macro2::{Span, TokenStream};

/// Every mistake so far.
#[derive(Default)]
pub(crate) struct MacroErrors {
    combined: Option<syn::Error>,
    /// How the key that is being read is written.
    example: Option<&'static str>,
}

impl MacroErrors {
    /// Whether there is no mistake so far.
    pub(crate) fn is_empty(&self) -> bool {
        self.combined.is_none()
    }

    /// Reports a mistake at the user's own token.
    pub(crate) fn at(&mut self, span: Span, message: impl Display) {
        self.push(syn::Error::new(span, message));
    }

    /// Says how the key is written that is read from here on.
    pub(crate) fn expects(&mut self, example: &'static str) {
        self.example = Some(example);
    }

    /// Reports tokens that cannot be read, and shows how the key is written if the error
    /// does not.
    pub(crate) fn syntax(&mut self, error: syn::Error) {
        let text = error.to_string();
        let is_shown = ["such as", "as in", "fix:"]
            .iter()
            .any(|shown| text.contains(shown));
        match self
            .example
            .filter(|_| text.starts_with("expected") && !is_shown)
        {
            Some(example) => {
                let message = format!("{text}\n  fix: write it as in `{example}`");
                self.push(syn::Error::new(error.span(), message));
            }
            None => self.push(error),
        }
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
