//! The canonical ABI's layout of types, in memory and in slots. It is implemented a
//! second time here, so that the guests do not agree with composer by construction.

use composer::Type;

use self::Core::{F32, F64, I32, I64};

/// The type of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Core {
    I32,
    I64,
    F32,
    F64,
}

/// The most slots that arguments take.
pub(super) const MAX_SLOTS: usize = 16;

impl Core {
    pub(super) fn name(self) -> &'static str {
        match self {
            I32 => "i32",
            I64 => "i64",
            F32 => "f32",
            F64 => "f64",
        }
    }

    /// The slot in which values of either type fit.
    fn join(self, other: Core) -> Core {
        match (self, other) {
            (a, b) if a == b => a,
            (I32, F32) | (F32, I32) => I32,
            _ => I64,
        }
    }
}

/// The payloads of whatever has cases.
pub(super) fn cases(ty: &Type) -> Option<Vec<Option<&Type>>> {
    Some(match ty {
        Type::Variant(cases) => cases.iter().map(|(_, ty)| ty.as_ref()).collect(),
        Type::Enum(names) => names.iter().map(|_| None).collect(),
        Type::Option(ty) => vec![None, Some(ty)],
        Type::Result(sides) => vec![sides.0.as_ref(), sides.1.as_ref()],
        _ => return None,
    })
}

/// The types of a record's or tuple's fields. A list of fixed length is laid
/// out like a tuple.
pub(super) fn fields(ty: &Type) -> Option<Vec<&Type>> {
    Some(match ty {
        Type::Record(fields) => fields.iter().map(|(_, ty)| ty).collect(),
        Type::Tuple(types) => types.iter().collect(),
        Type::FixedLengthList(ty, len) => vec![&**ty; *len as usize],
        _ => return None,
    })
}

/// What a list or a map has in memory: a map has pairs.
pub(super) fn item(ty: &Type) -> Option<Type> {
    match ty {
        Type::List(item) => Some((**item).clone()),
        Type::Map(key, value) => {
            let pair = [(**key).clone(), (**value).clone()];
            Some(Type::Tuple(pair.into()))
        }
        _ => None,
    }
}

/// How many bytes tell so many cases apart.
pub(super) fn discriminant(cases: usize) -> u32 {
    match cases {
        0..=0x100 => 1,
        0x101..=0x1_0000 => 2,
        _ => 4,
    }
}

/// Where the payload of something with these cases is.
pub(super) fn payload(cases: &[Option<&Type>]) -> u32 {
    let align = cases.iter().flatten().map(|ty| align(ty)).max();
    discriminant(cases.len()).next_multiple_of(align.unwrap_or(1))
}

pub(super) fn align(ty: &Type) -> u32 {
    if let Some(fields) = fields(ty) {
        return fields.into_iter().map(align).max().unwrap_or(1);
    }
    if let Some(cases) = cases(ty) {
        let payloads = cases.iter().flatten().map(|ty| align(ty)).max();
        return discriminant(cases.len()).max(payloads.unwrap_or(1));
    }
    match ty {
        Type::String | Type::List(_) | Type::Map(..) => 4,
        ty => size(ty),
    }
}

pub(super) fn size(ty: &Type) -> u32 {
    if let Some(fields) = fields(ty) {
        return offsets(&fields).1;
    }
    if let Some(cases) = cases(ty) {
        let largest = cases.iter().flatten().map(|ty| size(ty)).max();
        return (payload(&cases) + largest.unwrap_or(0)).next_multiple_of(align(ty));
    }
    match ty {
        Type::Bool | Type::S8 | Type::U8 => 1,
        Type::S16 | Type::U16 => 2,
        Type::S64 | Type::U64 | Type::F64 => 8,
        Type::String | Type::List(_) | Type::Map(..) => 8,
        Type::Flags(names) => match names.len() {
            0..=8 => 1,
            9..=16 => 2,
            _ => 4,
        },
        _ => 4,
    }
}

/// Where each field of a tuple is, and the size of the whole.
pub(super) fn offsets(fields: &[&Type]) -> (Vec<u32>, u32) {
    let mut end = 0u32;
    let mut offsets = Vec::new();
    for field in fields {
        let at = end.next_multiple_of(align(field));
        offsets.push(at);
        end = at + size(field);
    }
    let align = fields.iter().map(|ty| align(ty)).max().unwrap_or(1);
    (offsets, end.next_multiple_of(align))
}

/// The slots that a value takes.
pub(super) fn flat(ty: &Type) -> Vec<Core> {
    if let Some(fields) = fields(ty) {
        return fields.into_iter().flat_map(flat).collect();
    }
    if let Some(cases) = cases(ty) {
        let mut slots: Vec<Core> = Vec::new();
        for case in cases.into_iter().flatten() {
            for (i, slot) in flat(case).into_iter().enumerate() {
                match slots.get_mut(i) {
                    Some(joined) => *joined = joined.join(slot),
                    None => slots.push(slot),
                }
            }
        }
        slots.insert(0, I32);
        return slots;
    }
    match ty {
        Type::S64 | Type::U64 => vec![I64],
        Type::F32 => vec![F32],
        Type::F64 => vec![F64],
        Type::String | Type::List(_) | Type::Map(..) => vec![I32, I32],
        _ => vec![I32],
    }
}
