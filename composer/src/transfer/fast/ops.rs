//! The operations that the image of a value needs besides copying.

use wasmtime::component::__internal::wasmtime_environ::component::{
    CanonicalAbiInfo, TypeMap, TypeTupleIndex, VariantInfo,
};
use wasmtime::component::__internal::{ComponentTypes, InterfaceType};
use wasmtime::{Result, bail};

/// One operation, at an offset in the image.
pub(super) enum ImageOp {
    /// A byte that must be one or zero.
    Bool(usize),
    Char(usize),
    /// Flags that do not fill their word: the other bits are cleared.
    Mask {
        at: usize,
        width: usize,
        mask: u32,
    },
    /// Padding, which is cleared so that no other component sees what is left there.
    Blank {
        at: usize,
        len: usize,
    },
    Text(usize),
    /// A list or a map.
    List(usize, Box<ItemOps>),
    /// The elements of a fixed-length list, by offset and number.
    Row(usize, usize, Box<ItemOps>),
    Handle {
        at: usize,
        /// The number of this place among the places for handles.
        place: usize,
        ty: InterfaceType,
    },
    Cases(usize, Box<CaseOps>),
}

/// The elements of a list, or the entries of a map.
pub(super) struct ItemOps {
    /// The name of the whole in errors.
    pub(super) what: &'static str,
    pub(super) size: usize,
    pub(super) align: u32,
    pub(super) ops: Vec<ImageOp>,
}

/// The cases of a variant, option, result or enum.
pub(super) struct CaseOps {
    /// The width of the discriminant.
    pub(super) width: usize,
    /// The offset of the payload; the next field is the size of the whole.
    pub(super) payload: usize,
    pub(super) size: usize,
    pub(super) cases: Vec<CaseOp>,
}

/// One case: the size of its payload, and the operations that it needs.
#[derive(Default)]
pub(super) struct CaseOp {
    pub(super) size: usize,
    pub(super) ops: Vec<ImageOp>,
}

/// The operations that the image of a tuple needs.
pub(super) fn of_tuple(types: &ComponentTypes, tuple: TypeTupleIndex) -> Result<Vec<ImageOp>> {
    let mut reader = OpReader { types, places: 0 };
    let mut ops = Vec::new();
    reader.read(InterfaceType::Tuple(tuple), 0, &mut ops)?;
    Ok(ops)
}

/// The operations that the images of the items of a stream need.
#[cfg(feature = "component-model-async")]
pub(super) fn of_items(types: &ComponentTypes, item: InterfaceType) -> Result<ItemOps> {
    let mut items = OpReader { types, places: 0 }.items(item)?;
    items.what = "stream";
    Ok(items)
}

struct OpReader<'t> {
    types: &'t ComponentTypes,
    /// The number of places for handles so far, in the order of the type's text.
    places: usize,
}

impl OpReader<'_> {
    fn read(&mut self, ty: InterfaceType, at: usize, ops: &mut Vec<ImageOp>) -> Result<()> {
        let types = self.types;
        match ty {
            InterfaceType::S8
            | InterfaceType::U8
            | InterfaceType::S16
            | InterfaceType::U16
            | InterfaceType::S32
            | InterfaceType::U32
            | InterfaceType::S64
            | InterfaceType::U64
            | InterfaceType::Float32
            | InterfaceType::Float64 => {}
            InterfaceType::Bool => ops.push(ImageOp::Bool(at)),
            InterfaceType::Char => ops.push(ImageOp::Char(at)),
            InterfaceType::String => ops.push(ImageOp::Text(at)),
            InterfaceType::List(i) => {
                let items = self.items(types[i].element)?;
                ops.push(ImageOp::List(at, Box::new(items)));
            }
            InterfaceType::Map(i) => {
                let entries = self.entries(&types[i])?;
                ops.push(ImageOp::List(at, Box::new(entries)));
            }
            InterfaceType::FixedLengthList(i) => {
                let items = self.items(types[i].element)?;
                if !items.ops.is_empty() {
                    ops.push(ImageOp::Row(at, types[i].size as usize, Box::new(items)));
                }
            }
            InterfaceType::Record(i) => {
                let record = &types[i];
                let fields = record.fields.iter().map(|field| field.ty);
                self.fields(fields, &record.abi, at, ops)?;
            }
            InterfaceType::Tuple(i) => {
                let tuple = &types[i];
                self.fields(tuple.types.iter().copied(), &tuple.abi, at, ops)?;
            }
            InterfaceType::Variant(i) => {
                let variant = &types[i];
                let cases = variant.cases.values().copied();
                let cases = self.cases(cases, &variant.info, &variant.abi)?;
                ops.push(ImageOp::Cases(at, Box::new(cases)));
            }
            InterfaceType::Enum(i) => {
                let names = &types[i];
                let cases = names.names.iter().map(|_| None);
                let cases = self.cases(cases, &names.info, &names.abi)?;
                ops.push(ImageOp::Cases(at, Box::new(cases)));
            }
            InterfaceType::Option(i) => {
                let option = &types[i];
                let cases = [None, Some(option.ty)].into_iter();
                let cases = self.cases(cases, &option.info, &option.abi)?;
                ops.push(ImageOp::Cases(at, Box::new(cases)));
            }
            InterfaceType::Result(i) => {
                let result = &types[i];
                let cases = [result.ok, result.err].into_iter();
                let cases = self.cases(cases, &result.info, &result.abi)?;
                ops.push(ImageOp::Cases(at, Box::new(cases)));
            }
            InterfaceType::Flags(i) => flags(types[i].names.len(), at, ops),
            InterfaceType::Own(_)
            | InterfaceType::Borrow(_)
            | InterfaceType::Future(_)
            | InterfaceType::Stream(_) => {
                let place = self.places;
                self.places += 1;
                ops.push(ImageOp::Handle { at, place, ty });
            }
            InterfaceType::ErrorContext(_) => {
                bail!("values of this type do not cross this way")
            }
        }
        Ok(())
    }

    fn items(&mut self, element: InterfaceType) -> Result<ItemOps> {
        let abi = self.types.canonical_abi(&element);
        let (size, align) = (abi.size32 as usize, abi.align32);
        if size == 0 {
            bail!("values without a size do not cross this way");
        }
        let mut ops = Vec::new();
        self.read(element, 0, &mut ops)?;
        Ok(ItemOps {
            what: "list",
            size,
            align,
            ops,
        })
    }

    /// A map is a list of pairs.
    fn entries(&mut self, map: &TypeMap) -> Result<ItemOps> {
        let abi = &map.entry_abi;
        let mut ops = Vec::new();
        self.fields([map.key, map.value].into_iter(), abi, 0, &mut ops)?;
        Ok(ItemOps {
            what: "map",
            size: abi.size32 as usize,
            align: abi.align32,
            ops,
        })
    }

    fn fields(
        &mut self,
        fields: impl Iterator<Item = InterfaceType>,
        whole: &CanonicalAbiInfo,
        at: usize,
        ops: &mut Vec<ImageOp>,
    ) -> Result<()> {
        let pad = |from: u32, to: u32, ops: &mut Vec<ImageOp>| {
            if from < to {
                ops.push(ImageOp::Blank {
                    at: at + from as usize,
                    len: (to - from) as usize,
                });
            }
        };
        let mut end = 0;
        for field in fields {
            let before = end;
            let start = self.types.canonical_abi(&field).next_field32(&mut end);
            pad(before, start, ops);
            self.read(field, at + start as usize, ops)?;
        }
        pad(end, whole.size32, ops);
        Ok(())
    }

    fn cases(
        &mut self,
        cases: impl Iterator<Item = Option<InterfaceType>>,
        info: &VariantInfo,
        whole: &CanonicalAbiInfo,
    ) -> Result<CaseOps> {
        let mut case = |ty: Option<InterfaceType>| {
            let mut case = CaseOp::default();
            if let Some(ty) = ty {
                case.size = self.types.canonical_abi(&ty).size32 as usize;
                self.read(ty, 0, &mut case.ops)?;
            }
            Ok(case)
        };
        Ok(CaseOps {
            width: u32::from(info.size) as usize,
            payload: info.payload_offset32 as usize,
            size: whole.size32 as usize,
            cases: cases.map(&mut case).collect::<Result<_>>()?,
        })
    }
}

/// Whether the contents of strings or lists are fetched for this operation.
#[cfg(feature = "component-model-async")]
pub(super) fn grows(op: &ImageOp) -> bool {
    match op {
        ImageOp::Text(_) | ImageOp::List(..) => true,
        ImageOp::Row(_, _, items) => items.ops.iter().any(grows),
        ImageOp::Cases(_, cases) => cases.cases.iter().flat_map(|case| &case.ops).any(grows),
        _ => false,
    }
}

/// Whether items of this type need memory beside their own.
#[cfg(feature = "component-model-async")]
pub(super) fn item_grows(types: &ComponentTypes, item: InterfaceType) -> bool {
    of_items(types, item).map_or(true, |items| items.ops.iter().any(grows))
}

#[cfg(feature = "component-model-async")]
pub(super) fn holds_handles(op: &ImageOp) -> bool {
    let of = |ops: &[ImageOp]| ops.iter().any(holds_handles);
    match op {
        ImageOp::Handle { .. } => true,
        ImageOp::List(_, items) | ImageOp::Row(_, _, items) => of(&items.ops),
        ImageOp::Cases(_, cases) => cases.cases.iter().any(|case| of(&case.ops)),
        _ => false,
    }
}

/// How many bytes each word of `count` flags has.
pub(super) fn flags_width(count: usize) -> usize {
    match count {
        0..=8 => 1,
        9..=16 => 2,
        _ => 4,
    }
}

fn flags(count: usize, at: usize, ops: &mut Vec<ImageOp>) {
    let width = flags_width(count);
    let room = width * 8;
    let rest = count % room;
    if rest > 0 {
        ops.push(ImageOp::Mask {
            at: at + (count / room) * width,
            width,
            mask: (1 << rest) - 1,
        });
    }
}
