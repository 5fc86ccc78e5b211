//! The canonical ABI's layout of values in memory, computed from the planner's types.

use composer_plan::Type;

/// The size and the alignment of values of a type, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AbiLayout {
    pub(super) size: usize,
    pub(super) align: usize,
}

/// The layout of a type with cases.
pub(super) struct CaseLayout {
    /// The bytes of the discriminant.
    pub(super) width: usize,
    /// The offset of the payload.
    pub(super) payload: usize,
    pub(super) whole: AbiLayout,
}

const POINTER_AND_LENGTH: AbiLayout = AbiLayout { size: 8, align: 4 };

impl AbiLayout {
    pub(super) fn of(ty: &Type) -> AbiLayout {
        let scalar = |size: usize| AbiLayout { size, align: size };
        match ty {
            Type::Bool | Type::S8 | Type::U8 => scalar(1),
            Type::S16 | Type::U16 => scalar(2),
            Type::S64 | Type::U64 | Type::F64 => scalar(8),
            Type::String | Type::List(_) | Type::Map(..) => POINTER_AND_LENGTH,
            Type::FixedLengthList(ty, len) => {
                let element = AbiLayout::of(ty);
                AbiLayout {
                    size: element.size.saturating_mul(*len as usize),
                    align: element.align,
                }
            }
            Type::Record(fields) => AbiLayout::of_fields(fields.iter().map(|(_, ty)| ty)),
            Type::Tuple(types) => AbiLayout::of_fields(types.iter()),
            Type::Flags(names) => match names.len() {
                0..=8 => scalar(1),
                9..=16 => scalar(2),
                count => AbiLayout {
                    size: count.div_ceil(32) * 4,
                    align: 4,
                },
            },
            Type::Variant(_) | Type::Enum(_) | Type::Option(_) | Type::Result(_) => {
                CaseLayout::of(ty).whole
            }
            // Numbers and characters of four bytes, and handles.
            _ => scalar(4),
        }
    }

    /// The offset of the next field, after `end` bytes of others.
    pub(super) fn next(self, end: &mut usize) -> usize {
        let at = end.next_multiple_of(self.align);
        *end = at.saturating_add(self.size);
        at
    }

    fn of_fields<'t>(types: impl Iterator<Item = &'t Type>) -> AbiLayout {
        let (mut end, mut align) = (0, 1);
        for ty in types {
            let field = AbiLayout::of(ty);
            field.next(&mut end);
            align = align.max(field.align);
        }
        AbiLayout {
            size: end.next_multiple_of(align),
            align,
        }
    }
}

impl CaseLayout {
    /// The layout of a variant, an enum, an option or a result.
    pub(super) fn of(ty: &Type) -> CaseLayout {
        let (count, payloads): (usize, Vec<&Type>) = match ty {
            Type::Variant(cases) => {
                let payloads = cases.iter().filter_map(|(_, ty)| ty.as_ref());
                (cases.len(), payloads.collect())
            }
            Type::Enum(names) => (names.len(), Vec::new()),
            Type::Option(ty) => (2, vec![ty]),
            Type::Result(sides) => {
                let payloads = [&sides.0, &sides.1].into_iter().flatten();
                (2, payloads.collect())
            }
            _ => (1, Vec::new()),
        };
        let width: usize = match count {
            0..=0x100 => 1,
            0x101..=0x1_0000 => 2,
            _ => 4,
        };
        let payload = payloads.iter().map(|ty| AbiLayout::of(ty));
        let payload = payload.fold(AbiLayout { size: 0, align: 1 }, |all, one| AbiLayout {
            size: all.size.max(one.size),
            align: all.align.max(one.align),
        });
        let at = width.next_multiple_of(payload.align);
        let align = width.max(payload.align);
        CaseLayout {
            width,
            payload: at,
            whole: AbiLayout {
                size: at.saturating_add(payload.size).next_multiple_of(align),
                align,
            },
        }
    }
}
