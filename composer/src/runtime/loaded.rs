//! The handle of a loaded component, and the hash that identifies it.

use std::fmt;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use wasmtime::component::Component;

#[cfg(feature = "fused")]
use crate::assembly::fused::GroupView;
use crate::runtime::{RuntimeCore, SandboxedComponent};

/// The SHA-256 of a component's bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContentHash(pub(super) [u8; 32]);

impl ContentHash {
    /// The hash of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        ContentHash(Sha256::digest(bytes).into())
    }

    /// The bytes of the hash.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Displays 64 hexadecimal digits.
impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContentHash({self})")
    }
}

/// A component that a [`Runtime`](crate::Runtime) has loaded. This is a handle
/// that is cheap to clone, and it keeps the code alive.
#[derive(Clone)]
pub struct LoadedComponent {
    inner: Arc<LoadedInner>,
}

struct LoadedInner {
    name: String,
    hash: ContentHash,
    size: u64,
    component: Component,
    core: Arc<RuntimeCore>,
    /// What a group of components shows that this is made of.
    #[cfg(feature = "fused")]
    group: Option<Arc<GroupView>>,
}

impl LoadedComponent {
    /// The name under which the component was loaded.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// The hash of the bytes from which it was compiled.
    pub fn hash(&self) -> ContentHash {
        self.inner.hash
    }

    /// The number of bytes from which it was compiled.
    pub fn size(&self) -> u64 {
        self.inner.size
    }

    /// The component as a type of wasmtime, for use without this layer.
    pub fn component(&self) -> &Component {
        &self.inner.component
    }

    /// The component as a part of a composition, with the limits of its runtime and
    /// nothing granted.
    pub fn part(&self) -> SandboxedComponent {
        SandboxedComponent::new(self.clone())
    }

    pub(super) fn core(&self) -> &RuntimeCore {
        &self.inner.core
    }

    /// The component of a group.
    #[cfg(feature = "fused")]
    pub(super) fn as_group(&self, group: Arc<GroupView>) -> Self {
        let LoadedInner {
            name,
            hash,
            size,
            component,
            core,
            ..
        } = &*self.inner;
        LoadedComponent {
            inner: Arc::new(LoadedInner {
                name: name.clone(),
                hash: *hash,
                size: *size,
                component: component.clone(),
                core: core.clone(),
                group: Some(group),
            }),
        }
    }

    #[cfg(feature = "fused")]
    pub(super) fn group(&self) -> Option<Arc<GroupView>> {
        self.inner.group.clone()
    }
}

impl fmt::Debug for LoadedComponent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LoadedInner {
            name, hash, size, ..
        } = &*self.inner;
        write!(f, "LoadedComponent({name:?}, {size} bytes, {hash})")
    }
}

/// The facts about a component other than its code.
#[derive(Clone, Copy)]
pub(super) struct ComponentFacts {
    pub(super) hash: ContentHash,
    pub(super) size: u64,
}

impl ComponentFacts {
    pub(super) fn handle(
        self,
        name: String,
        component: Component,
        core: &Arc<RuntimeCore>,
    ) -> LoadedComponent {
        LoadedComponent {
            inner: Arc::new(LoadedInner {
                name,
                hash: self.hash,
                size: self.size,
                component,
                core: core.clone(),
                #[cfg(feature = "fused")]
                group: None,
            }),
        }
    }
}
