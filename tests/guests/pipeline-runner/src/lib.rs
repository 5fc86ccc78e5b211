//! A runner in Rust.

use exports::test::pipeline::runner::Guest;
use futures_util::future::join;
use test::pipeline::stage;
use wit_bindgen::{StreamReader, StreamResult, StreamWriter};

wit_bindgen::generate!({
    path: "../../wit/pipeline",
    world: "test:pipeline/runner-guest",
});

fn letter(i: u32) -> u8 {
    b'a' + (i % 26) as u8
}

/// Writes `count` items in writes of up to `chunk`.
async fn write<T: 'static>(mut output: StreamWriter<T>, count: u32, chunk: u32, item: fn(u32) -> T) {
    let mut from = 0;
    while from < count {
        let to = from.saturating_add(chunk).min(count);
        if !output.write_all((from..to).map(item).collect()).await.is_empty() {
            return;
        }
        from = to;
    }
}

async fn read<T: 'static>(mut items: StreamReader<T>, chunk: u32, mut each: impl FnMut(&T)) {
    let mut buffer = Vec::with_capacity(chunk as usize);
    loop {
        let (result, read) = items.read(buffer).await;
        read.iter().for_each(&mut each);
        if matches!(result, StreamResult::Dropped) {
            return;
        }
        buffer = read;
        buffer.clear();
    }
}

struct Runner;

impl Guest for Runner {
    async fn check_shout(count: u32, chunk: u32) -> u32 {
        let (writer, reader) = wit_stream::new();
        let answer = async {
            let mut at = 0;
            let loud = stage::shout(reader).await;
            read(loud, chunk, |byte| {
                assert_eq!(*byte, letter(at).to_ascii_uppercase(), "the byte at {at}");
                at += 1;
            })
            .await;
            at
        };
        join(write(writer, count, chunk, letter), answer).await.1
    }

    async fn run_measure(count: u32, chunk: u32) -> (u64, u64) {
        let (writer, reader) = wit_stream::new();
        join(write(writer, count, chunk, letter), stage::measure(reader))
            .await
            .1
    }

    async fn sum_double(count: u32, chunk: u32) -> u64 {
        let (writer, reader) = wit_stream::new();
        let answer = async {
            let mut sum = 0;
            let doubled = stage::double(reader).await;
            read(doubled, chunk, |number| sum += u64::from(*number)).await;
            sum
        };
        join(write(writer, count, chunk, |number| number), answer)
            .await
            .1
    }
}

export!(Runner);
