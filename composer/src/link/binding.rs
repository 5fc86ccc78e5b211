//! What an import is bound to once its provider runs.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use composer_plan::{Item, ResourceId, Side};

use crate::error::CallError;
use crate::instance::{Callee, ExportedFunc, Slot};

/// The functions and resources of one exported interface, or one exported
/// function under its own name.
#[derive(Default)]
pub(crate) struct Binding {
    pub(crate) funcs: BTreeMap<String, Callee>,
    pub(crate) resources: BTreeMap<String, Origin>,
}

/// What a component or a composition exports, by name.
pub(crate) type Exports = BTreeMap<String, Arc<Binding>>;

/// Where an import comes from, at run time.
#[derive(Clone)]
pub(crate) enum ImportSource {
    Bound(Arc<Binding>),
    Open(Arc<Socket>),
}

/// An import that a composition leaves to whatever it is nested in.
pub(crate) struct Socket {
    name: String,
    bound: OnceLock<ImportSource>,
}

impl Socket {
    pub(crate) fn new(name: String) -> Arc<Self> {
        Arc::new(Socket {
            name,
            bound: OnceLock::new(),
        })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Binds the import; `false` if it was bound before. A socket is bound
    /// once, by the one composition that its own is nested in.
    pub(crate) fn bind(&self, source: ImportSource) -> bool {
        self.bound.set(source).is_ok()
    }
}

impl ImportSource {
    /// The function `name` of the import.
    pub(crate) fn callee(&self, name: &str) -> Result<Callee, CallError> {
        match self {
            ImportSource::Bound(binding) => {
                binding
                    .funcs
                    .get(name)
                    .cloned()
                    .ok_or_else(|| CallError::Unbound {
                        import: name.to_owned(),
                    })
            }
            ImportSource::Open(socket) => match socket.bound.get() {
                Some(source) => source.callee(name),
                None => Err(CallError::Unbound {
                    import: socket.name.clone(),
                }),
            },
        }
    }

    /// The function `name` as its provider exports it. Of an import that is
    /// bound later it is not known in time.
    pub(crate) fn exported(&self, name: &str) -> Option<&ExportedFunc> {
        let ImportSource::Bound(binding) = self else {
            return None;
        };
        let callee = binding.funcs.get(name)?;
        Some(&callee.slot.funcs()[callee.func])
    }

    /// Whose the resource `name` of the import is.
    pub(crate) fn origin(&self, name: &str) -> Origin {
        match self {
            ImportSource::Bound(binding) => binding.resources.get(name).cloned(),
            ImportSource::Open(socket) => Some(Origin::Open(socket.clone(), name.to_owned())),
        }
        .unwrap_or(Origin::Nobody)
    }
}

/// Whose a resource is.
#[derive(Clone)]
pub(crate) enum Origin {
    /// The component that knows it defines it.
    Here,
    /// A component of this or another composition.
    There(Arc<Slot>, ResourceId),
    /// Whatever an open import is bound to.
    Open(Arc<Socket>, String),
    /// The embedder's linker, or nobody: it cannot cross.
    Nobody,
}

impl Origin {
    /// The component that defines the resource, and which one it is there.
    pub(crate) fn resolve(
        &self,
        here: &Arc<Slot>,
        id: ResourceId,
    ) -> Option<(Arc<Slot>, ResourceId)> {
        match self {
            Origin::Here => Some((here.clone(), id)),
            Origin::There(slot, id) => Some((slot.clone(), *id)),
            Origin::Open(socket, name) => socket.bound.get()?.origin(name).resolve(here, id),
            Origin::Nobody => None,
        }
    }
}

/// What the component in `slot` exports.
pub(crate) fn exports(slot: &Arc<Slot>) -> Exports {
    let world = slot.world();
    let mut exports: BTreeMap<String, Binding> = BTreeMap::new();
    for (index, func) in slot.funcs().iter().enumerate() {
        let export = func
            .interface
            .as_ref()
            .map_or(func.name.as_str(), |i| i.as_str());
        let binding = exports.entry(export.to_owned()).or_default();
        let callee = Callee {
            slot: slot.clone(),
            func: index,
        };
        binding.funcs.insert(func.name.clone(), callee);
    }
    for export in &world.exports {
        let mut add = |name: &str, id: ResourceId| {
            let origin = match world.resource(id).side {
                Side::Export => Origin::There(slot.clone(), id),
                Side::Import => slot.origin(id).clone(),
            };
            let binding = exports.entry(export.name.to_string()).or_default();
            binding.resources.insert(name.to_owned(), origin);
        };
        match &export.item {
            Item::Interface(interface) => {
                interface
                    .resources
                    .iter()
                    .for_each(|(name, id)| add(name, *id));
            }
            Item::Resource(id) => add(export.name.as_str(), *id),
            _ => {}
        }
    }
    exports
        .into_iter()
        .map(|(name, binding)| (name, Arc::new(binding)))
        .collect()
}
