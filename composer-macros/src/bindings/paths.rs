//! The module paths of interfaces and worlds.

use std::collections::HashMap;

use wit_parser::{InterfaceId, PackageId, PackageName, Resolve, WorldId, WorldItem, WorldKey};

use crate::bindings::{ItemOwner, names};

/// The tree that WIT names make: namespace, package, interface or world.
pub(super) struct ModulePaths<'r> {
    resolve: &'r Resolve,
    /// The number of versions of a package that the WIT has.
    versions: HashMap<(&'r str, &'r str), usize>,
    /// The interfaces that are defined inside a world.
    inside: HashMap<InterfaceId, (WorldId, &'r str)>,
}

impl<'r> ModulePaths<'r> {
    pub(super) fn new(resolve: &'r Resolve) -> Self {
        let mut versions = HashMap::new();
        for (_, package) in resolve.packages.iter() {
            let PackageName {
                namespace, name, ..
            } = &package.name;
            *versions.entry((&**namespace, &**name)).or_default() += 1;
        }
        let mut inside = HashMap::new();
        for (id, world) in resolve.worlds.iter() {
            for (key, item) in world.imports.iter().chain(&world.exports) {
                if let (WorldKey::Name(name), WorldItem::Interface { id: interface, .. }) =
                    (key, item)
                {
                    inside.entry(*interface).or_insert((id, &**name));
                }
            }
        }
        ModulePaths {
            resolve,
            versions,
            inside,
        }
    }

    /// The module path, and the name by which functions are looked up.
    pub(super) fn of(&self, owner: ItemOwner) -> (Vec<String>, Option<String>) {
        match owner {
            ItemOwner::World(id) => (self.world(id), None),
            ItemOwner::Interface(id) => {
                if let Some((world, name)) = self.inside.get(&id) {
                    let mut path = self.world(*world);
                    path.push(names::module(name));
                    return (path, Some((*name).to_owned()));
                }
                let interface = &self.resolve.interfaces[id];
                let name = interface.name.as_deref().unwrap_or_default();
                (
                    self.in_package(interface.package, name),
                    self.resolve.id_of(id),
                )
            }
        }
    }

    fn world(&self, id: WorldId) -> Vec<String> {
        let world = &self.resolve.worlds[id];
        self.in_package(world.package, &world.name)
    }

    fn in_package(&self, package: Option<PackageId>, name: &str) -> Vec<String> {
        let mut path = Vec::new();
        if let Some(id) = package {
            let package = &self.resolve.packages[id].name;
            let mut module = names::module(&package.name);
            let count = self.versions.get(&(&*package.namespace, &*package.name));
            if let (Some(version), Some(2..)) = (&package.version, count) {
                module = names::snake(&package.name);
                module.push_str(&version.to_string().replace(['.', '-', '+'], "_"));
            }
            path.extend([names::module(&package.namespace), module]);
        }
        path.push(names::module(name));
        path
    }
}
