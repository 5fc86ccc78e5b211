//! Lifting: values leave a store.

use wasmtime::component::__internal::wasmtime_environ::component::{
    StringEncoding, TypeTupleIndex,
};
use wasmtime::component::__internal::{InterfaceType, LiftContext};
use wasmtime::component::{Lift, ResourceAny};
use wasmtime::{Result, ValRaw, bail, format_err};

use crate::transfer::CallValues;
use crate::transfer::fast::flat::BadCase;
use crate::transfer::fast::ops::{CaseOps, ImageOp, ItemOps};
use crate::transfer::fast::{flat, ops};
use crate::transfer::image::{AbiImage, HANDLE_SIZE};
use crate::transfer::oversize::{OversizedValues, is_out_of_fuel};

/// Lifts a tuple whose values are in slots.
#[inline]
pub(super) fn from_slots(
    cx: &mut LiftContext<'_>,
    tuple: TypeTupleIndex,
    slots: &[ValRaw],
) -> Result<CallValues> {
    let types = cx.types;
    if let Some(row) = flat::row(types, tuple, slots) {
        return Ok(CallValues::Row(row));
    }
    let mut flow = AbiImage::default();
    flow.blank(types[tuple].abi.size32 as usize);
    let mut bad = None;
    let ty = InterfaceType::Tuple(tuple);
    flat::spread(types, ty, slots, &mut flow, 0, &mut bad)?;
    mend(cx, &ops::of_tuple(types, tuple)?, &mut flow, 0, bad)?;
    Ok(CallValues::Flow(flow))
}

/// Lifts a tuple that is in memory.
pub(super) fn from_memory(
    cx: &mut LiftContext<'_>,
    tuple: TypeTupleIndex,
    ptr: usize,
) -> Result<CallValues> {
    let types = cx.types;
    let abi = &types[tuple].abi;
    if !ptr.is_multiple_of(abi.align32 as usize) {
        bail!("return pointer not aligned");
    }
    let image = part(cx.memory(), ptr, abi.size32 as usize)
        .ok_or_else(|| format_err!("pointer out of bounds of memory"))?;
    let mut flow = AbiImage::default();
    charge(cx, &mut flow, image.len())?;
    flow.append(image)?;
    mend(cx, &ops::of_tuple(types, tuple)?, &mut flow, 0, None)?;
    Ok(CallValues::Flow(flow))
}

fn part(memory: &[u8], ptr: usize, len: usize) -> Option<&[u8]> {
    memory.get(ptr..ptr.checked_add(len)?)
}

/// Counts bytes towards the limit on the size of the values of one call.
fn charge(cx: &mut LiftContext<'_>, flow: &mut AbiImage, bytes: usize) -> Result<()> {
    let measure = flow.measure(bytes);
    cx.consume_fuel(bytes)
        .map_err(|error| error.context(OversizedValues(measure)))
}

/// Turns the image at `base`, as it was copied, into one that does not depend on the
/// store. `bad` is a known mistake in it, which is reported when its turn comes.
fn mend(
    cx: &mut LiftContext<'_>,
    ops: &[ImageOp],
    flow: &mut AbiImage,
    base: usize,
    bad: Option<BadCase>,
) -> Result<()> {
    for op in ops {
        match op {
            ImageOp::Bool(at) => bools(flow.slice_mut(base + at, 1)?),
            ImageOp::Char(at) => chars(flow.slice(base + at, 4)?)?,
            ImageOp::Mask { at, width, mask } => {
                let flags = flow.number(base + at, *width)?;
                flow.put_number(base + at, *width, flags & mask)?;
            }
            ImageOp::Blank { at, len } => flow.slice_mut(base + at, *len)?.fill(0),
            ImageOp::Text(at) => text(cx, flow, base + at)?,
            ImageOp::List(at, items) => list(cx, items, flow, base + at)?,
            ImageOp::Row(at, len, items) => each(cx, items, flow, base + at, *len, bad)?,
            ImageOp::Handle { at, place, ty } => {
                charge(cx, flow, HANDLE_SIZE)?;
                let index = ValRaw::u32(flow.word(base + at)?);
                let any = ResourceAny::linear_lift_from_flat(cx, *ty, &index)?;
                let index = flow.hold(*place, any)?;
                flow.put(base + at, index.to_le_bytes())?;
            }
            ImageOp::Cases(at, which) => cases(cx, which, flow, base + at, bad)?,
        }
    }
    Ok(())
}

fn bools(bytes: &mut [u8]) {
    for byte in bytes {
        *byte = u8::from(*byte != 0);
    }
}

fn chars(bytes: &[u8]) -> Result<()> {
    for char in bytes.as_chunks().0 {
        char::try_from(u32::from_le_bytes(*char))?;
    }
    Ok(())
}

fn text(cx: &mut LiftContext<'_>, flow: &mut AbiImage, at: usize) -> Result<()> {
    let (ptr, len) = flow.pair(at)?;
    let start = if let StringEncoding::Utf8 = cx.options().string_encoding {
        let bytes = part(cx.memory(), ptr, len)
            .ok_or_else(|| format_err!("string pointer/length out of bounds of memory"))?;
        charge(cx, flow, len)?;
        flow.append(str::from_utf8(bytes)?.as_bytes())?
    } else {
        let pair = [ptr, len].map(|word| ValRaw::u32(word as u32));
        let measure = flow.measure(utf16_size(cx.options().string_encoding, len));
        let text = String::linear_lift_from_flat(cx, InterfaceType::String, &pair);
        let text = text.map_err(|error| match is_out_of_fuel(&error) {
            true => error.context(OversizedValues(measure)),
            false => error,
        })?;
        flow.put(at + 4, u32::try_from(text.len())?.to_le_bytes())?;
        flow.append(text.as_bytes())?
    };
    flow.point(at, start)
}

/// The size in bytes of a string of `len` code units. In the compact encoding, the
/// highest bit of `len` says that each of them has two bytes.
fn utf16_size(encoding: StringEncoding, len: usize) -> usize {
    const IS_UTF16: usize = 1 << 31;
    match encoding {
        StringEncoding::CompactUtf16 if len & IS_UTF16 == 0 => len,
        _ => (len & !IS_UTF16).saturating_mul(2),
    }
}

fn list(cx: &mut LiftContext<'_>, items: &ItemOps, flow: &mut AbiImage, at: usize) -> Result<()> {
    let (ptr, len) = flow.pair(at)?;
    let image = len
        .checked_mul(items.size)
        .and_then(|size| part(cx.memory(), ptr, size))
        .ok_or_else(|| format_err!("{} pointer/length out of bounds of memory", items.what))?;
    charge(cx, flow, image.len())?;
    if !ptr.is_multiple_of(items.align as usize) {
        bail!("{} pointer is not aligned", items.what);
    }
    let start = flow.append(image)?;
    flow.point(at, start)?;
    each(cx, items, flow, start, len, None)
}

/// Mends `len` elements.
fn each(
    cx: &mut LiftContext<'_>,
    items: &ItemOps,
    flow: &mut AbiImage,
    start: usize,
    len: usize,
    bad: Option<BadCase>,
) -> Result<()> {
    match &items.ops[..] {
        [] => {}
        [ImageOp::Bool(_)] if items.size == 1 => bools(flow.slice_mut(start, len)?),
        [ImageOp::Char(_)] if items.size == 4 => chars(flow.slice(start, len * items.size)?)?,
        ops => {
            for i in 0..len {
                mend(cx, ops, flow, start + i * items.size, bad)?;
            }
        }
    }
    Ok(())
}

fn cases(
    cx: &mut LiftContext<'_>,
    cases: &CaseOps,
    flow: &mut AbiImage,
    at: usize,
    bad: Option<BadCase>,
) -> Result<()> {
    let index = match bad {
        Some(bad) if bad.at == at => bad.index,
        _ => flow.number(at, cases.width)?,
    };
    let case = cases.cases.get(index as usize).ok_or_else(|| {
        let count = cases.cases.len();
        format_err!("discriminant {index} out of range [0..{count})")
    })?;
    let blank = |flow: &mut AbiImage, from: usize, to: usize| {
        let bytes = flow.slice_mut(at + from, to - from);
        bytes.map(|bytes| bytes.fill(0))
    };
    blank(flow, cases.width, cases.payload)?;
    mend(cx, &case.ops, flow, at + cases.payload, bad)?;
    blank(flow, cases.payload + case.size, cases.size)
}

/// The offset of an empty slice of a component's memory.
///
/// wasmtime passes as many bytes of memory as the Rust type has. A type that is read at
/// run time has none, but the slice still starts at the right place.
pub(super) fn place_of(empty: &[u8], memory: &[u8]) -> usize {
    let place = empty.as_ptr().addr().wrapping_sub(memory.as_ptr().addr());
    debug_assert!(empty.is_empty() && place <= memory.len());
    place
}
