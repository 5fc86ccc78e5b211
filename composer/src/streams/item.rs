//! Conversions between items and what the embedder reads and writes.

use wasmtime::component::Val;

use crate::boundary::resources::TransferredHandle;
use crate::boundary::streams::chunk::{StreamChunk, ValueChunk};
use crate::boundary::streams::pipe::{ExpectedItems, Pipe};
use crate::composition::{Value, check_value};
use crate::error::StreamError;
use crate::handles::{FromWire, InboundResources, IntoWire, OutboundResources};
use crate::transfer::{PayloadForm, Wire};

/// A type of items that can be written to a stream: [`Value`], or the Rust type of a WIT
/// type.
pub trait IntoItem: sealed::Into {}

/// A type of items that can be read from a stream: [`Value`], or the Rust type of a WIT
/// type.
pub trait FromItem: sealed::From {}

impl<T: sealed::Into> IntoItem for T {}
impl<T: sealed::From> FromItem for T {}

/// What the items of a stream are read with: the functions of their resources.
pub(crate) type ItemContext = Option<InboundResources>;

/// An item of the type that the embedder reads.
pub(super) fn read<T: FromItem>(
    (val, handles): (Val, Vec<TransferredHandle>),
    context: &ItemContext,
) -> Result<T, StreamError> {
    let mut inbound = match context {
        Some(context) => context.with(handles),
        None => InboundResources::without_source(handles),
    };
    T::from_parts(val, &mut inbound).map_err(other_type::<T>)
}

pub(crate) mod sealed {
    use super::*;

    pub trait Into: Sized + Send + 'static {
        /// The value, with placeholders for the handles that go to `handles`.
        fn into_parts(self, handles: &mut OutboundResources) -> Val;
    }

    pub trait From: Sized + Send + 'static {
        /// Puts a value together, or says what it is instead.
        fn from_parts(val: Val, handles: &mut InboundResources) -> Result<Self, String>;
    }

    impl Into for Value {
        fn into_parts(self, handles: &mut OutboundResources) -> Val {
            crate::composition::into_val(self, &mut handles.handles)
        }
    }

    impl From for Value {
        fn from_parts(val: Val, handles: &mut InboundResources) -> Result<Self, String> {
            Ok(crate::composition::from_val(val, &mut handles.handles))
        }
    }

    impl<T: IntoWire + Send + 'static> Into for T {
        fn into_parts(self, handles: &mut OutboundResources) -> Val {
            self.into_wire(handles).into_val()
        }
    }

    impl<T: FromWire + Send + 'static> From for T {
        fn from_parts(val: Val, handles: &mut InboundResources) -> Result<Self, String> {
            let found = crate::composition::describe(&val).to_owned();
            let wire = T::Wire::from_val(val).ok_or(found)?;
            T::from_wire(wire, handles).map_err(|error| error.to_string())
        }
    }
}

/// The error for an item that is not of the type that the embedder reads.
pub(super) fn other_type<T>(found: String) -> StreamError {
    StreamError::Type {
        path: "an item".to_owned(),
        expected: std::any::type_name::<T>().to_owned(),
        found,
    }
}

/// What an item counts towards the bytes that a pipe may hold.
fn size(val: &Val) -> usize {
    let of = |vals: &[Val]| vals.iter().map(size).sum::<usize>();
    let inside = match val {
        Val::String(text) => text.len(),
        Val::List(vals) | Val::FixedLengthList(vals) | Val::Tuple(vals) => of(vals),
        Val::Record(fields) => fields.iter().map(|(_, val)| size(val)).sum(),
        Val::Map(entries) => entries.iter().map(|(k, v)| size(k) + size(v)).sum(),
        Val::Variant(_, val) | Val::Option(val) => val.as_deref().map_or(0, size),
        Val::Result(Ok(val) | Err(val)) => val.as_deref().map_or(0, size),
        _ => 0,
    };
    size_of::<Val>() + inside
}

/// The chunk of an item that the embedder writes, if it is of the type that the reader
/// expects.
pub(super) fn chunk(item: impl sealed::Into, pipe: &Pipe) -> Result<StreamChunk, StreamError> {
    let mut outbound = OutboundResources::new();
    let val = item.into_parts(&mut outbound);
    let handles = outbound.handles;
    let expected = pipe.expected().and_then(Option::as_ref);
    if let Some(ExpectedItems { payload, reader }) = expected {
        match (&payload.ty, &val) {
            (None, Val::Tuple(none)) if none.is_empty() => return Ok(StreamChunk::Units(1)),
            (None, val) => {
                return Err(StreamError::Type {
                    path: "an item".to_owned(),
                    expected: "nothing (the stream has no items but their number)".to_owned(),
                    found: crate::composition::describe(val).to_owned(),
                });
            }
            (Some(ty), val) => check_value(reader, ty, val, &handles)?,
        }
        if let (PayloadForm::Bytes, Val::U8(byte)) = (payload.form, &val) {
            return Ok(StreamChunk::byte(*byte));
        }
    }
    Ok(StreamChunk::Value(Box::new(ValueChunk {
        bytes: size(&val),
        val,
        handles,
    })))
}
