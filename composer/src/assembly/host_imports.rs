//! The imports that the embedder's own linker satisfies.
//!
//! A linker does not list its definitions. But it refuses to define a name twice, which
//! reveals exact names. To find names that match by a compatible version, it is made to
//! type-check a component: see [`meets_compatible`].

use std::collections::{BTreeMap, BTreeSet};

use composer_plan::{Interface, Item, Name, ResourceId, World};
use wasmtime::component::{Component, Linker, ResourceType};

use crate::adapter::descend;
use crate::assembly::import_probe::importing_instance;

/// The imports that an embedder's linker satisfies.
#[derive(Default)]
pub(crate) struct HostImports {
    pub(crate) all: BTreeSet<String>,
    /// Those that it has only in another, compatible version.
    pub(crate) in_other_version: BTreeSet<String>,
    /// The imported items that an interface of the linker lacks, by the interface's name.
    pub(crate) lacking: BTreeMap<String, Vec<String>>,
}

impl HostImports {
    /// The imports of `world` that `linker` defines.
    pub(crate) fn of<T: 'static>(linker: &Linker<T>, world: &World) -> Self {
        let mut host = HostImports::default();
        // Definitions that probing adds do no harm, because each import has another name.
        let mut probe = linker.clone();
        for import in &world.imports {
            let name = import.name.as_str();
            let is_interface = matches!(import.item, Item::Interface(_));
            if define_function(&mut probe, name).is_err() {
                host.all.insert(name.to_owned());
                if let Item::Interface(interface) = &import.item {
                    let lacking = lacking(&mut probe, world, &import.name, interface);
                    if !lacking.is_empty() {
                        host.lacking.insert(name.to_owned(), lacking);
                    }
                }
            } else if is_interface && meets_compatible(linker, &import.name) {
                host.all.insert(name.to_owned());
                host.in_other_version.insert(name.to_owned());
            }
        }
        host
    }

    /// All imports of `world`: those of an instance that is already linked.
    pub(crate) fn all_of(world: &World) -> Self {
        HostImports {
            all: world
                .imports
                .iter()
                .map(|import| import.name.to_string())
                .collect(),
            ..HostImports::default()
        }
    }
}

/// The items that the interface `name` of a linker lacks, which are those that can be
/// defined in it. Resources that the interface only uses belong to another one, and a
/// resource with several names (`type headers = fields`) is defined under the first.
fn lacking<T: 'static>(
    probe: &mut Linker<T>,
    world: &World,
    name: &Name,
    interface: &Interface,
) -> Vec<String> {
    let mut takes = |item: &str, is_func: bool| -> wasmtime::Result<()> {
        let (mut instance, item) = descend(probe.instance(name.as_str())?, item)?;
        match is_func {
            true => instance.func_new(item, |_, _, _, _| Ok(())),
            false => instance.resource(item, ResourceType::host::<()>(), |_, _| Ok(())),
        }
    };
    let is_first = |(name_of_it, id): &(&String, &ResourceId)| {
        let resource = world.resource(**id);
        resource.interface.as_ref() == Some(name) && resource.name == **name_of_it
    };
    let resources = interface.resources.iter().filter(is_first);
    let resources = resources.map(|(resource, _)| (resource, false));
    let funcs = interface.funcs.keys().map(|func| (func, true));
    let missing = resources.chain(funcs);
    let missing = missing.filter(|(item, is_func)| takes(item, *is_func).is_ok());
    missing.map(|(item, _)| item.clone()).collect()
}

/// Whether the linker has some other version that is compatible with `name`.
///
/// Among compatible versions, a linker finds the highest that it has. So a function is
/// defined under the lowest possible version, in a copy of the linker, and then a
/// component is checked that imports an instance under the highest one: it fits exactly
/// when the linker finds a higher version than that of the function.
fn meets_compatible<T: 'static>(linker: &Linker<T>, name: &Name) -> bool {
    let Some((lowest, highest)) = name.compatible_range() else {
        return false;
    };
    let mut probe = linker.clone();
    if define_function(&mut probe, lowest.as_str()).is_err() {
        return true;
    }
    Component::from_binary(linker.engine(), &importing_instance(highest.as_str(), &[]))
        .is_ok_and(|component| probe.instantiate_pre(&component).is_ok())
}

fn define_function<T: 'static>(linker: &mut Linker<T>, name: &str) -> wasmtime::Result<()> {
    linker.allow_shadowing(false);
    linker.root().func_new(name, |_, _, _, _| Ok(()))
}
