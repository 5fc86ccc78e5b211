//! A stage in Rust.

use exports::test::pipeline::stage::Guest;
use wit_bindgen::{StreamReader, StreamResult, StreamWriter, spawn_local};

wit_bindgen::generate!({
    path: "../../wit/pipeline",
    world: "test:pipeline/stage-guest",
});

/// How many items it reads at once.
const READ: usize = 4096;

/// Calls `each` for all that is read, until it returns `false`.
async fn read_all<T: 'static>(
    mut items: StreamReader<T>,
    mut each: impl AsyncFnMut(&mut Vec<T>) -> bool,
) {
    let mut buffer = Vec::with_capacity(READ);
    loop {
        let (result, read) = items.read(buffer).await;
        buffer = read;
        if !each(&mut buffer).await || matches!(result, StreamResult::Dropped) {
            return;
        }
        buffer.clear();
        buffer.reserve(READ);
    }
}

/// Writes what `change` makes of each item, for as long as somebody reads.
fn change_all<T: Copy + 'static>(
    items: StreamReader<T>,
    mut output: StreamWriter<T>,
    change: fn(T) -> T,
) {
    spawn_local(async move {
        read_all(items, async |read| {
            read.iter_mut().for_each(|item| *item = change(*item));
            output.write_all(std::mem::take(read)).await.is_empty()
        })
        .await;
    });
}

struct Stage;

impl Guest for Stage {
    async fn shout(text: StreamReader<u8>) -> StreamReader<u8> {
        let (writer, reader) = wit_stream::new();
        change_all(text, writer, |byte| byte.to_ascii_uppercase());
        reader
    }

    async fn measure(text: StreamReader<u8>) -> (u64, u64) {
        let (mut count, mut sum) = (0, 0);
        read_all(text, async |read| {
            count += read.len() as u64;
            sum += read.iter().map(|byte| u64::from(*byte)).sum::<u64>();
            true
        })
        .await;
        (count, sum)
    }

    async fn double(numbers: StreamReader<u32>) -> StreamReader<u32> {
        let (writer, reader) = wit_stream::new();
        change_all(numbers, writer, |number| number.wrapping_mul(2));
        reader
    }
}

export!(Stage);
