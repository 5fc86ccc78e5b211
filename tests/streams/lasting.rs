//! Streams that outlast the call that opened them: shutdown, replacement and restart.

use std::time::Duration;

use composer::{
    ComposableDescriptor, Composer, Composition, Configure, Restart, StreamError, StreamReader,
    Value,
};
use futures::{FutureExt, StreamExt};
use tokio::io::AsyncReadExt;

use crate::streams::{SOURCE, USER, call, isolated};
use crate::support::counters::{AMPLE, until, within};
use crate::support::part;

async fn bytes(composition: &Composition, count: u64) -> StreamReader<u8> {
    let args = [count.into(), 1000u32.into()];
    match call(composition, SOURCE, "bytes", args).await.unwrap() {
        Value::Stream(reader) => reader.cast(),
        other => panic!("a stream was expected, not {other}"),
    }
}

async fn count(bytes: &mut StreamReader<u8>) -> usize {
    let mut all = Vec::new();
    within(bytes.read_to_end(&mut all)).await.unwrap()
}

/// A shutdown lets streams come to their end.
#[tokio::test]
async fn a_shutdown_waits() {
    let composition = isolated().await;
    // More than is held for the reader: the writer has not finished.
    let mut bytes = bytes(&composition, 5_000_000).await;
    let mut first = [0; 10];
    within(bytes.read_exact(&mut first)).await.unwrap();
    let shutdown = composition.shutdown(AMPLE);
    tokio::pin!(shutdown);
    for _ in 0..100 {
        tokio::task::yield_now().await;
        assert!(shutdown.as_mut().now_or_never().is_none());
    }
    assert_eq!(count(&mut bytes).await, 5_000_000 - 10);
    let end = within(shutdown).await;
    assert_eq!((end.cut_off, end.stuck.len()), (0, 0));
}

/// What has not ended in time is cut, and its reader is told.
#[tokio::test]
async fn a_shutdown_cuts() {
    let composition = isolated().await;
    let mut read = bytes(&composition, 100_000_000).await;
    let mut unread = bytes(&composition, 10).await;
    within(read.next()).await.unwrap().unwrap();
    let end = within(composition.shutdown(Duration::ZERO)).await;
    assert_eq!((end.cut_off, end.stuck.len()), (2, 0));
    for bytes in [&mut read, &mut unread] {
        let error = within(async {
            loop {
                match bytes.next().await {
                    Some(Ok(_)) => {}
                    Some(Err(error)) => break error,
                    None => panic!("a clean end"),
                }
            }
        })
        .await;
        let StreamError::WriterStopped { component } = &error else {
            panic!("{error}");
        };
        assert_eq!(component, "streams");
    }
}

/// Dropping the last handle of the composition ends its streams.
#[tokio::test]
async fn a_composition_that_is_gone() {
    let composition = isolated().await;
    let mut bytes = bytes(&composition, 100_000_000).await;
    within(bytes.next()).await.unwrap().unwrap();
    drop(composition);
    within(async { while let Some(Ok(_)) = bytes.next().await {} }).await;
}

/// A replacement waits for the streams of the old component.
#[tokio::test]
async fn a_replacement_waits() {
    let composition = isolated().await;
    let mut bytes = bytes(&composition, 100_000).await;
    let source = composition.component("streams").unwrap();
    let new = || ComposableDescriptor::new("streams", part("streams"));
    let replace = source.replace(new(), AMPLE);
    tokio::pin!(replace);
    for _ in 0..100 {
        tokio::task::yield_now().await;
        assert!(replace.as_mut().now_or_never().is_none());
    }
    assert_eq!(count(&mut bytes).await, 100_000);
    within(replace).await.unwrap();
    let sum = call(&composition, USER, "give", [10u32.into()]).await;
    assert_eq!(sum.unwrap(), Value::U64(45));
}

/// A component that is started again has new streams, and the old ones fail.
#[tokio::test]
async fn a_restart() {
    let mut composer = Composer::new();
    let source = part("streams").with_restart(Restart::on_death());
    composer.add(ComposableDescriptor::new("streams", source));
    let composition = composer.compose().await.unwrap();
    let mut old = bytes(&composition, 100_000_000).await;
    within(old.next()).await.unwrap().unwrap();
    let failing = call(&composition, SOURCE, "fails", [10u32.into()]).await;
    let Value::Stream(mut failing) = failing.unwrap() else {
        panic!("a stream was expected");
    };
    within(async { while let Some(Ok(_)) = failing.next().await {} }).await;
    let error = within(async {
        loop {
            match old.next().await {
                Some(Ok(_)) => {}
                Some(Err(error)) => break error,
                None => panic!("a clean end"),
            }
        }
    })
    .await;
    assert!(matches!(error, StreamError::WriterDied { .. }), "{error}");
    let source = composition.component("streams").unwrap();
    until("it runs again", || source.status().restarts == 1).await;
    let mut new = bytes(&composition, 5000).await;
    assert_eq!(count(&mut new).await, 5000);
}
