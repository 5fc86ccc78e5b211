//! Counts the lines of a text.

use exports::demo::pipeline::counter::{Counts, Guest};
use wit_bindgen::{StreamReader, StreamResult};

wit_bindgen::generate!({
    path: "../../../wit/pipeline",
    world: "demo:pipeline/counting",
});

struct Counter;

impl Guest for Counter {
    async fn count(mut text: StreamReader<u8>) -> Counts {
        let mut counts = Counts { lines: 0, bytes: 0 };
        let mut buffer = Vec::with_capacity(4096);
        loop {
            let (result, read) = text.read(buffer).await;
            counts.bytes += read.len() as u64;
            counts.lines += read.iter().filter(|byte| **byte == b'\n').count() as u64;
            if let StreamResult::Dropped = result {
                return counts;
            }
            buffer = read;
            buffer.clear();
        }
    }
}

export!(Counter);
