//! Lifting: values leave a store.

use wasmtime::component::__internal::wasmtime_environ::component::{
    StringEncoding, TypeTupleIndex,
};
use wasmtime::component::__internal::{InterfaceType, LiftContext};
#[cfg(feature = "component-model-async")]
use wasmtime::component::{FutureAny, StreamAny};
use wasmtime::component::{Lift, ResourceAny};
use wasmtime::{Result, ValRaw, bail, format_err};

use crate::transfer::fast::flat::BadCase;
use crate::transfer::fast::ops::{CaseOps, ImageOp, ItemOps};
use crate::transfer::fast::{flat, ops};
use crate::transfer::image::{AbiImage, HANDLE_SIZE};
use crate::transfer::oversize::{OversizedValues, is_out_of_fuel};
use crate::transfer::{AnyHandle, CallValues};

/// Lifts a tuple whose values are in slots.
#[inline]
pub(super) fn from_slots(
    cx: &mut LiftContext<'_>,
    tuple: TypeTupleIndex,
    slots: &[ValRaw],
) -> Result<CallValues> {
    let types = cx.types;
    if let Some(row) = flat::row(types, tuple, slots) {
        return Ok(CallValues::Scalars(row));
    }
    let mut abi_image = AbiImage::default();
    abi_image.blank(types[tuple].abi.size32 as usize);
    let mut bad = None;
    let ty = InterfaceType::Tuple(tuple);
    flat::spread(types, ty, slots, &mut abi_image, 0, &mut bad)?;
    mend(cx, &ops::of_tuple(types, tuple)?, &mut abi_image, 0, bad)?;
    Ok(CallValues::Image(abi_image))
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
    let mut abi_image = AbiImage::default();
    charge(cx, &mut abi_image, image.len())?;
    abi_image.append(image)?;
    mend(cx, &ops::of_tuple(types, tuple)?, &mut abi_image, 0, None)?;
    Ok(CallValues::Image(abi_image))
}

fn part(memory: &[u8], ptr: usize, len: usize) -> Option<&[u8]> {
    memory.get(ptr..ptr.checked_add(len)?)
}

/// Counts bytes towards the limit on the size of the values of one call.
fn charge(cx: &mut LiftContext<'_>, abi_image: &mut AbiImage, bytes: usize) -> Result<()> {
    let measure = abi_image.measure(bytes);
    cx.consume_fuel(bytes)
        .map_err(|error| error.context(OversizedValues(measure)))
}

/// Turns the image at `base`, as it was copied, into one that does not depend on the
/// store. `bad` is a known mistake in it, which is reported when its turn comes.
fn mend(
    cx: &mut LiftContext<'_>,
    ops: &[ImageOp],
    abi_image: &mut AbiImage,
    base: usize,
    bad: Option<BadCase>,
) -> Result<()> {
    for op in ops {
        match op {
            ImageOp::Bool(at) => bools(abi_image.slice_mut(base + at, 1)?),
            ImageOp::Char(at) => chars(abi_image.slice(base + at, 4)?)?,
            ImageOp::Mask { at, width, mask } => {
                let flags = abi_image.number(base + at, *width)?;
                abi_image.put_number(base + at, *width, flags & mask)?;
            }
            ImageOp::Blank { at, len } => abi_image.slice_mut(base + at, *len)?.fill(0),
            ImageOp::Text(at) => text(cx, abi_image, base + at)?,
            ImageOp::List(at, items) => list(cx, items, abi_image, base + at)?,
            ImageOp::Row(at, len, items) => each(cx, items, abi_image, base + at, *len, bad)?,
            ImageOp::Handle { at, place, ty } => {
                charge(cx, abi_image, HANDLE_SIZE)?;
                let index = ValRaw::u32(abi_image.word(base + at)?);
                let index = abi_image.hold(*place, handle(cx, *ty, &index)?)?;
                abi_image.put(base + at, index.to_le_bytes())?;
            }
            ImageOp::Cases(at, which) => cases(cx, which, abi_image, base + at, bad)?,
        }
    }
    Ok(())
}

fn handle(cx: &mut LiftContext<'_>, ty: InterfaceType, index: &ValRaw) -> Result<AnyHandle> {
    Ok(match ty {
        #[cfg(feature = "component-model-async")]
        InterfaceType::Stream(_) => {
            AnyHandle::Stream(StreamAny::linear_lift_from_flat(cx, ty, index)?)
        }
        #[cfg(feature = "component-model-async")]
        InterfaceType::Future(_) => {
            AnyHandle::Future(FutureAny::linear_lift_from_flat(cx, ty, index)?)
        }
        _ => AnyHandle::Resource(ResourceAny::linear_lift_from_flat(cx, ty, index)?),
    })
}

/// Lifts items of a stream from the memory at `ptr`: as many of `count` as fit into
/// `room` bytes, but at least one. Returns how many these are, and their images: one for
/// all, or one for each if they hold handles.
#[cfg(feature = "component-model-async")]
pub(super) fn items(
    cx: &mut LiftContext<'_>,
    item: InterfaceType,
    ptr: usize,
    count: usize,
    room: usize,
) -> Result<LiftedItems> {
    let items = ops::of_items(cx.types, item)?;
    let count = count.min((room / items.size).max(1));
    let size = count.saturating_mul(items.size);
    if part(cx.memory(), ptr, size).is_none() {
        bail!("{} pointer/length out of bounds of memory", items.what);
    }
    if !ptr.is_multiple_of(items.align as usize) {
        bail!("{} pointer is not aligned", items.what);
    }
    let mut lifted = LiftedItems::default();
    if items.ops.iter().any(ops::holds_handles) {
        let mut bytes = 0;
        while lifted.count < count && (lifted.count == 0 || bytes < room) {
            let mut abi_image = AbiImage::default();
            let ptr = ptr + lifted.count * items.size;
            copy(cx, &mut abi_image, ptr, items.size)?;
            mend(cx, &items.ops, &mut abi_image, 0, None)?;
            bytes += abi_image.len();
            lifted.images.push(abi_image);
            lifted.count += 1;
        }
        return Ok(lifted);
    }
    let mut abi_image = AbiImage::default();
    copy(cx, &mut abi_image, ptr, size)?;
    match items.ops.iter().any(ops::grows) {
        false => {
            each(cx, &items, &mut abi_image, 0, count, None)?;
            lifted.count = count;
        }
        true => {
            while lifted.count < count && (lifted.count == 0 || abi_image.len() < size + room) {
                let base = lifted.count * items.size;
                mend(cx, &items.ops, &mut abi_image, base, None)?;
                lifted.count += 1;
            }
        }
    }
    lifted.images.push(abi_image);
    Ok(lifted)
}

/// Items that were lifted together.
#[cfg(feature = "component-model-async")]
#[derive(Default)]
pub(crate) struct LiftedItems {
    pub(crate) count: usize,
    pub(crate) images: Vec<AbiImage>,
}

/// Appends a copy of a part of the memory.
#[cfg(feature = "component-model-async")]
fn copy(cx: &mut LiftContext<'_>, abi_image: &mut AbiImage, ptr: usize, len: usize) -> Result<()> {
    let image = part(cx.memory(), ptr, len);
    let image = image.ok_or_else(|| format_err!("pointer out of bounds of memory"))?;
    charge(cx, abi_image, len)?;
    abi_image.append(image)?;
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

fn text(cx: &mut LiftContext<'_>, abi_image: &mut AbiImage, at: usize) -> Result<()> {
    let (ptr, len) = abi_image.pair(at)?;
    let start = if let StringEncoding::Utf8 = cx.options().string_encoding {
        let bytes = part(cx.memory(), ptr, len)
            .ok_or_else(|| format_err!("string pointer/length out of bounds of memory"))?;
        charge(cx, abi_image, len)?;
        abi_image.append(str::from_utf8(bytes)?.as_bytes())?
    } else {
        let pair = [ptr, len].map(|word| ValRaw::u32(word as u32));
        let measure = abi_image.measure(utf16_size(cx.options().string_encoding, len));
        let text = String::linear_lift_from_flat(cx, InterfaceType::String, &pair);
        let text = text.map_err(|error| match is_out_of_fuel(&error) {
            true => error.context(OversizedValues(measure)),
            false => error,
        })?;
        abi_image.put(at + 4, u32::try_from(text.len())?.to_le_bytes())?;
        abi_image.append(text.as_bytes())?
    };
    abi_image.point(at, start)
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

fn list(
    cx: &mut LiftContext<'_>,
    items: &ItemOps,
    abi_image: &mut AbiImage,
    at: usize,
) -> Result<()> {
    let (ptr, len) = abi_image.pair(at)?;
    let image = len
        .checked_mul(items.size)
        .and_then(|size| part(cx.memory(), ptr, size))
        .ok_or_else(|| format_err!("{} pointer/length out of bounds of memory", items.what))?;
    charge(cx, abi_image, image.len())?;
    if !ptr.is_multiple_of(items.align as usize) {
        bail!("{} pointer is not aligned", items.what);
    }
    let start = abi_image.append(image)?;
    abi_image.point(at, start)?;
    each(cx, items, abi_image, start, len, None)
}

/// Mends `len` elements.
fn each(
    cx: &mut LiftContext<'_>,
    items: &ItemOps,
    abi_image: &mut AbiImage,
    start: usize,
    len: usize,
    bad: Option<BadCase>,
) -> Result<()> {
    match &items.ops[..] {
        [] => {}
        [ImageOp::Bool(_)] if items.size == 1 => bools(abi_image.slice_mut(start, len)?),
        ops if ops.iter().all(|op| matches!(op, ImageOp::Blank { .. })) => {
            let bytes = abi_image.slice_mut(start, len * items.size)?;
            blank(bytes, ops, items.size);
        }
        [ImageOp::Char(_)] if items.size == 4 => chars(abi_image.slice(start, len * items.size)?)?,
        ops => {
            for i in 0..len {
                mend(cx, ops, abi_image, start + i * items.size, bad)?;
            }
        }
    }
    Ok(())
}

/// Clears the padding of elements that are made of numbers.
fn blank(bytes: &mut [u8], ops: &[ImageOp], size: usize) {
    let padding = ops.iter().filter_map(|op| match op {
        ImageOp::Blank { at, len } => Some((*at, *len)),
        _ => None,
    });
    for (at, len) in padding {
        for element in bytes.chunks_exact_mut(size) {
            // Filling a few bytes by a call would take longer than all the rest.
            if let Some(padding) = element.get_mut(at..at + len) {
                padding.iter_mut().for_each(|byte| *byte = 0);
            }
        }
    }
}

fn cases(
    cx: &mut LiftContext<'_>,
    cases: &CaseOps,
    abi_image: &mut AbiImage,
    at: usize,
    bad: Option<BadCase>,
) -> Result<()> {
    let index = match bad {
        Some(bad) if bad.at == at => bad.index,
        _ => abi_image.number(at, cases.width)?,
    };
    let case = cases.cases.get(index as usize).ok_or_else(|| {
        let count = cases.cases.len();
        format_err!("discriminant {index} out of range [0..{count})")
    })?;
    let blank = |abi_image: &mut AbiImage, from: usize, to: usize| {
        let bytes = abi_image.slice_mut(at + from, to - from);
        bytes.map(|bytes| bytes.fill(0))
    };
    blank(abi_image, cases.width, cases.payload)?;
    mend(cx, &case.ops, abi_image, at + cases.payload, bad)?;
    blank(abi_image, cases.payload + case.size, cases.size)
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
