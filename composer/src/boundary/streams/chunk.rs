//! Chunks: items of a stream on their way between two stores.

use wasmtime::component::Val;

use crate::boundary::resources::TransferredHandle;
#[cfg(feature = "fast-transfer")]
use crate::transfer::fast::ItemBatch;

/// Some items of a stream, or the value of a future.
#[derive(Debug)]
pub(crate) enum StreamChunk {
    /// So many items without a value.
    Units(usize),
    Bytes(ByteChunk),
    /// Items as a component wrote them.
    #[cfg(feature = "fast-transfer")]
    Items(ItemChunk),
    /// An item as the embedder wrote it.
    Value(Box<ValueChunk>),
}

#[derive(Debug, Default)]
pub(crate) struct ByteChunk {
    pub(crate) bytes: Vec<u8>,
    /// How many of them have been read.
    pub(crate) read: usize,
}

#[cfg(feature = "fast-transfer")]
#[derive(Debug)]
pub(crate) struct ItemChunk {
    pub(crate) batch: ItemBatch,
    /// What the handles in it stand for. There is one item if there are any.
    pub(crate) handles: Vec<TransferredHandle>,
    /// What each item counts towards the bytes that a pipe may hold.
    pub(crate) each: usize,
}

#[derive(Debug)]
pub(crate) struct ValueChunk {
    pub(crate) val: Val,
    pub(crate) handles: Vec<TransferredHandle>,
    /// What it counts towards the bytes that a pipe may hold.
    pub(crate) bytes: usize,
}

impl ByteChunk {
    pub(crate) fn unread(&self) -> &[u8] {
        self.bytes.get(self.read..).unwrap_or_default()
    }
}

impl StreamChunk {
    pub(crate) fn byte(byte: u8) -> Self {
        StreamChunk::Bytes(ByteChunk {
            bytes: vec![byte],
            read: 0,
        })
    }

    /// What it counts towards the bytes that a pipe may hold.
    pub(crate) fn held_bytes(&self) -> usize {
        match self {
            // Items without a value are bounded too.
            StreamChunk::Units(count) => *count,
            other => other.bytes(),
        }
    }

    /// The bytes of its items.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            StreamChunk::Units(_) => 0,
            StreamChunk::Bytes(chunk) => chunk.unread().len(),
            #[cfg(feature = "fast-transfer")]
            StreamChunk::Items(chunk) => chunk.each.saturating_mul(chunk.batch.count),
            StreamChunk::Value(chunk) => chunk.bytes,
        }
    }

    /// How many items it has.
    pub(crate) fn items(&self) -> usize {
        match self {
            StreamChunk::Units(count) => *count,
            StreamChunk::Bytes(chunk) => chunk.unread().len(),
            #[cfg(feature = "fast-transfer")]
            StreamChunk::Items(chunk) => chunk.batch.count,
            StreamChunk::Value(_) => 1,
        }
    }
}
