//! Conversions between the slots of a call and the image of its values.

use wasmtime::component::__internal::wasmtime_environ::component::{
    TypeTupleIndex, TypeVariant, VariantInfo,
};
use wasmtime::component::__internal::{CanonicalAbiInfo, ComponentTypes, InterfaceType};
use wasmtime::{Result, ValRaw, bail, format_err};

use crate::transfer::fast::ops::flags_width;
use crate::transfer::image::AbiImage;
use crate::transfer::scalars::ScalarRow;

/// A discriminant for which there is no case. It may not fit into the image, where
/// discriminants are narrower than slots.
#[derive(Clone, Copy)]
pub(super) struct BadCase {
    /// Where it would be in the image.
    pub(super) at: usize,
    pub(super) index: u32,
}

/// The values in `slots` as a scalar row, if they are a few numbers and no more. A bad
/// `char` gives `None`, so that the general path reports what is wrong with it.
#[inline]
pub(super) fn row(
    types: &ComponentTypes,
    tuple: TypeTupleIndex,
    slots: &[ValRaw],
) -> Option<ScalarRow> {
    let mut row = ScalarRow::default();
    for (i, ty) in types[tuple].types.iter().enumerate() {
        let slot = slots.get(i)?;
        let word = slot.get_u32();
        row.push(match ty {
            InterfaceType::S32 | InterfaceType::U32 => u64::from(word),
            InterfaceType::S64 | InterfaceType::U64 => slot.get_u64(),
            InterfaceType::Float32 => u64::from(slot.get_f32()),
            InterfaceType::Float64 => slot.get_f64(),
            InterfaceType::Bool => u64::from(word != 0),
            // Excess bits are dropped.
            InterfaceType::U8 => u64::from(word as u8),
            InterfaceType::S8 => u64::from(i32::from(word as i8) as u32),
            InterfaceType::U16 => u64::from(word as u16),
            InterfaceType::S16 => u64::from(i32::from(word as i16) as u32),
            InterfaceType::Char => u64::from(u32::from(char::from_u32(word)?)),
            _ => return None,
        })?;
    }
    Some(row)
}

/// The image of a scalar row.
pub(super) fn image(
    types: &ComponentTypes,
    tuple: TypeTupleIndex,
    row: &ScalarRow,
) -> Result<AbiImage> {
    let slots: Vec<_> = row.numbers().iter().copied().map(ValRaw::u64).collect();
    let mut abi_image = AbiImage::default();
    abi_image.blank(types[tuple].abi.size32 as usize);
    let ty = InterfaceType::Tuple(tuple);
    spread(types, ty, &slots, &mut abi_image, 0, &mut None)?;
    Ok(abi_image)
}

/// Writes the values in `slots` to their image, which is blank. Pointers and indices stay
/// as they are. The first bad case is only recorded, because errors before it in the type
/// are reported first.
pub(super) fn spread(
    types: &ComponentTypes,
    ty: InterfaceType,
    slots: &[ValRaw],
    abi_image: &mut AbiImage,
    at: usize,
    bad: &mut Option<BadCase>,
) -> Result<()> {
    let one = || slots.first().ok_or_else(missing);
    match ty {
        InterfaceType::Bool => abi_image.put(at, [u8::from(one()?.get_u32() != 0)]),
        InterfaceType::S8 | InterfaceType::U8 => abi_image.put_number(at, 1, one()?.get_u32()),
        InterfaceType::S16 | InterfaceType::U16 => abi_image.put_number(at, 2, one()?.get_u32()),
        InterfaceType::S32
        | InterfaceType::U32
        | InterfaceType::Char
        | InterfaceType::Own(_)
        | InterfaceType::Borrow(_)
        | InterfaceType::Future(_)
        | InterfaceType::Stream(_) => abi_image.put_number(at, 4, one()?.get_u32()),
        InterfaceType::Float32 => abi_image.put_number(at, 4, one()?.get_f32()),
        InterfaceType::S64 | InterfaceType::U64 => {
            abi_image.put(at, one()?.get_u64().to_le_bytes())
        }
        InterfaceType::Float64 => abi_image.put(at, one()?.get_f64().to_le_bytes()),
        InterfaceType::String | InterfaceType::List(_) | InterfaceType::Map(_) => {
            let [ptr, len, ..] = slots else {
                return Err(missing());
            };
            abi_image.put_number(at, 4, ptr.get_u32())?;
            abi_image.put_number(at + 4, 4, len.get_u32())
        }
        InterfaceType::Flags(i) => {
            let width = flags_width(types[i].names.len());
            let words = flat_count(types.canonical_abi(&ty))?;
            let slots = slots.get(..words).ok_or_else(missing)?;
            let mut words = slots.iter().enumerate();
            words.try_for_each(|(i, slot)| {
                abi_image.put_number(at + i * width, width, slot.get_u32())
            })
        }
        InterfaceType::Record(_) | InterfaceType::Tuple(_) | InterfaceType::FixedLengthList(_) => {
            let mut slots = slots;
            each_field(types, ty, |field, offset, count| {
                let (own, rest) = slots.split_at_checked(count).ok_or_else(missing)?;
                slots = rest;
                spread(types, field, own, abi_image, at + offset, bad)
            })
        }
        _ => {
            let (info, cases) = variant(types, ty)?;
            let (slot, payload) = slots.split_first().ok_or_else(missing)?;
            let index = slot.get_u32();
            let Some(case) = cases.get(index) else {
                bad.get_or_insert(BadCase { at, index });
                return Ok(());
            };
            abi_image.put_number(at, u32::from(info.size) as usize, index)?;
            match case {
                Some(ty) => {
                    let at = at + info.payload_offset32 as usize;
                    spread(types, ty, payload, abi_image, at, bad)
                }
                None => Ok(()),
            }
        }
    }
}

/// Writes the values of an image to `slots`, which are all zero.
pub(super) fn gather(
    types: &ComponentTypes,
    ty: InterfaceType,
    abi_image: &AbiImage,
    at: usize,
    slots: &mut [ValRaw],
) -> Result<()> {
    let mut one = |value: ValRaw| {
        *slots.first_mut().ok_or_else(missing)? = value;
        Ok(())
    };
    match ty {
        InterfaceType::Bool | InterfaceType::U8 => one(ValRaw::u32(abi_image.number(at, 1)?)),
        InterfaceType::U16 => one(ValRaw::u32(abi_image.number(at, 2)?)),
        InterfaceType::S8 => one(ValRaw::i32(i8::from_le_bytes(abi_image.get(at)?).into())),
        InterfaceType::S16 => one(ValRaw::i32(i16::from_le_bytes(abi_image.get(at)?).into())),
        InterfaceType::S32
        | InterfaceType::U32
        | InterfaceType::Char
        | InterfaceType::Own(_)
        | InterfaceType::Borrow(_)
        | InterfaceType::Future(_)
        | InterfaceType::Stream(_) => one(ValRaw::u32(abi_image.word(at)?)),
        InterfaceType::Float32 => one(ValRaw::f32(abi_image.word(at)?)),
        InterfaceType::S64 | InterfaceType::U64 => {
            one(ValRaw::u64(u64::from_le_bytes(abi_image.get(at)?)))
        }
        InterfaceType::Float64 => one(ValRaw::f64(u64::from_le_bytes(abi_image.get(at)?))),
        InterfaceType::String | InterfaceType::List(_) | InterfaceType::Map(_) => {
            let (ptr, len) = abi_image.pair(at)?;
            let [first, second, ..] = slots else {
                return Err(missing());
            };
            *first = ValRaw::u64(ptr as u64);
            *second = ValRaw::u64(len as u64);
            Ok(())
        }
        InterfaceType::Flags(i) => {
            let width = flags_width(types[i].names.len());
            let words = flat_count(types.canonical_abi(&ty))?;
            let slots = slots.get_mut(..words).ok_or_else(missing)?;
            for (i, slot) in slots.iter_mut().enumerate() {
                *slot = ValRaw::u32(abi_image.number(at + i * width, width)?);
            }
            Ok(())
        }
        InterfaceType::Record(_) | InterfaceType::Tuple(_) | InterfaceType::FixedLengthList(_) => {
            let mut slots = slots;
            each_field(types, ty, |field, offset, count| {
                let (own, rest) = std::mem::take(&mut slots)
                    .split_at_mut_checked(count)
                    .ok_or_else(missing)?;
                slots = rest;
                gather(types, field, abi_image, at + offset, own)
            })
        }
        _ => {
            let (info, cases) = variant(types, ty)?;
            let (slot, payload) = slots.split_first_mut().ok_or_else(missing)?;
            let index = abi_image.number(at, u32::from(info.size) as usize)?;
            *slot = ValRaw::u32(index);
            match cases.get(index).ok_or_else(missing)? {
                Some(ty) => {
                    let at = at + info.payload_offset32 as usize;
                    gather(types, ty, abi_image, at, payload)
                }
                None => Ok(()),
            }
        }
    }
}

/// Calls `visit` for each field, or each element of a fixed-length list, with its offset
/// and the number of its slots.
fn each_field(
    types: &ComponentTypes,
    ty: InterfaceType,
    mut visit: impl FnMut(InterfaceType, usize, usize) -> Result<()>,
) -> Result<()> {
    let mut end = 0;
    let mut field = |ty: InterfaceType| {
        let abi = types.canonical_abi(&ty);
        let offset = abi.next_field32(&mut end);
        visit(ty, offset as usize, flat_count(abi)?)
    };
    match ty {
        InterfaceType::Record(i) => types[i].fields.iter().try_for_each(|f| field(f.ty)),
        InterfaceType::Tuple(i) => types[i].types.iter().try_for_each(|ty| field(*ty)),
        InterfaceType::FixedLengthList(i) => {
            let list = &types[i];
            (0..list.size).try_for_each(|_| field(list.element))
        }
        _ => Ok(()),
    }
}

fn flat_count(abi: &CanonicalAbiInfo) -> Result<usize> {
    abi.flat_count(usize::MAX).ok_or_else(missing)
}

/// The payloads of a type that has cases.
enum CasePayloads<'t> {
    Named(&'t TypeVariant),
    Two([Option<InterfaceType>; 2]),
    /// This many cases, without payloads.
    None(usize),
}

impl CasePayloads<'_> {
    /// The payload of a case, if there are that many cases.
    fn get(&self, index: u32) -> Option<Option<InterfaceType>> {
        let index = index as usize;
        match self {
            CasePayloads::Named(variant) => Some(*variant.cases.get_index(index)?.1),
            CasePayloads::Two(types) => types.get(index).copied(),
            CasePayloads::None(count) => (index < *count).then_some(None),
        }
    }
}

fn variant(types: &ComponentTypes, ty: InterfaceType) -> Result<(&VariantInfo, CasePayloads<'_>)> {
    Ok(match ty {
        InterfaceType::Variant(i) => (&types[i].info, CasePayloads::Named(&types[i])),
        InterfaceType::Enum(i) => (&types[i].info, CasePayloads::None(types[i].names.len())),
        InterfaceType::Option(i) => (&types[i].info, CasePayloads::Two([None, Some(types[i].ty)])),
        InterfaceType::Result(i) => {
            let result = &types[i];
            (&result.info, CasePayloads::Two([result.ok, result.err]))
        }
        _ => bail!("values of this type do not cross this way"),
    })
}

/// An internal error, which the planner and wasmtime's type check rule out.
fn missing() -> wasmtime::Error {
    format_err!("a value does not fit the function's type")
}
