//! Guides: a first component in each language, `compose!`, the differences that a boundary
//! between stores makes, and what to do about each error.

#[cfg(feature = "runtime")]
#[doc = include_str!("across_stores.md")]
pub mod across_stores {}

#[cfg(feature = "runtime")]
#[doc = include_str!("coming_and_going.md")]
pub mod coming_and_going {}

#[doc = include_str!("first_call.md")]
pub mod first_call {}

#[cfg(feature = "runtime")]
#[doc = include_str!("first_component.md")]
pub mod first_component {}

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

#[cfg(feature = "runtime")]
#[doc = include_str!("troubleshooting.md")]
pub mod troubleshooting {}
