//! What crosses a boundary, and the functions that are refused because something does not.

use std::fmt;

use serde::Serialize;

use crate::plan::Boundary;
use crate::{Type, World};

/// The items that streams and futures may have to cross from one store to another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum StreamItems {
    /// All that can cross by themselves.
    #[default]
    Any,
    /// Those without a value, and those that are a bool, a number, a char or a string.
    Primitive,
}

impl StreamItems {
    /// Whether streams and futures may have items of this type; `None` is an item without
    /// a value.
    ///
    /// ```
    /// use composer_plan::{StreamItems, Type};
    ///
    /// assert!(StreamItems::Primitive.allows(None));
    /// assert!(StreamItems::Primitive.allows(Some(&Type::String)));
    /// assert!(!StreamItems::Primitive.allows(Some(&Type::List(Type::U8.into()))));
    /// ```
    pub fn allows(self, item: Option<&Type>) -> bool {
        match (self, item) {
            (StreamItems::Any, _) | (StreamItems::Primitive, None) => true,
            (StreamItems::Primitive, Some(ty)) => matches!(
                ty,
                Type::Bool
                    | Type::S8
                    | Type::U8
                    | Type::S16
                    | Type::U16
                    | Type::S32
                    | Type::U32
                    | Type::S64
                    | Type::U64
                    | Type::F32
                    | Type::F64
                    | Type::Char
                    | Type::String
            ),
        }
    }
}

impl Boundary {
    /// Whether calls carry values of a type across the boundary, if streams and futures
    /// may have these items. Types inside of it, the items of a stream among them, and the
    /// owners of resources are not looked at.
    ///
    /// ```
    /// use composer_plan::{Boundary, StreamItems, Type};
    ///
    /// let chars = Type::Stream(Some(Type::Char.into()));
    /// let lists = Type::Stream(Some(Type::List(Type::Char.into()).into()));
    /// assert!(Boundary::Isolated.carries(&lists, StreamItems::Any));
    /// assert!(Boundary::Isolated.carries(&chars, StreamItems::Primitive));
    /// assert!(!Boundary::Isolated.carries(&lists, StreamItems::Primitive));
    /// assert!(Boundary::Fused.carries(&lists, StreamItems::Primitive));
    /// assert!(!Boundary::Isolated.carries(&Type::ErrorContext, StreamItems::Any));
    /// ```
    pub fn carries(self, ty: &Type, items: StreamItems) -> bool {
        match (self, ty) {
            (Boundary::Fused, _) => true,
            (Boundary::Isolated, Type::ErrorContext) => false,
            (Boundary::Isolated, Type::Stream(item) | Type::Future(item)) => {
                items.allows(item.as_deref())
            }
            (Boundary::Isolated, _) => true,
        }
    }
}

/// A type whose values cannot go from one store to another. `Display` writes it as WIT
/// does.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConfinedType {
    /// An error-context: wasmtime has no way to take one out of its store.
    ErrorContext,
    /// A stream or a future with items that [`StreamItems`] does not allow, in words.
    Stream(String),
}

impl ConfinedType {
    /// The words for a type that a boundary does not carry.
    pub(crate) fn of(ty: &Type, world: &World) -> Self {
        match ty {
            Type::ErrorContext => ConfinedType::ErrorContext,
            ty => ConfinedType::Stream(ty.display(world).to_string()),
        }
    }

    /// What to do about it.
    pub fn fix(&self) -> &'static str {
        match self {
            ConfinedType::ErrorContext => {
                "pass a string or a resource instead, or make one component of the two with \
                 `FusedComponents`"
            }
            ConfinedType::Stream(_) => {
                "turn on the feature `fast-transfer`, or make one component of the two with \
                 `FusedComponents`"
            }
        }
    }
}

impl fmt::Display for ConfinedType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ConfinedType::ErrorContext => "error-context",
            ConfinedType::Stream(ty) => ty,
        })
    }
}

impl Serialize for ConfinedType {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

/// A function of an import that cannot be called, because of a type that does not cross
/// the boundary. The import is linked all the same: a call of this function fails, and
/// says why.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct RefusedFunction {
    /// The function of the interface; `None` if the import is itself the function.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
    /// The path to the type.
    pub path: String,
    /// The first type in it that does not cross.
    #[serde(rename = "type")]
    pub ty: ConfinedType,
}
