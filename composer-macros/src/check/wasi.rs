//! `wasi: p2`: imports that are known by their package and version.

use composer_plan::{Name, similar_names};
use syn::Ident;

use crate::ast::Input;
use crate::errors::{Errors, did_you_mean};

/// The words, and which `wasi:*@0._` they mean.
const VERSIONS: [(&str, u64); 2] = [("p2", 2), ("p3", 3)];

/// One word under `wasi`.
pub(super) struct Wasi<'i> {
    pub(super) word: &'i Ident,
    /// `None` for a word that means nothing.
    minor: Option<u64>,
}

impl<'i> Wasi<'i> {
    pub(super) fn all(input: &'i Input) -> Vec<Self> {
        let words = input.wasi.iter();
        words
            .map(|word| Wasi {
                word,
                minor: VERSIONS
                    .iter()
                    .find(|(known, _)| word == known)
                    .map(|(_, minor)| *minor),
            })
            .collect()
    }

    /// Whether an import is among what the word stands for. A word that means
    /// nothing is a mistake of its own and stands for all of WASI, so that no
    /// other mistakes follow from it.
    pub(super) fn covers(&self, import: &Name) -> bool {
        import.base().starts_with("wasi:")
            && self.minor.is_none_or(|minor| {
                let version = import.version();
                version.is_some_and(|version| version.major == 0 && version.minor == minor)
            })
    }

    /// What is wrong with the word; `before` are the words before it.
    fn problem(&self, before: &[Wasi<'_>], imports: &[&Name]) -> Option<String> {
        let word = self.word;
        let Some(minor) = self.minor else {
            let similar = similar_names(&word.to_string(), VERSIONS.map(|(known, _)| known));
            return Some(format!(
                "`wasi` has no version `{word}`{}\n  \
                 fix: write `p2` for `wasi:*@0.2`, `p3` for `wasi:*@0.3`, or `[p2, p3]` for both",
                did_you_mean(&similar)
            ));
        };
        if before.iter().any(|other| other.word == word) {
            return Some(format!("`{word}` is given twice\n  fix: keep one"));
        }
        if !imports.iter().any(|import| self.covers(import)) {
            let mut others = VERSIONS.iter().filter(|(_, other)| *other != minor);
            let other = others.find(|(_, minor)| {
                let other = Wasi {
                    word,
                    minor: Some(*minor),
                };
                imports.iter().any(|import| other.covers(import))
            });
            let proposal = other.map_or(String::new(), |(other, _)| {
                format!("; did you mean `{other}`?")
            });
            return Some(format!(
                "no component imports anything of `wasi:*@0.{minor}`, which `{word}` stands for\
                 {proposal}\n  fix: remove it"
            ));
        }
        None
    }
}

/// Reports words that mean nothing, or nothing here.
pub(super) fn check(wasi: &[Wasi<'_>], imports: &[&Name], errors: &mut Errors) -> bool {
    let mut wrong = false;
    for (i, word) in wasi.iter().enumerate() {
        if let Some(message) = word.problem(&wasi[..i], imports) {
            errors.at(word.word.span(), message);
            wrong = true;
        }
    }
    wrong
}
