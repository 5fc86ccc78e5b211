//! The values of a script: as wasmtime's values, in the shape that a type requires, and
//! as the text by which answers are compared.

use composer::Value;
use wasmtime::component::Val;
use wasmtime::component::types;
use wast::component::WastVal;

/// A value of a script.
pub(super) fn val(value: &WastVal<'_>) -> Val {
    let vals = |values: &[WastVal<'_>]| values.iter().map(val).collect();
    let boxed = |value: &Option<Box<WastVal<'_>>>| value.as_deref().map(|value| val(value).into());
    match value {
        WastVal::Bool(v) => Val::Bool(*v),
        WastVal::U8(v) => Val::U8(*v),
        WastVal::S8(v) => Val::S8(*v),
        WastVal::U16(v) => Val::U16(*v),
        WastVal::S16(v) => Val::S16(*v),
        WastVal::U32(v) => Val::U32(*v),
        WastVal::S32(v) => Val::S32(*v),
        WastVal::U64(v) => Val::U64(*v),
        WastVal::S64(v) => Val::S64(*v),
        WastVal::F32(v) => Val::Float32(f32::from_bits(v.bits)),
        WastVal::F64(v) => Val::Float64(f64::from_bits(v.bits)),
        WastVal::Char(v) => Val::Char(*v),
        WastVal::String(v) => Val::String((*v).to_owned()),
        WastVal::List(v) => Val::List(vals(v)),
        WastVal::Tuple(v) => Val::Tuple(vals(v)),
        WastVal::Map(v) => Val::Map(v.iter().map(|(k, v)| (val(k), val(v))).collect()),
        WastVal::Record(v) => {
            let fields = v.iter().map(|(name, v)| ((*name).to_owned(), val(v)));
            Val::Record(fields.collect())
        }
        WastVal::Variant(case, v) => Val::Variant((*case).to_owned(), boxed(v)),
        WastVal::Enum(case) => Val::Enum((*case).to_owned()),
        WastVal::Option(v) => Val::Option(boxed(v)),
        WastVal::Result(Ok(v)) => Val::Result(Ok(boxed(v))),
        WastVal::Result(Err(v)) => Val::Result(Err(boxed(v))),
        WastVal::Flags(v) => Val::Flags(v.iter().map(|&flag| flag.to_owned()).collect()),
    }
}

/// What a script writes as a list, and may mean something else.
pub(super) enum ListShape {
    List,
    FixedLengthList,
    Map,
}

impl From<&types::Type> for ListShape {
    fn from(ty: &types::Type) -> Self {
        match ty {
            types::Type::FixedLengthList(_) => ListShape::FixedLengthList,
            types::Type::Map(_) => ListShape::Map,
            _ => ListShape::List,
        }
    }
}

impl From<&composer::Type> for ListShape {
    fn from(ty: &composer::Type) -> Self {
        match ty {
            composer::Type::FixedLengthList(..) => ListShape::FixedLengthList,
            composer::Type::Map(..) => ListShape::Map,
            _ => ListShape::List,
        }
    }
}

impl ListShape {
    /// An argument in this shape, if it is a list.
    pub(super) fn of(&self, argument: Val) -> Val {
        let (Val::List(items), false) = (&argument, matches!(self, ListShape::List)) else {
            return argument;
        };
        if let ListShape::FixedLengthList = self {
            return Val::FixedLengthList(items.clone());
        }
        let entries = items.iter().map(|item| match item {
            Val::Tuple(entry) => Some((entry.first()?.clone(), entry.get(1)?.clone())),
            _ => None,
        });
        entries.collect::<Option<_>>().map_or(argument, Val::Map)
    }
}

/// A value without parts, as the embedder's own. Others have never been needed beside
/// resources.
pub(super) fn owned(val: &Val) -> Option<Value> {
    Some(match val {
        Val::Bool(v) => (*v).into(),
        Val::U8(v) => (*v).into(),
        Val::U16(v) => (*v).into(),
        Val::U32(v) => (*v).into(),
        Val::U64(v) => (*v).into(),
        Val::S8(v) => (*v).into(),
        Val::S16(v) => (*v).into(),
        Val::S32(v) => (*v).into(),
        Val::S64(v) => (*v).into(),
        Val::String(v) => v.as_str().into(),
        _ => return None,
    })
}

/// What is said of an answer with resources in it: a script cannot tell them apart.
pub(super) const RESOURCES: &str = "resources";

/// An answer as text. Equal values are equal text, and NaNs are all equal.
pub(super) fn answer(results: &[Val]) -> String {
    if results.iter().any(has_resource) {
        return RESOURCES.to_owned();
    }
    match results {
        [] => "nothing".to_owned(),
        results => list(results, "", ""),
    }
}

fn text(val: &Val) -> String {
    let boxed = |val: &Option<Box<Val>>| val.as_deref().map_or(String::new(), text);
    match val {
        Val::Bool(v) => v.to_string(),
        Val::U8(v) => v.to_string(),
        Val::S8(v) => v.to_string(),
        Val::U16(v) => v.to_string(),
        Val::S16(v) => v.to_string(),
        Val::U32(v) => v.to_string(),
        Val::S32(v) => v.to_string(),
        Val::U64(v) => v.to_string(),
        Val::S64(v) => v.to_string(),
        Val::Float32(v) if v.is_nan() => "nan".to_owned(),
        Val::Float64(v) if v.is_nan() => "nan".to_owned(),
        Val::Float32(v) => format!("{v:?}"),
        Val::Float64(v) => format!("{v:?}"),
        Val::Char(v) => format!("{v:?}"),
        Val::String(v) => format!("{v:?}"),
        Val::List(v) | Val::FixedLengthList(v) => list(v, "[", "]"),
        Val::Tuple(v) => list(v, "(", ")"),
        // As a script writes one that is not marked as a map.
        Val::Map(entries) => {
            let entries = entries.iter().map(|(k, v)| [k.clone(), v.clone()].into());
            let entries: Vec<Val> = entries.map(Val::Tuple).collect();
            list(&entries, "[", "]")
        }
        Val::Record(fields) => {
            let fields = fields.iter().map(|(n, v)| format!("{n}: {}", text(v)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
        Val::Variant(case, None) | Val::Enum(case) => case.clone(),
        Val::Variant(case, v) => format!("{case}({})", boxed(v)),
        Val::Option(None) => "none".to_owned(),
        Val::Option(v) => format!("some({})", boxed(v)),
        Val::Result(Ok(v)) => format!("ok({})", boxed(v)),
        Val::Result(Err(v)) => format!("err({})", boxed(v)),
        Val::Flags(flags) => {
            let mut flags = flags.clone();
            flags.sort();
            format!("{{{}}}", flags.join(", "))
        }
        Val::Resource(_) | Val::Future(_) | Val::Stream(_) | Val::ErrorContext(_) => {
            "something of a store".to_owned()
        }
    }
}

fn list(vals: &[Val], open: &str, close: &str) -> String {
    let vals: Vec<String> = vals.iter().map(text).collect();
    format!("{open}{}{close}", vals.join(", "))
}

fn has_resource(val: &Val) -> bool {
    match val {
        Val::Resource(_) => true,
        Val::List(v) | Val::FixedLengthList(v) | Val::Tuple(v) => v.iter().any(has_resource),
        Val::Map(v) => v.iter().any(|(k, v)| has_resource(k) || has_resource(v)),
        Val::Record(v) => v.iter().any(|(_, v)| has_resource(v)),
        Val::Variant(_, Some(v)) | Val::Option(Some(v)) => has_resource(v),
        Val::Result(Ok(Some(v)) | Err(Some(v))) => has_resource(v),
        _ => false,
    }
}
