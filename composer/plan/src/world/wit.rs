//! What a world written in WIT says: the same [`World`] that its component
//! will have.

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
    /// A component built for that world says the same of itself, except that
    /// toolchains leave out imports that its code does not use.
    pub fn from_wit(resolve: &Resolve, world: WorldId) -> World {
        let world = &resolve.worlds[world];
        let mut reader = Reader {
            resolve,
            exported: exported(world),
            known: Vec::new(),
            resources: Vec::new(),
        };
        let imports = reader.side(Side::Import, &world.imports);
        let exports = reader.side(Side::Export, &world.exports);
        World {
            imports,
            exports,
            resources: reader.resources,
            hidden: Vec::new(),
        }
    }
}

fn exported(world: &wit_parser::World) -> Vec<InterfaceId> {
    let interfaces = world.exports.values().filter_map(|item| match item {
        WorldItem::Interface { id, .. } => Some(*id),
        _ => None,
    });
    interfaces.collect()
}

struct Reader<'a> {
    resolve: &'a Resolve,
    /// The interfaces that the world exports. An export that mentions a
    /// resource of one of them means the exported one.
    exported: Vec<InterfaceId>,
    /// The definition of each of `resources`, and on which side it is.
    known: Vec<(Side, TypeId)>,
    resources: Vec<Resource>,
}

impl Reader<'_> {
    fn side<'i>(
        &mut self,
        side: Side,
        items: impl IntoIterator<Item = (&'i WorldKey, &'i WorldItem)>,
    ) -> Vec<Extern> {
        let mut externs = Vec::new();
        for (key, item) in items {
            let name = Name::new(self.resolve.name_world_key(key));
            let item = match item {
                WorldItem::Interface { id, .. } => Item::Interface(self.interface(side, *id)),
                WorldItem::Function(func) => Item::Func(Arc::new(self.func(side, func))),
                WorldItem::Type { id, .. } => match self.defines(*id) {
                    Some(resource) => Item::Resource(self.resource(side, resource)),
                    None => continue,
                },
            };
            externs.push(Extern { name, item });
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
        Interface { funcs, resources }
    }

    /// The resource that a type is another name of, if it is one.
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
        let (interface, side) = match ty.owner {
            TypeOwner::Interface(owner) => {
                let ours = side == Side::Export && self.exported.contains(&owner);
                let name = self.resolve.id_of(owner).map(Name::new);
                (name, if ours { Side::Export } else { Side::Import })
            }
            // Types of a world stand among its imports.
            _ => (None, Side::Import),
        };
        let index = match self.known.iter().position(|known| *known == (side, id)) {
            Some(index) => index,
            None => {
                self.known.push((side, id));
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

    /// The resource of a handle, which may name it by an alias.
    fn mentioned(&mut self, side: Side, id: TypeId) -> ResourceId {
        let resource = self.defines(id).unwrap_or(id);
        self.resource(side, resource)
    }
}
