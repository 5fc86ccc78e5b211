//! The imports that the embedder provides: `host`, `linker` and `wasi`.

use composer_plan::{Name, Plan, Source, World, similar_names};
use syn::LitStr;
use wit_parser::Resolve;

use crate::ast::ComposeInput;
use crate::check::wasi::WasiWord;
use crate::check::{host, wasi};
use crate::errors::{MacroErrors, did_you_mean};

/// Everything that the input lists as provided.
pub(super) struct ProvidedNames<'i> {
    input: &'i ComposeInput,
    entries: Vec<ProvidedEntry<'i>>,
    /// The imports of all declared worlds.
    imports: Vec<&'i Name>,
    wasi: Vec<WasiWord<'i>>,
    /// The imports that misspelt entries probably mean, so that they are not reported as
    /// missing, too.
    guessed: Vec<String>,
}

/// A name under `host` or `linker`.
struct ProvidedEntry<'i> {
    key: &'static str,
    name: &'i LitStr,
    text: String,
}

const HOST: &str = "host";
const LINKER: &str = "linker";

impl<'i> ProvidedNames<'i> {
    pub(super) fn new(input: &'i ComposeInput, worlds: &[&'i World]) -> Self {
        let entry = |key| {
            move |name: &'i LitStr| ProvidedEntry {
                key,
                name,
                text: name.value(),
            }
        };
        let host = input.host.iter().map(|host| &host.name).map(entry(HOST));
        let linker = input.linker.iter().map(entry(LINKER));
        let entries: Vec<ProvidedEntry<'_>> = host.chain(linker).collect();
        let imports = worlds.iter().flat_map(|world| &world.imports);
        let imports: Vec<&Name> = imports.map(|import| &import.name).collect();
        let is_imported =
            |entry: &&ProvidedEntry<'_>| imports.iter().any(|import| entry.means(import));
        let misspelt = entries.iter().filter(|entry| !is_imported(entry));
        ProvidedNames {
            input,
            guessed: misspelt.flat_map(|entry| entry.similar(&imports)).collect(),
            wasi: WasiWord::all(input),
            entries,
            imports,
        }
    }

    /// Whether the embedder provides this import.
    pub(super) fn has(&self, import: &Name) -> bool {
        self.entries.iter().any(|entry| entry.means(import))
            || self.wasi_for(import).is_some()
            || self
                .guessed
                .iter()
                .any(|guessed| guessed == import.as_str())
    }

    fn wasi_for(&self, import: &Name) -> Option<&WasiWord<'i>> {
        self.wasi.iter().find(|wasi| wasi.covers(import))
    }

    /// Reports names that no component imports, names that are given twice, and names
    /// that `host` does not support. Returns whether there is one of the latter.
    pub(super) fn check(
        &self,
        worlds: &[&World],
        resolve: &Resolve,
        errors: &mut MacroErrors,
    ) -> bool {
        let mut wrong = false;
        for (i, entry) in self.entries.iter().enumerate() {
            let mut problem = self.misplaced(&self.entries[..i], entry, resolve);
            if problem.is_none() && entry.key == HOST {
                problem = host::problem(&entry.text, self.input, worlds, resolve);
                // There is no code for it.
                wrong |= problem.is_some();
            }
            if let Some(message) = problem {
                errors.at(entry.name.span(), message);
            }
        }
        wasi::check(&self.wasi, &self.imports, errors);
        wrong
    }

    fn misplaced(
        &self,
        before: &[ProvidedEntry<'_>],
        entry: &ProvidedEntry<'_>,
        resolve: &Resolve,
    ) -> Option<String> {
        let ProvidedEntry { key, text, .. } = entry;
        let meant = self.imports.iter().filter(|import| entry.means(import));
        let Some(first) = meant.clone().next() else {
            // A component that is known only at run time may import it.
            let is_dyn = self.input.components.iter().any(|c| c.is_dyn());
            if is_dyn && *key == HOST && host::is_interface(text, resolve) {
                let twice = before.iter().any(|other| other.text == *text);
                return twice.then(|| format!("{} is given twice\n  fix: keep one", entry.shown()));
            }
            // It may be imported by a component that could not be read.
            let is_known = self.input.is_complete || !entry.similar(&self.imports).is_empty();
            return is_known.then(|| self.unknown(entry));
        };
        if let Some(wasi) = self.wasi_for(first)
            && meant.clone().all(|import| self.wasi_for(import).is_some())
        {
            return Some(format!(
                "{} is among what `wasi: {}` stands for\n  fix: remove it",
                entry.shown(),
                wasi.word
            ));
        }
        let twice = |other: &&ProvidedEntry<'_>| meant.clone().any(|import| other.means(import));
        let other = before.iter().find(twice)?;
        Some(if other.key != *key {
            format!(
                "`{text}` stands under `{HOST}` and under `{LINKER}`\n  \
                 fix: keep it under `{HOST}` if this program implements it, \
                 or under `{LINKER}` if the parts' linkers have it"
            )
        } else if other.text == *text {
            format!("{} is given twice\n  fix: keep one", entry.shown())
        } else {
            format!(
                "{} is given twice, as `{}` too\n  fix: keep one",
                entry.shown(),
                other.text
            )
        })
    }

    fn unknown(&self, entry: &ProvidedEntry<'_>) -> String {
        let similar = entry.similar(&self.imports);
        let known = if self.input.components.iter().any(|c| c.is_dyn()) {
            " with a declared world"
        } else {
            ""
        };
        format!(
            "{} is imported by no component{known}{}\n  \
             fix: write the name as it stands in the WIT, or remove it",
            entry.shown(),
            did_you_mean(&similar)
        )
    }

    /// Reports names whose importers all get them from elsewhere.
    pub(super) fn check_used(&self, plan: &Plan, errors: &mut MacroErrors) {
        for entry in &self.entries {
            let links = plan.components.iter().flat_map(|c| &c.links);
            let sources: Vec<&Source> = links
                .filter(|link| entry.means(&link.import))
                .map(|link| &link.source)
                .collect();
            if sources.is_empty() || sources.contains(&&Source::Host) {
                continue;
            }
            let message = if sources.iter().all(|source| **source == Source::Nothing) {
                format!(
                    "{} is not needed, since it has only plain types\n  fix: remove it",
                    entry.shown()
                )
            } else {
                format!(
                    "{} is not needed, since everyone who imports it gets it from another \
                     component by a hint\n  fix: remove it, or remove the hints",
                    entry.shown()
                )
            };
            errors.at(entry.name.span(), message);
        }
    }
}

/// Whether a text under `host` or `linker` means an import. A resource of a world stands
/// for its functions, too.
pub(super) fn means(text: &str, import: &Name) -> bool {
    import.is_meant_by(text) || resource_of(import.as_str()) == Some(text)
}

/// The resource that a function of a world belongs to: `[method]context.get`.
fn resource_of(function: &str) -> Option<&str> {
    let (_, name) = function.strip_prefix('[')?.split_once(']')?;
    name.split('.').next()
}

impl ProvidedEntry<'_> {
    fn means(&self, import: &Name) -> bool {
        means(&self.text, import)
    }

    /// The imports with similar names.
    fn similar(&self, imports: &[&Name]) -> Vec<String> {
        similar_names(&self.text, imports.iter().map(|name| name.as_str()))
    }

    fn shown(&self) -> String {
        format!("the {}'s `{}`", self.key, self.text)
    }
}
