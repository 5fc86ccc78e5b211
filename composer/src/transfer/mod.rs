//! Values on their way from one store to another.
//!
//! A value never leaves its store as it stands there: resources in it are
//! handles of that store. So a [`Parcel`] carries the plain values with a
//! placeholder where each resource was, and the resources beside them, in the
//! order in which a [`Recipe`] meets them. Both ends walk the same type, so
//! both meet them in the same order.

mod recipe;

use wasmtime::component::Val;

pub(crate) use recipe::{Carry, FuncRecipe};

use crate::resource::Crossing;

/// Owned values between two stores, or between a store and the embedder.
#[derive(Debug, Default)]
pub(crate) struct Parcel {
    /// The values, with [`placeholder`] where a resource was.
    pub(crate) vals: Vec<Val>,
    /// The resources, in the order in which the walk of the types meets them.
    pub(crate) handles: Vec<Crossing>,
}

/// Stands where a resource was. No WIT enum has a case without a name, so it
/// cannot be taken for a value.
pub(crate) fn placeholder() -> Val {
    Val::Enum(String::new())
}

/// Whether `val` is a [`placeholder`].
pub(crate) fn is_placeholder(val: &Val) -> bool {
    matches!(val, Val::Enum(case) if case.is_empty())
}
