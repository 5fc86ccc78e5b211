//! Reads the streams of another component, and gives it streams to read.

use exports::test::streams::user::Guest;
use futures_util::future::join_all;
use test::streams::source::{self, Token};
use test::streams::types::{Parcel, Reading};
use wit_bindgen::{StreamReader, StreamResult, spawn_local};

wit_bindgen::generate!({
    path: "../../wit/streams",
    world: "test:streams/user-guest",
});

/// Calls `each` for all that there is, in reads of up to `read`.
async fn read_all(mut bytes: StreamReader<u8>, read: u32, mut each: impl FnMut(&[u8])) {
    let mut buffer = Vec::with_capacity(read as usize);
    loop {
        let (result, read) = bytes.read(buffer).await;
        each(&read);
        buffer = read;
        buffer.clear();
        if let StreamResult::Dropped = result {
            return;
        }
    }
}

async fn sum_of(bytes: StreamReader<u8>) -> u64 {
    let mut sum = 0;
    let add = |read: &[u8]| sum += read.iter().map(|byte| u64::from(*byte)).sum::<u64>();
    read_all(bytes, 1000, add).await;
    sum
}

/// Counts all items, in reads of up to `read`.
async fn drain<T>(mut items: StreamReader<T>, read: u32) -> u64 {
    let mut count = 0;
    let mut buffer = Vec::with_capacity(read as usize);
    loop {
        let (result, read) = items.read(buffer).await;
        count += read.len() as u64;
        buffer = read;
        buffer.clear();
        if let StreamResult::Dropped = result {
            return count;
        }
    }
}

async fn count_of(bytes: StreamReader<u8>) -> u64 {
    drain(bytes, 65_536).await
}

/// A stream of its own.
fn byte_stream(count: u32) -> StreamReader<u8> {
    let (mut writer, reader) = wit_stream::new();
    spawn_local(async move {
        let bytes = (0..count).map(|i| (i % 251) as u8);
        writer.write_all(bytes.collect()).await;
    });
    reader
}

struct User;

impl Guest for User {
    async fn check_bytes(count: u64, chunk: u32, read: u32) -> u64 {
        let bytes = source::bytes(count, chunk).await;
        let mut at = 0;
        let check = |read: &[u8]| {
            for byte in read {
                assert_eq!(u64::from(*byte), at % 251, "the byte at {at}");
                at += 1;
            }
        };
        read_all(bytes, read, check).await;
        at
    }

    async fn check_readings(count: u32) -> u32 {
        let mut readings = source::readings(count).await;
        let mut at = 0;
        while let Some(reading) = readings.next().await {
            assert_eq!(reading.sensor, format!("s-{at}"));
            assert_eq!(reading.value, f64::from(at) / 2.0);
            let tags: Vec<_> = (0..at % 3).map(|tag| format!("{tag}")).collect();
            assert_eq!(reading.tags, tags);
            at += 1;
        }
        at
    }

    async fn check_points(count: u32, chunk: u32, read: u32) -> u32 {
        let mut points = source::points(count, chunk).await;
        let mut at = 0;
        loop {
            let (result, read) = points.read(Vec::with_capacity(read as usize)).await;
            for point in read {
                let found = (point.kind, point.at, point.weight);
                assert_eq!(found, ((at % 7) as u8, u64::from(at) * 3, at));
                at += 1;
            }
            if let StreamResult::Dropped = result {
                return at;
            }
        }
    }

    async fn drain(count: u64, chunk: u32, read: u32) -> u64 {
        drain(source::fill(count, chunk).await, read).await
    }

    async fn drain_points(count: u64, chunk: u32, read: u32) -> u64 {
        drain(source::fill_points(count, chunk).await, read).await
    }

    async fn drain_readings(count: u64, chunk: u32, read: u32) -> u64 {
        drain(source::fill_readings(count, chunk).await, read).await
    }

    async fn ping() {
        source::ping().await
    }

    async fn first(count: u64) -> u8 {
        let mut bytes = source::fill(count, 100).await;
        bytes.next().await.unwrap_or_default()
    }

    async fn drain_many(count: u32, size: u64, chunk: u32) -> u64 {
        let streams = (0..count).map(|_| source::fill(size, chunk));
        let streams = join_all(streams).await.into_iter();
        let drained = streams.map(|bytes| drain(bytes, chunk));
        join_all(drained).await.iter().sum()
    }

    async fn count_ticks(count: u32) -> u32 {
        let mut ticks = source::ticks(count).await;
        let mut found = 0;
        // A vector of units has room for any number of them.
        loop {
            let (result, read) = ticks.read(Vec::new()).await;
            found += read.len() as u32;
            if let StreamResult::Dropped = result {
                return found;
            }
        }
    }

    async fn sum_tokens(count: u32) -> u32 {
        let mut tokens = source::tokens(count).await;
        let mut sum = 0;
        while let Some(token) = tokens.next().await {
            sum += Token::id(&token);
        }
        sum
    }

    async fn drop_tokens(count: u32) -> u32 {
        let mut tokens = source::tokens(count).await;
        let first = tokens.next().await.expect("there is a token");
        let second = tokens.next().await.expect("there are two tokens");
        drop(tokens);
        first.id() + second.id()
    }

    async fn lengths(count: u32) -> Vec<u32> {
        let mut streams = source::nested(count).await;
        let mut lengths = Vec::new();
        while let Some(bytes) = streams.next().await {
            lengths.push(count_of(bytes).await as u32);
        }
        lengths
    }

    async fn await_later(text: String) -> String {
        source::later(text).await.await
    }

    async fn receive(name: String, size: u32) -> (String, u32) {
        let unchecked = source::send(name.clone(), size, false).await;
        assert!(unchecked.checked.is_none());
        drop(unchecked);
        let Parcel {
            name,
            body,
            checked,
        } = source::send(name, size, true).await;
        let bytes = body.collect().await;
        let sum = bytes.iter().map(|byte| u64::from(*byte)).sum::<u64>();
        let checked = checked.expect("the sum was asked for").await;
        assert_eq!(checked, Ok(sum));
        (name, bytes.len() as u32)
    }

    async fn unbundle(size: u32) -> u32 {
        let (list, result, (same, last)) = source::bundle(size).await;
        assert_eq!(size, same);
        let streams = list.into_iter().chain(result).chain([last]);
        join_all(streams.map(count_of)).await.iter().sum::<u64>() as u32
    }

    async fn read_failing(count: u32) -> u64 {
        count_of(source::fails(count).await).await
    }

    async fn read_some(count: u32) -> u64 {
        let (mut bytes, taken) = source::endless().await;
        let mut left = count as usize;
        while left > 0 {
            let (_, read) = bytes.read(Vec::with_capacity(left)).await;
            left -= read.len();
        }
        drop(bytes);
        taken.await
    }

    async fn give(count: u32) -> u64 {
        source::sum(byte_stream(count)).await
    }

    async fn give_readings(count: u32) -> (f64, u32) {
        let (mut writer, reader) = wit_stream::new();
        spawn_local(async move {
            for i in 0..count {
                let reading = Reading {
                    sensor: "s".repeat(i as usize % 50),
                    value: f64::from(i),
                    tags: vec!["tag".to_owned(); i as usize % 4],
                };
                writer.write_one(reading).await;
            }
        });
        source::total(reader).await
    }

    async fn give_later(text: String) -> String {
        let (writer, reader) = wit_future::new(|| unreachable!());
        spawn_local(async move {
            let _ = writer.write(text).await;
        });
        source::twice(reader).await
    }

    async fn boomerang(count: u32) -> u64 {
        sum_of(source::pass(byte_stream(count)).await).await
    }

    async fn home(count: u32) -> u64 {
        let bytes = source::bytes(u64::from(count), 100).await;
        sum_of(source::pass(bytes).await).await
    }

    async fn home_half(count: u32, first: u32) -> u64 {
        let bytes = source::bytes(u64::from(count), 100).await;
        let (first, rest) = source::rest(bytes, first).await;
        let first = first.iter().map(|byte| u64::from(*byte)).sum::<u64>();
        first + sum_of(rest).await
    }

    async fn boomerang_later(text: String) -> String {
        let (writer, reader) = wit_future::new(|| unreachable!());
        spawn_local(async move {
            let _ = writer.write(text).await;
        });
        source::pass_on(reader).await.await
    }

    async fn relay(count: u64, chunk: u32) -> StreamReader<u8> {
        source::bytes(count, chunk).await
    }

    async fn relay_sum(bytes: StreamReader<u8>) -> u64 {
        source::sum(bytes).await
    }

    async fn many(count: u32, size: u32) -> u64 {
        let streams = (0..count).map(|_| source::bytes(u64::from(size), 1000));
        let streams = join_all(streams).await;
        join_all(streams.into_iter().map(count_of)).await.iter().sum()
    }

    async fn leave(count: u32) -> u32 {
        let streams = (0..count).map(|_| source::bytes(1 << 20, 1000));
        join_all(streams).await.len() as u32
    }
}

export!(User);
