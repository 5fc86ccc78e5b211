//! Items for the code that `compose!` generates. They are not meant to be used directly.

mod cases;
mod wiring;

pub use crate::assembly::declared::{
    DeclaredComponent, DeclaredComposition, DeclaredExtern, DeclaredFunc, DeclaredKind,
    DeclaredResource, DeclaredType, DeclaredWorld,
};
pub use wiring::{Wiring, check_exports, one_part, one_part_of};

pub use cases::{enum_case, enum_val, fields, flags_set, flags_val, variant_case, variant_val};
#[cfg(feature = "macros")]
pub use composer_macros::Wire;
pub use wasmtime;
pub use wasmtime::component::{ComponentType, Lift, Lower, ResourceAny, Val};
#[cfg(feature = "component-model-async")]
pub use wasmtime::component::{FutureAny, StreamAny};

pub use crate::boundary::resources::ResourceHandle;
pub use crate::composition::Composition;
pub use crate::error::CallError;
pub use crate::handles::{
    FromWire, FunctionName, FunctionTable, InboundResources, IntoString, IntoWire, LentHostValue,
    List, OutboundResources, TypedComposition, UntypedParams, WeakHandle, strings,
};
#[cfg(feature = "component-model-async")]
pub use crate::streams::{FutureReader, StreamReader};
pub use crate::transfer::{HandleMut, Visit, Wire};
pub use crate::typed::{
    Function, HostFunction, HostInterface, HostLinker, HostResource, HostTable, TypedBindings,
    TypedRegistry,
};

/// The names that the derives and macros of wasmtime expect to be in scope.
pub mod prelude {
    pub use ::core;
    pub use ::std;
    pub use ::std::debug_assert;
    pub use ::std::prelude::rust_2024::*;
    pub use wasmtime;
}
