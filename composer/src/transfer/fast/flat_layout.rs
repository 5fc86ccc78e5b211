//! Flat layouts: whether a function's values can cross as an [`AbiImage`], and in which
//! Rust types.
//!
//! [`AbiImage`]: crate::transfer::AbiImage

use composer_plan::{FuncType, Type};

use crate::transfer::fast::abi::MAX_SLOTS;

/// The most slots for which there are Rust types. Each takes the compiler
/// about as long as a small program, for each type of store.
const MOST_SLOTS: usize = 8;
const MANY: usize = MOST_SLOTS + 1;

/// How many slots the values of a function take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FlatLayout {
    /// The slots of the arguments where they are lifted: 0 if they are in memory.
    pub(crate) incoming: usize,
    /// The slots of the results where they are lifted.
    pub(crate) outcome: usize,
    /// Whether there are results.
    pub(crate) returns: bool,
    /// Whether there are lists or maps. As Rust values, their elements are made anew on
    /// the way, and the caller's side keeps them until the callee has returned; in bulk,
    /// they are dropped when they have been copied.
    pub(crate) many: bool,
}

impl FlatLayout {
    /// `None` if the type has something that only crosses as a `Val`, or if it takes so
    /// many slots that there is no Rust type for them.
    pub(crate) fn of(ty: &FuncType) -> Option<FlatLayout> {
        let params = sum(ty.params.iter().map(|(_, ty)| ty))?;
        let results = sum(ty.result.iter())?;
        Some(FlatLayout {
            incoming: match params {
                0..=MOST_SLOTS => params,
                MANY..=MAX_SLOTS => return None,
                _ => 0,
            },
            // Only an `async` function can be lifted in a way that returns
            // more than one.
            outcome: match (ty.is_async, results) {
                (true, 0..=MOST_SLOTS) => results,
                (true, MANY..=MAX_SLOTS) => return None,
                _ => 1,
            },
            returns: ty.result.is_some(),
            many: types(ty).any(|ty| ty.any(&mut |ty| matches!(ty, Type::List(_) | Type::Map(..)))),
        })
    }
}

fn types(ty: &FuncType) -> impl Iterator<Item = &Type> {
    ty.params.iter().map(|(_, ty)| ty).chain(&ty.result)
}

fn sum<'a>(mut types: impl Iterator<Item = &'a Type>) -> Option<usize> {
    types.try_fold(0, |slots: usize, ty| Some(slots.saturating_add(count(ty)?)))
}

fn most<'a>(mut types: impl Iterator<Item = &'a Type>) -> Option<usize> {
    types.try_fold(0, |slots: usize, ty| Some(slots.max(count(ty)?)))
}

/// The slots that a value of the type takes.
pub(crate) fn count(ty: &Type) -> Option<usize> {
    match ty {
        Type::Bool
        | Type::S8
        | Type::U8
        | Type::S16
        | Type::U16
        | Type::S32
        | Type::U32
        | Type::S64
        | Type::U64
        | Type::F32
        | Type::F64
        | Type::Char
        | Type::Enum(_)
        | Type::Own(_)
        | Type::Borrow(_) => Some(1),
        // A handle, whatever its items are. Who passes one checks that these can cross.
        #[cfg(feature = "component-model-async")]
        Type::Stream(_) | Type::Future(_) => Some(1),
        Type::String => Some(2),
        Type::List(ty) => count(ty).map(|_| 2),
        Type::Map(key, value) => count(key).and(count(value)).map(|_| 2),
        Type::FixedLengthList(ty, len) => Some(count(ty)?.saturating_mul(*len as usize)),
        Type::Record(fields) => sum(fields.iter().map(|(_, ty)| ty)),
        Type::Tuple(types) => sum(types.iter()),
        Type::Flags(names) => (!names.is_empty()).then(|| names.len().div_ceil(32)),
        Type::Variant(cases) => one_and(most(cases.iter().filter_map(|(_, ty)| ty.as_ref()))?),
        Type::Option(ty) => one_and(count(ty)?),
        Type::Result(sides) => one_and(most([&sides.0, &sides.1].into_iter().flatten())?),
        // Error contexts, and types that do not exist yet.
        _ => None,
    }
}

/// The slot of the discriminant, and those of the cases.
fn one_and(slots: usize) -> Option<usize> {
    Some(slots.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Components may have types of any size.
    #[test]
    fn more_slots_than_can_be_counted() {
        let mut ty = Type::String;
        for _ in 0..4 {
            ty = Type::Option(Type::FixedLengthList(ty.into(), u32::MAX).into());
        }
        assert_eq!(count(&ty), Some(usize::MAX));
        let func = FuncType {
            is_async: true,
            params: [("a".to_owned(), ty.clone()), ("b".to_owned(), ty.clone())].into(),
            result: Some(ty),
        };
        let slots = FlatLayout::of(&func).map(|fit| (fit.incoming, fit.outcome));
        assert_eq!(slots, Some((0, 1)));
    }
}
