//! Reads a world written in WIT as the same [`World`] that its component will have.

use std::collections::BTreeMap;
use std::sync::Arc;

use wit_parser::{
    Function, Handle, InterfaceId, Resolve, TypeDefKind, TypeId, TypeOwner, WorldId, WorldItem,
    WorldKey,
};

use crate::{Extern, FuncType, Interface, Item, Name, Resource, ResourceId, Side, Type, World};

impl World {
    /// Reads a world of a resolved WIT package.
    ///
    /// A component built for that world has the same one, except that toolchains leave
    /// out imports that its code does not use.
    pub fn from_wit(resolve: &Resolve, world: WorldId) -> World {
        let world = &resolve.worlds[world];
        let mut reader = WitReader {
            resolve,
            exported: exported(resolve, world),
            known: Vec::new(),
            label: None,
            resources: Vec::new(),
            types: Vec::new(),
        };
        let imports = reader.side(Side::Import, &world.imports);
        let exports = reader.side(Side::Export, &world.exports);
        World {
            imports,
            exports,
            resources: reader.resources,
            types: reader.types,
            hidden: Vec::new(),
        }
    }

    /// The smallest world of a component that exports an interface of a package.
    ///
    /// It imports nothing, unless the interface uses resources of other interfaces. In
    /// that case it imports, like every world that exports the interface, those that
    /// define the resources, with the resources alone.
    pub fn exporting(resolve: &Resolve, interface: InterfaceId) -> World {
        let mut reader = WitReader {
            resolve,
            exported: vec![interface],
            known: Vec::new(),
            label: None,
            resources: Vec::new(),
            types: Vec::new(),
        };
        let name = resolve
            .id_of(interface)
            .or_else(|| resolve.interfaces[interface].name.clone());
        let exports = vec![Extern {
            name: Name::new(name.unwrap_or_default()),
            implements: None,
            item: Item::Interface(reader.interface(Side::Export, interface)),
        }];
        World {
            imports: reader.imported_resources(),
            exports,
            resources: reader.resources,
            types: reader.types,
            hidden: Vec::new(),
        }
    }
}

/// The interfaces that a world exports under their own names.
fn exported(resolve: &Resolve, world: &wit_parser::World) -> Vec<InterfaceId> {
    let interfaces = world.exports.iter().filter_map(|(key, item)| match item {
        WorldItem::Interface { id, .. } if resolve.implements_value(key, item).is_none() => {
            Some(*id)
        }
        _ => None,
    });
    interfaces.collect()
}

struct WitReader<'a> {
    resolve: &'a Resolve,
    /// The interfaces that the world exports. An export that mentions a
    /// resource of one of them means the exported one.
    exported: Vec<InterfaceId>,
    /// For each of `resources`, its side, the label of its interface there, and its
    /// definition.
    known: Vec<(Side, Option<Name>, TypeId)>,
    /// The interface that is being read under a label: each label has its own resources.
    label: Option<(InterfaceId, Name)>,
    resources: Vec<Resource>,
    /// The names of types that stand directly in the world.
    types: Vec<String>,
}

impl WitReader<'_> {
    fn side<'i>(
        &mut self,
        side: Side,
        items: impl IntoIterator<Item = (&'i WorldKey, &'i WorldItem)>,
    ) -> Vec<Extern> {
        let mut externs = Vec::new();
        for (key, item) in items {
            let name = Name::new(self.resolve.name_world_key(key));
            let implements = self.resolve.implements_value(key, item);
            let item = match item {
                WorldItem::Interface { id, .. } => {
                    self.label = implements.as_ref().map(|_| (*id, name.clone()));
                    let interface = self.interface(side, *id);
                    self.label = None;
                    Item::Interface(interface)
                }
                WorldItem::Function(func) => Item::Func(Arc::new(self.func(side, func))),
                // An alias of a resource (`use` in a world) imports nothing.
                WorldItem::Type { id, .. } => match self.defines(*id) {
                    Some(resource) if resource == *id => {
                        Item::Resource(self.resource(side, resource))
                    }
                    _ => {
                        self.types.push(name.to_string());
                        continue;
                    }
                },
            };
            externs.push(Extern {
                name,
                implements: implements.map(Name::new),
                item,
            });
        }
        externs
    }

    fn interface(&mut self, side: Side, id: InterfaceId) -> Interface {
        let interface = &self.resolve.interfaces[id];
        let mut resources = BTreeMap::new();
        for (name, ty) in &interface.types {
            if let Some(resource) = self.defines(*ty) {
                resources.insert(name.clone(), self.resource(side, resource));
            }
        }
        let mut funcs = BTreeMap::new();
        for (name, func) in &interface.functions {
            funcs.insert(name.clone(), Arc::new(self.func(side, func)));
        }
        Interface {
            funcs,
            resources,
            ..Interface::default()
        }
    }

    /// The interfaces that the resources read so far are imported from, with
    /// these resources alone.
    fn imported_resources(&self) -> Vec<Extern> {
        let mut interfaces: BTreeMap<&Name, Interface> = BTreeMap::new();
        for (id, resource) in (0..).map(ResourceId).zip(&self.resources) {
            if let (Side::Import, Some(name)) = (resource.side, &resource.interface) {
                let interface = interfaces.entry(name).or_default();
                interface.resources.insert(resource.name.clone(), id);
            }
        }
        let import = |(name, interface): (&Name, Interface)| Extern {
            name: name.clone(),
            implements: None,
            item: Item::Interface(interface),
        };
        interfaces.into_iter().map(import).collect()
    }

    /// The resource that a type is an alias of, if it is one.
    fn defines(&self, mut id: TypeId) -> Option<TypeId> {
        loop {
            match &self.resolve.types[id].kind {
                TypeDefKind::Resource => return Some(id),
                TypeDefKind::Type(wit_parser::Type::Id(aliased)) => id = *aliased,
                _ => return None,
            }
        }
    }

    fn resource(&mut self, side: Side, id: TypeId) -> ResourceId {
        let ty = &self.resolve.types[id];
        let mut label = None;
        let (interface, side) = match ty.owner {
            TypeOwner::Interface(owner) => {
                let ours = side == Side::Export && self.exported.contains(&owner);
                let side = if ours { Side::Export } else { Side::Import };
                label = self
                    .label
                    .clone()
                    .filter(|(labelled, _)| *labelled == owner);
                let named = label.as_ref().map(|(_, label)| label.clone());
                let name = || self.resolve.id_of(owner).map(Name::new);
                (named.or_else(name), side)
            }
            // A world's types are among its imports.
            _ => (None, Side::Import),
        };
        let known = (side, label.map(|(_, label)| label), id);
        let index = match self.known.iter().position(|other| *other == known) {
            Some(index) => index,
            None => {
                self.known.push(known);
                self.resources.push(Resource {
                    side,
                    interface,
                    name: ty.name.clone().unwrap_or_default(),
                });
                self.resources.len() - 1
            }
        };
        ResourceId(index as u32)
    }

    fn func(&mut self, side: Side, func: &Function) -> FuncType {
        FuncType {
            is_async: func.kind.is_async(),
            params: func
                .params
                .iter()
                .map(|param| (param.name.clone(), self.ty(side, &param.ty)))
                .collect(),
            result: func.result.as_ref().map(|ty| self.ty(side, ty)),
        }
    }

    fn ty(&mut self, side: Side, ty: &wit_parser::Type) -> Type {
        match ty {
            wit_parser::Type::Bool => Type::Bool,
            wit_parser::Type::U8 => Type::U8,
            wit_parser::Type::U16 => Type::U16,
            wit_parser::Type::U32 => Type::U32,
            wit_parser::Type::U64 => Type::U64,
            wit_parser::Type::S8 => Type::S8,
            wit_parser::Type::S16 => Type::S16,
            wit_parser::Type::S32 => Type::S32,
            wit_parser::Type::S64 => Type::S64,
            wit_parser::Type::F32 => Type::F32,
            wit_parser::Type::F64 => Type::F64,
            wit_parser::Type::Char => Type::Char,
            wit_parser::Type::String => Type::String,
            wit_parser::Type::ErrorContext => Type::ErrorContext,
            wit_parser::Type::Id(id) => self.defined(side, *id),
        }
    }

    fn defined(&mut self, side: Side, id: TypeId) -> Type {
        let kind = &self.resolve.types[id].kind;
        match kind {
            TypeDefKind::Type(ty) => self.ty(side, ty),
            TypeDefKind::Handle(Handle::Own(id)) => Type::Own(self.mentioned(side, *id)),
            TypeDefKind::Handle(Handle::Borrow(id)) => Type::Borrow(self.mentioned(side, *id)),
            // A resource by its bare name is owned.
            TypeDefKind::Resource => Type::Own(self.resource(side, id)),
            TypeDefKind::Record(record) => Type::Record(
                record
                    .fields
                    .iter()
                    .map(|field| (field.name.clone(), self.ty(side, &field.ty)))
                    .collect(),
            ),
            TypeDefKind::Flags(flags) => {
                Type::Flags(flags.flags.iter().map(|flag| flag.name.clone()).collect())
            }
            TypeDefKind::Tuple(tuple) => {
                Type::Tuple(tuple.types.iter().map(|ty| self.ty(side, ty)).collect())
            }
            TypeDefKind::Variant(variant) => Type::Variant(
                variant
                    .cases
                    .iter()
                    .map(|case| {
                        let payload = case.ty.as_ref().map(|ty| self.ty(side, ty));
                        (case.name.clone(), payload)
                    })
                    .collect(),
            ),
            TypeDefKind::Enum(cases) => {
                Type::Enum(cases.cases.iter().map(|case| case.name.clone()).collect())
            }
            TypeDefKind::Option(ty) => Type::Option(self.inner(side, ty)),
            TypeDefKind::Result(result) => {
                let ok = result.ok.as_ref().map(|ty| self.ty(side, ty));
                let err = result.err.as_ref().map(|ty| self.ty(side, ty));
                Type::Result(Arc::new((ok, err)))
            }
            TypeDefKind::List(ty) => Type::List(self.inner(side, ty)),
            TypeDefKind::FixedLengthList(ty, len) => {
                Type::FixedLengthList(self.inner(side, ty), *len)
            }
            TypeDefKind::Map(key, value) => {
                Type::Map(self.inner(side, key), self.inner(side, value))
            }
            TypeDefKind::Future(ty) => Type::Future(ty.as_ref().map(|ty| self.inner(side, ty))),
            TypeDefKind::Stream(ty) => Type::Stream(ty.as_ref().map(|ty| self.inner(side, ty))),
            // A resolved package has no unknown types.
            TypeDefKind::Unknown => Type::Tuple(Arc::new([])),
        }
    }

    fn inner(&mut self, side: Side, ty: &wit_parser::Type) -> Arc<Type> {
        Arc::new(self.ty(side, ty))
    }

    /// The resource of a handle, which may refer to it by an alias.
    fn mentioned(&mut self, side: Side, id: TypeId) -> ResourceId {
        let resource = self.defines(id).unwrap_or(id);
        self.resource(side, resource)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used)]
mod tests {
    use super::*;

    const WIT: &str = "
        package a:b@1.0.0;
        interface things {
            resource thing { look: func() -> string; }
            record seen { by: string }
        }
        interface shop {
            use things.{thing, seen};
            resource bag;
            put: func(bag: borrow<bag>, what: thing) -> seen;
        }
        interface plain { count: func() -> u32; }
        world exports-shop { export shop; }
        world exports-plain { export plain; }
    ";

    fn exporting(resolve: &Resolve, wanted: &str) -> World {
        let mut interfaces = resolve.interfaces.iter();
        let found = interfaces.find(|(_, i)| i.name.as_deref() == Some(wanted));
        World::exporting(resolve, found.unwrap().0)
    }

    fn from_wit(resolve: &Resolve, wanted: &str) -> World {
        let mut worlds = resolve.worlds.iter();
        let found = worlds.find(|(_, world)| world.name == wanted);
        World::from_wit(resolve, found.unwrap().0)
    }

    #[test]
    fn what_exports_an_interface_is_the_least_of_its_worlds() {
        let mut resolve = Resolve::default();
        resolve.push_str("test.wit", WIT).unwrap();
        let plain = exporting(&resolve, "plain");
        assert_eq!(plain, from_wit(&resolve, "exports-plain"));
        assert_eq!(plain.imports, []);

        let (shop, full) = (
            exporting(&resolve, "shop"),
            from_wit(&resolve, "exports-shop"),
        );
        full.check_fits(&shop).unwrap_err();
        assert_eq!(shop.check_fits(&full), Ok(()));
        let [import] = shop.imports.as_slice() else {
            panic!("{:?}", shop.imports);
        };
        assert_eq!(import.name.as_str(), "a:b/things@1.0.0");
        let Item::Interface(things) = &import.item else {
            panic!("{import:?}");
        };
        // The import identifies resources, so it has no functions.
        assert!(things.funcs.is_empty());
        assert_eq!(shop.resource(things.resources["thing"]).side, Side::Import);
        let exported = &shop.export("a:b/shop@1.0.0").unwrap().item;
        let Item::Interface(exported) = exported else {
            panic!("{exported:?}");
        };
        assert_eq!(exported.resources["thing"], things.resources["thing"]);
        assert_eq!(shop.resource(exported.resources["bag"]).side, Side::Export);
    }
}
