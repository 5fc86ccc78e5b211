//! Declared worlds as constants, as `compose!` generates them.

use std::sync::Arc;

use composer_plan as plan;
use composer_plan::{Name, ResourceId, Side};

/// All that one `compose!` declares.
pub struct DeclaredComposition {
    /// The components, in the order in which they are written.
    pub components: &'static [DeclaredComponent],
    /// The imports that are left open.
    pub open: &'static [&'static str],
    /// The component whose export is shown, for exports that several components have.
    pub export_hints: &'static [(&'static str, &'static str)],
    /// What the whole composition exports, with the types of the declared
    /// worlds.
    pub exports: DeclaredWorld,
}

/// One component.
pub struct DeclaredComponent {
    pub name: &'static str,
    pub kind: DeclaredKind,
    /// Its declared world. For a component that is known only at run time, it has the
    /// interface that the component exports.
    pub world: DeclaredWorld,
    /// Imports, each with the component that it comes from and with the export there,
    /// if that is not the one of the import's own name.
    pub hints: &'static [(&'static str, &'static str, Option<&'static str>)],
}

/// How much of a component was declared.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum DeclaredKind {
    /// All of it.
    World,
    /// An interface that it exports. Its imports are known only at run time.
    Dyn,
    /// An interface that each of any number of components exports.
    Many,
}

/// A [`plan::World`].
pub struct DeclaredWorld {
    pub imports: &'static [(&'static str, DeclaredExtern)],
    pub exports: &'static [(&'static str, DeclaredExtern)],
    pub resources: &'static [DeclaredResource],
}

/// A [`plan::Item`].
pub enum DeclaredExtern {
    Function(DeclaredFunc),
    Interface {
        funcs: &'static [(&'static str, DeclaredFunc)],
        /// The index of each resource in the world, by name.
        resources: &'static [(&'static str, u32)],
    },
    Defines(u32),
}

/// A [`plan::Resource`].
pub enum DeclaredResource {
    /// From an interface that is imported, or, without one, from the world.
    Imported(Option<&'static str>, &'static str),
    /// From an interface that is exported, or, without one, from the world.
    Exported(Option<&'static str>, &'static str),
}

/// A [`plan::FuncType`].
pub enum DeclaredFunc {
    Sync(
        &'static [(&'static str, DeclaredType)],
        Option<DeclaredType>,
    ),
    Async(
        &'static [(&'static str, DeclaredType)],
        Option<DeclaredType>,
    ),
}

/// A [`plan::Type`].
pub enum DeclaredType {
    Bool,
    S8,
    U8,
    S16,
    U16,
    S32,
    U32,
    S64,
    U64,
    F32,
    F64,
    Char,
    String,
    List(&'static DeclaredType),
    FixedLengthList(&'static DeclaredType, u32),
    Map(&'static DeclaredType, &'static DeclaredType),
    Record(&'static [(&'static str, DeclaredType)]),
    Tuple(&'static [DeclaredType]),
    Variant(&'static [(&'static str, Option<DeclaredType>)]),
    Enum(&'static [&'static str]),
    Flags(&'static [&'static str]),
    Maybe(&'static DeclaredType),
    Result(&'static Option<DeclaredType>, &'static Option<DeclaredType>),
    Own(u32),
    Borrow(u32),
    Future(Option<&'static DeclaredType>),
    Stream(Option<&'static DeclaredType>),
    ErrorContext,
}

impl DeclaredWorld {
    pub(crate) fn read(&self) -> plan::World {
        plan::World {
            imports: externs(self.imports),
            exports: externs(self.exports),
            resources: self.resources.iter().map(DeclaredResource::read).collect(),
            types: Vec::new(),
            hidden: Vec::new(),
        }
    }
}

fn externs(externs: &[(&str, DeclaredExtern)]) -> Vec<plan::Extern> {
    let read = |(name, item): &(&str, DeclaredExtern)| plan::Extern {
        name: Name::new(*name),
        implements: None,
        item: item.read(),
    };
    externs.iter().map(read).collect()
}

impl DeclaredExtern {
    fn read(&self) -> plan::Item {
        match self {
            DeclaredExtern::Function(func) => plan::Item::Func(Arc::new(func.read())),
            DeclaredExtern::Interface { funcs, resources } => {
                plan::Item::Interface(plan::Interface {
                    funcs: funcs
                        .iter()
                        .map(|(name, func)| ((*name).to_owned(), Arc::new(func.read())))
                        .collect(),
                    resources: resources
                        .iter()
                        .map(|(name, id)| ((*name).to_owned(), ResourceId(*id)))
                        .collect(),
                    ..plan::Interface::default()
                })
            }
            DeclaredExtern::Defines(id) => plan::Item::Resource(ResourceId(*id)),
        }
    }
}

impl DeclaredResource {
    fn read(&self) -> plan::Resource {
        let (side, interface, name) = match self {
            DeclaredResource::Imported(interface, name) => (Side::Import, interface, name),
            DeclaredResource::Exported(interface, name) => (Side::Export, interface, name),
        };
        plan::Resource {
            side,
            interface: interface.map(Name::new),
            name: (*name).to_owned(),
        }
    }
}

impl DeclaredFunc {
    fn read(&self) -> plan::FuncType {
        let (is_async, params, result) = match self {
            DeclaredFunc::Sync(params, result) => (false, params, result),
            DeclaredFunc::Async(params, result) => (true, params, result),
        };
        plan::FuncType {
            is_async,
            params: params.iter().map(named).collect(),
            result: result.as_ref().map(DeclaredType::read),
        }
    }
}

fn named((name, ty): &(&str, DeclaredType)) -> (String, plan::Type) {
    ((*name).to_owned(), ty.read())
}

fn names(names: &[&str]) -> Arc<[String]> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

impl DeclaredType {
    fn read(&self) -> plan::Type {
        match *self {
            DeclaredType::Bool => plan::Type::Bool,
            DeclaredType::S8 => plan::Type::S8,
            DeclaredType::U8 => plan::Type::U8,
            DeclaredType::S16 => plan::Type::S16,
            DeclaredType::U16 => plan::Type::U16,
            DeclaredType::S32 => plan::Type::S32,
            DeclaredType::U32 => plan::Type::U32,
            DeclaredType::S64 => plan::Type::S64,
            DeclaredType::U64 => plan::Type::U64,
            DeclaredType::F32 => plan::Type::F32,
            DeclaredType::F64 => plan::Type::F64,
            DeclaredType::Char => plan::Type::Char,
            DeclaredType::String => plan::Type::String,
            DeclaredType::List(ty) => plan::Type::List(ty.shared()),
            DeclaredType::FixedLengthList(ty, len) => plan::Type::FixedLengthList(ty.shared(), len),
            DeclaredType::Map(key, value) => plan::Type::Map(key.shared(), value.shared()),
            DeclaredType::Record(fields) => plan::Type::Record(fields.iter().map(named).collect()),
            DeclaredType::Tuple(types) => {
                plan::Type::Tuple(types.iter().map(DeclaredType::read).collect())
            }
            DeclaredType::Variant(cases) => plan::Type::Variant(
                cases
                    .iter()
                    .map(|(name, ty)| ((*name).to_owned(), ty.as_ref().map(DeclaredType::read)))
                    .collect(),
            ),
            DeclaredType::Enum(cases) => plan::Type::Enum(names(cases)),
            DeclaredType::Flags(flags) => plan::Type::Flags(names(flags)),
            DeclaredType::Maybe(ty) => plan::Type::Option(ty.shared()),
            DeclaredType::Result(ok, err) => {
                let side = |ty: &Option<DeclaredType>| ty.as_ref().map(DeclaredType::read);
                plan::Type::Result(Arc::new((side(ok), side(err))))
            }
            DeclaredType::Own(id) => plan::Type::Own(ResourceId(id)),
            DeclaredType::Borrow(id) => plan::Type::Borrow(ResourceId(id)),
            DeclaredType::Future(ty) => plan::Type::Future(ty.map(DeclaredType::shared)),
            DeclaredType::Stream(ty) => plan::Type::Stream(ty.map(DeclaredType::shared)),
            DeclaredType::ErrorContext => plan::Type::ErrorContext,
        }
    }

    fn shared(&self) -> Arc<plan::Type> {
        Arc::new(self.read())
    }
}
