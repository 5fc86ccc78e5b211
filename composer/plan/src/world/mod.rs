//! A component's description of itself: names and full types, nothing else.

mod compat;
mod filter;
mod fits;
mod path;
mod types;
#[cfg(feature = "wit")]
mod wit;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

pub use compat::Difference;
pub(crate) use compat::{ResourceRelation, compare_func};
pub use filter::{ExportPattern, UnknownExports};
pub use fits::Misfit;
pub use path::Place;
pub use types::{FuncType, Type};

use crate::Name;

/// The imports and exports of one component.
///
/// Types refer to resources by [`ResourceId`], an index into [`World::resources`]; two
/// ids are equal exactly if the component means the same resource, however many
/// interfaces `use` it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct World {
    /// The imports of the component, in its own order.
    pub imports: Vec<Extern>,
    /// The exports of the component, in its own order.
    pub exports: Vec<Extern>,
    /// Every resource that an import or export mentions.
    pub resources: Vec<Resource>,
    /// The types that stand directly in the world under these names and need no provider:
    /// resources that it uses, and other types as far as the component tells them.
    pub types: Vec<String>,
    /// The exports that the embedder's filters removed, as `interface`,
    /// `interface#function` or `function`. They are kept so that errors can say that
    /// something is hidden and not missing.
    pub hidden: Vec<String>,
}

/// One import or export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extern {
    /// Its name.
    pub name: Name,
    /// The interface, if the name is a label of the component's own: one interface may be
    /// there under several labels (`implements`).
    pub implements: Option<Name>,
    /// The item.
    pub item: Item,
}

/// The item of an import or export.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Item {
    /// A function directly in the world.
    Func(Arc<FuncType>),
    /// An interface.
    Interface(Interface),
    /// A resource directly in the world.
    Resource(ResourceId),
    /// An item that a composition cannot wire (a core module, a component): its kind, for
    /// messages.
    Unsupported(String),
}

/// The functions and resources of an interface. Other types have no identity of their
/// own: they are written out where they are used.
///
/// WIT has no interfaces within interfaces, but components may have them: the items of an
/// inner one are listed here under the path to it, as `inner#function`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interface {
    /// Functions by name, methods as `[method]counter.increment`.
    pub funcs: BTreeMap<String, Arc<FuncType>>,
    /// Resources by the name they have in this interface.
    pub resources: BTreeMap<String, ResourceId>,
    /// By name, the kind of each other item in it, which a composition cannot wire: a
    /// core module, a component.
    pub unsupported: BTreeMap<String, String>,
}

impl Interface {
    /// Whether the interface has only plain types, so that it needs no provider.
    pub fn is_types_only(&self) -> bool {
        self.funcs.is_empty() && self.resources.is_empty() && self.unsupported.is_empty()
    }

    /// The name in this interface of an item of an interface within it.
    pub fn inner_name(inner: &str, item: &str) -> String {
        format!("{inner}{INNER}{item}")
    }

    /// The interfaces within an interface that lead to one of its items, the
    /// outermost first, and the name that the item has in the last of them.
    pub fn split_inner(name: &str) -> (Vec<&str>, &str) {
        match name.rsplit_once(INNER) {
            Some((path, item)) => (path.split(INNER).collect(), item),
            None => (Vec::new(), name),
        }
    }
}

/// Separates the names of nested interfaces. No name contains it.
const INNER: char = '#';

/// An index into [`World::resources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceId(pub u32);

/// A resource as one component sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Whether the component imports it or defines it.
    pub side: Side,
    /// The interface that introduces it; `None` directly in the world.
    pub interface: Option<Name>,
    /// Its name there.
    pub name: String,
}

/// A side of a world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// Imported from others.
    Import,
    /// Exported to others.
    Export,
}

impl Extern {
    /// The name by which other components match it: its interface's, or else its own.
    pub fn interface(&self) -> &Name {
        self.implements.as_ref().unwrap_or(&self.name)
    }
}

impl World {
    /// The resource that `id` stands for.
    ///
    /// # Panics
    ///
    /// If `id` belongs to another world.
    pub fn resource(&self, id: ResourceId) -> &Resource {
        &self.resources[id.0 as usize]
    }

    /// The export of exactly this name.
    pub fn export(&self, name: &str) -> Option<&Extern> {
        self.exports.iter().find(|e| e.name.as_str() == name)
    }

    /// The import of exactly this name.
    pub fn import(&self, name: &str) -> Option<&Extern> {
        self.imports.iter().find(|e| e.name.as_str() == name)
    }
}

impl Item {
    /// The kind of this item, for messages.
    pub fn kind(&self) -> &str {
        match self {
            Item::Func(_) => "function",
            Item::Interface(_) => "interface",
            Item::Resource(_) => "resource",
            Item::Unsupported(kind) => kind,
        }
    }

    /// An item that a composition cannot wire, if there is one: its name in the
    /// interface, unless it is this item itself, and its kind.
    pub fn unsupported(&self) -> Option<(Option<&str>, &str)> {
        match self {
            Item::Unsupported(kind) => Some((None, kind)),
            Item::Interface(interface) => {
                let (name, kind) = interface.unsupported.first_key_value()?;
                Some((Some(name), kind))
            }
            Item::Func(_) | Item::Resource(_) => None,
        }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.interface {
            Some(interface) => write!(f, "{interface}.{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}
