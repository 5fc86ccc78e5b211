//! Guides, one for each way to come to `compose!`.

#[doc = include_str!("first_call.md")]
pub mod first_call {}

#[doc = include_str!("from_bindgen.md")]
pub mod from_bindgen {}
