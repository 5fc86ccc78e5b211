//! Type checks of the values that the embedder passes to functions.

use composer_plan::Type;
use wasmtime::component::Val;

use crate::transfer::is_placeholder;

/// The place where a value does not match its type.
#[derive(Debug)]
pub(super) struct ValueMismatch<'a> {
    /// The path to it: `.field`, `[3]`, `.case`.
    pub(super) path: String,
    pub(super) expected: &'a Type,
    pub(super) found: String,
}

/// Checks `val` against `ty`, calling `handle` for every resource, stream and future.
pub(super) fn check<'a>(
    val: &Val,
    ty: &'a Type,
    handle: &mut impl FnMut(&Type) -> Result<(), String>,
) -> Result<(), ValueMismatch<'a>> {
    let wrong = |found: String| {
        Err(ValueMismatch {
            path: String::new(),
            expected: ty,
            found,
        })
    };
    let mut each = |vals: &[Val], ty: &'a Type| {
        let mut vals = vals.iter().enumerate();
        vals.try_for_each(|(i, val)| check(val, ty, handle).map_err(|w| w.at(format!("[{i}]"))))
    };
    match (ty, val) {
        (Type::Own(_) | Type::Borrow(_) | Type::Stream(_) | Type::Future(_), val)
            if is_placeholder(val) =>
        {
            handle(ty).or_else(wrong)
        }
        (_, val) if is_placeholder(val) => wrong("a resource, a stream or a future".to_owned()),
        (Type::Bool, Val::Bool(_))
        | (Type::S8, Val::S8(_))
        | (Type::U8, Val::U8(_))
        | (Type::S16, Val::S16(_))
        | (Type::U16, Val::U16(_))
        | (Type::S32, Val::S32(_))
        | (Type::U32, Val::U32(_))
        | (Type::S64, Val::S64(_))
        | (Type::U64, Val::U64(_))
        | (Type::F32, Val::Float32(_))
        | (Type::F64, Val::Float64(_))
        | (Type::Char, Val::Char(_))
        | (Type::String, Val::String(_)) => Ok(()),
        (Type::List(ty), Val::List(vals)) => each(vals, ty),
        (Type::FixedLengthList(ty, len), Val::FixedLengthList(vals)) => {
            if vals.len() != *len as usize {
                return wrong(format!("a list of {}", vals.len()));
            }
            each(vals, ty)
        }
        (Type::Map(key, value), Val::Map(entries)) => {
            for (i, (k, v)) in entries.iter().enumerate() {
                check(k, key, handle).map_err(|w| w.at(format!("[{i}].key")))?;
                check(v, value, handle).map_err(|w| w.at(format!("[{i}].value")))?;
            }
            Ok(())
        }
        (Type::Record(fields), Val::Record(vals)) => {
            if !fields
                .iter()
                .map(|(name, _)| name)
                .eq(vals.iter().map(|(name, _)| name))
            {
                let names: Vec<_> = vals.iter().map(|(name, _)| name.as_str()).collect();
                return wrong(format!("a record of {}", names.join(", ")));
            }
            for ((name, ty), (_, val)) in fields.iter().zip(vals) {
                check(val, ty, handle).map_err(|w| w.at(format!(".{name}")))?;
            }
            Ok(())
        }
        (Type::Tuple(types), Val::Tuple(vals)) => {
            if types.len() != vals.len() {
                return wrong(format!("a tuple of {}", vals.len()));
            }
            for (i, (ty, val)) in types.iter().zip(vals).enumerate() {
                check(val, ty, handle).map_err(|w| w.at(format!(".{i}")))?;
            }
            Ok(())
        }
        (Type::Variant(cases), Val::Variant(case, payload)) => {
            match cases.iter().find(|(name, _)| name == case) {
                Some((_, None)) if payload.is_none() => Ok(()),
                Some((name, Some(ty))) if payload.is_some() => {
                    check_payload(payload.as_deref(), ty, name, handle)
                }
                Some(_) if payload.is_some() => wrong(format!("`{case}` with a payload")),
                Some(_) => wrong(format!("`{case}` without its payload")),
                None => wrong(format!("`{case}`")),
            }
        }
        (Type::Enum(names), Val::Enum(case)) => match names.contains(case) {
            true => Ok(()),
            false => wrong(format!("`{case}`")),
        },
        (Type::Flags(names), Val::Flags(set)) => match set.iter().find(|n| !names.contains(n)) {
            None => Ok(()),
            Some(unknown) => wrong(format!("the flag `{unknown}`")),
        },
        (Type::Option(ty), Val::Option(val)) => check_payload(val.as_deref(), ty, "some", handle),
        (Type::Result(sides), Val::Result(result)) => {
            let (side, name, payload) = match result {
                Ok(payload) => (&sides.0, "ok", payload.as_deref()),
                Err(payload) => (&sides.1, "err", payload.as_deref()),
            };
            match (side, payload) {
                (None, None) => Ok(()),
                (Some(ty), Some(_)) => check_payload(payload, ty, name, handle),
                (None, Some(_)) => wrong(format!("`{name}` with a payload")),
                (Some(_), None) => wrong(format!("`{name}` without its payload")),
            }
        }
        (_, val) => wrong(describe(val).to_owned()),
    }
}

fn check_payload<'a>(
    val: Option<&Val>,
    ty: &'a Type,
    name: &str,
    handle: &mut impl FnMut(&Type) -> Result<(), String>,
) -> Result<(), ValueMismatch<'a>> {
    match val {
        Some(val) => check(val, ty, handle).map_err(|w| w.at(format!(".{name}"))),
        None => Ok(()),
    }
}

impl ValueMismatch<'_> {
    fn at(mut self, step: String) -> Self {
        self.path.insert_str(0, &step);
        self
    }
}

pub(crate) fn describe(val: &Val) -> &'static str {
    match val {
        Val::Bool(_) => "bool",
        Val::S8(_) => "s8",
        Val::U8(_) => "u8",
        Val::S16(_) => "s16",
        Val::U16(_) => "u16",
        Val::S32(_) => "s32",
        Val::U32(_) => "u32",
        Val::S64(_) => "s64",
        Val::U64(_) => "u64",
        Val::Float32(_) => "f32",
        Val::Float64(_) => "f64",
        Val::Char(_) => "char",
        Val::String(_) => "string",
        Val::List(_) => "a list",
        Val::FixedLengthList(_) => "a list of fixed length",
        Val::Map(_) => "a map",
        Val::Record(_) => "a record",
        Val::Tuple(_) => "a tuple",
        Val::Variant(..) => "a variant",
        Val::Enum(_) => "an enum",
        Val::Option(_) => "an option",
        Val::Result(_) => "a result",
        Val::Flags(_) => "flags",
        Val::Resource(_) => "a resource of some other store",
        Val::Future(_) => "a future",
        Val::Stream(_) => "a stream",
        Val::ErrorContext(_) => "an error-context",
    }
}
