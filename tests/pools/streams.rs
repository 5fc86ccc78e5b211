//! Pools whose compositions come back with open streams.

use std::time::Duration;

use composer::runtime::{Pool, PoolBuilder, Reset};
use composer::{ComposableDescriptor, Composer, Composition, StreamError, StreamReader, Value};
use futures::StreamExt;
use tokio::io::AsyncReadExt;

use crate::support::counters::{AMPLE, within};
use crate::support::{call, part};

/// More than is held for a reader.
const MUCH: u64 = 5_000_000;

/// A pool with a place for one composition.
fn pool(reset: Reset, drain: Duration) -> Pool {
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("streams", part("streams")));
    let builder: PoolBuilder = Pool::builder(&composer.prepare().unwrap());
    builder.max(1).reset(reset).drain(drain).build().unwrap()
}

async fn open(composition: &Composition) -> StreamReader<u8> {
    let args = [MUCH.into(), 1000u32.into()];
    match call(composition, "test:streams/source@0.1.0", "bytes", args).await {
        Value::Stream(reader) => reader.cast(),
        other => panic!("a stream was expected, not {other}"),
    }
}

/// Its place is free when the stream has come to its end.
#[tokio::test]
async fn a_stream_outlasts_its_lease() {
    within(async {
        for (reset, replaced) in [(Reset::Fresh, 1), (Reset::Keep, 0)] {
            let pool = pool(reset, AMPLE);
            let lease = pool.lease().await.unwrap();
            let mut bytes = open(&lease).await;
            let mut first = [0; 10];
            bytes.read_exact(&mut first).await.unwrap();
            drop(lease);
            assert_eq!((pool.status().leaving, pool.status().idle), (1, 0));
            assert!(pool.try_lease().await.is_err());
            let mut rest = Vec::new();
            bytes.read_to_end(&mut rest).await.unwrap();
            assert_eq!(rest.len() as u64, MUCH - 10);
            drop(pool.lease().await.unwrap());
            assert_eq!(pool.status().replaced, replaced);
        }
    })
    .await;
}

/// A stream that is not read is cut when the time to drain is over, and its reader is
/// told.
#[tokio::test]
async fn but_not_for_longer_than_it_may() {
    within(async {
        for reset in [Reset::Fresh, Reset::Keep] {
            let pool = pool(reset, Duration::ZERO);
            let lease = pool.lease().await.unwrap();
            let mut bytes = open(&lease).await;
            bytes.next().await.unwrap().unwrap();
            drop(lease);
            drop(pool.lease().await.unwrap());
            assert_eq!(pool.status().replaced, 1);
            let error = loop {
                match bytes.next().await {
                    Some(Ok(_)) => {}
                    Some(Err(error)) => break error,
                    None => panic!("a clean end"),
                }
            };
            assert!(
                matches!(error, StreamError::WriterStopped { .. }),
                "{error}"
            );
        }
    })
    .await;
}

/// Closing a pool waits for streams as it waits for calls.
#[tokio::test]
async fn closing_cuts_what_is_still_open() {
    within(async {
        let pool = pool(Reset::Fresh, AMPLE);
        let lease = pool.lease().await.unwrap();
        let mut bytes = open(&lease).await;
        bytes.next().await.unwrap().unwrap();
        let closed = pool.close(Duration::ZERO).await;
        assert_eq!((closed.cut_off, closed.stuck), (1, 0));
        while let Some(Ok(_)) = bytes.next().await {}
    })
    .await;
}
