//! Calls each function of its imports as often as it is told, with a value of its
//! own making, so that no more than a number comes from the embedder. It asks
//! nothing of WASI: what it imports of it comes with Rust's standard library.

use test::values::echo::{self, Inner, Outer};

wit_bindgen::generate!({
    path: "../../wit/values",
    inline: "
        package test:edge;

        world wasi-pump {
            import add: func(a: u32, b: u32) -> u32;
            import test:values/echo@0.1.0;
            export adds: func(size: u32, times: u32) -> u32;
            export texts: func(size: u32, times: u32) -> u32;
            export bytes: func(size: u32, times: u32) -> u32;
            export records: func(size: u32, times: u32) -> u32;
        }
    ",
    world: "test:edge/wasi-pump",
    generate_all,
});

struct Pump;

impl Guest for Pump {
    fn adds(size: u32, times: u32) -> u32 {
        (0..times).fold(0, |sum, _| add(sum, size))
    }

    fn texts(size: u32, times: u32) -> u32 {
        let text = "x".repeat(size as usize);
        let echoed = repeat(times, || echo::echo_string(&text));
        check(echoed.as_bytes(), text.as_bytes());
        echoed.len() as u32
    }

    fn bytes(size: u32, times: u32) -> u32 {
        let bytes = vec![7; size as usize];
        let echoed = repeat(times, || echo::echo_bytes(&bytes));
        check(&echoed, &bytes);
        echoed.len() as u32
    }

    fn records(size: u32, times: u32) -> u32 {
        let records: Vec<_> = (0..size).map(record).collect();
        let echoed = repeat(times, || echo::echo_records(&records));
        let names = |records: &[Outer]| records.last().map(|it| (it.name.clone(), it.count));
        assert_eq!(names(&echoed), names(&records));
        echoed.len() as u32
    }
}

/// Does something so many times, and returns what came of it last.
fn repeat<T>(times: u32, mut once: impl FnMut() -> T) -> T {
    for _ in 1..times {
        drop(once());
    }
    once()
}

/// Checks what takes no time: how many there are, the first and the last.
fn check(echoed: &[u8], sent: &[u8]) {
    let ends = |bytes: &[u8]| (bytes.len(), bytes.first().copied(), bytes.last().copied());
    assert_eq!(ends(echoed), ends(sent));
}

/// What `tests/wat/pump.wat` sends.
fn record(count: u32) -> Outer {
    Outer {
        name: "thirty-two".to_owned(),
        count,
        ratio: 0.5,
        tags: vec!["thirty".to_owned(), "two".to_owned()],
        inner: Inner {
            id: 7,
            label: "wo bytes ".to_owned(),
        },
    }
}

export!(Pump);
