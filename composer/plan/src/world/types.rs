//! Types of values and functions, written as WIT writes them.

use std::fmt;
use std::sync::Arc;

use crate::world::{ResourceId, World};

/// The type of a value, written out to its leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are WIT's own")]
#[non_exhaustive]
pub enum Type {
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
    List(Arc<Type>),
    FixedLengthList(Arc<Type>, u32),
    Map(Arc<Type>, Arc<Type>),
    Record(Arc<[(String, Type)]>),
    Tuple(Arc<[Type]>),
    Variant(Arc<[(String, Option<Type>)]>),
    Enum(Arc<[String]>),
    Flags(Arc<[String]>),
    Option(Arc<Type>),
    Result(Arc<(Option<Type>, Option<Type>)>),
    Own(ResourceId),
    Borrow(ResourceId),
    Future(Option<Arc<Type>>),
    Stream(Option<Arc<Type>>),
    ErrorContext,
}

/// The type of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FuncType {
    /// Declared `async func`.
    pub is_async: bool,
    /// Parameters in order, with their names.
    pub params: Vec<(String, Type)>,
    /// The result, where there is one.
    pub result: Option<Type>,
}

impl Type {
    /// Whether both are the same type, where `same` compares resources: the first is this
    /// type's.
    ///
    /// ```
    /// use composer_plan::Type;
    ///
    /// let pair = Type::Tuple([Type::U8, Type::String].into());
    /// assert!(pair.is_same(&pair.clone(), &|_, _| false));
    /// assert!(!pair.is_same(&Type::U8, &|_, _| false));
    /// ```
    pub fn is_same(&self, other: &Type, same: &dyn Fn(ResourceId, ResourceId) -> bool) -> bool {
        let both = |a: &Type, b: &Type| a.is_same(b, same);
        let maybe = |a: Option<&Type>, b: Option<&Type>| match (a, b) {
            (None, None) => true,
            (Some(a), Some(b)) => a.is_same(b, same),
            _ => false,
        };
        match (self, other) {
            (Type::Own(a), Type::Own(b)) | (Type::Borrow(a), Type::Borrow(b)) => same(*a, *b),
            (Type::List(a), Type::List(b)) | (Type::Option(a), Type::Option(b)) => both(a, b),
            (Type::FixedLengthList(a, n), Type::FixedLengthList(b, m)) => n == m && both(a, b),
            (Type::Map(a, v), Type::Map(b, w)) => both(a, b) && both(v, w),
            (Type::Record(a), Type::Record(b)) => {
                let mut fields = a.iter().zip(b.iter());
                a.len() == b.len() && fields.all(|((n, a), (m, b))| n == m && both(a, b))
            }
            (Type::Tuple(a), Type::Tuple(b)) => {
                a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| both(a, b))
            }
            (Type::Variant(a), Type::Variant(b)) => {
                let mut cases = a.iter().zip(b.iter());
                a.len() == b.len()
                    && cases.all(|((n, a), (m, b))| n == m && maybe(a.as_ref(), b.as_ref()))
            }
            (Type::Result(a), Type::Result(b)) => {
                maybe(a.0.as_ref(), b.0.as_ref()) && maybe(a.1.as_ref(), b.1.as_ref())
            }
            (Type::Stream(a), Type::Stream(b)) | (Type::Future(a), Type::Future(b)) => {
                maybe(a.as_deref(), b.as_deref())
            }
            (a, b) => a == b,
        }
    }

    /// Whether `wanted` holds for this type or any type inside it.
    pub fn any(&self, wanted: &mut impl FnMut(&Type) -> bool) -> bool {
        if wanted(self) {
            return true;
        }
        match self {
            Type::List(t) | Type::FixedLengthList(t, _) | Type::Option(t) => t.any(wanted),
            Type::Map(k, v) => k.any(wanted) || v.any(wanted),
            Type::Record(fields) => fields.iter().any(|(_, t)| t.any(wanted)),
            Type::Tuple(types) => types.iter().any(|t| t.any(wanted)),
            Type::Variant(cases) => cases
                .iter()
                .filter_map(|(_, t)| t.as_ref())
                .any(|t| t.any(wanted)),
            Type::Result(sides) => {
                let (ok, err) = &**sides;
                ok.iter().chain(err).any(|t| t.any(wanted))
            }
            Type::Future(t) | Type::Stream(t) => t.as_ref().is_some_and(|t| t.any(wanted)),
            _ => false,
        }
    }

    /// Writes the type as WIT does, resources by the names `world` has for them.
    pub fn display<'a>(&'a self, world: &'a World) -> impl fmt::Display + 'a {
        TypeDisplay { ty: self, world }
    }
}

impl FuncType {
    /// Every type in the signature, parameters first.
    pub fn types(&self) -> impl Iterator<Item = &Type> {
        self.params.iter().map(|(_, t)| t).chain(&self.result)
    }

    /// Writes the signature as WIT does.
    pub fn display<'a>(&'a self, world: &'a World) -> impl fmt::Display + 'a {
        FuncDisplay { ty: self, world }
    }
}

struct TypeDisplay<'a> {
    ty: &'a Type,
    world: &'a World,
}

struct FuncDisplay<'a> {
    ty: &'a FuncType,
    world: &'a World,
}

impl fmt::Display for TypeDisplay<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let show = |ty| TypeDisplay {
            ty,
            world: self.world,
        };
        match self.ty {
            Type::Bool => f.write_str("bool"),
            Type::S8 => f.write_str("s8"),
            Type::U8 => f.write_str("u8"),
            Type::S16 => f.write_str("s16"),
            Type::U16 => f.write_str("u16"),
            Type::S32 => f.write_str("s32"),
            Type::U32 => f.write_str("u32"),
            Type::S64 => f.write_str("s64"),
            Type::U64 => f.write_str("u64"),
            Type::F32 => f.write_str("f32"),
            Type::F64 => f.write_str("f64"),
            Type::Char => f.write_str("char"),
            Type::String => f.write_str("string"),
            Type::ErrorContext => f.write_str("error-context"),
            Type::List(t) => write!(f, "list<{}>", show(t)),
            Type::FixedLengthList(t, n) => write!(f, "list<{}, {n}>", show(t)),
            Type::Map(k, v) => write!(f, "map<{}, {}>", show(k), show(v)),
            Type::Option(t) => write!(f, "option<{}>", show(t)),
            Type::Record(fields) => {
                separated(f, "record { ", " }", fields.iter(), |f, (name, t)| {
                    write!(f, "{name}: {}", show(t))
                })
            }
            Type::Tuple(types) => separated(f, "tuple<", ">", types.iter(), |f, t| show(t).fmt(f)),
            Type::Variant(cases) => separated(
                f,
                "variant { ",
                " }",
                cases.iter(),
                |f, (name, t)| match t {
                    Some(t) => write!(f, "{name}({})", show(t)),
                    None => f.write_str(name),
                },
            ),
            Type::Enum(names) => separated(f, "enum { ", " }", names.iter(), |f, n| f.write_str(n)),
            Type::Flags(names) => {
                separated(f, "flags { ", " }", names.iter(), |f, n| f.write_str(n))
            }
            Type::Result(sides) => match &**sides {
                (None, None) => f.write_str("result"),
                (Some(ok), None) => write!(f, "result<{}>", show(ok)),
                (None, Some(err)) => write!(f, "result<_, {}>", show(err)),
                (Some(ok), Some(err)) => write!(f, "result<{}, {}>", show(ok), show(err)),
            },
            Type::Own(id) => write!(f, "{}", self.world.resource(*id)),
            Type::Borrow(id) => write!(f, "borrow<{}>", self.world.resource(*id)),
            Type::Future(None) => f.write_str("future"),
            Type::Future(Some(t)) => write!(f, "future<{}>", show(t)),
            Type::Stream(None) => f.write_str("stream"),
            Type::Stream(Some(t)) => write!(f, "stream<{}>", show(t)),
        }
    }
}

impl fmt::Display for FuncDisplay<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.ty.is_async {
            "async func"
        } else {
            "func"
        })?;
        separated(f, "(", ")", self.ty.params.iter(), |f, (name, t)| {
            write!(f, "{name}: {}", t.display(self.world))
        })?;
        match &self.ty.result {
            Some(t) => write!(f, " -> {}", t.display(self.world)),
            None => Ok(()),
        }
    }
}

fn separated<I: Iterator>(
    f: &mut fmt::Formatter<'_>,
    open: &str,
    close: &str,
    items: I,
    mut each: impl FnMut(&mut fmt::Formatter<'_>, I::Item) -> fmt::Result,
) -> fmt::Result {
    f.write_str(open)?;
    for (i, item) in items.enumerate() {
        if i > 0 {
            f.write_str(", ")?;
        }
        each(f, item)?;
    }
    f.write_str(close)
}
