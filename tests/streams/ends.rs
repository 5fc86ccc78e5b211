//! How streams end, and what the other side learns of it.

use composer::{CallError, ComponentState, DeathCause, StreamError, Value};
use futures::StreamExt;

use crate::streams::{SOURCE, USER, call, isolated};
use crate::support::counters::{until, within};

/// The reader drops its end in the middle: the writer learns that at its next write.
#[tokio::test]
async fn a_writer_learns_that_its_reader_is_gone() {
    let composition = isolated().await;
    let taken = call(&composition, USER, "read-some", [5000u32.into()]);
    let Value::U64(taken) = taken.await.unwrap() else {
        panic!("a number was expected");
    };
    assert!(taken >= 5000, "{taken}");
    // Both go on.
    let sum = call(&composition, USER, "give", [10u32.into()]).await;
    assert_eq!(sum.unwrap(), Value::U64(45));
}

/// A trap of the writer is never a clean end.
#[tokio::test]
async fn a_reader_ends_with_its_writer() {
    let composition = isolated().await;
    let read = call(&composition, USER, "read-failing", [100_000u32.into()]);
    let error = read.await.unwrap_err();
    let CallError::Failed { site, death } = &error else {
        panic!("{error}");
    };
    assert_eq!(site.component, "streams-user");
    let DeathCause::Stream(StreamError::WriterDied { death }) = &death.cause else {
        panic!("{death}");
    };
    assert_eq!(death.component, "streams");
    assert_eq!(error.death().unwrap().component, "streams");
    for name in ["streams", "streams-user"] {
        let state = composition.component(name).unwrap().status().state;
        assert!(
            matches!(state, ComponentState::Dead(_)),
            "{name}: {state:?}"
        );
    }
}

/// For the embedder, it is an error and no more.
#[tokio::test]
async fn the_embedder_gets_an_error() {
    let composition = isolated().await;
    let bytes = call(&composition, SOURCE, "fails", [1000u32.into()]).await;
    let Value::Stream(bytes) = bytes.unwrap() else {
        panic!("a stream was expected");
    };
    let (items, error) = within(async {
        let mut bytes = bytes.cast::<u8>();
        let mut items = 0;
        loop {
            match bytes.next().await {
                Some(Ok(_)) => items += 1,
                Some(Err(error)) => break (items, error),
                None => panic!("a clean end after {items}"),
            }
        }
    })
    .await;
    assert_eq!(items, 1000);
    assert!(matches!(&error, StreamError::WriterDied { death } if death.component == "streams"));
    let never = call(&isolated().await, SOURCE, "never", []).await.unwrap();
    let Value::Future(never) = never else {
        panic!("a future was expected");
    };
    let error = within(never).await.unwrap_err();
    assert!(matches!(error, StreamError::WriterDied { .. }), "{error}");
}

/// A read that is cancelled loses nothing.
#[tokio::test]
async fn a_cancelled_read_loses_nothing() {
    let composition = isolated().await;
    let (mut writer, reader) = composer::stream::<u8>();
    let hesitates = call(&composition, SOURCE, "hesitate", [reader.into()]);
    let write = async {
        use tokio::io::AsyncWriteExt;
        writer.write_all(&[1; 1000]).await.unwrap();
        drop(writer);
    };
    let (found, ()) = within(async { tokio::join!(hesitates, write) }).await;
    let Value::Tuple(found) = found.unwrap() else {
        panic!("a pair was expected");
    };
    assert_eq!(found[1], Value::U64(1000));
}

/// Streams that are left behind are closed, and their writers learn of it.
#[cfg(feature = "fast-transfer")]
#[tokio::test]
async fn what_nobody_reads_is_closed() {
    let composition = isolated().await;
    let left = call(&composition, USER, "drop-tokens", [50u32.into()]);
    assert_eq!(left.await.unwrap(), Value::U32(1));
    // The items that were on their way are resources, and are dropped too.
    let alive = composition.get_func(Some(SOURCE), "tokens-alive").unwrap();
    within(async {
        while alive.call_owned([]).await.unwrap() != Some(Value::U32(0)) {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let unread = call(&composition, SOURCE, "endless", []).await.unwrap();
    let Value::Tuple(mut pair) = unread else {
        panic!("a pair was expected");
    };
    let Some(Value::Future(taken)) = pair.pop() else {
        panic!("a future was expected");
    };
    drop(pair);
    let taken = within(taken.cast::<u64>()).await.unwrap();
    assert_eq!(taken, 0);
    until("all streams are over", || {
        composition.component("streams").unwrap().status().in_flight == 0
    })
    .await;
}
