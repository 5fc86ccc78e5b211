//! `wasi: p2`: imports that are selected by their package and version.

use composer_plan::{Name, similar_names};
use syn::Ident;

use crate::ast::ComposeInput;
use crate::errors::{MacroErrors, did_you_mean};

/// The words, each with the minor version in `wasi:*@0._` that it selects.
const VERSIONS: [(&str, u64); 2] = [("p2", 2), ("p3", 3)];

/// One word under `wasi`.
pub(super) struct WasiWord<'i> {
    pub(super) word: &'i Ident,
    /// `None` for an unknown word.
    minor: Option<u64>,
}

impl<'i> WasiWord<'i> {
    pub(super) fn all(input: &'i ComposeInput) -> Vec<Self> {
        let words = input.wasi.iter();
        words
            .map(|word| WasiWord {
                word,
                minor: VERSIONS
                    .iter()
                    .find(|(known, _)| word == known)
                    .map(|(_, minor)| *minor),
            })
            .collect()
    }

    /// Whether the word selects an import. An unknown word is a mistake of its own and
    /// selects all of WASI, so that no other mistakes follow from it.
    pub(super) fn covers(&self, import: &Name) -> bool {
        match self.minor {
            Some(minor) => is_of(import, minor),
            None => import.base().starts_with("wasi:"),
        }
    }

    /// The problem with the word at `index` of `all`, if it has one.
    fn problem(all: &[Self], index: usize, imports: &[&Name]) -> Option<String> {
        let this = &all[index];
        let word = this.word;
        let Some(minor) = this.minor else {
            let similar = similar_names(&word.to_string(), VERSIONS.map(|(known, _)| known));
            return Some(format!(
                "`wasi` has no version `{word}`{}\n  \
                 fix: write `p2` for `wasi:*@0.2`, `p3` for `wasi:*@0.3`, or `[p2, p3]` for both",
                did_you_mean(&similar)
            ));
        };
        if all[..index].iter().any(|other| other.word == word) {
            return Some(format!("`{word}` is given twice\n  fix: keep one"));
        }
        if imports.iter().any(|import| this.covers(import)) {
            return None;
        }
        let wanted = imports.iter().filter_map(|import| word_for(import));
        let other = wanted
            .into_iter()
            .find(|wanted| all.iter().all(|w| w.word != wanted));
        let other: Vec<&str> = other.into_iter().collect();
        Some(format!(
            "no component imports anything of `wasi:*@0.{minor}`, which `{word}` stands for{}\n  \
             fix: {}",
            did_you_mean(&other),
            if other.is_empty() {
                "remove it"
            } else {
                "write the version that is imported"
            }
        ))
    }
}

/// The word for the WASI version that has this import.
pub(super) fn word_for(import: &Name) -> Option<&'static str> {
    let found = VERSIONS.iter().find(|(_, minor)| is_of(import, *minor));
    found.map(|(word, _)| *word)
}

fn is_of(import: &Name, minor: u64) -> bool {
    let version = import.version();
    import.base().starts_with("wasi:")
        && version.is_some_and(|version| version.major == 0 && version.minor == minor)
}

/// Reports words that are unknown, or that select no import.
pub(super) fn check(wasi: &[WasiWord<'_>], imports: &[&Name], errors: &mut MacroErrors) {
    for (i, word) in wasi.iter().enumerate() {
        if let Some(message) = WasiWord::problem(wasi, i, imports) {
            errors.at(word.word.span(), message);
        }
    }
}
