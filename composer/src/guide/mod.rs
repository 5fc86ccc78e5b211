//! Guides to `compose!`, and to the differences that a boundary between stores makes.

#[cfg(feature = "runtime")]
#[doc = include_str!("across_stores.md")]
pub mod across_stores {}

#[doc = include_str!("first_call.md")]
pub mod first_call {}

#[doc = include_str!("from_bindgen.md")]
pub mod from_bindgen {}

#[cfg(feature = "runtime")]
#[doc = include_str!("host_functions.md")]
pub mod host_functions {}

#[cfg(feature = "runtime")]
#[doc = include_str!("host_resources.md")]
pub mod host_resources {}

#[cfg(all(feature = "http", feature = "runtime"))]
#[doc = include_str!("serving_http.md")]
pub mod serving_http {}
