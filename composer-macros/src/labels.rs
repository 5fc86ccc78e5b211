//! Interfaces under labels, `import primary: store`. In Rust each label is an interface
//! of its own, with its own accessor and trait; its types are those of the interface.

use composer_plan::Side;
use wit_parser::{
    Interface, InterfaceId, Resolve, Type, TypeDef, TypeDefKind, TypeOwner, WorldId, WorldItem,
    WorldKey,
};

use crate::ast::{ComponentKind, ComposeInput};
use crate::check::{Declaration, DeclaredComponent};
use crate::errors::MacroErrors;

/// An interface under a label, by its index in a world.
struct LabelledItem {
    side: Side,
    index: usize,
    interface: InterfaceId,
}

/// Replaces the interface under each label by a copy that belongs to the world, as if it
/// were defined there.
pub(crate) fn separate(resolve: &mut Resolve) {
    let worlds: Vec<WorldId> = resolve.worlds.iter().map(|(id, _)| id).collect();
    for world in worlds {
        for item in labelled(resolve, world) {
            let copy = copy(resolve, item.interface);
            let world = &mut resolve.worlds[world];
            let items = match item.side {
                Side::Import => &mut world.imports,
                Side::Export => &mut world.exports,
            };
            if let Some((_, WorldItem::Interface { id, .. })) = items.get_index_mut(item.index) {
                *id = copy;
            }
        }
    }
}

/// Reports labels of interfaces with resources, since each label would have resources of
/// its own; `true` if there are any.
pub(crate) fn check(
    input: &ComposeInput,
    resolve: &Resolve,
    components: &[DeclaredComponent],
    errors: &mut MacroErrors,
) -> bool {
    let mut wrong = false;
    for (component, declared) in input.components.iter().zip(components) {
        let (Declaration::World(world), ComponentKind::World(name)) =
            (declared.what, &component.kind)
        else {
            continue;
        };
        for item in labelled(resolve, world) {
            let LabelledItem {
                side,
                index,
                interface,
            } = item;
            let Some(resource) = resource(resolve, interface) else {
                continue;
            };
            let world = &resolve.worlds[world];
            let (key, verb) = match side {
                Side::Import => (world.imports.get_index(index), "imports"),
                Side::Export => (world.exports.get_index(index), "exports"),
            };
            let label = key.map(|(key, _)| resolve.name_world_key(key));
            let message = format!(
                "the world `{}` {verb} `{}` under the label `{}`, and that has the resource \
                 `{resource}`: labels of interfaces with resources are not supported yet\n  \
                 fix: declare the component by an interface that it exports, as `dyn`, or \
                 compose it with the dynamic `Composer`",
                declared.name,
                resolve.id_of(interface).unwrap_or_default(),
                label.unwrap_or_default()
            );
            errors.at(name.span(), message);
            wrong = true;
        }
    }
    wrong
}

/// The interfaces under labels in a world.
fn labelled(resolve: &Resolve, world: WorldId) -> Vec<LabelledItem> {
    let world = &resolve.worlds[world];
    let of = |side, index, key: &WorldKey, item: &WorldItem| match item {
        WorldItem::Interface { id, .. } if resolve.implements_value(key, item).is_some() => {
            Some(LabelledItem {
                side,
                index,
                interface: *id,
            })
        }
        _ => None,
    };
    let imports = world.imports.iter().enumerate();
    let exports = world.exports.iter().enumerate();
    let imports = imports.filter_map(|(i, (key, item))| of(Side::Import, i, key, item));
    let exports = exports.filter_map(|(i, (key, item))| of(Side::Export, i, key, item));
    imports.chain(exports).collect()
}

fn resource(resolve: &Resolve, interface: InterfaceId) -> Option<&str> {
    let mut types = resolve.interfaces[interface].types.iter();
    let found = types.find(|(_, id)| matches!(resolve.types[**id].kind, TypeDefKind::Resource));
    found.map(|(name, _)| name.as_str())
}

/// An interface without a name that has the same functions and aliases of the same types.
fn copy(resolve: &mut Resolve, of: InterfaceId) -> InterfaceId {
    let original = resolve.interfaces[of].clone();
    let copy = resolve.interfaces.alloc(Interface {
        name: None,
        types: Default::default(),
        ..original.clone()
    });
    for (name, id) in original.types {
        let used = &resolve.types[id];
        let alias = TypeDef {
            name: Some(name.clone()),
            kind: TypeDefKind::Type(Type::Id(id)),
            owner: TypeOwner::Interface(copy),
            docs: Default::default(),
            stability: used.stability.clone(),
            span: used.span,
            external_id: None,
        };
        let alias = resolve.types.alloc(alias);
        resolve.interfaces[copy].types.insert(name, alias);
    }
    copy
}
