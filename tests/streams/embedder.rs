//! Between a component and the embedder.

use composer::{StreamError, StreamReader, Value};
use futures::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::streams::{SOURCE, USER, call, isolated, sum};
use crate::support::counters::within;

fn reader(value: Value) -> StreamReader {
    match value {
        Value::Stream(reader) => reader,
        other => panic!("a stream was expected, not {other}"),
    }
}

#[tokio::test]
async fn bytes_are_read() {
    let composition = isolated().await;
    for (interface, function) in [(SOURCE, "bytes"), (USER, "relay")] {
        let args = [1_000_000u64.into(), 10_000u32.into()];
        let bytes = call(&composition, interface, function, args).await.unwrap();
        let mut bytes = reader(bytes).cast::<u8>();
        let mut all = Vec::new();
        within(bytes.read_to_end(&mut all)).await.unwrap();
        let expected: Vec<u8> = (0..1_000_000u64).map(|i| (i % 251) as u8).collect();
        assert!(all == expected, "{} bytes", all.len());
    }
}

#[tokio::test]
async fn bytes_are_written() {
    let composition = isolated().await;
    for (interface, function) in [(SOURCE, "sum"), (USER, "relay-sum")] {
        let (mut writer, reader) = composer::stream::<u8>();
        let bytes: Vec<u8> = (0..1_000_000u64).map(|i| (i % 251) as u8).collect();
        let write = async {
            writer.write_all(&bytes).await.unwrap();
            writer.shutdown().await.unwrap();
        };
        let read = call(&composition, interface, function, [reader.into()]);
        let (found, ()) = within(async { tokio::join!(read, write) }).await;
        assert_eq!(found.unwrap(), Value::U64(sum(1_000_000)));
    }
}

#[cfg(feature = "fast-transfer")]
#[tokio::test]
async fn values_are_read() {
    let composition = isolated().await;
    let readings = call(&composition, SOURCE, "readings", [1000u32.into()]).await;
    let readings: Vec<_> = within(reader(readings.unwrap()).collect()).await;
    assert_eq!(readings.len(), 1000);
    for (i, reading) in readings.into_iter().enumerate() {
        let tags: Vec<String> = (0..i % 3).map(|tag| tag.to_string()).collect();
        let expected = Value::record([
            ("sensor", Value::from(format!("s-{i}"))),
            ("value", (i as f64 / 2.0).into()),
            ("tags", tags.into()),
        ]);
        assert_eq!(reading.unwrap(), expected);
    }
    let points = call(&composition, SOURCE, "points", [500u32.into(), 7u32.into()]).await;
    let points: Vec<_> = within(reader(points.unwrap()).collect()).await;
    let last = points.last().unwrap().as_ref().unwrap();
    assert_eq!(points.len(), 500);
    assert_eq!(last.field("at"), Some(&Value::U64(499 * 3)));
    let ticks = call(&composition, SOURCE, "ticks", [9u32.into()]).await;
    let ticks: Vec<_> = within(reader(ticks.unwrap()).cast::<()>().collect()).await;
    assert_eq!(ticks.len(), 9);
}

#[cfg(feature = "fast-transfer")]
#[tokio::test]
async fn values_are_written() {
    let composition = isolated().await;
    let (mut writer, reader) = composer::stream();
    let write = async {
        for i in 0..500u32 {
            let reading = Value::record([
                ("sensor", Value::from("s".repeat(i as usize))),
                ("value", f64::from(i).into()),
                ("tags", vec!["a", "b"].into()),
            ]);
            writer.send(reading).await.unwrap();
        }
        drop(writer);
    };
    let total = call(&composition, SOURCE, "total", [reader.into()]);
    let (total, ()) = within(async { tokio::join!(total, write) }).await;
    let expected = Value::Tuple(vec![f64::from(499 * 500 / 2).into(), 1000u32.into()]);
    assert_eq!(total.unwrap(), expected);
}

/// What the embedder writes is checked before it gets to the component.
#[cfg(feature = "fast-transfer")]
#[tokio::test]
async fn wrong_items_are_refused() {
    let composition = isolated().await;
    let (mut writer, reader) = composer::stream();
    let write = async {
        let wrong = Value::record([("sensor", Value::from("s")), ("value", 1.0.into())]);
        let error = writer.send(wrong).await.unwrap_err();
        assert!(matches!(error, StreamError::Type { .. }), "{error}");
        let wrong = Value::record([
            ("sensor", Value::from("s")),
            ("value", 1.0.into()),
            ("tags", vec![Value::from("tag"), 7u32.into()].into()),
        ]);
        let error = writer.send(wrong).await.unwrap_err().to_string();
        assert_eq!(error, "an item.tags[1] must be string, not u32");
        drop(writer);
    };
    let total = call(&composition, SOURCE, "total", [reader.into()]);
    let (total, ()) = within(async { tokio::join!(total, write) }).await;
    let expected = Value::Tuple(vec![0.0.into(), 0u32.into()]);
    assert_eq!(total.unwrap(), expected);

    // And so is one that the program has read itself: what is in it was not checked.
    let (mut writer, mut reader) = composer::stream();
    let write = async {
        writer.send(Value::from(7u32)).await.unwrap();
        writer.send(Value::from(8u32)).await.unwrap();
    };
    within(async { tokio::join!(write, reader.next()) }).await;
    let error = call(&composition, SOURCE, "total", [reader.into()]).await;
    let error = error.unwrap_err().to_string();
    assert!(error.contains("written and begun to read"), "{error}");

    // And so is a stream of other items.
    let readings = call(&composition, SOURCE, "readings", [1u32.into()]).await;
    let error = call(&composition, SOURCE, "sum", [readings.unwrap()]).await;
    let error = error.unwrap_err().to_string();
    assert!(error.contains("must be stream<u8>, not one of"), "{error}");
}

#[tokio::test]
async fn futures_are_read_and_written() {
    let composition = isolated().await;
    let later = call(&composition, SOURCE, "later", ["soon".into()]).await;
    let Value::Future(later) = later.unwrap() else {
        panic!("a future was expected");
    };
    assert_eq!(within(later).await.unwrap(), "soon".into());

    let (writer, reader) = composer::future();
    let twice = call(&composition, SOURCE, "twice", [reader.into()]);
    let write = writer.write(Value::from("ab"));
    let (twice, written) = within(async { tokio::join!(twice, write) }).await;
    written.unwrap();
    assert_eq!(twice.unwrap(), "abab".into());
}

/// A stream of streams, and resources in streams.
#[cfg(feature = "fast-transfer")]
#[tokio::test]
async fn handles_are_read() {
    let composition = isolated().await;
    let nested = call(&composition, SOURCE, "nested", [20u32.into()]).await;
    let mut nested = reader(nested.unwrap()).cast::<StreamReader<u8>>();
    within(async {
        let mut sizes = Vec::new();
        while let Some(inner) = nested.next().await {
            let mut bytes = Vec::new();
            inner.unwrap().read_to_end(&mut bytes).await.unwrap();
            sizes.push(bytes.len());
        }
        assert_eq!(sizes, (0..20).collect::<Vec<_>>());
    })
    .await;
    let tokens = call(&composition, SOURCE, "tokens", [5u32.into()]).await;
    let tokens: Vec<_> = within(reader(tokens.unwrap()).collect()).await;
    let id = composition
        .get_func(Some(SOURCE), "[method]token.id")
        .unwrap();
    for (i, token) in tokens.into_iter().enumerate() {
        let Value::Own(token) = token.unwrap() else {
            panic!("a token was expected");
        };
        let found = id.call_owned([token.borrow().into()]).await.unwrap();
        assert_eq!(found, Some(Value::U32(i as u32)));
    }
}

/// A stream that the embedder has begun to read can still be passed on.
#[tokio::test]
async fn the_rest_is_passed_on() {
    let composition = isolated().await;
    let args = [10_000u64.into(), 1000u32.into()];
    let bytes = call(&composition, SOURCE, "bytes", args).await.unwrap();
    let mut bytes = reader(bytes).cast::<u8>();
    let mut first = [0; 1234];
    within(bytes.read_exact(&mut first)).await.unwrap();
    let first: u64 = first.iter().map(|byte| u64::from(*byte)).sum();
    let rest = call(&composition, SOURCE, "sum", [bytes.into()]).await;
    assert_eq!(rest.unwrap(), Value::U64(sum(10_000) - first));
}
