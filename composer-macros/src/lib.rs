//! The `compose!` macro: a typed face for a composition, checked by the
//! compiler. It is not written yet; this crate holds its place.
