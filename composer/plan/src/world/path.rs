//! Places inside types, in words: `parameter "basket" → list element`.

use crate::world::{FuncType, Type};

/// The first type that a search inside a function found, and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place<'t> {
    /// The path to it, outermost step first.
    pub path: String,
    /// The type.
    pub ty: &'t Type,
}

impl FuncType {
    /// The first type in this signature for which `wanted` holds.
    pub fn locate(&self, wanted: &mut impl FnMut(&Type) -> bool) -> Option<Place<'_>> {
        self.params
            .iter()
            .find_map(|(name, ty)| under(|| step::parameter(name), locate(ty, wanted)))
            .or_else(|| under(step::result, locate(self.result.as_ref()?, wanted)))
    }
}

fn locate<'t>(ty: &'t Type, wanted: &mut impl FnMut(&Type) -> bool) -> Option<Place<'t>> {
    if wanted(ty) {
        let path = String::new();
        return Some(Place { path, ty });
    }
    match ty {
        Type::List(t) | Type::FixedLengthList(t, _) => under(step::element, locate(t, wanted)),
        Type::Option(t) => under(step::some, locate(t, wanted)),
        Type::Map(k, v) => {
            under(step::key, locate(k, wanted)).or_else(|| under(step::value, locate(v, wanted)))
        }
        Type::Record(fields) => fields
            .iter()
            .find_map(|(name, t)| under(|| step::field(name), locate(t, wanted))),
        Type::Tuple(types) => types
            .iter()
            .enumerate()
            .find_map(|(i, t)| under(|| step::tuple(i), locate(t, wanted))),
        Type::Variant(cases) => cases
            .iter()
            .find_map(|(name, t)| under(|| step::case(name), locate(t.as_ref()?, wanted))),
        Type::Result(sides) => {
            let (ok, err) = &**sides;
            let ok = ok.as_ref().and_then(|t| locate(t, wanted));
            under(step::ok, ok).or_else(|| under(step::err, locate(err.as_ref()?, wanted)))
        }
        Type::Future(t) => under(step::future, locate(t.as_ref()?, wanted)),
        Type::Stream(t) => under(step::stream, locate(t.as_ref()?, wanted)),
        _ => None,
    }
}

fn under(step: impl FnOnce() -> String, place: Option<Place<'_>>) -> Option<Place<'_>> {
    place.map(|mut place| {
        place.path = join(step(), &place.path);
        place
    })
}

/// Puts a step before a path.
pub(super) fn join(step: String, path: &str) -> String {
    if path.is_empty() {
        step
    } else {
        format!("{step} → {path}")
    }
}

/// The words for each step.
pub(super) mod step {
    pub(in crate::world) fn parameter(name: &str) -> String {
        format!("parameter {name:?}")
    }
    pub(in crate::world) fn field(name: &str) -> String {
        format!("field {name:?}")
    }
    pub(in crate::world) fn case(name: &str) -> String {
        format!("case {name:?}")
    }
    pub(in crate::world) fn tuple(index: usize) -> String {
        format!("tuple element {}", index + 1)
    }
    pub(in crate::world) fn result() -> String {
        "result".into()
    }
    pub(in crate::world) fn element() -> String {
        "list element".into()
    }
    pub(in crate::world) fn some() -> String {
        "some".into()
    }
    pub(in crate::world) fn ok() -> String {
        "ok".into()
    }
    pub(in crate::world) fn err() -> String {
        "error".into()
    }
    pub(in crate::world) fn key() -> String {
        "map key".into()
    }
    pub(in crate::world) fn value() -> String {
        "map value".into()
    }
    pub(in crate::world) fn future() -> String {
        "future value".into()
    }
    pub(in crate::world) fn stream() -> String {
        "stream element".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::func;

    #[track_caller]
    fn find(text: &str, path: Option<&str>) {
        let func = func(&crate::World::default(), text);
        let place = func.locate(&mut |ty| *ty == Type::Char);
        assert_eq!(place.as_ref().map(|place| &*place.path), path);
        assert!(place.is_none_or(|place| *place.ty == Type::Char));
    }

    #[test]
    fn a_type_is_found_wherever_it_is() {
        find("(a: u8) -> string", None);
        find("(a: u8, b: char) -> char", Some("parameter \"b\""));
        for (ty, path) in [
            ("char", ""),
            ("list<char>", " → list element"),
            ("list3<char>", " → list element"),
            ("option<char>", " → some"),
            ("map<char, u8>", " → map key"),
            ("map<u8, char>", " → map value"),
            ("record { a: u8, b: char }", " → field \"b\""),
            ("tuple<u8, char>", " → tuple element 2"),
            ("variant { a, b(char) }", " → case \"b\""),
            ("result<char, char>", " → ok"),
            ("result<u8, char>", " → error"),
            ("future<char>", " → future value"),
            ("stream<list<char>>", " → stream element → list element"),
        ] {
            find(&format!("() -> {ty}"), Some(&format!("result{path}")));
        }
    }
}
