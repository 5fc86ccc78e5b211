//! What a component says about itself: names and full types, nothing else.

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
/// Types refer to resources by [`ResourceId`], an index into
/// [`World::resources`]; two ids are equal exactly when the component means
/// the same resource, however many interfaces `use` it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct World {
    /// What the component needs, in its own order.
    pub imports: Vec<Extern>,
    /// What the component offers, in its own order.
    pub exports: Vec<Extern>,
    /// Every resource that an import or export mentions.
    pub resources: Vec<Resource>,
    /// What the embedder's filters took out of `exports`, as
    /// `interface`, `interface#function` or `function`: kept so that errors
    /// can say that something is hidden and not missing.
    pub hidden: Vec<String>,
}

/// One import or export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extern {
    /// Its name.
    pub name: Name,
    /// The interface that it is, where its name is a label of the component's own:
    /// one interface may stand under several (`implements`).
    pub implements: Option<Name>,
    /// What it is.
    pub item: Item,
}

/// What an import or export is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Item {
    /// A function directly in the world.
    Func(Arc<FuncType>),
    /// An interface.
    Interface(Interface),
    /// A resource directly in the world.
    Resource(ResourceId),
    /// Something a composition cannot wire (a core module, a component):
    /// its kind, for messages.
    Unsupported(String),
}

/// The functions and resources of an interface. Other types have no identity
/// of their own: they stand written out where they are used.
///
/// WIT has no interfaces within interfaces, but components may: what stands in an
/// inner one is listed here under the path to it, as `inner#function`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interface {
    /// Functions by name, methods as `[method]counter.increment`.
    pub funcs: BTreeMap<String, Arc<FuncType>>,
    /// Resources by the name they have in this interface.
    pub resources: BTreeMap<String, ResourceId>,
    /// By name, the kind of whatever else is in it that a composition cannot wire:
    /// a core module, a component.
    pub unsupported: BTreeMap<String, String>,
}

impl Interface {
    /// Whether there is nothing here to call or to hold: an interface of
    /// plain types needs no provider.
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

/// Parts the names of interfaces within each other. No name has it.
const INNER: char = '#';

/// An index into [`World::resources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceId(pub u32);

/// A resource as one component knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Whether the component defines it or imports it.
    pub side: Side,
    /// The interface that introduces it; `None` directly in the world.
    pub interface: Option<Name>,
    /// Its name there.
    pub name: String,
}

/// Which side of a world something is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// Needed from others.
    Import,
    /// Offered to others.
    Export,
}

impl Extern {
    /// What others know it by: the interface that it is, before a label.
    pub fn interface(&self) -> &Name {
        self.implements.as_ref().unwrap_or(&self.name)
    }
}

impl World {
    /// The resource that `id` stands for.
    ///
    /// # Panics
    ///
    /// When `id` is of another world.
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
    /// What kind of thing this is, for messages.
    pub fn kind(&self) -> &str {
        match self {
            Item::Func(_) => "function",
            Item::Interface(_) => "interface",
            Item::Resource(_) => "resource",
            Item::Unsupported(kind) => kind,
        }
    }

    /// What of this a composition cannot wire, if there is anything: its name in
    /// the interface, unless it is the item itself, and its kind.
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
