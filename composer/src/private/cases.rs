//! Functions that take values of named types apart and build them, for the derived
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

/// Those flags of `all` that are set.
pub fn flags_val<F: Copy>(all: &[(&str, F)], is_set: impl Fn(F) -> bool) -> Val {
    let set = all.iter().filter(|(_, flag)| is_set(*flag));
    Val::Flags(set.map(|(name, _)| (*name).to_owned()).collect())
}

/// The flags that are set, if all of them are known.
pub fn flags_set<F: Copy>(val: Val, all: &[(&str, F)]) -> Option<Vec<F>> {
    let Val::Flags(set) = val else {
        return None;
    };
    let find = |name: &String| all.iter().find(|(flag, _)| flag == name);
    set.iter().map(|name| Some(find(name)?.1)).collect()
}
