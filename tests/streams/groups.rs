//! Streams that leave a fused group and that enter one.

use composer::fused::{FusedComponents, FusedMember};
use composer::{ComposableDescriptor, Composer, Composition, Value};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::streams::between::cases;
use crate::streams::{USER, call, fused, sum};
use crate::support::counters::within;
use crate::support::{engine, guest_path, part};

fn group(members: &[&str]) -> FusedComponents<()> {
    let mut group = FusedComponents::bare(engine());
    for name in members {
        group.add(FusedMember::from_file(engine(), *name, guest_path(name)).unwrap());
    }
    group
}

async fn compose(group: FusedComponents<()>, other: &str) -> Composition {
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("group", group));
    composer.add(ComposableDescriptor::new(other, part(other)));
    composer.compose().await.unwrap()
}

/// A component outside reads the streams of a member, and gives it streams.
#[tokio::test]
async fn a_group_that_writes() {
    let composition = compose(group(&["streams"]), "streams-user").await;
    for (function, args, expected) in cases() {
        let found = call(&composition, USER, function, args).await.unwrap();
        assert_eq!(found, expected, "{function}");
    }
}

/// A member reads the streams of a component outside.
#[tokio::test]
async fn a_group_that_reads() {
    let composition = compose(group(&["streams-user"]), "streams").await;
    for (function, args, expected) in cases() {
        let found = call(&composition, USER, function, args).await.unwrap();
        assert_eq!(found, expected, "{function}");
    }
}

/// A stream that one member writes and another one gives to the embedder, and one that
/// goes the other way.
#[tokio::test]
async fn a_stream_that_a_member_passes_on() {
    const COUNT: u64 = 1_000_000;
    let composition = fused().await;
    let args = [COUNT.into(), 1000u32.into()];
    let Value::Stream(bytes) = call(&composition, USER, "relay", args).await.unwrap() else {
        panic!("a stream was expected");
    };
    let mut all = Vec::new();
    within(bytes.cast::<u8>().read_to_end(&mut all))
        .await
        .unwrap();
    assert_eq!(all.len() as u64, COUNT);
    assert!(
        (0u64..)
            .zip(&all)
            .all(|(i, byte)| u64::from(*byte) == i % 251)
    );

    let (mut writer, reader) = composer::stream::<u8>();
    let write = async {
        writer.write_all(&all).await.unwrap();
        drop(writer);
    };
    let summed = call(&composition, USER, "relay-sum", [reader.into()]);
    let (summed, ()) = within(async { tokio::join!(summed, write) }).await;
    assert_eq!(summed.unwrap(), Value::U64(sum(COUNT)));
}
