//! Conversions between the types that an embedder uses and those that cross, for types
//! with resources in them.

use std::vec;

use wasmtime::component::ResourceAny;
#[cfg(feature = "component-model-async")]
use wasmtime::component::{FutureAny, StreamAny};

use crate::boundary::resources::{ResourceHandle, TransferredHandle};
use crate::composition::ExportFunc;
use crate::error::CallError;
use crate::handles::function_table::FunctionTable;
#[cfg(feature = "component-model-async")]
use crate::streams::{FutureReader, StreamReader};
use crate::transfer::{Wire, blank};

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
    pub(crate) handles: Vec<TransferredHandle>,
}

impl OutboundResources {
    /// No resources yet.
    pub fn new() -> Self {
        OutboundResources::default()
    }

    /// Gives a resource away.
    pub fn own(&mut self, resource: ResourceHandle) -> ResourceAny {
        self.handles.push(TransferredHandle::Own(resource.0));
        blank::resource()
    }

    /// Lends a resource.
    pub fn borrow(&mut self, resource: &ResourceHandle) -> ResourceAny {
        self.handles
            .push(TransferredHandle::Borrow(resource.0.lend()));
        blank::resource()
    }
}

/// The resources of a call's results, in order.
pub struct InboundResources {
    /// What resources are called by, and the function that they come from. Items that no
    /// call brought have neither.
    source: Option<(FunctionTable, ExportFunc)>,
    pub(crate) handles: vec::IntoIter<TransferredHandle>,
}

impl InboundResources {
    pub(crate) fn new(
        functions: &FunctionTable,
        func: &ExportFunc,
        handles: Vec<TransferredHandle>,
    ) -> Self {
        InboundResources {
            source: Some((functions.clone(), func.clone())),
            handles: handles.into_iter(),
        }
    }

    /// Handles in the items of a stream, from the same source.
    #[cfg(feature = "component-model-async")]
    pub(crate) fn with(&self, handles: Vec<TransferredHandle>) -> Self {
        InboundResources {
            source: self.source.clone(),
            handles: handles.into_iter(),
        }
    }

    /// Handles that no call of a component's function brought: those in the items of a
    /// stream, and in the arguments of the program's own functions.
    pub(crate) fn without_source(handles: Vec<TransferredHandle>) -> Self {
        InboundResources {
            source: None,
            handles: handles.into_iter(),
        }
    }

    /// The next stream.
    ///
    /// # Errors
    ///
    /// [`CallError::Transfer`] if there is none.
    #[cfg(feature = "component-model-async")]
    pub fn stream<T>(&mut self) -> Result<StreamReader<T>, CallError> {
        match self.handles.next() {
            Some(TransferredHandle::Stream(end)) => {
                Ok(StreamReader::new(end, Some(self.with(Vec::new()))))
            }
            _ => Err(self.missing("a stream")),
        }
    }

    /// The next future.
    ///
    /// # Errors
    ///
    /// [`CallError::Transfer`] if there is none.
    #[cfg(feature = "component-model-async")]
    pub fn future<T>(&mut self) -> Result<FutureReader<T>, CallError> {
        match self.handles.next() {
            Some(TransferredHandle::Future(end)) => {
                Ok(FutureReader::new(end, Some(self.with(Vec::new()))))
            }
            _ => Err(self.missing("a future")),
        }
    }

    /// The next resource.
    ///
    /// # Errors
    ///
    /// [`CallError::Transfer`] if there is none.
    pub fn own(&mut self) -> Result<ResourceHandle, CallError> {
        match self.handles.next() {
            Some(TransferredHandle::Own(owned)) => Ok(ResourceHandle(owned)),
            _ => Err(self.missing("a resource")),
        }
    }

    pub(super) fn missing(&self, what: &str) -> CallError {
        match &self.source {
            Some((_, func)) => CallError::Transfer {
                site: func.site(),
                reason: format!("{what} is missing in its results"),
            },
            None => CallError::Unbound {
                import: what.to_owned(),
            },
        }
    }

    /// The table with the methods of the resources.
    pub fn functions(&self) -> FunctionTable {
        match &self.source {
            Some((functions, _)) => functions.clone(),
            None => FunctionTable::empty(),
        }
    }
}

#[cfg(feature = "component-model-async")]
impl<T: Send + 'static> IntoWire for StreamReader<T> {
    type Wire = StreamAny;

    fn into_wire(self, to: &mut OutboundResources) -> StreamAny {
        to.handles.push(TransferredHandle::Stream(self.end));
        blank::stream()
    }
}

#[cfg(feature = "component-model-async")]
impl<T: Send + 'static> FromWire for StreamReader<T> {
    type Wire = StreamAny;

    fn from_wire(_: StreamAny, from: &mut InboundResources) -> Result<Self, CallError> {
        from.stream()
    }
}

#[cfg(feature = "component-model-async")]
impl<T: Send + 'static> IntoWire for FutureReader<T> {
    type Wire = FutureAny;

    fn into_wire(self, to: &mut OutboundResources) -> FutureAny {
        to.handles.push(TransferredHandle::Future(self.end));
        blank::future()
    }
}

#[cfg(feature = "component-model-async")]
impl<T: Send + 'static> FromWire for FutureReader<T> {
    type Wire = FutureAny;

    fn from_wire(_: FutureAny, from: &mut InboundResources) -> Result<Self, CallError> {
        from.future()
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
        values?.try_into().map_err(|_| from.missing("an element"))
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
