//! The command `wasm-composer`: compositions of WebAssembly components from files.
//!
//! It is a thin layer over the library [`composer`]: [`source`] reads what a composition is
//! made of, [`manifest`] a `compose.toml`, [`app`] makes a `Composer` of it, and [`commands`]
//! do something with that. [`problem`] is how mistakes are shown.

pub mod app;
#[allow(missing_docs, reason = "the command's own help says what these are")]
pub mod args;
pub mod call_tree;
mod changes;
pub mod commands;
mod dialect;
mod exit;
mod fused;
pub mod manifest;
#[cfg(feature = "otlp")]
pub mod otlp;
mod parts;
mod places;
pub mod problem;
mod progress;
#[cfg(feature = "registry")]
mod registry;
mod server;
mod session;
pub mod signals;
pub mod source;
mod wac;
mod wave;

pub use exit::Exit;
