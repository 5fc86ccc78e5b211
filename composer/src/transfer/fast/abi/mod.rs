//! The Rust types by which wasmtime lifts and lowers values of any type.
//!
//! wasmtime asks a type how many slots its values take. That is the one thing about a
//! function that has to be known when the program is compiled, so there is a type for
//! each number. [`FlatLayout`](crate::transfer::fast::FlatLayout) picks one by the
//! function's type, and wasmtime has every pick checked by `typecheck`.

#[cfg(feature = "component-model-async")]
mod item;

use std::mem::MaybeUninit;
use std::sync::{Mutex, PoisonError};

use wasmtime::component::__internal::wasmtime_environ::component::{
    StringEncoding, TypeTupleIndex,
};
use wasmtime::component::__internal::{
    CanonicalAbiInfo, InstanceType, InterfaceType, LiftContext, LowerContext,
};
use wasmtime::component::{ComponentNamedList, ComponentType, Lift, Lower};
use wasmtime::{Result, ValRaw, bail, format_err};

use crate::transfer::fast::{flat, lift, lower, ops};
use crate::transfer::image::AbiImage;
use crate::transfer::scalars::ScalarRow;
use crate::transfer::{AnyHandle, CallValues};

#[cfg(feature = "component-model-async")]
pub(crate) use item::{BulkItem, ItemBatch, read_items};

/// The most slots that arguments take; larger ones are in memory.
pub(super) const MAX_SLOTS: usize = 16;

/// The memory layout of values, as wasmtime sees it: none, since wasmtime takes the
/// layout from the Rust type. Lifting and lowering handle memory themselves.
const NO_MEMORY: CanonicalAbiInfo = CanonicalAbiInfo {
    flat_count: Some(MAX_SLOTS as u8),
    ..CanonicalAbiInfo::ZERO
};

/// The arguments of an imported function, which take `N` slots, or are in
/// memory.
pub(crate) struct IncomingArgs<const N: usize>(pub(crate) CallValues);

/// The results of an exported function. A plain function has them in one slot, or in
/// memory with a pointer in that slot; an `async` one in as many slots as they take.
pub(crate) struct IncomingResults<const N: usize>(pub(crate) CallValues);

/// Values on their way into a store: the results of an imported function (`M`
/// is 1, or 0 if there are none) or the arguments of an exported one.
pub(crate) enum OutgoingValues<const M: usize> {
    Image(Mutex<Option<AbiImage>>),
    Scalars(ScalarRow),
}

impl<const M: usize> OutgoingValues<M> {
    /// `None` if the values are in no form that crosses in bulk.
    pub(crate) fn new(values: CallValues) -> Option<Self> {
        match values {
            CallValues::Image(abi_image) => {
                Some(OutgoingValues::Image(Mutex::new(Some(abi_image))))
            }
            CallValues::Scalars(row) => Some(OutgoingValues::Scalars(row)),
            _ => None,
        }
    }
}

/// Takes the values out: lowering changes them in place, and wasmtime lowers them once.
fn take(abi_image: &Mutex<Option<AbiImage>>) -> Result<AbiImage> {
    let abi_image = abi_image
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    abi_image.ok_or_else(|| format_err!("the values were lowered before"))
}

/// Arguments of exported functions.
pub(crate) type OutgoingArgs = OutgoingValues<MAX_SLOTS>;

// SAFETY: `Lower` is an array of slots. None of these types says that it has a
// size, so wasmtime looks at no memory on their behalf; lifting and lowering
// go by the sizes in the component's own types and check every bound. That the
// slots are as many as the values take is checked here: too many would make
// wasmtime panic, too few are caught while the values are walked.
unsafe impl<const N: usize> ComponentType for IncomingArgs<N> {
    type Lower = [ValRaw; N];
    const ABI: CanonicalAbiInfo = NO_MEMORY;

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<()> {
        match slots(ty, types)? {
            None => Ok(()),
            Some(count) if count == N => Ok(()),
            Some(count) => bail!("expected {N} slots, found {count}"),
        }
    }
}

// SAFETY: as for `IncomingArgs`.
unsafe impl<const N: usize> ComponentType for IncomingResults<N> {
    type Lower = [ValRaw; N];
    const ABI: CanonicalAbiInfo = NO_MEMORY;

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<()> {
        match slots(ty, types)? {
            _ if N == 1 => Ok(()),
            Some(count) if count == N => Ok(()),
            count => bail!("expected {N} slots, found {count:?}"),
        }
    }
}

// SAFETY: as for `IncomingArgs`.
unsafe impl<const M: usize> ComponentType for OutgoingValues<M> {
    type Lower = [ValRaw; M];
    const ABI: CanonicalAbiInfo = NO_MEMORY;

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<()> {
        match (slots(ty, types)?, M) {
            (_, MAX_SLOTS) | (Some(0), 0) => Ok(()),
            (None | Some(1..), 1) => Ok(()),
            (count, _) => bail!("expected {M} slots, found {count:?}"),
        }
    }
}

/// How many slots a tuple takes, if it fits into slots. It is an error if any of it
/// cannot cross in this way.
fn slots(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<Option<usize>> {
    let tuple = tuple(*ty)?;
    ops::of_tuple(types.types, tuple)?;
    Ok(types.types[tuple].abi.flat_count(MAX_SLOTS))
}

/// Arguments and results are tuples.
fn tuple(ty: InterfaceType) -> Result<TypeTupleIndex> {
    match ty {
        InterfaceType::Tuple(tuple) => Ok(tuple),
        _ => bail!("expected a tuple"),
    }
}

// SAFETY: all that wasmtime asks of these is `typecheck`.
unsafe impl<const N: usize> ComponentNamedList for IncomingArgs<N> {}
// SAFETY: as above.
unsafe impl<const N: usize> ComponentNamedList for IncomingResults<N> {}
// SAFETY: as above.
unsafe impl<const M: usize> ComponentNamedList for OutgoingValues<M> {}

// SAFETY: what is read is checked against the component's own type.
unsafe impl<const N: usize> Lift for IncomingArgs<N> {
    fn linear_lift_from_flat(
        cx: &mut LiftContext<'_>,
        ty: InterfaceType,
        slots: &[ValRaw; N],
    ) -> Result<Self> {
        Ok(IncomingArgs(lift::from_slots(cx, tuple(ty)?, slots)?))
    }

    fn linear_lift_from_memory(
        cx: &mut LiftContext<'_>,
        ty: InterfaceType,
        bytes: &[u8],
    ) -> Result<Self> {
        let place = lift::place_of(bytes, cx.memory());
        Ok(IncomingArgs(lift::from_memory(cx, tuple(ty)?, place)?))
    }
}

// SAFETY: what is read is checked against the component's own type.
unsafe impl<const N: usize> Lift for IncomingResults<N> {
    fn linear_lift_from_flat(
        cx: &mut LiftContext<'_>,
        ty: InterfaceType,
        slots: &[ValRaw; N],
    ) -> Result<Self> {
        let tuple = tuple(ty)?;
        let values = match (cx.types[tuple].abi.flat_count(N), slots.first()) {
            (None, Some(ptr)) => lift::from_memory(cx, tuple, ptr.get_u32() as usize)?,
            _ => lift::from_slots(cx, tuple, slots)?,
        };
        Ok(IncomingResults(values))
    }

    fn linear_lift_from_memory(
        cx: &mut LiftContext<'_>,
        ty: InterfaceType,
        bytes: &[u8],
    ) -> Result<Self> {
        let place = lift::place_of(bytes, cx.memory());
        Ok(IncomingResults(lift::from_memory(cx, tuple(ty)?, place)?))
    }
}

// SAFETY: all slots are written before success is returned, and memory only
// within its bounds.
unsafe impl<const M: usize> Lower for OutgoingValues<M> {
    fn linear_lower_to_flat<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        dst: &mut MaybeUninit<[ValRaw; M]>,
    ) -> Result<()> {
        let types = cx.types;
        let slots = dst.write([ValRaw::u64(0); M]);
        let tuple = tuple(ty)?;
        match self {
            OutgoingValues::Image(abi_image) => {
                lower::to_slots(cx, types, tuple, take(abi_image)?, slots)?
            }
            OutgoingValues::Scalars(row) => lower::row_to_slots(cx, types, tuple, row, slots)?,
        }
        Ok(())
    }

    fn linear_lower_to_memory<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        offset: usize,
    ) -> Result<()> {
        let types = cx.types;
        let tuple = tuple(ty)?;
        let abi_image = match self {
            OutgoingValues::Image(abi_image) => take(abi_image)?,
            OutgoingValues::Scalars(row) => flat::image(types, tuple, row)?,
        };
        lower::to_memory(cx, types, tuple, abi_image, offset)
    }
}

impl<T: 'static> lower::GuestMemory for LowerContext<'_, T> {
    fn utf8(&self) -> bool {
        matches!(self.options().string_encoding, StringEncoding::Utf8)
    }

    fn allocate(&mut self, align: u32, size: usize) -> Result<usize> {
        self.realloc(0, 0, align, size)
    }

    fn memory(&mut self) -> &mut [u8] {
        self.as_slice_mut()
    }

    fn text(&mut self, text: &str) -> Result<(u32, u32)> {
        let mut pair = MaybeUninit::uninit();
        text.linear_lower_to_flat(self, InterfaceType::String, &mut pair)?;
        // SAFETY: `Lower` promises to have written all of it.
        let [ptr, len] = unsafe { pair.assume_init() };
        Ok((ptr.get_u32(), len.get_u32()))
    }

    fn handle(&mut self, ty: InterfaceType, handle: &AnyHandle) -> Result<u32> {
        let mut index = MaybeUninit::uninit();
        match handle {
            AnyHandle::Resource(any) => any.linear_lower_to_flat(self, ty, &mut index)?,
            #[cfg(feature = "component-model-async")]
            AnyHandle::Stream(any) => any.linear_lower_to_flat(self, ty, &mut index)?,
            #[cfg(feature = "component-model-async")]
            AnyHandle::Future(any) => any.linear_lower_to_flat(self, ty, &mut index)?,
        }
        // SAFETY: `Lower` promises to have written it.
        let index: ValRaw = unsafe { index.assume_init() };
        Ok(index.get_u32())
    }
}
