//! Streams and futures that cross between stores.
//!
//! A component hands out the readable end of a stream as a handle of its store. Outside
//! of the store it is a [`ReadEnd`](read_end::ReadEnd), the one readable end of a
//! [pipe](pipe::Pipe). Until the first read, the handle stays [parked](parked) in its
//! store. The first read has the driver give the stream a [consumer], which moves what
//! the component writes into the pipe; in the store of the reader, a [producer] moves it
//! out. Both run in the event loop of their own store.

pub(crate) mod buffers;
#[cfg(feature = "fast-transfer")]
mod bulk_items;
pub(crate) mod chunk;
mod consumer;
mod crossing;
pub(crate) mod idle;
pub(crate) mod open_stream;
pub(crate) mod parked;
pub(crate) mod pipe;
mod producer;
pub(crate) mod read_end;
#[cfg(any(feature = "wasi-p3", not(feature = "fast-transfer")))]
mod typed_items;
