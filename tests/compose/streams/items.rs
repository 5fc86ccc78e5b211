//! Items of other types than numbers and strings, which cross in bulk.

use composer::StreamReader;
use futures::{StreamExt, TryStreamExt};

use super::flowing::test::streams::source::{self, Token};
use super::flowing::test::streams::types::{Parcel, Point, Reading};
use super::{bytes, each_flowing, read, sum, written};

fn reading(i: u32) -> Reading {
    Reading {
        sensor: format!("s-{i}"),
        value: f64::from(i) / 2.0,
        tags: (0..i % 3).map(|tag| tag.to_string()).collect(),
    }
}

#[tokio::test]
async fn records() {
    each_flowing(async |flowing| {
        let source = flowing.source();
        let readings: StreamReader<Reading> = source.readings(100).await.unwrap();
        let readings: Vec<Reading> = readings.try_collect().await.unwrap();
        assert_eq!(readings, (0..100).map(reading).collect::<Vec<_>>());

        let mut points: StreamReader<Point> = source.points(500, 7).await.unwrap();
        for weight in 0..500 {
            let expected = Point {
                kind: (weight % 7) as u8,
                at: u64::from(weight) * 3,
                weight,
            };
            assert_eq!(points.next().await.unwrap().unwrap(), expected);
        }
        assert!(points.next().await.is_none());

        let readings = written((0..100).map(reading));
        let tags = (0..100).map(|i| i % 3).sum();
        assert_eq!(source.total(readings).await.unwrap(), (2475.0, tags));
        let readings = written((0..10).map(reading));
        let (first, back) = source.rest_of_readings(readings).await.unwrap();
        let rest: Vec<Reading> = back.try_collect().await.unwrap();
        assert_eq!(first, reading(0));
        assert_eq!(rest, (1..10).map(reading).collect::<Vec<_>>());
    })
    .await;
}

#[tokio::test]
async fn streams_and_futures_in_values() {
    each_flowing(async |flowing| {
        let source = flowing.source();
        for is_checked in [false, true] {
            let parcel: Parcel = source.send("parcel", 10_000, is_checked).await.unwrap();
            assert_eq!(parcel.name, "parcel");
            let body = read(parcel.body).await;
            assert!(body == bytes(10_000), "{} bytes", body.len());
            assert_eq!(parcel.checked.is_some(), is_checked);
            if let Some(checked) = parcel.checked {
                assert_eq!(checked.await.unwrap(), Ok(sum(&body)));
            }
        }
        let nested: StreamReader<StreamReader<u8>> = source.nested(20).await.unwrap();
        let sizes = nested.then(async |inner| read(inner.unwrap()).await.len());
        let sizes: Vec<usize> = sizes.collect().await;
        assert_eq!(sizes, (0..20).collect::<Vec<_>>());
    })
    .await;
}

#[tokio::test]
async fn resources_with_their_methods() {
    each_flowing(async |flowing| {
        let source = flowing.source();
        let tokens: StreamReader<Token> = source.tokens(5).await.unwrap();
        let tokens: Vec<Token> = tokens.try_collect().await.unwrap();
        for (id, token) in (0..).zip(&tokens) {
            assert_eq!(token.id().await.unwrap(), id);
        }
        assert_eq!(source.tokens_alive().await.unwrap(), 5);
        drop(tokens);
        none_left(&source).await;
        // Those that nobody takes are dropped with their stream.
        let mut tokens = source.tokens(5).await.unwrap();
        let first = tokens.next().await.unwrap().unwrap();
        drop(tokens);
        assert_eq!(first.id().await.unwrap(), 0);
        drop(first);
        none_left(&source).await;
    })
    .await;
}

async fn none_left(source: &source::Exports) {
    while source.tokens_alive().await.unwrap() > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn between_components() {
    each_flowing(async |flowing| {
        let user = flowing.user();
        assert_eq!(user.check_readings(1000).await.unwrap(), 1000);
        assert_eq!(user.check_points(1000, 9, 70).await.unwrap(), 1000);
        assert_eq!(user.sum_tokens(50).await.unwrap(), 49 * 50 / 2);
        assert_eq!(user.lengths(4).await.unwrap(), [0, 1, 2, 3]);
        let received = user.receive("parcel", 1000).await.unwrap();
        assert_eq!(received, ("parcel".to_owned(), 1000));
        assert_eq!(user.give_readings(100).await.unwrap(), (4950.0, 150));
    })
    .await;
}
