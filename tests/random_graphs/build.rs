//! Builds the spec of a composition from drafts of components, which choose blindly.

use std::collections::BTreeSet;

use composer::Name;
use proptest::sample::Index;

use super::generate::{Draft, ExportHint, Provider, VERSIONS, Wanted};
use super::spec::{Import, Part, Spec, Wish};

/// Makes the choices, now that all components are there.
pub(super) fn build(drafts: &[Draft], export_hints: &[ExportHint]) -> Spec {
    let name = |(i, draft): (usize, &Draft)| {
        let like = i.saturating_sub(usize::from(draft.double));
        format!("c{like}")
    };
    let names: Vec<String> = drafts.iter().enumerate().map(name).collect();
    let exports: Vec<Vec<&str>> = drafts
        .iter()
        .map(|draft| distinct(&draft.exports))
        .collect();
    let crowd = Crowd { names, exports };
    let mut parts: Vec<(u16, Part)> = Vec::new();
    for (i, draft) in drafts.iter().enumerate() {
        let mut imports: Vec<Import> = Vec::new();
        for (wanted, provider) in &draft.imports {
            let Some(name) = crowd.wanted(i, wanted) else {
                continue;
            };
            if imports.iter().all(|import| import.name != name) {
                let wish = crowd.wish(i, &name, provider);
                imports.push(Import { name, wish });
            }
        }
        let part = Part {
            name: crowd.names[i].clone(),
            salt: i as u32 * 1_000,
            imports,
            exports: crowd.exports[i]
                .iter()
                .map(|&name| name.to_owned())
                .collect(),
        };
        parts.push((draft.place, part));
    }
    parts.sort_by_key(|(place, _)| *place);
    Spec {
        parts: parts.into_iter().map(|(_, part)| part).collect(),
        export_hints: crowd.export_hints(export_hints),
    }
}

/// Who exports what, in the order in which nobody needs anybody later.
struct Crowd<'a> {
    names: Vec<String>,
    exports: Vec<Vec<&'a str>>,
}

impl Crowd<'_> {
    /// The import that component `i` has in mind, if there is anything.
    fn wanted(&self, i: usize, wanted: &Wanted) -> Option<String> {
        let earlier = self.exports[..i].concat();
        let pick = |names: &[&str], index: &Index| {
            (!names.is_empty()).then(|| index.get(names).to_string())
        };
        match wanted {
            Wanted::Earlier(index) => pick(&earlier, index),
            Wanted::Compatible(index, version) => {
                let name = Name::new(pick(&earlier, index)?);
                let versions = VERSIONS.map(|version| format!("{}@{version}", name.base()));
                let compatible = versions
                    .iter()
                    .filter(|v| Name::new(*v).matches(&name).is_some());
                pick(&compatible.map(String::as_str).collect::<Vec<_>>(), version)
            }
            Wanted::Exported(index) => pick(&self.exports.concat(), index),
            Wanted::Own(index) => pick(&self.exports[i], index),
            Wanted::Anything(name) => Some(name.clone()),
        }
    }

    fn wish(&self, i: usize, import: &str, provider: &Provider) -> Wish {
        match provider {
            Provider::Anybody => Wish::Nothing,
            Provider::Linker => Wish::Linker,
            Provider::Hinted(index) => Wish::Hint(index.get(&self.names).clone()),
            Provider::Earlier(index) => {
                let name = Name::new(import);
                let compatible = |export: &str| Name::new(export).matches(&name).is_some();
                let exact = self.exporters(i, |export| export == import);
                let compatible = self.exporters(i, compatible);
                let unhinted = if exact.is_empty() {
                    &compatible
                } else {
                    &exact
                };
                let earlier: Vec<usize> = compatible.iter().copied().filter(|&j| j < i).collect();
                // A hint that changes nothing would be an error.
                match unhinted.as_slice() {
                    [only] if *only < i => Wish::Nothing,
                    _ if earlier.is_empty() => Wish::Nothing,
                    _ => Wish::Hint(self.names[*index.get(&earlier)].clone()),
                }
            }
        }
    }

    /// Who but `except` exports something suitable.
    fn exporters(&self, except: usize, suitable: impl Fn(&str) -> bool) -> Vec<usize> {
        let all = self
            .exports
            .iter()
            .enumerate()
            .filter(|&(i, _)| i != except);
        all.filter(|(_, exports)| exports.iter().any(|export| suitable(export)))
            .map(|(i, _)| i)
            .collect()
    }

    fn export_hints(&self, wishes: &[ExportHint]) -> Vec<(String, String)> {
        let names: BTreeSet<&str> = self.exports.iter().flatten().copied().collect();
        let exporters = |name: &str| {
            let all = self.names.iter().zip(&self.exports);
            let exporters = all.filter(|(_, exports)| exports.contains(&name));
            exporters.map(|(exporter, _)| exporter).collect::<Vec<_>>()
        };
        let crowded: Vec<&str> = names
            .into_iter()
            .filter(|name| exporters(name).len() > 1)
            .collect();
        let mut hints: Vec<(String, String)> = Vec::new();
        for wish in wishes {
            let (name, owner) = match wish {
                ExportHint::Sound(_, _) if crowded.is_empty() => continue,
                ExportHint::Sound(name, owner) => {
                    let name = *name.get(&crowded);
                    (name, (*owner.get(&exporters(name))).clone())
                }
                ExportHint::Anything(name, to) => (name.as_str(), to.get(&self.names).clone()),
            };
            if hints.iter().all(|(hinted, _)| hinted != name) {
                hints.push((name.to_owned(), owner));
            }
        }
        hints
    }
}

/// Without repetitions, in the same order.
fn distinct(names: &[String]) -> Vec<&str> {
    let mut seen = BTreeSet::new();
    names
        .iter()
        .map(String::as_str)
        .filter(|name| seen.insert(*name))
        .collect()
}
