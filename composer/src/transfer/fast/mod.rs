//! Values between stores without a [`Val`](wasmtime::component::Val) for each.
//!
//! wasmtime lifts and lowers values of a Rust type by traits that are public, while the
//! types of their arguments are hidden (`wasmtime::component::__internal`). This module
//! implements these traits for values of any type: it walks the component's own type
//! while the values are copied.
//!
//! On the way out of a store, the image of a value in memory is copied as it is, and then
//! [mended](lift): lists and strings are fetched, resources are taken out, and whatever
//! the ABI leaves undefined is made definite. On the way in, the same image is [mended
//! the other way](lower) and copied. What has to be mended in a type is a list of
//! [`ImageOp`](ops::ImageOp)s, which is empty for numbers and for types made of numbers
//! alone.

#[allow(unsafe_code)]
mod abi;
mod call_values;
mod flat;
mod flat_layout;
mod lift;
mod lower;
mod ops;

#[cfg(feature = "component-model-async")]
pub(crate) use abi::{BulkItem, ItemBatch, read_items};
pub(crate) use abi::{IncomingArgs, IncomingResults, OutgoingArgs, OutgoingValues};
pub(crate) use flat_layout::FlatLayout;
#[cfg(feature = "component-model-async")]
pub(crate) use flat_layout::count;

/// Evaluates `$then` with the constant `$N`, which is `$slots`: a number of
/// slots, up to as many as a [`FlatLayout`] can have.
macro_rules! with_slots {
    ($slots:expr, $N:ident => $then:expr) => {
        $crate::transfer::fast::with_slots!(
            $slots, $N => $then; 0 1 2 3 4 5 6 7
        )
    };
    ($slots:expr, $N:ident => $then:expr; $($count:literal)*) => {
        match $slots {
            $($count => {
                const $N: usize = $count;
                $then
            })*
            _ => {
                const $N: usize = 8;
                $then
            }
        }
    };
}
pub(crate) use with_slots;
