//! Writes streams and futures, and reads those that it is given.

use std::future::poll_fn;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::task::Poll;

use exports::test::streams::source::{Guest, GuestToken, Parcel, Point, Reading, Token};
use wit_bindgen::{FutureReader, StreamReader, StreamResult, StreamWriter, spawn_local};

wit_bindgen::generate!({
    path: "../../wit/streams",
    world: "test:streams/source-guest",
});

static TOKENS: AtomicU32 = AtomicU32::new(0);

struct OneToken(u32);

impl GuestToken for OneToken {
    fn new(id: u32) -> Self {
        TOKENS.fetch_add(1, Relaxed);
        OneToken(id)
    }

    fn id(&self) -> u32 {
        self.0
    }
}

impl Drop for OneToken {
    fn drop(&mut self) {
        TOKENS.fetch_sub(1, Relaxed);
    }
}

/// Bytes from the `from`-th on.
fn some_bytes(from: u64, count: u64) -> Vec<u8> {
    (from..from + count).map(|i| (i % 251) as u8).collect()
}

fn byte_stream(count: u64, chunk: u32) -> StreamReader<u8> {
    let (mut writer, reader) = wit_stream::new();
    spawn_local(async move {
        let mut sent = 0;
        while sent < count {
            let next = (count - sent).min(u64::from(chunk));
            if !writer.write_all(some_bytes(sent, next)).await.is_empty() {
                return;
            }
            sent += next;
        }
    });
    reader
}

/// Writes `count` equal items, in writes of up to `chunk`.
fn fill<T: Clone + 'static>(
    (mut writer, reader): (StreamWriter<T>, StreamReader<T>),
    count: u64,
    chunk: u32,
    item: T,
) -> StreamReader<T> {
    spawn_local(async move {
        let mut sent = 0;
        while sent < count {
            let next = (count - sent).min(u64::from(chunk));
            if !writer.write_all(vec![item.clone(); next as usize]).await.is_empty() {
                return;
            }
            sent += next;
        }
    });
    reader
}

async fn sum_of(mut bytes: StreamReader<u8>) -> u64 {
    let mut sum = 0;
    let mut buffer = Vec::with_capacity(1024);
    loop {
        let (result, read) = bytes.read(buffer).await;
        sum += read.iter().map(|byte| u64::from(*byte)).sum::<u64>();
        buffer = read;
        buffer.clear();
        if let StreamResult::Dropped = result {
            return sum;
        }
    }
}

/// Up to `count` bytes, as many as there are.
async fn first_of(bytes: &mut StreamReader<u8>, count: u32) -> Vec<u8> {
    let mut first = Vec::new();
    while first.len() < count as usize {
        let room = Vec::with_capacity(count as usize - first.len());
        let (result, read) = bytes.read(room).await;
        first.extend(read);
        if let StreamResult::Dropped = result {
            break;
        }
    }
    first
}

struct Source;

impl Guest for Source {
    type Token = OneToken;

    async fn bytes(count: u64, chunk: u32) -> StreamReader<u8> {
        byte_stream(count, chunk)
    }

    async fn readings(count: u32) -> StreamReader<Reading> {
        let (mut writer, reader) = wit_stream::new();
        spawn_local(async move {
            let readings = (0..count).map(|i| Reading {
                sensor: format!("s-{i}"),
                value: f64::from(i) / 2.0,
                tags: (0..i % 3).map(|tag| format!("{tag}")).collect(),
            });
            writer.write_all(readings.collect()).await;
        });
        reader
    }

    async fn points(count: u32, chunk: u32) -> StreamReader<Point> {
        let (mut writer, reader) = wit_stream::new();
        spawn_local(async move {
            let points = (0..count).map(|i| Point {
                kind: (i % 7) as u8,
                at: u64::from(i) * 3,
                weight: i,
            });
            let points: Vec<_> = points.collect();
            for chunk in points.chunks(chunk as usize) {
                if !writer.write_all(chunk.to_vec()).await.is_empty() {
                    return;
                }
            }
        });
        reader
    }

    async fn ping() {}

    async fn fill(count: u64, chunk: u32) -> StreamReader<u8> {
        fill(wit_stream::new(), count, chunk, 7)
    }

    async fn fill_points(count: u64, chunk: u32) -> StreamReader<Point> {
        let point = Point {
            kind: 1,
            at: 2,
            weight: 3,
        };
        fill(wit_stream::new(), count, chunk, point)
    }

    async fn fill_readings(count: u64, chunk: u32) -> StreamReader<Reading> {
        let reading = Reading {
            sensor: "0123456789abcdef".to_owned(),
            value: 1.0,
            tags: Vec::new(),
        };
        fill(wit_stream::new(), count, chunk, reading)
    }

    async fn ticks(count: u32) -> StreamReader<()> {
        let (mut writer, reader) = wit_stream::new();
        spawn_local(async move {
            writer.write_all(vec![(); count as usize]).await;
        });
        reader
    }

    async fn tokens(count: u32) -> StreamReader<Token> {
        let (mut writer, reader) = wit_stream::new();
        spawn_local(async move {
            let tokens = (0..count).map(|id| Token::new(OneToken::new(id)));
            drop(writer.write_all(tokens.collect()).await);
        });
        reader
    }

    fn tokens_alive() -> u32 {
        TOKENS.load(Relaxed)
    }

    async fn nested(count: u32) -> StreamReader<StreamReader<u8>> {
        let (mut writer, reader) = wit_stream::new();
        spawn_local(async move {
            for i in 0..count {
                if writer.write_one(byte_stream(u64::from(i), 100)).await.is_some() {
                    return;
                }
            }
        });
        reader
    }

    async fn later(text: String) -> FutureReader<String> {
        let (writer, reader) = wit_future::new(|| unreachable!());
        spawn_local(async move {
            wit_bindgen::yield_async().await;
            let _ = writer.write(text).await;
        });
        reader
    }

    async fn send(name: String, size: u32, checked: bool) -> Parcel {
        let size = u64::from(size);
        let checked = checked.then(|| {
            let (writer, reader) = wit_future::new(|| Err("nobody checked".to_owned()));
            spawn_local(async move {
                let sum = some_bytes(0, size).iter().map(|b| u64::from(*b)).sum();
                let _ = writer.write(Ok(sum)).await;
            });
            reader
        });
        Parcel {
            name,
            body: byte_stream(size, 4096),
            checked,
        }
    }

    async fn bundle(
        size: u32,
    ) -> (
        Vec<StreamReader<u8>>,
        Result<StreamReader<u8>, String>,
        (u32, StreamReader<u8>),
    ) {
        let one = || byte_stream(u64::from(size), 64);
        (vec![one(), one()], Ok(one()), (size, one()))
    }

    async fn fails(count: u32) -> StreamReader<u8> {
        let (mut writer, reader) = wit_stream::new();
        spawn_local(async move {
            writer.write_all(some_bytes(0, u64::from(count))).await;
            panic!("it fails, as it was told to");
        });
        reader
    }

    async fn never() -> FutureReader<u32> {
        let (writer, reader) = wit_future::new(|| 0);
        spawn_local(async move {
            wit_bindgen::yield_async().await;
            std::mem::forget(writer);
            panic!("it fails, as it was told to");
        });
        reader
    }

    async fn endless() -> (StreamReader<u8>, FutureReader<u64>) {
        let (mut writer, reader) = wit_stream::new();
        let (taken, count) = wit_future::new(|| 0);
        spawn_local(async move {
            let mut sent = 0;
            loop {
                let left = writer.write_all(vec![7; 1000]).await.len();
                sent += 1000 - left as u64;
                if left > 0 {
                    break;
                }
            }
            let _ = taken.write(sent).await;
        });
        (reader, count)
    }

    async fn sum(bytes: StreamReader<u8>) -> u64 {
        sum_of(bytes).await
    }

    async fn total(readings: StreamReader<Reading>) -> (f64, u32) {
        let readings = readings.collect().await;
        let tags = readings.iter().map(|reading| reading.tags.len()).sum::<usize>();
        (readings.iter().map(|reading| reading.value).sum(), tags as u32)
    }

    async fn twice(text: FutureReader<String>) -> String {
        text.await.repeat(2)
    }

    async fn take(mut bytes: StreamReader<u8>, count: u32) -> Vec<u8> {
        first_of(&mut bytes, count).await
    }

    async fn pass(bytes: StreamReader<u8>) -> StreamReader<u8> {
        bytes
    }

    async fn rest(mut bytes: StreamReader<u8>, count: u32) -> (Vec<u8>, StreamReader<u8>) {
        let first = first_of(&mut bytes, count).await;
        (first, bytes)
    }

    async fn rest_of_readings(
        mut readings: StreamReader<Reading>,
    ) -> (Reading, StreamReader<Reading>) {
        let first = readings.next().await;
        (first.expect("there is a reading"), readings)
    }

    async fn pass_on(text: FutureReader<String>) -> FutureReader<String> {
        text
    }

    async fn hesitate(mut bytes: StreamReader<u8>) -> (u64, u64) {
        let cancelled = {
            let mut read = std::pin::pin!(bytes.read(Vec::with_capacity(16)));
            match poll_fn(|cx| Poll::Ready(read.as_mut().poll(cx))).await {
                Poll::Ready((_, read)) => read,
                Poll::Pending => read.cancel().1,
            }
        };
        let sum = cancelled.iter().map(|byte| u64::from(*byte)).sum::<u64>();
        (cancelled.len() as u64, sum + sum_of(bytes).await)
    }
}

export!(Source);
