//! The resources of a component that are values of the embedder's.

use std::collections::{BTreeMap, BTreeSet};

use composer_plan::{FuncType, Interface, Item, ResourceId, Side, Type, World};
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, Linker, ResourceType};

use crate::assembly::import_probe::{importing_instance, importing_resource};
use crate::boundary::resources::host_types::{HostResources, HostTypes};

/// Finds the resources of a component that `linker` defines with some of `types`, among
/// those that could leave its store.
pub(crate) fn host_resources<T: 'static>(
    types: &HostTypes<T>,
    linker: &Linker<T>,
    world: &World,
) -> HostResources<T> {
    let mut found = HostResources::default();
    if types.is_empty() {
        return found;
    }
    let mut wanted: BTreeMap<Option<&str>, Vec<(ResourceId, &str)>> = BTreeMap::new();
    for id in passed_on(world) {
        let resource = world.resource(id);
        // What an inner interface defines is not looked for.
        let is_inner = !Interface::split_inner(&resource.name).0.is_empty();
        if resource.side == Side::Import && !is_inner {
            let interface = resource.interface.as_ref().map(|name| name.as_str());
            let resources = wanted.entry(interface).or_default();
            resources.push((id, &resource.name));
        }
    }
    for (interface, resources) in wanted {
        for (id, ty) in defined(linker, interface, &resources) {
            if let Some(table) = types.table(ty) {
                found.insert(id, table.clone());
            }
        }
    }
    found
}

/// The resources that functions mention which do not belong to the interface that defines
/// the resource. The others stay between the component and the provider of
/// that interface.
fn passed_on(world: &World) -> BTreeSet<ResourceId> {
    let mut found = BTreeSet::new();
    for (item, is_import) in (world.imports.iter().map(|item| (item, true)))
        .chain(world.exports.iter().map(|item| (item, false)))
    {
        let mut mentioned = |func: &FuncType| {
            for ty in func.types() {
                ty.any(&mut |ty| {
                    if let Type::Own(id) | Type::Borrow(id) = ty
                        && !(is_import
                            && world.resource(*id).interface.as_ref() == Some(&item.name))
                    {
                        found.insert(*id);
                    }
                    false
                });
            }
        };
        match &item.item {
            Item::Func(func) => mentioned(func),
            Item::Interface(interface) => interface.funcs.values().for_each(|f| mentioned(f)),
            _ => {}
        }
    }
    found
}

/// The types that a linker gives to resources of an interface, or of the world itself.
fn defined<T: 'static>(
    linker: &Linker<T>,
    interface: Option<&str>,
    resources: &[(ResourceId, &str)],
) -> Vec<(ResourceId, ResourceType)> {
    let engine = linker.engine();
    let of_linker = |binary: &[u8]| {
        let probe = Component::from_binary(engine, binary).ok()?;
        linker.substituted_component_type(&probe).ok()
    };
    let Some(interface) = interface else {
        let types = resources.iter().filter_map(|(id, name)| {
            let ty = of_linker(&importing_resource(name))?;
            match ty.imports(engine).next()?.1.ty {
                ComponentItem::Resource(ty) => Some((*id, ty)),
                _ => None,
            }
        });
        return types.collect();
    };
    let names: Vec<&str> = resources.iter().map(|(_, name)| *name).collect();
    let Some(ty) = of_linker(&importing_instance(interface, &names)) else {
        // The linker does not define them.
        return Vec::new();
    };
    let mut imports = ty.imports(engine);
    let Some((_, item)) = imports.next() else {
        return Vec::new();
    };
    let ComponentItem::ComponentInstance(instance) = item.ty else {
        return Vec::new();
    };
    let types =
        resources
            .iter()
            .filter_map(|(id, name)| match instance.get_export(engine, name)?.ty {
                ComponentItem::Resource(ty) => Some((*id, ty)),
                _ => None,
            });
    types.collect()
}
