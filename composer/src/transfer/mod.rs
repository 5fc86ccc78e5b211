//! Values on their way from one store to another.
//!
//! A value cannot leave its store unchanged: resources in it are handles of that store.
//! So a [`TransferredValues`] carries the plain values and, beside them, the resources in
//! the order in which a walk of the type meets them. Both ends walk the same type, so
//! both meet them in the same order. Where a resource was, a dynamic value has a
//! placeholder, and a static one a handle that means nothing outside of the store it came
//! from.

#[cfg(feature = "fast-transfer")]
pub(crate) mod fast;
#[cfg(feature = "fast-transfer")]
mod image;
mod oversize;
mod place;
mod resource_paths;
#[cfg(feature = "fast-transfer")]
mod scalars;
mod values;

use std::sync::OnceLock;

use wasmtime::component::{Resource, ResourceAny, Val};
use wasmtime::{Engine, Store};

#[cfg(feature = "fast-transfer")]
pub(crate) use image::AbiImage;
#[cfg(feature = "fast-transfer")]
pub(crate) use oversize::OversizedValues;
pub(crate) use oversize::is_out_of_fuel;
pub(crate) use place::ResourcePlace;
pub(crate) use resource_paths::{FuncResourcePaths, Ownership};
#[cfg(feature = "fast-transfer")]
pub(crate) use scalars::ScalarRow;
pub(crate) use values::{CallValues, LiftValues, LowerValues, TypeSignature};
pub use values::{Visit, Wire};

/// The value that marks the place of a resource. No WIT enum has a case without a name,
/// so it cannot be taken for a value of its own.
pub(crate) fn placeholder() -> Val {
    Val::Enum(String::new())
}

/// Whether `val` is a [`placeholder`].
pub(crate) fn is_placeholder(val: &Val) -> bool {
    matches!(val, Val::Enum(case) if case.is_empty())
}

/// A placeholder for a handle that is needed and not known yet.
///
/// wasmtime makes handles only in stores, so this one belongs to a store that is gone; no
/// other store accepts it.
pub(crate) fn blank() -> ResourceAny {
    static BLANK: OnceLock<ResourceAny> = OnceLock::new();
    *BLANK.get_or_init(|| {
        let mut store = Store::new(&Engine::default(), ());
        let resource: Resource<()> = Resource::new_own(0);
        let any = resource.try_into_resource_any(&mut store);
        any.expect("an empty store has room for a resource")
    })
}
