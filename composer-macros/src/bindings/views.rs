//! Which resources a module knows by their type, and which only as handles.
//!
//! A resource has the type that its interface's module makes where it is that
//! of the component which exports the interface for the composition. There can
//! be others of the same name: those of another component that exports the
//! interface too. They have no type of their own.

use std::collections::HashSet;

use composer_plan::Identity;
use wit_parser::{Resolve, Type, TypeDefKind, TypeId};

use crate::bindings::identity::ResourceIdentities;
use crate::bindings::shape::{TypeShapes, parts, root};
use crate::bindings::{Bindings, BindingsModule, ItemOwner, owner_of, types_of};

/// What the modules know of resources.
#[derive(Default)]
pub(super) struct ResourceViews {
    /// The resources of other modules that a module knows by their type.
    typed: HashSet<(ItemOwner, TypeId)>,
    /// The types with resources that a module has from another as they are.
    shared: HashSet<(ItemOwner, TypeId)>,
    /// The types that are needed with handles.
    untyped: HashSet<TypeId>,
}

impl Bindings {
    /// Whether a resource has its type in a module.
    pub(crate) fn is_typed(&self, module: &BindingsModule, resource: TypeId) -> bool {
        self.views.typed.contains(&(module.owner, resource))
    }

    /// Whether a type with resources is in this module what it is where it is
    /// defined.
    pub(crate) fn is_shared(&self, module: &BindingsModule, id: TypeId) -> bool {
        self.views.shared.contains(&(module.owner, id))
    }

    /// Whether a type with resources is needed with handles in their place.
    pub(crate) fn is_needed_untyped(&self, id: TypeId) -> bool {
        self.views.untyped.contains(&id)
    }
}

/// Decides it for all modules.
pub(super) fn find(
    resolve: &Resolve,
    modules: &[BindingsModule],
    module_of: impl Fn(TypeId) -> Option<usize>,
    shapes: &TypeShapes,
    identities: &ResourceIdentities,
) -> ResourceViews {
    let mut views = ResourceViews::default();
    // Whether all whose functions are in the module mean the resource that the
    // exporter of another module means.
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
        if shapes.of(&Type::Id(id)).is_plain() {
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
