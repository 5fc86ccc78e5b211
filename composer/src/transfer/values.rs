//! The values of a call, in one of the forms in which they cross.

use std::any::{Any, TypeId};
use std::fmt;
use std::ops::ControlFlow;

use wasmtime::component::{ComponentNamedList, Lift, Lower, Val};

use crate::transfer::HandleMut;
#[cfg(feature = "fast-transfer")]
use crate::transfer::{AbiImage, ScalarRow};

/// A callback for every handle in a value, with the number of its place in the type.
pub type Visit<'v> = dyn FnMut(usize, HandleMut<'_>) -> ControlFlow<()> + 'v;

/// A Rust type for a WIT type, as its values cross: owned, with wasmtime's
/// handles where resources, streams and futures are.
///
/// It is derived for the types that `compose!` makes.
pub trait Wire: Sized + Send + Sync + 'static {
    /// How many places for handles the type has, in the order of its text.
    const HANDLES: usize = 0;

    /// Calls `visit` for every handle in the value. The first place of this type has the
    /// number `first`.
    fn visit(&mut self, first: usize, visit: &mut Visit<'_>) -> ControlFlow<()> {
        let _ = (first, visit);
        ControlFlow::Continue(())
    }

    /// The same value without its Rust type, with placeholders for handles.
    fn into_val(self) -> Val;

    /// Converts `val`, if it is a value of this type. A placeholder becomes a handle of
    /// no store.
    fn from_val(val: Val) -> Option<Self>;
}

/// The arguments or the results of one call.
pub(crate) enum CallValues {
    /// Values of types that were read at run time.
    Dynamic(Vec<Val>),
    /// Values of a Rust type that both ends know: a tuple of the arguments, or of one
    /// result or none.
    Static(Box<dyn StaticValues>),
    /// Values of types that were read at run time, in bulk.
    #[cfg(feature = "fast-transfer")]
    Image(AbiImage),
    /// The same for only a few numbers.
    #[cfg(feature = "fast-transfer")]
    Scalars(ScalarRow),
}

/// Values of a [`Wire`] type that is not known statically.
pub(crate) trait StaticValues: Any + Send + Sync {
    fn visit(&mut self, visit: &mut Visit<'_>) -> ControlFlow<()>;
    fn into_any(self: Box<Self>) -> Box<dyn Any>;
    /// The same values one by one, with placeholders for handles.
    fn into_vals(self: Box<Self>) -> Vec<Val>;
}

impl<W: Wire> StaticValues for W {
    fn visit(&mut self, visit: &mut Visit<'_>) -> ControlFlow<()> {
        Wire::visit(self, 0, visit)
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }

    fn into_vals(self: Box<Self>) -> Vec<Val> {
        match Wire::into_val(*self) {
            Val::Tuple(vals) => vals,
            // Arguments and results are always a tuple.
            other => vec![other],
        }
    }
}

impl CallValues {
    pub(crate) fn fixed(values: impl Wire) -> Self {
        CallValues::Static(Box::new(values))
    }

    /// The same values for a receiver that does not know their Rust type.
    pub(crate) fn without_type(self) -> Self {
        match self {
            CallValues::Static(values) => CallValues::Dynamic(values.into_vals()),
            other => other,
        }
    }

    /// The values as dynamic ones. Only a caller that sent dynamic values reads its
    /// results in this way: a call is answered in the form in which it was made. If the
    /// arguments lost [their type](CallValues::without_type) on the way, the caller reads
    /// the results by [`CallValues::into_static`].
    pub(crate) fn into_vals(self) -> Vec<Val> {
        match self {
            CallValues::Dynamic(vals) => vals,
            _ => Vec::new(),
        }
    }

    /// The values as those of type `W`, if they are. Dynamic values are the answer of a
    /// component that did not know the type.
    pub(crate) fn into_static<W: Wire>(self) -> Option<W> {
        match self {
            CallValues::Static(values) => Some(*values.into_any().downcast().ok()?),
            CallValues::Dynamic(vals) => W::from_val(Val::Tuple(vals)),
            #[cfg(feature = "fast-transfer")]
            CallValues::Image(_) | CallValues::Scalars(_) => None,
        }
    }
}

/// A Rust type that wasmtime lowers into a store, made of call values.
pub(crate) trait LowerValues: ComponentNamedList + Lower + Sized + 'static {
    /// Returns `None` if the values have another form or type.
    fn from_values(values: CallValues) -> Option<Self>;
}

impl<W: Wire + ComponentNamedList + Lower> LowerValues for W {
    fn from_values(values: CallValues) -> Option<Self> {
        values.into_static()
    }
}

/// A Rust type that wasmtime lifts out of a store, to become call values.
pub(crate) trait LiftValues: ComponentNamedList + Lift + Sized + 'static {
    fn into_values(self) -> CallValues;
}

impl<W: Wire + ComponentNamedList + Lift> LiftValues for W {
    fn into_values(self) -> CallValues {
        CallValues::fixed(self)
    }
}

impl fmt::Debug for CallValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CallValues::Dynamic(vals) => vals.fmt(f),
            CallValues::Static(_) => f.write_str("(static values)"),
            #[cfg(feature = "fast-transfer")]
            CallValues::Image(abi_image) => abi_image.fmt(f),
            #[cfg(feature = "fast-transfer")]
            CallValues::Scalars(row) => row.fmt(f),
        }
    }
}

/// Identifies the Rust types of a function: equal signatures mean equal types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TypeSignature(TypeId);

impl TypeSignature {
    /// The signature of a function that takes `P` and returns `R`.
    pub(crate) fn of<P: 'static, R: 'static>() -> Self {
        TypeSignature(TypeId::of::<fn(P) -> R>())
    }
}
