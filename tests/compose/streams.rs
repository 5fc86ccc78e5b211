//! Streams and futures in Rust types: read by the program, written by it, and passed on.

#[cfg(feature = "fast-transfer")]
mod items;

use composer::{FutureReader, IntoItem, StreamError, StreamReader, future, stream};
use futures::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::counters::within;
use crate::support::{compose, part};

composer::compose!({
    path: "wit/streams",
    composition: Flowing,
    components: {
        source: "test:streams/source-guest",
        user: "test:streams/user-guest",
    },
    exports: ["test:streams/source", "test:streams/user"],
});

/// With parts that know their types, and with others that do not.
async fn each_flowing(test: impl AsyncFn(Flowing)) {
    let typed = Flowing::compose(FlowingParts {
        source: part("streams"),
        user: part("streams-user"),
    });
    within(test(typed.await.unwrap())).await;
    let dynamic = compose(&["streams", "streams-user"]).await;
    within(test(Flowing::from_composition(dynamic).unwrap())).await;
}

/// All bytes of a stream.
async fn read(mut bytes: StreamReader<u8>) -> Vec<u8> {
    let mut all = Vec::new();
    bytes.read_to_end(&mut all).await.unwrap();
    all
}

/// The first bytes that the source writes.
fn bytes(count: u64) -> Vec<u8> {
    (0..count).map(|i| (i % 251) as u8).collect()
}

fn sum(bytes: &[u8]) -> u64 {
    bytes.iter().map(|byte| u64::from(*byte)).sum()
}

/// A stream that the program writes.
fn written<T: IntoItem>(
    items: impl IntoIterator<Item = T, IntoIter: Send + 'static>,
) -> StreamReader<T> {
    let (mut writer, reader) = stream();
    let items = items.into_iter();
    tokio::spawn(async move {
        for item in items {
            writer.send(item).await.unwrap();
        }
    });
    reader
}

#[tokio::test]
async fn the_program_reads() {
    each_flowing(async |flowing| {
        let source = flowing.source();
        let all = read(source.bytes(100_000, 4096).await.unwrap()).await;
        assert!(all == bytes(100_000), "{} bytes", all.len());
        let ticks: StreamReader<()> = source.ticks(9).await.unwrap();
        assert_eq!(ticks.count().await, 9);
        let later: FutureReader<String> = source.later("soon").await.unwrap();
        assert_eq!(later.await.unwrap(), "soon");

        let (list, result, (size, last)) = source.bundle(500).await.unwrap();
        assert_eq!((list.len(), size), (2, 500));
        for stream in list.into_iter().chain([result.unwrap(), last]) {
            assert_eq!(read(stream).await, bytes(500));
        }
    })
    .await;
}

#[tokio::test]
async fn the_program_writes() {
    each_flowing(async |flowing| {
        let source = flowing.source();
        let all = bytes(100_000);
        let (mut writer, reader) = stream();
        let write = async {
            writer.write_all(&all).await.unwrap();
            writer.shutdown().await.unwrap();
        };
        let (found, ()) = tokio::join!(source.sum(reader), write);
        assert_eq!(found.unwrap(), sum(&all));
        let numbers = written([1, 2, 3]);
        assert_eq!(flowing.user().relay_sum(numbers).await.unwrap(), 6);

        let (writer, reader) = future();
        let write = writer.write("ab".to_owned());
        let (found, wrote) = tokio::join!(source.twice(reader), write);
        wrote.unwrap();
        assert_eq!(found.unwrap(), "abab");
    })
    .await;
}

/// Through a component and back: unread, and after the component or the program has read
/// some of it.
#[tokio::test]
async fn streams_are_passed_on() {
    each_flowing(async |flowing| {
        let source = flowing.source();
        let all = bytes(10_000);
        let back = source.pass(written(all.clone())).await.unwrap();
        assert!(read(back).await == all);
        let own = source.bytes(10_000, 100).await.unwrap();
        let back = source.pass(own).await.unwrap();
        assert!(read(back).await == all);

        let (first, back) = source.rest(written(all.clone()), 1234).await.unwrap();
        assert!(first == all[..1234]);
        assert!(read(back).await == all[1234..]);

        let mut own = source.bytes(10_000, 100).await.unwrap();
        let mut first = [0; 1234];
        own.read_exact(&mut first).await.unwrap();
        assert_eq!(source.sum(own).await.unwrap(), sum(&all[1234..]));

        let later = source.later("on").await.unwrap();
        let later = source.pass_on(later).await.unwrap();
        assert_eq!(later.await.unwrap(), "on");
    })
    .await;
}

/// By typed links, and by those that have to do without.
#[tokio::test]
async fn another_component_uses_them() {
    each_flowing(async |flowing| {
        let user = flowing.user();
        let checked = user.check_bytes(100_000, 4096, 1000).await.unwrap();
        assert_eq!(checked, 100_000);
        assert_eq!(user.count_ticks(100).await.unwrap(), 100);
        assert_eq!(user.await_later("soon").await.unwrap(), "soon");
        assert_eq!(user.unbundle(500).await.unwrap(), 2000);
        assert_eq!(user.give(1000).await.unwrap(), sum(&bytes(1000)));
        assert_eq!(user.give_later("again").await.unwrap(), "againagain");
        assert_eq!(user.boomerang(1000).await.unwrap(), sum(&bytes(1000)));
        assert_eq!(user.home_half(1000, 10).await.unwrap(), sum(&bytes(1000)));
        let relayed = user.relay(10_000, 100).await.unwrap();
        assert!(read(relayed).await == bytes(10_000));
    })
    .await;
}

#[tokio::test]
async fn an_end_is_clean_or_an_error() {
    each_flowing(async |flowing| {
        let source = flowing.source();
        let (bytes, taken) = source.endless().await.unwrap();
        drop(bytes);
        assert_eq!(taken.await.unwrap(), 0);

        let mut fails = source.fails(10).await.unwrap();
        for _ in 0..10 {
            fails.next().await.unwrap().unwrap();
        }
        let error = fails.next().await.unwrap().unwrap_err();
        assert!(matches!(error, StreamError::WriterDied { .. }), "{error}");
        assert!(fails.next().await.is_none());
    })
    .await;
}
