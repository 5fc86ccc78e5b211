//! Values on their way from one store to another.
//!
//! A value never leaves its store as it stands there: resources in it are
//! handles of that store. So a [`Parcel`] carries the plain values and, beside
//! them, the resources in the order in which a walk of the type meets them.
//! Both ends walk the same type, so both meet them in the same order. Where a
//! resource was, a dynamic value has a placeholder, and a static one a handle
//! that means nothing outside of the store it came from.

#[cfg(feature = "fast-transfer")]
pub(crate) mod fast;
#[cfg(feature = "fast-transfer")]
mod flow;
#[cfg(any(feature = "fast-transfer", feature = "runtime"))]
mod oversize;
mod place;
mod recipe;
pub(crate) mod resources;
#[cfg(feature = "fast-transfer")]
mod row;
mod values;

use wasmtime::component::Val;

#[cfg(feature = "fast-transfer")]
pub(crate) use flow::Flow;
#[cfg(all(feature = "fast-transfer", feature = "runtime"))]
pub(crate) use oversize::OversizedValues;
#[cfg(feature = "runtime")]
pub(crate) use oversize::is_out_of_fuel;
pub(crate) use place::Place;
pub(crate) use recipe::{Carry, FuncRecipe};
#[cfg(feature = "fast-transfer")]
pub(crate) use row::Row;
pub(crate) use values::Values;
pub use values::{Visit, Wire};

use crate::transfer::resources::Crossing;

/// Owned values between two stores, or between a store and the embedder.
#[derive(Debug)]
pub(crate) struct Parcel {
    pub(crate) values: Values,
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
