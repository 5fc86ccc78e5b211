//! What a component can do wrong with a stream: its limits hold, and others go on.

use composer::runtime::Limits;
use composer::{
    CallError, ComponentState, ComposableDescriptor, Composer, Composition, DeathCause, Limit,
    StreamError, StreamReader, Value,
};
use futures::StreamExt;

use crate::streams::{SOURCE, USER, call, isolated};
use crate::support::counters::within;
use crate::support::sandbox::{loaded, wat};

/// A component whose function `open` returns a stream to which it has begun to write
/// `count` items at the address 16.
fn writer(item: &str, memory: &str, count: u32) -> String {
    format!(
        r#"(component
            (core module $libc
                (memory (export "memory") 1)
                (data (i32.const 16) "{memory}"))
            (core instance $libc (instantiate $libc))
            (type $s (stream {item}))
            (core func $new (canon stream.new $s))
            (core func $write (canon stream.write $s async
                (memory (core memory $libc "memory"))))
            (core func $return (canon task.return (result $s)))
            (core module $m
                (import "" "new" (func $new (result i64)))
                (import "" "write" (func $write (param i32 i32 i32) (result i32)))
                (import "" "return" (func $return (param i32)))
                (func (export "open") (result i32)
                    (local $ends i64)
                    (local.set $ends (call $new))
                    (call $return (i32.wrap_i64 (local.get $ends)))
                    (drop (call $write
                        (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32)))
                        (i32.const 16) (i32.const {count})))
                    (i32.const 0))
                (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
            (core instance $i (instantiate $m (with "" (instance
                (export "new" (func $new))
                (export "write" (func $write))
                (export "return" (func $return))))))
            (func (export "open") async (result $s)
                (canon lift (core func $i "open") async (callback (core func $i "callback")))))"#
    )
}

async fn open(part: composer::runtime::SandboxedComponent) -> (Composition, StreamReader) {
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("hostile", part));
    let composition = composer.compose().await.unwrap();
    let open = composition.get_func(None, "open").unwrap();
    match within(open.call_owned([])).await.unwrap() {
        Some(Value::Stream(reader)) => (composition, reader),
        other => panic!("a stream was expected, not {other:?}"),
    }
}

/// The death of the component, of which the reader learns.
async fn dies(part: composer::runtime::SandboxedComponent) -> std::sync::Arc<composer::Death> {
    let (composition, mut reader) = open(part).await;
    let error = within(reader.next()).await.unwrap().unwrap_err();
    let StreamError::WriterDied { death } = error else {
        panic!("{error}");
    };
    assert_eq!(death.component, "hostile");
    let state = composition.component("hostile").unwrap().status().state;
    assert!(matches!(state, ComponentState::Dead(_)), "{state:?}");
    // What comes after an error is the end.
    assert!(within(reader.next()).await.is_none());
    death
}

#[cfg(feature = "fast-transfer")]
#[tokio::test]
async fn items_with_bad_pointers() {
    for (item, memory, count, reason) in [
        // A string that begins behind the end of the memory.
        (
            "string",
            "\\ff\\ff\\ff\\00\\01\\00\\00\\00",
            1,
            "out of bounds",
        ),
        // One that is longer than the memory.
        (
            "string",
            "\\00\\00\\00\\00\\ff\\ff\\ff\\7f",
            1,
            "out of bounds",
        ),
        // One that is no UTF-8.
        ("string", "\\18\\00\\00\\00\\01\\00\\00\\00\\ff", 1, "utf-8"),
        // A list that is not aligned.
        (
            "(list u32)",
            "\\11\\00\\00\\00\\01\\00\\00\\00",
            1,
            "not aligned",
        ),
        // A list whose length in bytes is more than there are numbers for.
        (
            "(list u64)",
            "\\10\\00\\00\\00\\ff\\ff\\ff\\ff",
            1,
            "out of bounds",
        ),
        // A case that does not exist, in the second item.
        ("(option u8)", "\\01\\07\\02\\07", 2, "discriminant"),
        ("(result u8 (error u8))", "\\01\\00\\05", 2, "discriminant"),
        // A character that is none.
        (
            "(option char)",
            "\\01\\00\\00\\00\\00\\d8\\00\\00",
            1,
            "char",
        ),
    ] {
        let part = wat(&writer(item, memory, count)).await.part();
        let death = dies(part).await;
        let text = death.to_string().to_lowercase();
        assert!(text.contains(reason), "{item}: {text}");
    }
}

/// Numbers are as they are, and what is undefined is made definite.
#[tokio::test]
async fn items_that_are_undefined_in_part() {
    let part = wat(&writer("bool", "\\02\\00\\ff", 3)).await.part();
    let (_composition, mut reader) = open(part).await;
    for expected in [true, false, true] {
        let item = within(reader.next()).await.unwrap().unwrap();
        assert_eq!(item, Value::Bool(expected));
    }
}

/// A single item may be as large as a value, and no larger.
#[tokio::test]
async fn items_that_are_too_large() {
    let limits = Limits::default().with_value_size(1000);
    let text = writer("string", "\\00\\04\\00\\00\\00\\10\\00\\00", 1);
    let death = dies(wat(&text).await.part().with_limits(limits.clone())).await;
    let exceeded = death.limit().expect("a limit was exceeded");
    assert_eq!((exceeded.limit, exceeded.allowed), (Limit::ValueSize, 1000));
    let text = writer("string", "\\00\\04\\00\\00\\80\\03\\00\\00", 1);
    let (_composition, mut reader) = open(wat(&text).await.part().with_limits(limits)).await;
    within(reader.next()).await.unwrap().unwrap();
}

async fn sandboxed(limits: Limits) -> Composition {
    let mut composer = Composer::new();
    for name in ["streams", "streams-user"] {
        let part = loaded(name).await.part().with_limits(limits.clone());
        composer.add(ComposableDescriptor::new(name, part));
    }
    composer.compose().await.unwrap()
}

/// Ten thousand streams, opened and left.
#[tokio::test]
async fn streams_without_end() {
    let composition = sandboxed(Limits::default()).await;
    let error = call(&composition, USER, "leave", [10_000u32.into()]).await;
    let error = error.unwrap_err();
    let death = error.death().unwrap();
    assert_eq!(death.limit().unwrap().limit, Limit::Streams, "{error}");
    // Within the limit it works, again and again.
    let composition = sandboxed(Limits::default().with_streams(50).with_handles(5000)).await;
    for _ in 0..100 {
        let left = call(&composition, USER, "leave", [40u32.into()]).await;
        assert_eq!(left.unwrap(), Value::U32(40));
    }
    let error = call(&composition, USER, "leave", [60u32.into()]).await;
    let error = error.unwrap_err();
    let exceeded = error.death().unwrap().limit().unwrap();
    assert_eq!((exceeded.limit, exceeded.allowed), (Limit::Streams, 50));
}

/// The embedder cannot make a component exceed its limit.
#[tokio::test]
async fn streams_of_the_embedder_without_end() {
    let composition = sandboxed(Limits::default().with_streams(3)).await;
    let mut kept = Vec::new();
    for _ in 0..3 {
        let (writer, reader) = composer::stream::<u8>();
        let passed = call(&composition, SOURCE, "pass", [reader.into()]).await;
        kept.push((writer, passed.unwrap()));
    }
    // Those that it has passed on do not count.
    let sums: Vec<_> = (0..3)
        .map(|_| {
            let (writer, reader) = composer::stream::<u8>();
            let sum = composition.get_func(Some(SOURCE), "sum").unwrap();
            let sum = tokio::spawn(async move { sum.call_owned([reader.into()]).await });
            (writer, sum)
        })
        .collect();
    let source = composition.component("streams").unwrap();
    within(async {
        while source.status().in_flight < 3 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let (_writer, reader) = composer::stream::<u8>();
    let error = call(&composition, SOURCE, "sum", [reader.into()]).await;
    let error = error.unwrap_err();
    assert!(matches!(error, CallError::Transfer { .. }), "{error}");
    assert!(error.to_string().contains("open streams"), "{error}");
    for (writer, sum) in sums {
        drop(writer);
        let sum = within(sum).await.unwrap().unwrap();
        assert_eq!(sum, Some(Value::U64(0)));
    }
}

/// A writer without end is held back by a slow reader: what is held never exceeds the
/// buffer, however much moves.
#[tokio::test]
async fn a_writer_that_is_faster_than_its_reader() {
    const BUFFER: u64 = 64 << 10;
    const ALL: u64 = 1 << 28;
    let limits = Limits::default().with_stream_buffer(BUFFER as usize);
    let part = loaded("streams").await.part().with_limits(limits);
    let usage = part.usage();
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("streams", part));
    let composition = composer.compose().await.unwrap();
    let bytes = call(
        &composition,
        SOURCE,
        "fill",
        [ALL.into(), (1u32 << 20).into()],
    )
    .await;
    let Value::Stream(bytes) = bytes.unwrap() else {
        panic!("a stream was expected");
    };
    let mut bytes = bytes.cast::<u8>();
    let mut buffer = vec![0; 8 << 10];
    let mut read = 0;
    within(async {
        use tokio::io::AsyncReadExt;
        loop {
            // The writer has time for far more than this.
            for _ in 0..3 {
                tokio::task::yield_now().await;
            }
            let written = usage.streams().written_bytes;
            assert!(written <= read + BUFFER, "{written} written, {read} read");
            match bytes.read(&mut buffer).await.unwrap() {
                0 => break,
                count => read += count as u64,
            }
        }
    })
    .await;
    assert_eq!(read, ALL);
    let streams = usage.streams();
    assert_eq!((streams.written_items, streams.written_bytes), (ALL, ALL));
    assert_eq!((streams.opened, streams.read_items), (1, 0));
}

/// A reader that never reads does not keep its writer for ever.
#[tokio::test]
async fn a_reader_that_never_reads() {
    let idle = std::time::Duration::from_millis(20);
    let composition = sandboxed(Limits::default().with_stream_idle(Some(idle))).await;
    let endless = call(&composition, SOURCE, "endless", []).await.unwrap();
    let Value::Tuple(mut pair) = endless else {
        panic!("a pair was expected");
    };
    let (Some(Value::Future(taken)), Some(Value::Stream(mut bytes))) = (pair.pop(), pair.pop())
    else {
        panic!("a stream and a future were expected");
    };
    // Both are ended, since nobody reads from either.
    let error = within(taken).await.unwrap_err();
    let StreamError::Idle {
        component,
        limit_ms,
    } = &error
    else {
        panic!("{error}");
    };
    assert_eq!((component.as_str(), *limit_ms), ("streams", 20));
    let error = within(bytes.next()).await.unwrap().unwrap_err();
    assert!(matches!(error, StreamError::Idle { .. }), "{error}");
    // The component goes on.
    let sum = call(&composition, USER, "give", [10u32.into()]).await;
    assert_eq!(sum.unwrap(), Value::U64(45));
}

/// A component that gives the same stream away twice.
#[tokio::test]
async fn a_stream_that_is_given_away_twice() {
    let text = r#"(component
        (type $s (stream u8))
        (core func $new (canon stream.new $s))
        (core module $libc (memory (export "memory") 1))
        (core instance $libc (instantiate $libc))
        (core module $m
            (import "" "new" (func $new (result i64)))
            (import "libc" "memory" (memory 1))
            (func (export "open") (result i32)
                (local $end i32)
                (local.set $end (i32.wrap_i64 (call $new)))
                (i32.store (i32.const 0) (local.get $end))
                (i32.store (i32.const 4) (local.get $end))
                (i32.const 0)))
        (core instance $i (instantiate $m
            (with "" (instance (export "new" (func $new))))
            (with "libc" (instance $libc))))
        (func (export "open") (result (tuple $s $s))
            (canon lift (core func $i "open") (memory (core memory $libc "memory")))))"#;
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("hostile", wat(text).await.part()));
    let composition = composer.compose().await.unwrap();
    let open = composition.get_func(None, "open").unwrap();
    let error = within(open.call_owned([])).await.unwrap_err();
    let CallError::Failed { death, .. } = &error else {
        panic!("{error}");
    };
    assert!(
        matches!(death.cause, DeathCause::Other(_) | DeathCause::Trap(_)),
        "{death}"
    );
}

/// Others go on while a writer traps.
#[tokio::test]
async fn a_trap_among_others() {
    let mut composer = Composer::new();
    for name in ["good", "bad"] {
        let part = loaded("streams").await.part();
        composer.add(ComposableDescriptor::new(name, part));
    }
    composer.with_export_hint(SOURCE, "good");
    let composition = composer.compose().await.unwrap();
    let good = call(
        &composition,
        SOURCE,
        "bytes",
        [100_000u64.into(), 100u32.into()],
    )
    .await;
    let bad = composition.component("bad").unwrap();
    let bad = bad.get_func(Some(SOURCE), "fails").unwrap();
    let bad = within(bad.call_owned([1000u32.into()])).await.unwrap();
    let (Value::Stream(good), Some(Value::Stream(bad))) = (good.unwrap(), bad) else {
        panic!("streams were expected");
    };
    let (good, bad): (Vec<_>, Vec<_>) =
        within(async { tokio::join!(good.collect(), bad.collect()) }).await;
    assert!(good.len() == 100_000 && good.iter().all(Result::is_ok));
    assert!(bad.len() == 1001 && bad[1000].is_err());
}

/// The functions without streams of a component that has some.
#[tokio::test]
async fn plain_calls_beside_streams() {
    let composition = isolated().await;
    let alive = call(&composition, SOURCE, "tokens-alive", []).await;
    assert_eq!(alive.unwrap(), Value::U32(0));
}
