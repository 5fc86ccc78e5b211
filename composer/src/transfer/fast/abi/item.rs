//! The Rust type of the items of streams and futures whose type is read at run time.
//!
//! wasmtime takes the size of an item from its Rust type. [`BulkItem`] has none, so wasmtime
//! checks no bounds on its behalf and never advances by itself: all items of a read or a
//! write are lifted or lowered with the first of them, by the component's own type.

use std::cell::RefCell;
use std::mem::MaybeUninit;
use std::sync::{Arc, Mutex};

use wasmtime::component::__internal::{
    CanonicalAbiInfo, InstanceType, InterfaceType, LiftContext, LowerContext,
};
use wasmtime::component::{ComponentType, Lift, Lower, ReadBuffer, Source, WriteBuffer};
use wasmtime::{Result, StoreContextMut, ValRaw, bail, format_err};

use crate::sync::lock;
use crate::transfer::fast::{lift, lower, ops};
use crate::transfer::image::AbiImage;

/// Items of a stream that are in one image.
#[derive(Clone, Debug)]
pub(crate) struct ItemBatch {
    pub(crate) image: Arc<Mutex<AbiImage>>,
    /// The index in the image of the first of them.
    pub(crate) first: usize,
    pub(crate) count: usize,
}

impl ItemBatch {
    pub(crate) fn new(image: AbiImage, count: usize) -> Self {
        ItemBatch {
            image: Arc::new(Mutex::new(image)),
            first: 0,
            count,
        }
    }

    /// Takes out the first `count` of the items.
    pub(crate) fn take(&mut self, count: usize) -> ItemBatch {
        let taken = ItemBatch {
            image: self.image.clone(),
            first: self.first,
            count: count.min(self.count),
        };
        self.first += taken.count;
        self.count -= taken.count;
        taken
    }

    /// The items as wasmtime takes them: the first of them knows all.
    pub(crate) fn into_items<const GROWS: bool>(self) -> Vec<BulkItem<GROWS>> {
        let mut items = Vec::with_capacity(self.count);
        let count = self.count;
        items.push(BulkItem(Some(Box::new(self))));
        items.resize_with(count, || BulkItem(None));
        items
    }
}

/// One of some items that are lifted or lowered together. `GROWS` says whether lowering
/// them may need memory of the component, which it allocates itself.
pub(crate) struct BulkItem<const GROWS: bool>(Option<Box<ItemBatch>>);

// SAFETY: an item has no size, so wasmtime looks at no memory on its behalf; lifting and
// lowering go by the size in the component's own type and check every bound. Which types
// items may have was checked when the stream crossed; a type that needs memory of the
// component where `GROWS` says otherwise is refused here, since wasmtime relies on that.
unsafe impl<const GROWS: bool> ComponentType for BulkItem<GROWS> {
    type Lower = [ValRaw; 0];
    const ABI: CanonicalAbiInfo = CanonicalAbiInfo::ZERO;
    const MAY_REQUIRE_REALLOC: bool = GROWS;

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<()> {
        if !GROWS && ops::item_grows(types.types, *ty) {
            bail!("items of this type need memory of the component");
        }
        Ok(())
    }
}

/// What is being lifted on this thread. wasmtime passes neither how many items there are
/// nor how much room for them, and has no way to return a batch. Nothing suspends between
/// the beginning of a read and its end, so all of it happens on one thread.
struct ItemLift {
    count: usize,
    room: usize,
    lifted: Option<lift::LiftedItems>,
}

thread_local! {
    static LIFTING: RefCell<Option<ItemLift>> = const { RefCell::new(None) };
}

/// Takes items out of a component's write: as many as fit into `room` bytes, but at least
/// one. It is to be called once for each write.
pub(crate) fn read_items<const GROWS: bool, T: 'static>(
    mut store: StoreContextMut<'_, T>,
    source: &mut Source<'_, BulkItem<GROWS>>,
    room: usize,
) -> Result<Vec<ItemBatch>> {
    let count = source.remaining(&mut store);
    let lifting = ItemLift {
        count,
        room,
        lifted: None,
    };
    LIFTING.with(|on_thread| on_thread.replace(Some(lifting)));
    let mut taken = TakenItems {
        room: count,
        lifted: None,
        moved: Vec::new(),
    };
    let read = source.read(store, &mut taken);
    let lifting = LIFTING.with(RefCell::take);
    read?;
    if !taken.moved.is_empty() {
        return Ok(taken.moved);
    }
    let lifted = lifting.and_then(|lifting| lifting.lifted);
    let lifted = lifted.ok_or_else(|| format_err!("no items were lifted"))?;
    let each = match lifted.images.len() {
        1 => lifted.count,
        _ => 1,
    };
    let batches = lifted.images.into_iter();
    Ok(batches.map(|image| ItemBatch::new(image, each)).collect())
}

/// Counts the items that a read takes.
struct TakenItems {
    room: usize,
    /// How many of the items that wasmtime passes were lifted, once that is known.
    lifted: Option<usize>,
    /// Items of a producer in the same store.
    moved: Vec<ItemBatch>,
}

impl<const GROWS: bool> ReadBuffer<BulkItem<GROWS>> for TakenItems {
    fn extend<I: IntoIterator<Item = BulkItem<GROWS>>>(&mut self, items: I) {
        let mut lifted = self.lifted.unwrap_or_else(|| {
            LIFTING.with(|on_thread| {
                let lifting = on_thread.borrow();
                let lifted = lifting.as_ref().and_then(|lifting| lifting.lifted.as_ref());
                lifted.map_or(0, |lifted| lifted.count)
            })
        });
        for _ in items {
            if lifted > 0 {
                lifted -= 1;
                self.room -= 1;
            }
        }
        self.lifted = Some(lifted);
    }

    fn remaining_capacity(&self) -> usize {
        self.room
    }

    fn move_from(&mut self, input: &mut dyn WriteBuffer<BulkItem<GROWS>>, count: usize) {
        let items = input.remaining().iter().take(count);
        let batches = items.filter_map(|item| item.0.as_deref().cloned());
        Extend::extend(&mut self.moved, batches);
        input.skip(count);
        self.room -= count;
    }
}

// SAFETY: what is read is checked against the component's own type.
unsafe impl<const GROWS: bool> Lift for BulkItem<GROWS> {
    fn linear_lift_from_flat(
        _: &mut LiftContext<'_>,
        _: InterfaceType,
        _: &[ValRaw; 0],
    ) -> Result<Self> {
        bail!("items are always in memory")
    }

    fn linear_lift_from_memory(
        cx: &mut LiftContext<'_>,
        ty: InterfaceType,
        bytes: &[u8],
    ) -> Result<Self> {
        let wanted = LIFTING.with(|on_thread| match &*on_thread.borrow() {
            Some(ItemLift {
                count,
                room,
                lifted: None,
            }) => Some((*count, *room)),
            // All were lifted with the first.
            _ => None,
        });
        if let Some((count, room)) = wanted {
            let place = lift::place_of(bytes, cx.memory());
            let lifted = lift::items(cx, ty, place, count, room)?;
            LIFTING.with(|on_thread| {
                if let Some(lifting) = &mut *on_thread.borrow_mut() {
                    lifting.lifted = Some(lifted);
                }
            });
        }
        Ok(BulkItem(None))
    }
}

// SAFETY: memory is written only within its bounds; there are no slots to write.
unsafe impl<const GROWS: bool> Lower for BulkItem<GROWS> {
    fn linear_lower_to_flat<T>(
        &self,
        _: &mut LowerContext<'_, T>,
        _: InterfaceType,
        _: &mut MaybeUninit<[ValRaw; 0]>,
    ) -> Result<()> {
        bail!("items are always in memory")
    }

    fn linear_lower_to_memory<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        offset: usize,
    ) -> Result<()> {
        lower_items(cx, ty, offset, std::slice::from_ref(self))
    }

    fn linear_store_list_to_memory<T>(
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        offset: usize,
        items: &[Self],
    ) -> Result<()> {
        lower_items(cx, ty, offset, items)
    }
}

fn lower_items<T, const GROWS: bool>(
    cx: &mut LowerContext<'_, T>,
    ty: InterfaceType,
    offset: usize,
    items: &[BulkItem<GROWS>],
) -> Result<()> {
    let Some(first) = items.first() else {
        return Ok(());
    };
    let batch = first.0.as_deref();
    let batch = batch.ok_or_else(|| format_err!("items were separated from the first of them"))?;
    let types = cx.types;
    let mut abi_image = lock(&batch.image);
    let range = (batch.first, items.len());
    lower::items(cx, types, ty, &mut abi_image, range, offset)
}
