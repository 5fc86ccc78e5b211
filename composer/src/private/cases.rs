//! Values of named types taken apart and put together, for the derived
//! implementations of [`Wire`](crate::private::Wire).

use std::vec;

use wasmtime::component::Val;

/// The fields of a record, if it has these.
pub fn fields(val: Val, names: &[&str]) -> Option<impl Iterator<Item = Val> + use<>> {
    let Val::Record(fields) = val else {
        return None;
    };
    let mut expected = names.iter();
    let same = fields.len() == names.len()
        && fields
            .iter()
            .all(|(name, _)| expected.next() == Some(&name.as_str()));
    let fields: vec::IntoIter<(String, Val)> = fields.into_iter();
    same.then(|| fields.map(|(_, val)| val))
}

/// A case of a variant.
pub fn variant_val(case: &str, value: Option<Val>) -> Val {
    Val::Variant(case.to_owned(), value.map(Box::new))
}

/// Which case of a variant a value is.
pub fn variant_case(val: Val) -> Option<(String, Option<Val>)> {
    match val {
        Val::Variant(case, value) => Some((case, value.map(|value| *value))),
        _ => None,
    }
}

/// A case of an enum.
pub fn enum_val(case: &str, _: Option<Val>) -> Val {
    Val::Enum(case.to_owned())
}

/// Which case of an enum a value is.
pub fn enum_case(val: Val) -> Option<(String, Option<Val>)> {
    match val {
        Val::Enum(case) => Some((case, None)),
        _ => None,
    }
}

/// Those flags of all that are set.
pub fn flags_val(all: &[&str], is_set: impl Fn(usize) -> bool) -> Val {
    let set = all.iter().enumerate().filter(|(i, _)| is_set(*i));
    Val::Flags(set.map(|(_, name)| (*name).to_owned()).collect())
}

/// The places of the flags that are set among all.
pub fn flags_set(val: Val, all: &[&str]) -> Option<Vec<usize>> {
    let Val::Flags(set) = val else {
        return None;
    };
    let place = |name: &String| all.iter().position(|flag| flag == name);
    set.iter().map(place).collect()
}
