//! Streams and futures in every place that WIT has for them. There is no component of
//! these types: what is tested is that the compiler accepts the code that is made of them.

#![allow(
    deprecated,
    reason = "some functions have no method, of which the macro warns"
)]

use composer::{
    CallError, FutureReader, ResourceHandle, StreamError, StreamReader, future, stream,
};
use futures::StreamExt;

use self::untyped::hidden::test::places::{things, users};

composer::compose!({
    inline: r#"
        package test:places;

        interface things {
            resource thing {
                constructor(state: stream<u8>);
                of-states: static async func(states: list<stream<u8>>) -> stream<thing>;
                watch: async func(until: future) -> stream<u32>;
                into-handle: func() -> future<thing>;
            }
            flags marks { new, old }
            /// Resources, beside streams and inside of them.
            record pair { thing: thing, others: stream<thing>, log: stream<string> }
            /// Streams alone.
            record log { lines: stream<string>, marks: stream<marks> }
            variant trouble { none, log(log), soon(future<trouble-kind>) }
            enum trouble-kind { lost, late }
            type bytes = stream<u8>;
            type logs = list<log>;
            check: func(pair: pair) -> result<stream<pair>, trouble>;
            lend: func(things: list<borrow<thing>>, report: stream<log>) -> logs;
            // These have no type in Rust.
            of-maps: func(maps: stream<map<string, u32>>);
            of-lent: func(lent: stream<borrow<thing>>);
        }

        interface users {
            use things.{thing, pair, log, bytes, trouble};
            record both { pair: pair, log: log, bytes: option<bytes> }
            swap: async func(both: both, all: stream<pair>) -> stream<both>;
            logs: func(logs: stream<log>) -> result<future<log>, trouble>;
            fixed: func(fixed: list<stream<bytes>, 2>) -> list<future<bytes>, 2>;
            long: func(
                a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8, i: u8, j: u8, k: u8,
                l: u8, m: u8, n: u8, o: u8, p: u8, q: bytes,
            ) -> bytes;
        }

        world owner { export things; }

        world user {
            use things.{log};
            import things;
            export users;
            export run: async func(log: log, numbers: stream<f64>) -> future<stream<log>>;
        }
    "#,
    composition: Places,
    components: { owner: "test:places/owner", user: "test:places/user" },
    exports: ["test:places/things", "test:places/users", "run"],
});

/// Without what owns the resources, which are handles then.
mod untyped {
    composer::compose!({
        inline: r#"
            package test:places;

            interface things {
                resource thing;
                record pair { thing: thing, others: stream<thing>, log: log }
                record log { lines: stream<string> }
                open: func() -> pair;
            }

            interface users {
                use things.{thing, pair, log};
                swap: async func(pair: pair, logs: stream<log>) -> stream<pair>;
            }

            world owner { export things; }
            world user { import things; export users; }
        "#,
        composition: Hidden,
        components: { owner: "test:places/owner", user: "test:places/user" },
        exports: ["test:places/users"],
    });
}

async fn typed(places: Places) -> Result<(), CallError> {
    use places::test::places::things::{Log, Marks, Pair, Thing, Trouble, TroubleKind};
    use places::test::places::users::{Both, Bytes};

    let things = places.things();
    let bytes = || stream::<u8>().1;
    let log = || Log {
        lines: stream().1,
        marks: stream::<Marks>().1,
    };
    let thing: Thing = things.thing(bytes()).await?;
    let others: StreamReader<Thing> = things.thing_of_states([bytes(), bytes()]).await?;
    let _: StreamReader<u32> = thing.watch(future().1).await?;
    let _: Vec<Log> = things.lend([&thing], stream::<Log>().1).await?;
    let _: Result<Thing, StreamError> = thing.into_handle_().await?.await;
    let pair = |thing, others| Pair {
        thing,
        others,
        log: stream().1,
    };
    let checked: Result<StreamReader<Pair>, Trouble> = things.check(pair(thing, others)).await?;
    match checked {
        Ok(_) | Err(Trouble::None) => {}
        Err(Trouble::Log(_)) => {}
        Err(Trouble::Soon(kind)) => {
            let kind: Result<TroubleKind, _> = kind.await;
            println!("{kind:?}");
        }
    }

    let users = places.users();
    let both = Both {
        pair: pair(things.thing(bytes()).await?, stream().1),
        log: log(),
        bytes: Some(bytes()),
    };
    let _: StreamReader<Both> = users.swap(both, stream().1).await?;
    let logs: Result<FutureReader<Log>, Trouble> = users.logs(stream().1).await?;
    let error: Option<Box<dyn std::error::Error>> = logs.err().map(Into::into);
    println!("{error:?}");
    let _: [FutureReader<Bytes>; 2] = users.fixed([stream().1, stream().1]).await?;
    let long = users.long(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, bytes());
    let _: StreamReader<u8> = long.await?;
    let ran: FutureReader<StreamReader<Log>> = places.run(log(), stream::<f64>().1).await?;
    let _: Result<StreamReader<Log>, StreamError> = ran.await;
    Ok(())
}

async fn handles(hidden: untyped::Hidden, pair: users::Pair) -> Result<(), CallError> {
    let mut swapped = hidden.users().swap(pair, stream().1).await?;
    if let Some(Ok(pair)) = swapped.next().await {
        let things::untyped::Pair { thing, others, log } = pair;
        let _: (ResourceHandle, StreamReader<ResourceHandle>, things::Log) = (thing, others, log);
    }
    Ok(())
}

#[test]
fn what_is_made_of_them_compiles() {
    let _ = (typed, handles);
}
