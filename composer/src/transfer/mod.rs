//! Values on their way from one store to another.
//!
//! A value cannot leave its store unchanged: resources, streams and futures in it are
//! handles of that store. So a [`TransferredValues`] carries the plain values and, beside
//! them, what the handles stand for, in the order in which a walk of the type meets them.
//! Both ends walk the same type, so both meet them in the same order. Where a handle was,
//! a dynamic value has a placeholder, and a static one a handle that means nothing
//! outside of the store it came from.

pub(crate) mod blank;
#[cfg(feature = "fast-transfer")]
pub(crate) mod fast;
mod handle_paths;
mod handle_place;
#[cfg(feature = "fast-transfer")]
mod image;
#[cfg(all(feature = "fast-transfer", feature = "component-model-async"))]
mod image_values;
#[cfg(all(feature = "fast-transfer", feature = "component-model-async"))]
mod layout;
mod oversize;
#[cfg(feature = "component-model-async")]
mod payload;
#[cfg(feature = "fast-transfer")]
mod scalars;
mod values;
#[cfg(feature = "wasi-p3")]
mod write_result;

use composer_plan::StreamItems;
use wasmtime::component::Val;

#[cfg(feature = "component-model-async")]
pub(crate) use handle_paths::SidePaths;
pub(crate) use handle_paths::{FuncHandlePaths, HandleType, Ownership};
pub use handle_place::HandleMut;
pub(crate) use handle_place::{AnyHandle, HandlePlace};
#[cfg(feature = "fast-transfer")]
pub(crate) use image::AbiImage;
#[cfg(feature = "fast-transfer")]
pub(crate) use oversize::OversizedValues;
pub(crate) use oversize::is_out_of_fuel;
#[cfg(feature = "component-model-async")]
pub(crate) use payload::{Payload, PayloadForm};
#[cfg(feature = "fast-transfer")]
pub(crate) use scalars::ScalarRow;
pub(crate) use values::{CallValues, LiftValues, LowerValues, TypeSignature};
pub use values::{Visit, Wire};
#[cfg(feature = "wasi-p3")]
pub(crate) use write_result::{WriteResult, is_write_result};

/// The items of streams that cross from one store to another: in bulk all of them, and
/// otherwise those that have a Rust type by themselves.
pub(crate) const STREAM_ITEMS: StreamItems = match cfg!(feature = "fast-transfer") {
    true => StreamItems::Any,
    false => StreamItems::Primitive,
};

/// The value that marks the place of a handle. No WIT enum has a case without a name,
/// so it cannot be taken for a value of its own.
pub(crate) fn placeholder() -> Val {
    Val::Enum(String::new())
}

/// Whether `val` is a [`placeholder`].
pub(crate) fn is_placeholder(val: &Val) -> bool {
    matches!(val, Val::Enum(case) if case.is_empty())
}
