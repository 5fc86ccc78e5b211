//! Values on their way from one store to another.
//!
//! A value never leaves its store as it stands there: resources in it are
//! handles of that store. So a [`TransferredValues`] carries the plain values and, beside
//! them, the resources in the order in which a walk of the type meets them.
//! Both ends walk the same type, so both meet them in the same order. Where a
//! resource was, a dynamic value has a placeholder, and a static one a handle
//! that means nothing outside of the store it came from.

#[cfg(feature = "fast-transfer")]
pub(crate) mod fast;
#[cfg(feature = "fast-transfer")]
mod image;
#[cfg(any(feature = "fast-transfer", feature = "runtime"))]
mod oversize;
mod place;
mod resource_paths;
pub(crate) mod resources;
#[cfg(feature = "fast-transfer")]
mod scalars;
mod values;

use wasmtime::component::Val;

#[cfg(feature = "fast-transfer")]
pub(crate) use image::AbiImage;
#[cfg(all(feature = "fast-transfer", feature = "runtime"))]
pub(crate) use oversize::OversizedValues;
#[cfg(feature = "runtime")]
pub(crate) use oversize::is_out_of_fuel;
pub(crate) use place::ResourcePlace;
pub(crate) use resource_paths::{FuncResourcePaths, Ownership};
#[cfg(feature = "fast-transfer")]
pub(crate) use scalars::ScalarRow;
pub(crate) use values::CallValues;
pub use values::{Visit, Wire};

use crate::transfer::resources::TransferredResource;

/// Owned values between two stores, or between a store and the embedder.
#[derive(Debug)]
pub(crate) struct TransferredValues {
    pub(crate) values: CallValues,
    /// The resources, in the order in which the walk of the types meets them.
    pub(crate) handles: Vec<TransferredResource>,
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
