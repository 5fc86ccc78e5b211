//! The form in which each module refers to resources: by type, or only as a handle.
//!
//! The type that an interface's module generates for a resource stands for the resource
//! of the component that exports the interface for the composition. Another component
//! that exports the interface too has a resource of the same name, and that one has no
//! type of its own.

use std::collections::HashSet;

use composer_plan::Identity;
use wit_parser::{Resolve, Type, TypeDefKind, TypeId};

use crate::bindings::identity::ResourceIdentities;
use crate::bindings::shape::{TypeShapes, parts, root};
use crate::bindings::{Bindings, BindingsModule, ItemOwner, owner_of, types_of};

/// How the modules refer to resources.
#[derive(Default)]
pub(super) struct ResourceViews {
    /// The resources of other modules that a module refers to by their type.
    typed: HashSet<(ItemOwner, TypeId)>,
    /// The types with resources or streams that a module takes from another unchanged.
    shared: HashSet<(ItemOwner, TypeId)>,
    /// The types that are needed with handles in place of their resources.
    untyped: HashSet<TypeId>,
}

impl Bindings {
    /// Whether a module refers to a resource by its type.
    pub(crate) fn is_typed(&self, module: &BindingsModule, resource: TypeId) -> bool {
        self.views.typed.contains(&(module.owner, resource))
    }

    /// Whether a type with resources or streams is the same in this module as in the one
    /// that defines it.
    pub(crate) fn is_shared(&self, module: &BindingsModule, id: TypeId) -> bool {
        self.views.shared.contains(&(module.owner, id))
    }

    /// Whether a type is needed with handles in place of its resources.
    pub(crate) fn is_needed_untyped(&self, id: TypeId) -> bool {
        self.views.untyped.contains(&id)
    }
}

/// Decides this for all modules.
pub(super) fn find(
    resolve: &Resolve,
    modules: &[BindingsModule],
    module_of: impl Fn(TypeId) -> Option<usize>,
    shapes: &TypeShapes,
    identities: &ResourceIdentities,
) -> ResourceViews {
    let mut views = ResourceViews::default();
    // Whether all callees of the module mean the resource that the exporter of the other
    // module means.
    let same = |module: &BindingsModule, other: &BindingsModule, resource: TypeId| {
        let Some(exporter) = other.exported_by else {
            return false;
        };
        let find =
            |component| -> Option<&Identity> { identities.find(component, resolve, resource) };
        let meant = find(exporter);
        meant.is_some() && module.callees.iter().all(|callee| find(*callee) == meant)
    };
    for module in modules.iter().filter(|module| module.is_called()) {
        for (_, id) in types_of(resolve, module.owner) {
            let shape = shapes.of(&Type::Id(id));
            for &resource in &shape.resources {
                let definer = module_of(resource).map(|place| &modules[place]);
                let is_typed = definer.is_some_and(|definer| {
                    definer.owner == module.owner || same(module, definer, resource)
                });
                if is_typed {
                    views.typed.insert((module.owner, resource));
                }
            }
            let definition = root(resolve, id);
            if shape.is_plain() || owner_of(resolve, definition) == Some(module.owner) {
                continue;
            }
            let definer = module_of(definition).map(|place| &modules[place]);
            let all_same = |definer: &BindingsModule| {
                let mut resources = shape.resources.iter();
                resources.all(|resource| same(module, definer, *resource))
            };
            if definer.is_some_and(all_same) {
                views.shared.insert((module.owner, definition));
            } else {
                views.need_untyped(resolve, shapes, definition);
            }
        }
    }
    views
}

impl ResourceViews {
    fn need_untyped(&mut self, resolve: &Resolve, shapes: &TypeShapes, id: TypeId) {
        let id = root(resolve, id);
        if !shapes.of(&Type::Id(id)).has_resources() {
            return;
        }
        let kind = &resolve.types[id].kind;
        let is_named = matches!(kind, TypeDefKind::Record(_) | TypeDefKind::Variant(_));
        if is_named && !self.untyped.insert(id) {
            return;
        }
        for part in parts(kind) {
            if let Type::Id(part) = part {
                self.need_untyped(resolve, shapes, part);
            }
        }
    }
}
