//! Values of any type: edge cases and random values.

use std::iter::repeat_n;

use composer::Type;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::strategy::Union;
use wasmtime::component::Val;

/// How long random strings and lists are, at most.
const MAX_LEN: usize = 8;

/// The values of a type where mistakes are to be expected. What consists of
/// several parts goes through the edges of all of them at once.
pub(crate) fn edges(ty: &Type) -> Vec<Val> {
    macro_rules! edges {
        ($case:ident: $($value:expr),+ $(,)?) => { vec![$(Val::$case($value)),+] };
    }
    match ty {
        Type::Bool => edges!(Bool: false, true),
        Type::S8 => edges!(S8: 0, -1, i8::MIN, i8::MAX),
        Type::U8 => edges!(U8: 0, u8::MAX),
        Type::S16 => edges!(S16: 0, -1, i16::MIN, i16::MAX),
        Type::U16 => edges!(U16: 0, u16::MAX),
        Type::S32 => edges!(S32: 0, -1, i32::MIN, i32::MAX),
        Type::U32 => edges!(U32: 0, 1 << 31, u32::MAX),
        Type::S64 => edges!(S64: 0, -1, i64::MIN, i64::MAX),
        Type::U64 => edges!(U64: 0, 1 << 63, u64::MAX),
        Type::F32 => edges!(Float32:
            0.0, -0.0, f32::NAN, -f32::NAN, f32::INFINITY, f32::NEG_INFINITY,
            f32::MIN, f32::MAX, f32::MIN_POSITIVE, f32::from_bits(1),
        ),
        Type::F64 => edges!(Float64:
            0.0, -0.0, f64::NAN, -f64::NAN, f64::INFINITY, f64::NEG_INFINITY,
            f64::MIN, f64::MAX, f64::MIN_POSITIVE, f64::from_bits(1),
        ),
        // On both sides of the surrogates, and the last of all.
        Type::Char => edges!(Char: '\0', 'ü', '\u{d7ff}', '\u{e000}', '👋', '\u{10ffff}'),
        Type::String => ["", "\0", "grüße 👋 𝄞", "\u{d7ff}\u{e000}\u{10ffff}"]
            .map(|text| Val::String(text.into()))
            .into(),
        Type::List(item) => vec![Val::List(Vec::new()), Val::List(edges(item))],
        Type::FixedLengthList(item, len) => {
            let rows = together(repeat_n(&**item, *len as usize));
            rows.into_iter().map(Val::FixedLengthList).collect()
        }
        Type::Map(key, value) => {
            let rows = together([&**key, &**value].into_iter());
            let entries = rows.into_iter().filter_map(|row| row.try_into().ok());
            let entries = entries.map(|[key, value]: [Val; 2]| (key, value));
            vec![Val::Map(Vec::new()), Val::Map(entries.collect())]
        }
        Type::Record(fields) => {
            let rows = together(fields.iter().map(|(_, ty)| ty));
            let names = || fields.iter().map(|(name, _)| name.clone());
            rows.into_iter()
                .map(|row| Val::Record(names().zip(row).collect()))
                .collect()
        }
        Type::Tuple(types) => together(types.iter()).into_iter().map(Val::Tuple).collect(),
        Type::Variant(cases) => {
            let case = |(name, ty): &(String, Option<Type>)| {
                let variant = |payload| Val::Variant(name.clone(), payload);
                payload_edges(ty.as_ref())
                    .into_iter()
                    .map(variant)
                    .collect::<Vec<_>>()
            };
            cases.iter().flat_map(case).collect()
        }
        Type::Enum(names) => names.iter().cloned().map(Val::Enum).collect(),
        Type::Flags(names) => {
            let (first, last) = (&names[..1], &names[names.len() - 1..]);
            let sets = [&[], first, last, &names[..]];
            sets.map(|set| Val::Flags(set.to_vec())).into()
        }
        Type::Option(ty) => {
            let mut values = vec![Val::Option(None)];
            values.extend(payload_edges(Some(ty)).into_iter().map(Val::Option));
            values
        }
        Type::Result(sides) => {
            let mut values = payload_edges(sides.0.as_ref())
                .into_iter()
                .map(Ok)
                .collect::<Vec<_>>();
            values.extend(payload_edges(sides.1.as_ref()).into_iter().map(Err));
            values.into_iter().map(Val::Result).collect()
        }
        // The number by which a test knows the resource.
        Type::Own(_) | Type::Borrow(_) => edges!(U32: 0, u32::MAX),
        other => panic!("no values for {other:?}"),
    }
}

/// Rows in which each column goes through the edges of its type, as often as
/// the longest column needs.
pub(crate) fn together<'a>(types: impl Iterator<Item = &'a Type>) -> Vec<Vec<Val>> {
    let columns: Vec<Vec<Val>> = types.map(edges).collect();
    let rows = columns.iter().map(Vec::len).max().unwrap_or(1);
    let row = |i: usize| {
        columns
            .iter()
            .map(|column| column[i % column.len()].clone())
            .collect()
    };
    (0..rows).map(row).collect()
}

fn payload_edges(ty: Option<&Type>) -> Vec<Option<Box<Val>>> {
    match ty {
        Some(ty) => edges(ty)
            .into_iter()
            .map(|val| Some(Box::new(val)))
            .collect(),
        None => vec![None],
    }
}

/// Any value of a type, now and then one of its edges.
pub(crate) fn any_val(ty: &Type) -> BoxedStrategy<Val> {
    let random = match ty {
        Type::Bool => any::<bool>().prop_map(Val::Bool).boxed(),
        Type::S8 => any::<i8>().prop_map(Val::S8).boxed(),
        Type::U8 => any::<u8>().prop_map(Val::U8).boxed(),
        Type::S16 => any::<i16>().prop_map(Val::S16).boxed(),
        Type::U16 => any::<u16>().prop_map(Val::U16).boxed(),
        Type::S32 => any::<i32>().prop_map(Val::S32).boxed(),
        Type::U32 => any::<u32>().prop_map(Val::U32).boxed(),
        Type::S64 => any::<i64>().prop_map(Val::S64).boxed(),
        Type::U64 => any::<u64>().prop_map(Val::U64).boxed(),
        Type::F32 => prop::num::f32::ANY.prop_map(Val::Float32).boxed(),
        Type::F64 => prop::num::f64::ANY.prop_map(Val::Float64).boxed(),
        Type::Char => any::<char>().prop_map(Val::Char).boxed(),
        Type::String => {
            let chars = vec(any::<char>(), 0..=MAX_LEN);
            chars
                .prop_map(|chars| Val::String(chars.into_iter().collect()))
                .boxed()
        }
        Type::List(item) => vec(any_val(item), 0..=MAX_LEN).prop_map(Val::List).boxed(),
        Type::FixedLengthList(item, len) => vec(any_val(item), *len as usize)
            .prop_map(Val::FixedLengthList)
            .boxed(),
        Type::Map(key, value) => vec((any_val(key), any_val(value)), 0..=MAX_LEN)
            .prop_map(Val::Map)
            .boxed(),
        Type::Record(fields) => {
            let names: Vec<String> = fields.iter().map(|(name, _)| name.clone()).collect();
            any_vals(fields.iter().map(|(_, ty)| ty))
                .prop_map(move |vals| Val::Record(names.iter().cloned().zip(vals).collect()))
                .boxed()
        }
        Type::Tuple(types) => any_vals(types.iter()).prop_map(Val::Tuple).boxed(),
        Type::Variant(cases) => {
            let case = |(name, ty): &(String, Option<Type>)| {
                let name = name.clone();
                let payload = any_payload(ty.as_ref());
                payload.prop_map(move |payload| Val::Variant(name.clone(), payload))
            };
            Union::new(cases.iter().map(case)).boxed()
        }
        Type::Enum(names) => select(names.to_vec()).prop_map(Val::Enum).boxed(),
        Type::Flags(names) => subsequence(names.to_vec(), 0..=names.len())
            .prop_map(Val::Flags)
            .boxed(),
        Type::Option(ty) => {
            let some = any_payload(Some(ty));
            prop_oneof![Just(None), some].prop_map(Val::Option).boxed()
        }
        Type::Result(sides) => {
            let ok = any_payload(sides.0.as_ref()).prop_map(Ok);
            let err = any_payload(sides.1.as_ref()).prop_map(Err);
            prop_oneof![ok, err].prop_map(Val::Result).boxed()
        }
        Type::Own(_) | Type::Borrow(_) => any::<u32>().prop_map(Val::U32).boxed(),
        other => panic!("no values for {other:?}"),
    };
    prop_oneof![4 => random, 1 => select(edges(ty))].boxed()
}

/// Any values of these types, one of each.
pub(crate) fn any_vals<'a>(types: impl Iterator<Item = &'a Type>) -> Vec<BoxedStrategy<Val>> {
    types.map(any_val).collect()
}

fn any_payload(ty: Option<&Type>) -> BoxedStrategy<Option<Box<Val>>> {
    match ty {
        Some(ty) => any_val(ty).prop_map(|val| Some(Box::new(val))).boxed(),
        None => Just(None).boxed(),
    }
}
