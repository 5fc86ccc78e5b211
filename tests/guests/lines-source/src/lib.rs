//! Writes a text, line by line.

use exports::demo::pipeline::lines::Guest;
use wit_bindgen::{StreamReader, spawn_local};

wit_bindgen::generate!({
    path: "../../../wit/pipeline",
    world: "demo:pipeline/source",
});

/// About how many bytes are written at once.
const PAGE: usize = 4096;

struct Source;

impl Guest for Source {
    async fn open(count: u32) -> StreamReader<u8> {
        let (mut writer, reader) = wit_stream::new();
        spawn_local(async move {
            let mut page = String::new();
            for line in 1..=count {
                page += &format!("this is line {line} of {count}\n");
                if page.len() >= PAGE || line == count {
                    let left = writer.write_all(std::mem::take(&mut page).into()).await;
                    if !left.is_empty() {
                        // Nobody reads any more.
                        return;
                    }
                }
            }
        });
        reader
    }
}

export!(Source);
