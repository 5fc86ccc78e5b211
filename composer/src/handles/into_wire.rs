//! Conversions between the types that an embedder uses and those that cross, for types
//! with resources in them.

use std::vec;

use wasmtime::component::ResourceAny;

use crate::boundary::resources::{ResourceHandle, TransferredResource};
use crate::composition::ExportFunc;
use crate::error::CallError;
use crate::handles::function_table::FunctionTable;
use crate::transfer::Wire;
use crate::transfer::blank;

/// A value that can be sent into a call.
pub trait IntoWire {
    /// The type that crosses, without the embedder's handles.
    type Wire: Wire;

    /// Converts the value, and moves its resources to `to`.
    fn into_wire(self, to: &mut OutboundResources) -> Self::Wire;
}

/// A value that can come out of a call.
pub trait FromWire: Sized {
    /// The type that crosses, without the embedder's handles.
    type Wire: Wire;

    /// Converts the value, and puts in resources from `from`.
    ///
    /// # Errors
    ///
    /// [`CallError::Transfer`] if resources are missing.
    fn from_wire(wire: Self::Wire, from: &mut InboundResources) -> Result<Self, CallError>;
}

/// The resources of a call's arguments, in order.
#[derive(Default)]
pub struct OutboundResources {
    pub(crate) handles: Vec<TransferredResource>,
}

impl OutboundResources {
    /// No resources yet.
    pub fn new() -> Self {
        OutboundResources::default()
    }

    /// Gives a resource away.
    pub fn own(&mut self, resource: ResourceHandle) -> ResourceAny {
        self.handles.push(TransferredResource::Own(resource.0));
        blank()
    }

    /// Lends a resource.
    pub fn borrow(&mut self, resource: &ResourceHandle) -> ResourceAny {
        self.handles
            .push(TransferredResource::Borrow(resource.0.lend()));
        blank()
    }
}

/// The resources of a call's results, in order.
pub struct InboundResources {
    functions: FunctionTable,
    func: ExportFunc,
    handles: vec::IntoIter<TransferredResource>,
}

impl InboundResources {
    pub(crate) fn new(
        functions: &FunctionTable,
        func: &ExportFunc,
        handles: Vec<TransferredResource>,
    ) -> Self {
        InboundResources {
            functions: functions.clone(),
            func: func.clone(),
            handles: handles.into_iter(),
        }
    }

    /// The next resource.
    ///
    /// # Errors
    ///
    /// [`CallError::Transfer`] if there is none.
    pub fn own(&mut self) -> Result<ResourceHandle, CallError> {
        match self.handles.next() {
            Some(TransferredResource::Own(owned)) => Ok(ResourceHandle(owned)),
            _ => Err(self.missing()),
        }
    }

    fn missing(&self) -> CallError {
        CallError::Transfer {
            site: self.func.site(),
            reason: "a resource is missing in its results".to_owned(),
        }
    }

    /// The table with the methods of the resources.
    pub fn functions(&self) -> FunctionTable {
        self.functions.clone()
    }
}

impl IntoWire for ResourceHandle {
    type Wire = ResourceAny;

    fn into_wire(self, to: &mut OutboundResources) -> ResourceAny {
        to.own(self)
    }
}

impl IntoWire for &ResourceHandle {
    type Wire = ResourceAny;

    fn into_wire(self, to: &mut OutboundResources) -> ResourceAny {
        to.borrow(self)
    }
}

impl FromWire for ResourceHandle {
    type Wire = ResourceAny;

    fn from_wire(_: ResourceAny, from: &mut InboundResources) -> Result<Self, CallError> {
        from.own()
    }
}

impl<D: IntoWire> IntoWire for Vec<D> {
    type Wire = Vec<D::Wire>;

    fn into_wire(self, to: &mut OutboundResources) -> Self::Wire {
        self.into_iter().map(|value| value.into_wire(to)).collect()
    }
}

impl<A: FromWire> FromWire for Vec<A> {
    type Wire = Vec<A::Wire>;

    fn from_wire(wire: Self::Wire, from: &mut InboundResources) -> Result<Self, CallError> {
        wire.into_iter()
            .map(|wire| A::from_wire(wire, from))
            .collect()
    }
}

impl<D: IntoWire, const N: usize> IntoWire for [D; N] {
    type Wire = [D::Wire; N];

    fn into_wire(self, to: &mut OutboundResources) -> Self::Wire {
        self.map(|value| value.into_wire(to))
    }
}

impl<A: FromWire, const N: usize> FromWire for [A; N] {
    type Wire = [A::Wire; N];

    fn from_wire(wire: Self::Wire, from: &mut InboundResources) -> Result<Self, CallError> {
        let values: Result<Vec<A>, CallError> = wire
            .into_iter()
            .map(|wire| A::from_wire(wire, from))
            .collect();
        values?.try_into().map_err(|_| from.missing())
    }
}

impl<D: IntoWire> IntoWire for Option<D> {
    type Wire = Option<D::Wire>;

    fn into_wire(self, to: &mut OutboundResources) -> Self::Wire {
        self.map(|value| value.into_wire(to))
    }
}

impl<A: FromWire> FromWire for Option<A> {
    type Wire = Option<A::Wire>;

    fn from_wire(wire: Self::Wire, from: &mut InboundResources) -> Result<Self, CallError> {
        wire.map(|wire| A::from_wire(wire, from)).transpose()
    }
}

impl<D: IntoWire, E: IntoWire> IntoWire for Result<D, E> {
    type Wire = Result<D::Wire, E::Wire>;

    fn into_wire(self, to: &mut OutboundResources) -> Self::Wire {
        match self {
            Ok(value) => Ok(value.into_wire(to)),
            Err(value) => Err(value.into_wire(to)),
        }
    }
}

impl<A: FromWire, E: FromWire> FromWire for Result<A, E> {
    type Wire = Result<A::Wire, E::Wire>;

    fn from_wire(wire: Self::Wire, from: &mut InboundResources) -> Result<Self, CallError> {
        Ok(match wire {
            Ok(wire) => Ok(A::from_wire(wire, from)?),
            Err(wire) => Err(E::from_wire(wire, from)?),
        })
    }
}

/// Values without resources travel as they are.
macro_rules! plain {
    ($($ty:ty),*) => {$(
        impl IntoWire for $ty {
            type Wire = Self;

            fn into_wire(self, _: &mut OutboundResources) -> Self {
                self
            }
        }

        impl FromWire for $ty {
            type Wire = Self;

            fn from_wire(wire: Self, _: &mut InboundResources) -> Result<Self, CallError> {
                Ok(wire)
            }
        }
    )*};
}

plain!(
    bool,
    u8,
    i8,
    u16,
    i16,
    u32,
    i32,
    u64,
    i64,
    f32,
    f64,
    char,
    String,
    ()
);

macro_rules! tuples {
    ($(($($t:ident)+))*) => {$(
        impl<$($t: IntoWire),+> IntoWire for ($($t,)+) {
            type Wire = ($($t::Wire,)+);

            #[allow(non_snake_case)]
            fn into_wire(self, to: &mut OutboundResources) -> Self::Wire {
                let ($($t,)+) = self;
                ($($t.into_wire(to),)+)
            }
        }

        impl<$($t: FromWire),+> FromWire for ($($t,)+) {
            type Wire = ($($t::Wire,)+);

            #[allow(non_snake_case)]
            fn from_wire(wire: Self::Wire, from: &mut InboundResources) -> Result<Self, CallError> {
                let ($($t,)+) = wire;
                Ok(($($t::from_wire($t, from)?,)+))
            }
        }
    )*};
}

crate::typed::wire::each_tuple!(tuples);
