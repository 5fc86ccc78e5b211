//! Values that the embedder owns.

use wasmtime::component::Val;

use crate::boundary::resources::{ResourceBorrow, ResourceHandle, TransferredHandle};
use crate::boundary::transferred_values::TransferredValues;
#[cfg(feature = "component-model-async")]
use crate::streams::{FutureReader, StreamReader};
use crate::transfer::{is_placeholder, placeholder};

/// A value of any WIT type, owned, resources included.
///
/// It has the shape of wasmtime's `Val`, except that it belongs to no store: a
/// resource in it is a [`ResourceHandle`], and dropping the value drops the
/// resource. Records list their fields in the order of the type.
///
/// ```
/// use composer::Value;
///
/// let line = Value::record([("sku", "apple".into()), ("quantity", 3u32.into())]);
/// assert_eq!(line.field("quantity"), Some(&Value::U32(3)));
/// assert_eq!(Value::from([line]).to_string(), r#"[{sku: "apple", quantity: 3}]"#);
/// ```
#[derive(Debug, PartialEq)]
#[expect(missing_docs, reason = "the names are WIT's own")]
#[non_exhaustive]
pub enum Value {
    Bool(bool),
    S8(i8),
    U8(u8),
    S16(i16),
    U16(u16),
    S32(i32),
    U32(u32),
    S64(i64),
    U64(u64),
    F32(f32),
    F64(f64),
    Char(char),
    String(String),
    List(Vec<Value>),
    FixedLengthList(Vec<Value>),
    Map(Vec<(Value, Value)>),
    Record(Vec<(String, Value)>),
    Tuple(Vec<Value>),
    Variant(String, Option<Box<Value>>),
    Enum(String),
    Flags(Vec<String>),
    Option(Option<Box<Value>>),
    Result(Result<Option<Box<Value>>, Option<Box<Value>>>),
    /// A resource, given away.
    Own(ResourceHandle),
    /// A resource, lent for the call.
    Borrow(ResourceBorrow),
    /// The readable end of a stream.
    #[cfg(feature = "component-model-async")]
    Stream(StreamReader),
    /// The readable end of a future.
    #[cfg(feature = "component-model-async")]
    Future(FutureReader),
}

macro_rules! from {
    ($($ty:ty => $case:ident),* $(,)?) => {$(
        impl From<$ty> for Value {
            fn from(value: $ty) -> Self {
                Value::$case(value.into())
            }
        }
    )*};
}

from! {
    bool => Bool, i8 => S8, u8 => U8, i16 => S16, u16 => U16, i32 => S32, u32 => U32,
    i64 => S64, u64 => U64, f32 => F32, f64 => F64, char => Char, String => String, &str => String,
    ResourceHandle => Own, ResourceBorrow => Borrow,
}

/// A stream for a component to read, whatever the items are written as.
#[cfg(feature = "component-model-async")]
impl<T> From<StreamReader<T>> for Value {
    fn from(reader: StreamReader<T>) -> Self {
        Value::Stream(reader.cast())
    }
}

/// A future for a component to read, whatever its value is written as.
#[cfg(feature = "component-model-async")]
impl<T> From<FutureReader<T>> for Value {
    fn from(reader: FutureReader<T>) -> Self {
        Value::Future(reader.cast())
    }
}

impl Value {
    /// A record of these fields.
    pub fn record<N: Into<String>>(fields: impl IntoIterator<Item = (N, Value)>) -> Value {
        Value::Record(
            fields
                .into_iter()
                .map(|(name, value)| (name.into(), value))
                .collect(),
        )
    }

    /// A field of a record; `None` for any other value.
    pub fn field(&self, name: &str) -> Option<&Value> {
        let Value::Record(fields) = self else {
            return None;
        };
        let mut named = fields.iter().filter(|(field, _)| field == name);
        named.next().map(|(_, value)| value)
    }
}

impl<T: Into<Value>, const N: usize> From<[T; N]> for Value {
    fn from(values: [T; N]) -> Self {
        Vec::from(values).into()
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(values: Vec<T>) -> Self {
        Value::List(values.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        Value::Option(value.map(|value| Box::new(value.into())))
    }
}

/// Splits values into plain ones and resources.
pub(super) fn into_parts(
    values: impl IntoIterator<Item = Value>,
) -> (Vec<Val>, Vec<TransferredHandle>) {
    let mut handles = Vec::new();
    let vals = values
        .into_iter()
        .map(|value| into_val(value, &mut handles))
        .collect();
    (vals, handles)
}

/// Puts plain values and resources together again.
pub(super) fn from_transferred(values: TransferredValues) -> Option<Value> {
    let mut handles = values.handles.into_iter();
    let result = values.values.into_vals().into_iter().next();
    result.map(|val| from_val(val, &mut handles))
}

pub(crate) fn into_val(value: Value, handles: &mut Vec<TransferredHandle>) -> Val {
    let mut vals = |values: Vec<Value>| -> Vec<Val> {
        values
            .into_iter()
            .map(|value| into_val(value, handles))
            .collect()
    };
    match value {
        Value::Bool(v) => Val::Bool(v),
        Value::S8(v) => Val::S8(v),
        Value::U8(v) => Val::U8(v),
        Value::S16(v) => Val::S16(v),
        Value::U16(v) => Val::U16(v),
        Value::S32(v) => Val::S32(v),
        Value::U32(v) => Val::U32(v),
        Value::S64(v) => Val::S64(v),
        Value::U64(v) => Val::U64(v),
        Value::F32(v) => Val::Float32(v),
        Value::F64(v) => Val::Float64(v),
        Value::Char(v) => Val::Char(v),
        Value::String(v) => Val::String(v),
        Value::List(v) => Val::List(vals(v)),
        Value::FixedLengthList(v) => Val::FixedLengthList(vals(v)),
        Value::Tuple(v) => Val::Tuple(vals(v)),
        Value::Map(v) => Val::Map(
            v.into_iter()
                .map(|(k, v)| (into_val(k, handles), into_val(v, handles)))
                .collect(),
        ),
        Value::Record(v) => Val::Record(
            v.into_iter()
                .map(|(name, v)| (name, into_val(v, handles)))
                .collect(),
        ),
        // An enum case without a name would be taken for a placeholder.
        Value::Enum(case) if case.is_empty() => Val::Variant(case, None),
        Value::Enum(case) => Val::Enum(case),
        Value::Flags(v) => Val::Flags(v),
        Value::Variant(case, v) => Val::Variant(case, into_boxed(v, handles)),
        Value::Option(v) => Val::Option(into_boxed(v, handles)),
        Value::Result(Ok(v)) => Val::Result(Ok(into_boxed(v, handles))),
        Value::Result(Err(v)) => Val::Result(Err(into_boxed(v, handles))),
        Value::Own(handle) => {
            handles.push(TransferredHandle::Own(handle.0));
            placeholder()
        }
        Value::Borrow(borrow) => {
            handles.push(TransferredHandle::Borrow(borrow.0));
            placeholder()
        }
        #[cfg(feature = "component-model-async")]
        Value::Stream(reader) => {
            handles.push(TransferredHandle::Stream(reader.end));
            placeholder()
        }
        #[cfg(feature = "component-model-async")]
        Value::Future(reader) => {
            handles.push(TransferredHandle::Future(reader.end));
            placeholder()
        }
    }
}

fn into_boxed(value: Option<Box<Value>>, handles: &mut Vec<TransferredHandle>) -> Option<Box<Val>> {
    value.map(|value| Box::new(into_val(*value, handles)))
}

pub(crate) fn from_val(val: Val, handles: &mut impl Iterator<Item = TransferredHandle>) -> Value {
    match val {
        val if is_placeholder(&val) => match handles.next() {
            Some(TransferredHandle::Own(owned)) => Value::Own(ResourceHandle(owned)),
            Some(TransferredHandle::Borrow(lend)) => Value::Borrow(ResourceBorrow(lend)),
            #[cfg(feature = "component-model-async")]
            Some(TransferredHandle::Stream(end)) => Value::Stream(StreamReader::new(end, None)),
            #[cfg(feature = "component-model-async")]
            Some(TransferredHandle::Future(end)) => Value::Future(FutureReader::new(end, None)),
            None => Value::Enum(String::new()),
        },
        Val::Bool(v) => Value::Bool(v),
        Val::S8(v) => Value::S8(v),
        Val::U8(v) => Value::U8(v),
        Val::S16(v) => Value::S16(v),
        Val::U16(v) => Value::U16(v),
        Val::S32(v) => Value::S32(v),
        Val::U32(v) => Value::U32(v),
        Val::S64(v) => Value::S64(v),
        Val::U64(v) => Value::U64(v),
        Val::Float32(v) => Value::F32(v),
        Val::Float64(v) => Value::F64(v),
        Val::Char(v) => Value::Char(v),
        Val::String(v) => Value::String(v),
        Val::List(v) => Value::List(v.into_iter().map(|v| from_val(v, handles)).collect()),
        Val::FixedLengthList(v) => {
            Value::FixedLengthList(v.into_iter().map(|v| from_val(v, handles)).collect())
        }
        Val::Tuple(v) => Value::Tuple(v.into_iter().map(|v| from_val(v, handles)).collect()),
        Val::Map(v) => Value::Map(
            v.into_iter()
                .map(|(k, v)| (from_val(k, handles), from_val(v, handles)))
                .collect(),
        ),
        Val::Record(v) => Value::Record(
            v.into_iter()
                .map(|(name, v)| (name, from_val(v, handles)))
                .collect(),
        ),
        Val::Variant(case, v) => Value::Variant(case, from_boxed(v, handles)),
        Val::Enum(case) => Value::Enum(case),
        Val::Flags(v) => Value::Flags(v),
        Val::Option(v) => Value::Option(from_boxed(v, handles)),
        Val::Result(Ok(v)) => Value::Result(Ok(from_boxed(v, handles))),
        Val::Result(Err(v)) => Value::Result(Err(from_boxed(v, handles))),
        // These never leave a store: no function with them is handed out.
        Val::Resource(_) | Val::Future(_) | Val::Stream(_) | Val::ErrorContext(_) => {
            Value::Option(None)
        }
    }
}

fn from_boxed(
    val: Option<Box<Val>>,
    handles: &mut impl Iterator<Item = TransferredHandle>,
) -> Option<Box<Value>> {
    val.map(|val| Box::new(from_val(*val, handles)))
}
