//! A component with additional exports, and with imports under other names.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use wasm_encoder::{
    Alias, ComponentAliasSection, ComponentExportKind, ComponentExportSection,
    ComponentInstanceSection, ComponentSection, Encode,
};
use wasmparser::{ComponentExternalKind as Kind, Payload};

use super::sections::{PREAMBLE, append, sections};
use super::spaces::{Spaces, with_ranges};
use super::wrapped::wrapped;

/// What of a part another one is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Given {
    /// What it exports at a path.
    Export { path: Vec<String>, kind: Kind },
    /// All that it exports, as one instance.
    Everything,
    /// An instance put together of such, each under a name.
    Several(Vec<(String, Vec<String>, Kind)>),
}

/// An inner component on its way to be a part.
pub(super) struct PartBuilder {
    pub(super) bytes: Vec<u8>,
    /// How many indices there are of each kind.
    counts: BTreeMap<&'static str, u32>,
    /// What it exported from the beginning.
    exports: Vec<(String, Kind, u32)>,
    /// What stands under the name of each export.
    given: BTreeMap<String, Given>,
    /// The instance that it is, if it has become part of another component.
    wrapped: Option<u32>,
}

impl PartBuilder {
    pub(super) fn new(bytes: Vec<u8>) -> Result<Self> {
        let spaces = Spaces::read(&bytes)?;
        let counts = counts(&spaces);
        let exports = spaces.exports.iter();
        let exports: Vec<_> = exports
            .map(|export| (export.name.to_owned(), export.kind, export.index))
            .collect();
        let given = exports.iter().map(|(name, kind, _)| {
            let path = vec![name.clone()];
            (name.clone(), Given::Export { path, kind: *kind })
        });
        Ok(PartBuilder {
            given: given.collect(),
            counts,
            exports,
            bytes,
            wrapped: None,
        })
    }

    /// Sees to it that all its exports can be one instance.
    ///
    /// An instance that is put together of exports cannot have methods. Only an instance
    /// of a component can, so one that has some becomes such an instance in a component
    /// around it.
    pub(super) fn allow_everything(&mut self) -> Result<()> {
        let mut exports = self.exports.iter();
        if self.wrapped.is_some() || !exports.any(|(name, ..)| name.starts_with('[')) {
            return Ok(());
        }
        let wrapped = wrapped(&self.bytes)?;
        let spaces = Spaces::read(&wrapped)?;
        self.counts = counts(&spaces);
        self.wrapped = Some(spaces.len(Kind::Instance) - 1);
        self.given.clear();
        self.bytes = wrapped;
        Ok(())
    }

    /// The name under which it exports all that it exports, where its functions cannot
    /// stand alone.
    pub(super) fn whole_name(&self) -> Option<&str> {
        self.wrapped?;
        let mut given = self.given.iter();
        given.find_map(|(name, given)| (*given == Given::Everything).then_some(name.as_str()))
    }

    /// The names of the functions and interfaces that it exports.
    pub(super) fn exported(&self) -> impl Iterator<Item = &str> {
        let has_functions = |given: &Given| match given {
            Given::Export { kind, .. } => matches!(kind, Kind::Func | Kind::Instance),
            Given::Everything | Given::Several(_) => true,
        };
        let exported = self.given.iter();
        exported.filter_map(move |(name, given)| has_functions(given).then_some(name.as_str()))
    }

    /// Whether it may have this under that name.
    pub(super) fn takes(&self, name: &str, given: &Given) -> bool {
        self.given.get(name).is_none_or(|there| there == given)
    }

    /// Exports something it has under one more name.
    pub(super) fn export(&mut self, name: &str, given: &Given) -> Result<()> {
        if self.given.get(name) == Some(given) {
            return Ok(());
        }
        if !self.takes(name, given) {
            bail!("`{name}` is the name of two exports");
        }
        let (kind, index) = match given {
            Given::Export { path, kind } => (*kind, self.at(path, *kind)?),
            Given::Everything => (
                Kind::Instance,
                match self.wrapped {
                    Some(instance) => instance,
                    None => {
                        let all = self.exports.iter();
                        let all =
                            all.map(|(name, kind, _)| (name.clone(), vec![name.clone()], *kind));
                        let all: Vec<_> = all.collect();
                        self.together(&all)?
                    }
                },
            ),
            Given::Several(items) => (Kind::Instance, self.together(items)?),
        };
        let mut section = ComponentExportSection::new();
        section.export(name, encoded(kind), index, None);
        self.append(&section);
        self.next(kind);
        self.given.insert(name.to_owned(), given.clone());
        Ok(())
    }

    /// Puts an instance together of what stands at these paths.
    fn together(&mut self, items: &[(String, Vec<String>, Kind)]) -> Result<u32> {
        let mut exports = Vec::new();
        for (name, path, kind) in items {
            exports.push((name.as_str(), encoded(*kind), self.at(path, *kind)?));
        }
        let mut section = ComponentInstanceSection::new();
        section.export_items(exports);
        self.append(&section);
        Ok(self.next(Kind::Instance))
    }

    /// Gives an import another name.
    pub(super) fn rename_import(&mut self, from: &str, to: &str) -> Result<()> {
        let old = std::mem::take(&mut self.bytes);
        self.bytes.extend_from_slice(&old[..PREAMBLE]);
        for section in sections(&old)? {
            let Payload::ComponentImportSection(imports) = section.payload else {
                append(&mut self.bytes, section.id, &old[section.content]);
                continue;
            };
            let imports = with_ranges(imports, section.content.end)?;
            let mut content = Vec::new();
            u32::try_from(imports.len())?.encode(&mut content);
            for (range, import) in imports {
                let written = &old[range];
                if import.name.name != from {
                    content.extend_from_slice(written);
                    continue;
                }
                // A byte that says what else belongs to the name, the name with its
                // length, and the rest.
                content.push(written[0]);
                to.encode(&mut content);
                let mut length = Vec::new();
                from.encode(&mut length);
                content.extend_from_slice(&written[1 + length.len()..]);
            }
            append(&mut self.bytes, section.id, &content);
        }
        Ok(())
    }

    /// The index of what it exports at a path, with aliases where it leads into
    /// instances.
    fn at(&mut self, path: &[String], kind: Kind) -> Result<u32> {
        let (mut found, mut index, inner) = match self.wrapped {
            Some(instance) => (Kind::Instance, instance, path),
            None => {
                let (first, inner) = path.split_first().context("a path to nothing")?;
                let mut exports = self.exports.iter();
                let export = exports.find(|(name, ..)| name == first);
                let (_, kind, index) = export.with_context(|| format!("no `{first}`"))?;
                (*kind, *index, inner)
            }
        };
        for (step, name) in inner.iter().enumerate() {
            if found != Kind::Instance {
                bail!("`{}` leads through a {}", path.join("/"), found.desc());
            }
            found = match step + 1 == inner.len() {
                true => kind,
                false => Kind::Instance,
            };
            let mut section = ComponentAliasSection::new();
            section.alias(Alias::InstanceExport {
                instance: index,
                kind: encoded(found),
                name,
            });
            self.append(&section);
            index = self.next(found);
        }
        if found != kind {
            bail!("`{}` is a {}", path.join("/"), found.desc());
        }
        Ok(index)
    }

    /// The index that the next definition of a kind has.
    fn next(&mut self, kind: Kind) -> u32 {
        let count = self.counts.entry(kind.desc()).or_default();
        *count += 1;
        *count - 1
    }

    fn append(&mut self, section: &impl ComponentSection) {
        section.append_to_component(&mut self.bytes);
    }
}

/// How many indices there are of each kind.
fn counts(spaces: &Spaces<'_>) -> BTreeMap<&'static str, u32> {
    let kinds = [
        Kind::Func,
        Kind::Instance,
        Kind::Component,
        Kind::Type,
        Kind::Module,
        Kind::Value,
    ];
    kinds.map(|kind| (kind.desc(), spaces.len(kind))).into()
}

pub(super) fn encoded(kind: Kind) -> ComponentExportKind {
    match kind {
        Kind::Func => ComponentExportKind::Func,
        Kind::Instance => ComponentExportKind::Instance,
        Kind::Component => ComponentExportKind::Component,
        Kind::Type => ComponentExportKind::Type,
        Kind::Module => ComponentExportKind::Module,
        Kind::Value => ComponentExportKind::Value,
    }
}
