//! The origin of an item in the outer component.

use anyhow::{Context as _, Result, bail};
use wasmparser::ComponentExternalKind as Kind;

use super::part::Given;
use super::spaces::{Definition, Item, Spaces, TypeSort};

/// Where something comes from, followed through all aliases.
#[derive(Clone, Debug)]
enum Origin<'s, 'a> {
    /// An instance of an inner component, or what it exports at a path.
    Inner {
        instance: u32,
        path: Vec<String>,
        kind: Kind,
    },
    /// An instance that is put together here.
    Exports(&'s [Item<'a>]),
    /// An import of the outer component, or what that exports at a path.
    Import { name: String, path: Vec<String> },
    /// A type that each component may write down for itself.
    PlainType,
    /// Something that only the outer component has.
    Outer(&'static str),
}

/// Who gives an instance what it imports.
pub(super) enum Provider {
    /// Another instance.
    Instance { instance: u32, given: Given },
    /// Whoever provides an import of the outer component.
    Import(String),
    /// Nobody: it is a type, or an interface of nothing else.
    Nobody,
}

/// Follows definitions of the outer component.
pub(super) struct Origins<'s, 'a> {
    pub(super) spaces: &'s Spaces<'a>,
}

impl<'s, 'a> Origins<'s, 'a> {
    /// Who provides what an argument or an export names.
    pub(super) fn provider(&self, kind: Kind, index: u32) -> Result<Provider> {
        Ok(match self.follow(kind, index, Vec::new())? {
            Origin::Inner {
                instance,
                path,
                kind,
            } => {
                let given = match path.is_empty() {
                    true => Given::Everything,
                    false => Given::Export { path, kind },
                };
                Provider::Instance { instance, given }
            }
            Origin::Exports(items) => self.together(items)?,
            Origin::Import { name, path } if path.is_empty() => Provider::Import(name),
            Origin::Import { name, .. } => {
                bail!("part of the outer component's import `{name}` goes to an inner one")
            }
            Origin::PlainType => Provider::Nobody,
            Origin::Outer(what) => bail!("{what}"),
        })
    }

    /// Who provides an instance that is put together: it must be one for all of it.
    fn together(&self, items: &[Item<'a>]) -> Result<Provider> {
        let mut by = None;
        let mut several = Vec::new();
        for item in items {
            match self.provider(item.kind, item.index)? {
                Provider::Instance {
                    instance,
                    given: Given::Export { path, kind },
                } => {
                    if by.is_some_and(|by| by != instance) {
                        bail!("an interface is put together of exports of several components");
                    }
                    by = Some(instance);
                    several.push((item.name.to_owned(), path, kind));
                }
                Provider::Nobody => {}
                _ => bail!("an interface is put together of whole instances or imports"),
            }
        }
        Ok(match by {
            Some(instance) => Provider::Instance {
                instance,
                given: Given::Several(several),
            },
            None => Provider::Nobody,
        })
    }

    /// Follows an index, and a path of exports from there. `path` has what is still to
    /// be followed.
    fn follow(&self, kind: Kind, index: u32, path: Vec<String>) -> Result<Origin<'s, 'a>> {
        self.follow_as(kind, kind, index, path)
    }

    /// `of` is the kind of what is looked for, and `kind` that of the way there.
    fn follow_as(
        &self,
        of: Kind,
        kind: Kind,
        index: u32,
        mut path: Vec<String>,
    ) -> Result<Origin<'s, 'a>> {
        let definition = self.spaces.of(kind).get(index as usize);
        Ok(match definition.context("an index of nothing")? {
            Definition::Import(name) => Origin::Import {
                name: (*name).to_owned(),
                path,
            },
            Definition::InstanceExport { instance, name } => {
                path.insert(0, (*name).to_owned());
                self.follow_as(of, Kind::Instance, *instance, path)?
            }
            Definition::Export { of: index } => self.follow_as(of, kind, *index, path)?,
            Definition::Instantiated { .. } => Origin::Inner {
                instance: index,
                path,
                kind: of,
            },
            Definition::Exports(items) if path.is_empty() => Origin::Exports(items),
            Definition::Exports(items) => {
                let name = path.remove(0);
                let item = items.iter().find(|item| item.name == name);
                let item = item.with_context(|| format!("no `{name}` in an instance"))?;
                self.follow_as(of, item.kind, item.index, path)?
            }
            Definition::Type { sort, .. } if *sort == TypeSort::Resource => {
                Origin::Outer("a resource of the outer component itself")
            }
            Definition::Type { .. } => Origin::PlainType,
            Definition::Outer if kind == Kind::Type => Origin::PlainType,
            Definition::Lifted => Origin::Outer("a function of the outer component itself"),
            Definition::Outer | Definition::Inline(_) => {
                Origin::Outer("a module or component of the outer component")
            }
        })
    }
}
