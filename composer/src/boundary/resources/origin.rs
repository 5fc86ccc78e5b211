//! Where the resources of a world come from, at run time.

use std::sync::Arc;

use composer_plan::ResourceId;

use crate::boundary::binding::OpenImportCell;
use crate::boundary::endpoint::Endpoint;
use crate::boundary::resources::host_entry::HostTypeKey;

/// The component that defines a resource, at run time.
#[derive(Clone)]
pub(crate) enum ResourceOrigin {
    /// The component whose world names the resource defines it.
    Here,
    /// Another component, of this or another composition.
    Component(Endpoint, ResourceId),
    /// The provider that an open import gets, by the resource's name in that import.
    Open(Arc<OpenImportCell>, String),
    /// The embedder: a value of this type.
    Host(HostTypeKey),
    /// The embedder's linker, or an unknown component: the resource cannot cross.
    Unknown,
}

impl ResourceOrigin {
    /// The component that defines the resource, and the resource's id there.
    pub(crate) fn resolve(
        &self,
        here: &Endpoint,
        id: ResourceId,
    ) -> Option<(Endpoint, ResourceId)> {
        match self {
            ResourceOrigin::Here => Some((here.clone(), id)),
            ResourceOrigin::Component(endpoint, id) => Some((endpoint.clone(), *id)),
            ResourceOrigin::Open(open_import_cell, name) => {
                open_import_cell.origin(name)?.resolve(here, id)
            }
            ResourceOrigin::Host(_) | ResourceOrigin::Unknown => None,
        }
    }

    /// The embedder's type, if the resource is a value of one.
    pub(crate) fn host_type(&self) -> Option<HostTypeKey> {
        match self {
            ResourceOrigin::Host(key) => Some(*key),
            ResourceOrigin::Open(open_import_cell, name) => {
                open_import_cell.origin(name)?.host_type()
            }
            _ => None,
        }
    }
}
