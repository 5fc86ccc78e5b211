//! Lowering: values enter a store.

use wasmtime::component::__internal::wasmtime_environ::component::TypeTupleIndex;
use wasmtime::component::__internal::{ComponentTypes, InterfaceType};
use wasmtime::{Result, ValRaw, bail, format_err};

use crate::transfer::AnyHandle;
use crate::transfer::fast::ops::{ImageOp, ItemOps};
use crate::transfer::fast::{flat, ops};
use crate::transfer::image::AbiImage;
use crate::transfer::scalars::ScalarRow;

/// The memory and the handles of the component that values enter.
pub(super) trait GuestMemory {
    /// Whether its strings are UTF-8.
    fn utf8(&self) -> bool;
    /// Allocates memory of the component.
    fn allocate(&mut self, align: u32, size: usize) -> Result<usize>;
    fn memory(&mut self) -> &mut [u8];
    /// Lowers a string in the component's own encoding.
    fn text(&mut self, text: &str) -> Result<(u32, u32)>;
    /// Lowers a handle.
    fn handle(&mut self, ty: InterfaceType, handle: &AnyHandle) -> Result<u32>;
}

/// Lowers a tuple to slots, or to memory with a pointer in the first slot if
/// there are too few of them.
pub(super) fn to_slots(
    guest: &mut dyn GuestMemory,
    types: &ComponentTypes,
    tuple: TypeTupleIndex,
    mut abi_image: AbiImage,
    slots: &mut [ValRaw],
) -> Result<()> {
    let abi = &types[tuple].abi;
    if abi.flat_count(slots.len()).is_some() {
        mend(guest, &ops::of_tuple(types, tuple)?, &mut abi_image, 0)?;
        return flat::gather(types, InterfaceType::Tuple(tuple), &abi_image, 0, slots);
    }
    let ptr = guest.allocate(abi.align32, abi.size32 as usize)?;
    to_memory(guest, types, tuple, abi_image, ptr)?;
    let slot = slots.first_mut();
    *slot.ok_or_else(|| format_err!("there is no slot for a pointer"))? = ValRaw::u64(ptr as u64);
    Ok(())
}

/// Lowers a scalar row to slots, as [`to_slots`] does.
#[inline]
pub(super) fn row_to_slots(
    guest: &mut dyn GuestMemory,
    types: &ComponentTypes,
    tuple: TypeTupleIndex,
    row: &ScalarRow,
    slots: &mut [ValRaw],
) -> Result<()> {
    if types[tuple].abi.flat_count(slots.len()).is_none() {
        let abi_image = flat::image(types, tuple, row)?;
        return to_slots(guest, types, tuple, abi_image, slots);
    }
    let slots = slots.iter_mut().zip(row.numbers());
    slots.for_each(|(slot, number)| *slot = ValRaw::u64(*number));
    Ok(())
}

/// Lowers a tuple to memory that has been allocated for it.
pub(super) fn to_memory(
    guest: &mut dyn GuestMemory,
    types: &ComponentTypes,
    tuple: TypeTupleIndex,
    mut abi_image: AbiImage,
    ptr: usize,
) -> Result<()> {
    mend(guest, &ops::of_tuple(types, tuple)?, &mut abi_image, 0)?;
    let image = abi_image.slice(0, types[tuple].abi.size32 as usize)?;
    write(guest, ptr, image)
}

/// Lowers `count` items of a stream, from the one with the index `first` in their image,
/// to the memory at `ptr`.
#[cfg(feature = "component-model-async")]
pub(super) fn items(
    guest: &mut dyn GuestMemory,
    types: &ComponentTypes,
    item: InterfaceType,
    abi_image: &mut AbiImage,
    (first, count): (usize, usize),
    ptr: usize,
) -> Result<()> {
    let items = ops::of_items(types, item)?;
    let base = first * items.size;
    each(guest, &items, abi_image, base, count)?;
    write(guest, ptr, abi_image.slice(base, count * items.size)?)
}

fn write(guest: &mut dyn GuestMemory, ptr: usize, bytes: &[u8]) -> Result<()> {
    // A function may have no memory if nothing needs to be written.
    if bytes.is_empty() {
        return Ok(());
    }
    let place = ptr
        .checked_add(bytes.len())
        .and_then(|end| guest.memory().get_mut(ptr..end));
    let place = place.ok_or_else(|| format_err!("pointer out of bounds of memory"))?;
    place.copy_from_slice(bytes);
    Ok(())
}

/// Turns the image at `base` into the bytes for the component's memory.
fn mend(
    guest: &mut dyn GuestMemory,
    ops: &[ImageOp],
    abi_image: &mut AbiImage,
    base: usize,
) -> Result<()> {
    for op in ops {
        match op {
            // Lifting has already normalized these.
            ImageOp::Bool(_) | ImageOp::Char(_) | ImageOp::Mask { .. } | ImageOp::Blank { .. } => {}
            ImageOp::Text(at) => text(guest, abi_image, base + at)?,
            ImageOp::List(at, items) => list(guest, items, abi_image, base + at)?,
            ImageOp::Row(at, len, items) => each(guest, items, abi_image, base + at, *len)?,
            ImageOp::Handle { at, ty, .. } => {
                let handle = abi_image.held(abi_image.word(base + at)?)?;
                let index = guest.handle(*ty, handle)?;
                abi_image.put(base + at, index.to_le_bytes())?;
            }
            ImageOp::Cases(at, cases) => {
                let index = abi_image.number(base + at, cases.width)? as usize;
                let case = cases.cases.get(index);
                let case = case.ok_or_else(|| format_err!("there is no case {index}"))?;
                mend(guest, &case.ops, abi_image, base + at + cases.payload)?;
            }
        }
    }
    Ok(())
}

/// The longest string, in bytes, that a component can be given.
const MAX_TEXT: usize = i32::MAX as usize;

fn text(guest: &mut dyn GuestMemory, abi_image: &mut AbiImage, at: usize) -> Result<()> {
    let (start, len) = abi_image.pair(at)?;
    if guest.utf8() {
        if len > MAX_TEXT {
            bail!("string length of {len} too large to copy into wasm");
        }
        let ptr = guest.allocate(1, len)?;
        write(guest, ptr, abi_image.slice(start, len)?)?;
        abi_image.point(at, ptr)
    } else {
        let text = str::from_utf8(abi_image.slice(start, len)?)?;
        let (ptr, len) = guest.text(text)?;
        abi_image.put(at, ptr.to_le_bytes())?;
        abi_image.put(at + 4, len.to_le_bytes())
    }
}

fn list(
    guest: &mut dyn GuestMemory,
    items: &ItemOps,
    abi_image: &mut AbiImage,
    at: usize,
) -> Result<()> {
    let (start, len) = abi_image.pair(at)?;
    let size = len
        .checked_mul(items.size)
        .ok_or_else(|| format_err!("size overflow copying a {}", items.what))?;
    // Each list is an allocation of its own, which its new owner frees separately.
    let ptr = guest.allocate(items.align, size)?;
    each(guest, items, abi_image, start, len)?;
    write(guest, ptr, abi_image.slice(start, size)?)?;
    abi_image.point(at, ptr)
}

/// Mends `len` elements.
fn each(
    guest: &mut dyn GuestMemory,
    items: &ItemOps,
    abi_image: &mut AbiImage,
    start: usize,
    len: usize,
) -> Result<()> {
    if items.ops.iter().any(needs_mending) {
        for i in 0..len {
            mend(guest, &items.ops, abi_image, start + i * items.size)?;
        }
    }
    Ok(())
}

/// Whether [`mend`] has work to do for this operation.
fn needs_mending(op: &ImageOp) -> bool {
    match op {
        ImageOp::Bool(_) | ImageOp::Char(_) | ImageOp::Mask { .. } | ImageOp::Blank { .. } => false,
        ImageOp::Text(_) | ImageOp::List(..) | ImageOp::Handle { .. } => true,
        ImageOp::Row(_, _, items) => items.ops.iter().any(needs_mending),
        ImageOp::Cases(_, cases) => cases.cases.iter().flat_map(|c| &c.ops).any(needs_mending),
    }
}
