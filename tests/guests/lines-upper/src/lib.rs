//! Turns a text into capitals while it flows by.

use demo::pipeline::lines;
use exports::demo::pipeline::upper::Guest;
use wit_bindgen::{StreamReader, StreamResult, spawn_local};

wit_bindgen::generate!({
    path: "../../../wit/pipeline",
    world: "demo:pipeline/capitals",
});

struct Upper;

impl Guest for Upper {
    async fn open(count: u32) -> StreamReader<u8> {
        let mut text = lines::open(count).await;
        let (mut writer, reader) = wit_stream::new();
        spawn_local(async move {
            let mut buffer = Vec::with_capacity(4096);
            loop {
                let (result, mut read) = text.read(buffer).await;
                read.make_ascii_uppercase();
                buffer = writer.write_all(read).await;
                if let StreamResult::Dropped = result {
                    return;
                }
                if !buffer.is_empty() {
                    // Nobody reads any more.
                    return;
                }
                buffer.reserve(4096);
            }
        });
        reader
    }
}

export!(Upper);
