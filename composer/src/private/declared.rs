//! Worlds as constants, the way `compose!` writes them down.

use std::sync::Arc;

use composer_plan as plan;
use composer_plan::{Name, ResourceId, Side};

/// All that one `compose!` declares.
pub struct Declared {
    /// The components, in the order in which they are written.
    pub components: &'static [Component],
    /// The imports that are left open.
    pub open: &'static [&'static str],
    /// Whose export is shown where several components have it.
    pub export_hints: &'static [(&'static str, &'static str)],
    /// What the whole composition exports, with the types of the declared
    /// worlds.
    pub exports: World,
}

/// One component.
pub struct Component {
    pub name: &'static str,
    pub kind: Kind,
    /// What it was declared to be: of one known only at run time, the interface
    /// that it exports.
    pub world: World,
    /// Imports, each with the component that it comes from and with the export there,
    /// if that is not the one of the import's own name.
    pub hints: &'static [(&'static str, &'static str, Option<&'static str>)],
}

/// How much of a component was declared.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// All of it.
    World,
    /// An interface that it exports. What it imports shows when it is there.
    Dyn,
    /// The same of any number of components.
    Many,
}

/// A [`plan::World`].
pub struct World {
    pub imports: &'static [(&'static str, Extern)],
    pub exports: &'static [(&'static str, Extern)],
    pub resources: &'static [Resource],
}

/// A [`plan::Item`].
pub enum Extern {
    Function(Func),
    Interface {
        funcs: &'static [(&'static str, Func)],
        /// By name, which of the world's resources it is.
        resources: &'static [(&'static str, u32)],
    },
    Defines(u32),
}

/// A [`plan::Resource`].
pub enum Resource {
    /// From an interface that is imported, or, without one, from the world.
    Imported(Option<&'static str>, &'static str),
    /// From an interface that is exported, or, without one, from the world.
    Exported(Option<&'static str>, &'static str),
}

/// A [`plan::FuncType`].
pub enum Func {
    Sync(&'static [(&'static str, Ty)], Option<Ty>),
    Async(&'static [(&'static str, Ty)], Option<Ty>),
}

/// A [`plan::Type`].
pub enum Ty {
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
    List(&'static Ty),
    FixedLengthList(&'static Ty, u32),
    Map(&'static Ty, &'static Ty),
    Record(&'static [(&'static str, Ty)]),
    Tuple(&'static [Ty]),
    Variant(&'static [(&'static str, Option<Ty>)]),
    Enum(&'static [&'static str]),
    Flags(&'static [&'static str]),
    Maybe(&'static Ty),
    Result(&'static Option<Ty>, &'static Option<Ty>),
    Own(u32),
    Borrow(u32),
    Future(Option<&'static Ty>),
    Stream(Option<&'static Ty>),
    ErrorContext,
}

impl World {
    pub(super) fn read(&self) -> plan::World {
        plan::World {
            imports: externs(self.imports),
            exports: externs(self.exports),
            resources: self.resources.iter().map(Resource::read).collect(),
            hidden: Vec::new(),
        }
    }
}

fn externs(externs: &[(&str, Extern)]) -> Vec<plan::Extern> {
    let read = |(name, item): &(&str, Extern)| plan::Extern {
        name: Name::new(*name),
        implements: None,
        item: item.read(),
    };
    externs.iter().map(read).collect()
}

impl Extern {
    fn read(&self) -> plan::Item {
        match self {
            Extern::Function(func) => plan::Item::Func(Arc::new(func.read())),
            Extern::Interface { funcs, resources } => plan::Item::Interface(plan::Interface {
                funcs: funcs
                    .iter()
                    .map(|(name, func)| ((*name).to_owned(), Arc::new(func.read())))
                    .collect(),
                resources: resources
                    .iter()
                    .map(|(name, id)| ((*name).to_owned(), ResourceId(*id)))
                    .collect(),
                ..plan::Interface::default()
            }),
            Extern::Defines(id) => plan::Item::Resource(ResourceId(*id)),
        }
    }
}

impl Resource {
    fn read(&self) -> plan::Resource {
        let (side, interface, name) = match self {
            Resource::Imported(interface, name) => (Side::Import, interface, name),
            Resource::Exported(interface, name) => (Side::Export, interface, name),
        };
        plan::Resource {
            side,
            interface: interface.map(Name::new),
            name: (*name).to_owned(),
        }
    }
}

impl Func {
    fn read(&self) -> plan::FuncType {
        let (is_async, params, result) = match self {
            Func::Sync(params, result) => (false, params, result),
            Func::Async(params, result) => (true, params, result),
        };
        plan::FuncType {
            is_async,
            params: params.iter().map(named).collect(),
            result: result.as_ref().map(Ty::read),
        }
    }
}

fn named((name, ty): &(&str, Ty)) -> (String, plan::Type) {
    ((*name).to_owned(), ty.read())
}

fn names(names: &[&str]) -> Arc<[String]> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

impl Ty {
    fn read(&self) -> plan::Type {
        match *self {
            Ty::Bool => plan::Type::Bool,
            Ty::S8 => plan::Type::S8,
            Ty::U8 => plan::Type::U8,
            Ty::S16 => plan::Type::S16,
            Ty::U16 => plan::Type::U16,
            Ty::S32 => plan::Type::S32,
            Ty::U32 => plan::Type::U32,
            Ty::S64 => plan::Type::S64,
            Ty::U64 => plan::Type::U64,
            Ty::F32 => plan::Type::F32,
            Ty::F64 => plan::Type::F64,
            Ty::Char => plan::Type::Char,
            Ty::String => plan::Type::String,
            Ty::List(ty) => plan::Type::List(ty.shared()),
            Ty::FixedLengthList(ty, len) => plan::Type::FixedLengthList(ty.shared(), len),
            Ty::Map(key, value) => plan::Type::Map(key.shared(), value.shared()),
            Ty::Record(fields) => plan::Type::Record(fields.iter().map(named).collect()),
            Ty::Tuple(types) => plan::Type::Tuple(types.iter().map(Ty::read).collect()),
            Ty::Variant(cases) => plan::Type::Variant(
                cases
                    .iter()
                    .map(|(name, ty)| ((*name).to_owned(), ty.as_ref().map(Ty::read)))
                    .collect(),
            ),
            Ty::Enum(cases) => plan::Type::Enum(names(cases)),
            Ty::Flags(flags) => plan::Type::Flags(names(flags)),
            Ty::Maybe(ty) => plan::Type::Option(ty.shared()),
            Ty::Result(ok, err) => {
                let side = |ty: &Option<Ty>| ty.as_ref().map(Ty::read);
                plan::Type::Result(Arc::new((side(ok), side(err))))
            }
            Ty::Own(id) => plan::Type::Own(ResourceId(id)),
            Ty::Borrow(id) => plan::Type::Borrow(ResourceId(id)),
            Ty::Future(ty) => plan::Type::Future(ty.map(Ty::shared)),
            Ty::Stream(ty) => plan::Type::Stream(ty.map(Ty::shared)),
            Ty::ErrorContext => plan::Type::ErrorContext,
        }
    }

    fn shared(&self) -> Arc<plan::Type> {
        Arc::new(self.read())
    }
}
