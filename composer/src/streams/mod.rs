//! The embedder's ends of streams and futures.

mod future;
mod item;
mod reader;
mod writer;

pub use future::{FutureReader, FutureWriter, future};
pub use item::{FromItem, IntoItem};
pub use reader::StreamReader;
pub use writer::{StreamWriter, stream, stream_with_buffer};
