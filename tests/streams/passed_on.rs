//! Streams that are passed on from component to component.

use composer::{ComposableDescriptor, Composer, StreamReader, Value};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::streams::{SOURCE, sum};
use crate::support::counters::within;
use crate::support::sandbox::loaded;

/// A chain of components that pass a stream on unread: nothing moves through those in
/// the middle, and nothing is left in them.
#[tokio::test]
async fn a_long_chain_costs_one_pipe() {
    const LENGTH: usize = 100;
    let mut composer = Composer::new();
    let mut usages = Vec::new();
    let name = |i: usize| format!("c{i}");
    for i in 0..LENGTH {
        let part = loaded("streams").await.part();
        usages.push(part.usage());
        composer.add(ComposableDescriptor::new(name(i), part));
    }
    composer.with_export_hint(SOURCE, name(0));
    let composition = composer.compose().await.unwrap();
    let func = |i: usize, function: &str| {
        let component = composition.component(&name(i)).unwrap();
        component.get_func(Some(SOURCE), function).unwrap()
    };
    let args = [100_000u64.into(), 1000u32.into()];
    let mut stream = within(func(0, "bytes").call_owned(args)).await.unwrap();
    // Half of the way it is read a little.
    let mut first = 0;
    for i in 1..LENGTH {
        if i == LENGTH / 2 {
            let Some(Value::Stream(reader)) = stream else {
                panic!("a stream was expected");
            };
            let mut reader: StreamReader<u8> = reader.cast();
            let mut some = [0; 777];
            within(reader.read_exact(&mut some)).await.unwrap();
            first = some.iter().map(|byte| u64::from(*byte)).sum();
            stream = Some(reader.into());
        }
        stream = within(func(i, "pass").call_owned(stream)).await.unwrap();
    }
    for usage in &usages[1..] {
        assert_eq!(usage.streams().read_items, 0);
    }
    let rest = within(func(LENGTH - 1, "sum").call_owned(stream)).await;
    assert_eq!(rest.unwrap(), Some(Value::U64(sum(100_000) - first)));
    for (i, usage) in usages.iter().enumerate() {
        let streams = usage.streams();
        let (written, read) = match i {
            0 => (100_000, 0),
            i if i == LENGTH - 1 => (0, 100_000 - 777),
            _ => (0, 0),
        };
        assert_eq!(
            (streams.written_items, streams.read_items),
            (written, read),
            "{i}"
        );
        let status = composition.component(&name(i)).unwrap().status();
        assert_eq!(status.in_flight, 0);
    }
}

/// A stream of the embedder's comes back as it is.
#[tokio::test]
async fn the_embedders_own_comes_back() {
    let mut composer = Composer::new();
    let part = loaded("streams").await.part();
    let usage = part.usage();
    composer.add(ComposableDescriptor::new("streams", part));
    let composition = composer.compose().await.unwrap();
    let pass = composition.get_func(Some(SOURCE), "pass").unwrap();
    let (mut writer, reader) = composer::stream::<u8>();
    let back = within(pass.call_owned([reader.into()])).await.unwrap();
    let Some(Value::Stream(back)) = back else {
        panic!("a stream was expected");
    };
    let mut back = back.cast::<u8>();
    let write = async {
        writer.write_all(&[5; 3000]).await.unwrap();
        drop(writer);
    };
    let mut all = Vec::new();
    let (read, ()) = within(async { tokio::join!(back.read_to_end(&mut all), write) }).await;
    assert_eq!(read.unwrap(), 3000);
    assert_eq!(usage.streams().read_items, 0);
}
