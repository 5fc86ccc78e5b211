//! Reads the world of a compiled component, in the planner's types.

use std::sync::Arc;

use composer_plan::{
    Extern, FuncType, Interface, Item, Name, Resource, ResourceId, Side, Type, World,
};
use wasmtime::Engine;
use wasmtime::component::types::{self, ComponentExtern, ComponentItem};
use wasmtime::component::{Component, ResourceType};

/// Reads the imports and exports of a component with their full types, without
/// running anything.
///
/// ```
/// use wasmtime::component::Component;
///
/// let engine = wasmtime::Engine::default();
/// let component = Component::new(
///     &engine,
///     r#"(component (import "shop:tax/rates@1.0.0" (instance
///         (export "region" (func (result string))))))"#,
/// )
/// .unwrap();
/// let world = composer::read_world(&component);
/// assert_eq!(world.imports[0].name.as_str(), "shop:tax/rates@1.0.0");
/// ```
pub fn read_world(component: &Component) -> World {
    let ty = component.component_type();
    let mut reader = WorldReader {
        engine: component.engine(),
        known: Vec::new(),
        resources: Vec::new(),
        types: Vec::new(),
    };
    // Imports are read first, since an export that mentions an imported resource means
    // the import. On each side, interfaces come before those that use them, so a resource
    // is first met where it is defined.
    let imports = ty
        .imports(component.engine())
        .filter_map(|(name, item)| reader.read(Side::Import, name, &item))
        .collect();
    let exports = ty
        .exports(component.engine())
        .filter_map(|(name, item)| reader.read(Side::Export, name, &item))
        .collect();
    World {
        imports,
        exports,
        resources: reader.resources,
        types: reader.types,
        hidden: Vec::new(),
    }
}

struct WorldReader<'a> {
    engine: &'a Engine,
    /// wasmtime's type of each of `resources`.
    known: Vec<ResourceType>,
    resources: Vec<Resource>,
    /// The names of types that stand directly in the world.
    types: Vec<String>,
}

impl WorldReader<'_> {
    fn read(&mut self, side: Side, name: &str, item: &ComponentExtern<'_>) -> Option<Extern> {
        let name = Name::new(name);
        let implements = item.implements.map(Name::new);
        let item = match &item.ty {
            ComponentItem::ComponentFunc(ty) => Item::Func(Arc::new(self.func(side, ty))),
            ComponentItem::ComponentInstance(ty) => {
                Item::Interface(self.interface(side, &name, ty))
            }
            // An import that is another name for a resource (`use` in a world) requires
            // nothing.
            ComponentItem::Resource(ty) if side == Side::Import && self.known.contains(ty) => {
                self.types.push(name.to_string());
                return None;
            }
            ComponentItem::Resource(ty) => {
                Item::Resource(self.resource(side, None, name.as_str(), *ty))
            }
            ComponentItem::Type(_) => {
                self.types.push(name.to_string());
                return None;
            }
            other => Item::Unsupported(unsupported(other)?.to_owned()),
        };
        Some(Extern {
            name,
            implements,
            item,
        })
    }

    fn interface(&mut self, side: Side, name: &Name, ty: &types::ComponentInstance) -> Interface {
        let mut items = Vec::new();
        self.flatten(ty, None, &mut items);
        let mut interface = Interface::default();
        // All resources are read before any function, since a function may mention one
        // that the interface lists later.
        for (item, ty) in &items {
            if let ComponentItem::Resource(ty) = ty {
                let id = self.resource(side, Some(name), item, *ty);
                interface.resources.insert(item.clone(), id);
            }
        }
        for (item, ty) in items {
            if let ComponentItem::ComponentFunc(ty) = &ty {
                interface.funcs.insert(item, Arc::new(self.func(side, ty)));
            } else if let Some(kind) = unsupported(&ty) {
                interface.unsupported.insert(item, kind.to_owned());
            }
        }
        interface
    }

    /// The items of an interface and of those within it.
    fn flatten(
        &self,
        ty: &types::ComponentInstance,
        inner: Option<&str>,
        items: &mut Vec<(String, ComponentItem)>,
    ) {
        for (name, item) in ty.exports(self.engine) {
            let name = match inner {
                Some(inner) => Interface::inner_name(inner, name),
                None => name.to_owned(),
            };
            match item.ty {
                ComponentItem::ComponentInstance(ty) => self.flatten(&ty, Some(&name), items),
                item => items.push((name, item)),
            }
        }
    }

    fn resource(
        &mut self,
        side: Side,
        interface: Option<&Name>,
        name: &str,
        ty: ResourceType,
    ) -> ResourceId {
        let known = self.known.iter().position(|known| *known == ty);
        let index = known.unwrap_or_else(|| {
            self.known.push(ty);
            self.resources.push(Resource {
                side,
                interface: interface.cloned(),
                name: name.to_owned(),
            });
            self.resources.len() - 1
        });
        ResourceId(index as u32)
    }

    fn func(&mut self, side: Side, ty: &types::ComponentFunc) -> FuncType {
        FuncType {
            is_async: ty.async_(),
            params: ty
                .params()
                .map(|(name, ty)| (name.to_owned(), self.ty(side, &ty)))
                .collect(),
            result: ty.results().next().map(|ty| self.ty(side, &ty)),
        }
    }

    fn ty(&mut self, side: Side, ty: &types::Type) -> Type {
        match ty {
            types::Type::Bool => Type::Bool,
            types::Type::S8 => Type::S8,
            types::Type::U8 => Type::U8,
            types::Type::S16 => Type::S16,
            types::Type::U16 => Type::U16,
            types::Type::S32 => Type::S32,
            types::Type::U32 => Type::U32,
            types::Type::S64 => Type::S64,
            types::Type::U64 => Type::U64,
            types::Type::Float32 => Type::F32,
            types::Type::Float64 => Type::F64,
            types::Type::Char => Type::Char,
            types::Type::String => Type::String,
            types::Type::ErrorContext => Type::ErrorContext,
            types::Type::List(t) => Type::List(self.inner(side, &t.ty())),
            types::Type::FixedLengthList(t) => {
                Type::FixedLengthList(self.inner(side, &t.ty()), t.len())
            }
            types::Type::Map(t) => {
                Type::Map(self.inner(side, &t.key()), self.inner(side, &t.value()))
            }
            types::Type::Record(t) => Type::Record(
                t.fields()
                    .map(|field| (field.name.to_owned(), self.ty(side, &field.ty)))
                    .collect(),
            ),
            types::Type::Tuple(t) => Type::Tuple(t.types().map(|t| self.ty(side, &t)).collect()),
            types::Type::Variant(t) => Type::Variant(
                t.cases()
                    .map(|case| (case.name.to_owned(), case.ty.map(|t| self.ty(side, &t))))
                    .collect(),
            ),
            types::Type::Enum(t) => Type::Enum(t.names().map(str::to_owned).collect()),
            types::Type::Flags(t) => Type::Flags(t.names().map(str::to_owned).collect()),
            types::Type::Option(t) => Type::Option(self.inner(side, &t.ty())),
            types::Type::Result(t) => {
                let ok = t.ok().map(|t| self.ty(side, &t));
                let err = t.err().map(|t| self.ty(side, &t));
                Type::Result(Arc::new((ok, err)))
            }
            types::Type::Future(t) => Type::Future(t.ty().map(|t| self.inner(side, &t))),
            types::Type::Stream(t) => Type::Stream(t.ty().map(|t| self.inner(side, &t))),
            types::Type::Own(t) => Type::Own(self.mentioned(side, *t)),
            types::Type::Borrow(t) => Type::Borrow(self.mentioned(side, *t)),
        }
    }

    fn inner(&mut self, side: Side, ty: &types::Type) -> Arc<Type> {
        Arc::new(self.ty(side, ty))
    }

    /// A resource in a signature. An import or export names every resource before a
    /// signature mentions it; one that is not named anywhere has no name to report.
    fn mentioned(&mut self, side: Side, ty: ResourceType) -> ResourceId {
        self.resource(side, None, "(unnamed)", ty)
    }
}

/// The kind of an item that a composition cannot wire.
fn unsupported(item: &ComponentItem) -> Option<&'static str> {
    match item {
        ComponentItem::Module(_) => Some("core module"),
        ComponentItem::CoreFunc(_) => Some("core function"),
        ComponentItem::Component(_) => Some("component"),
        _ => None,
    }
}
