//! The plan: the start order, and the source of every import.

mod brief;
mod crossing;
mod diagram;
mod lookup;
mod print;
mod world;

pub use crossing::{ConfinedType, RefusedFunction, StreamItems};
pub use lookup::{ExportError, ExportOwner, find_export};

use std::sync::Arc;

use serde::Serialize;

use crate::{Item, Name, Resource, ResourceId};

/// A resolved composition: pure data that can be printed, compared and checked before
/// anything runs.
///
/// `Display` writes it for people; [`Plan::to_json`], [`Plan::to_dot`] and
/// [`Plan::to_mermaid`] for tools. All are canonical: components are in start order, with
/// ties broken by name, in whatever order they were added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// The components in start order: providers before their users.
    pub components: Vec<PlannedComponent>,
    /// The exports of the composition, by name.
    pub exports: Vec<Export>,
    /// The imports of the composition itself, from the composition it is nested in.
    pub open_imports: Vec<OpenImport>,
}

/// A component and the sources of its imports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlannedComponent {
    /// The embedder's name for it.
    pub name: String,
    /// One link per import, in the order of the component's world.
    pub links: Vec<Link>,
    /// The identity of every resource of the component's world.
    pub resources: Vec<Identity>,
    /// If it is a group of fused components, the plan of its members, with the sources of
    /// their imports. An open import of that plan is an import of this component.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "serialize_arc"
    )]
    pub fused: Option<Arc<Plan>>,
}

/// One import and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Link {
    /// The import, as its component spells it.
    pub import: Name,
    /// Its source.
    pub source: Source,
    /// Those of its functions that cannot be called, by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<RefusedFunction>,
}

/// The source of an import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "from")]
#[non_exhaustive]
pub enum Source {
    /// Another component of the composition.
    Component {
        /// Its position in [`Plan::components`].
        index: usize,
        /// Its name.
        component: String,
        /// The export that meets the import, as its component spells it.
        export: Name,
        /// The boundary that calls cross.
        boundary: Boundary,
    },
    /// The embedder's linker.
    Host,
    /// An import of the composition itself.
    Open {
        /// The position in [`Plan::open_imports`].
        index: usize,
    },
    /// Nothing: the interface has only plain types.
    Nothing,
}

/// The boundary that calls from one component to another cross.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Boundary {
    /// Each side has a store of its own; messages carry owned values.
    #[default]
    Isolated,
    /// Both sides are members of one fused component, in one store.
    Fused,
}

/// The owner of a resource, traced through every import and re-export.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case", tag = "of")]
#[non_exhaustive]
pub enum Identity {
    /// Defined by a component of the composition.
    Component {
        /// Its position in [`Plan::components`].
        index: usize,
        /// The resource in that component's world.
        #[serde(serialize_with = "serialize_id")]
        resource: ResourceId,
    },
    /// Defined by the embedder's linker of one component: it cannot leave
    /// that component's store.
    Host,
    /// Defined by the embedder's linkers, as a value that can go from one store to
    /// another.
    HostType(HostType),
    /// From an import of the composition itself.
    Open {
        /// The position in [`Plan::open_imports`].
        index: usize,
        /// Its name in that import.
        resource: String,
    },
}

/// A type of the embedder's whose values are resources of components, and can go from one
/// store to another.
///
/// Two components that mean the same type of the embedder's by the same resource can
/// exchange its values, although each gets the resource from a linker of its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct HostType {
    /// The resource, as `package:name/interface.resource` without a version, or its name
    /// alone if the world itself has it.
    pub resource: String,
    /// The embedder's type.
    pub ty: String,
}

impl HostType {
    /// The type `ty`, as what it stands for in a component's world.
    pub fn new(resource: &Resource, ty: impl Into<String>) -> Self {
        let resource = match &resource.interface {
            Some(interface) => format!("{}.{}", interface.base(), resource.name),
            None => resource.name.clone(),
        };
        HostType {
            resource,
            ty: ty.into(),
        }
    }
}

/// A name that the composition exports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Export {
    /// The name.
    pub name: Name,
    /// Its kind.
    pub kind: ExportKind,
    /// The components that export it, by name. If there are several, the name is
    /// ambiguous: it must be looked up in a component, or needs an export hint.
    pub components: Vec<String>,
}

/// The kind of an exported item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ExportKind {
    /// A function directly in a world.
    Func,
    /// An interface.
    Interface,
}

impl ExportKind {
    /// The kind under which an item is listed; `None` for the others, which have nothing
    /// to call.
    pub(crate) fn of(item: &Item) -> Option<Self> {
        match item {
            Item::Func(_) => Some(ExportKind::Func),
            Item::Interface(_) => Some(ExportKind::Interface),
            Item::Resource(_) | Item::Unsupported(_) => None,
        }
    }
}

/// An import of the composition itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OpenImport {
    /// Its name, in the highest version that a component asks for: its provider must have
    /// everything that any of them needs.
    pub name: Name,
    /// The components that need it, by name.
    pub needed_by: Vec<String>,
}

impl Plan {
    /// The component of this name.
    pub fn component(&self, name: &str) -> Option<&PlannedComponent> {
        self.components.iter().find(|c| c.name == name)
    }
}

fn serialize_arc<S: serde::Serializer>(plan: &Option<Arc<Plan>>, s: S) -> Result<S::Ok, S::Error> {
    plan.as_deref().serialize(s)
}

fn serialize_id<S: serde::Serializer>(id: &ResourceId, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_u32(id.0)
}
