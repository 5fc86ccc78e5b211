//! The program's own Rust types in `compose!`.

use std::sync::Arc;

use super::{Thing, ThingCount};
use crate::support::wat::wat;

composer::compose!({
    inline: "
        package test:host@0.1.0;
        interface things {
            resource thing {
                constructor(n: u32);
                add: func(by: u32) -> u32;
            }
        }
        interface giver {
            use things.{thing};
            make: func(n: u32) -> thing;
            take: func(thing: thing) -> u32;
            peek: func(thing: borrow<thing>) -> u32;
            keep: func(thing: thing);
            give-kept: func() -> option<thing>;
            sum: func(things: list<thing>) -> u32;
            trap: func(thing: borrow<thing>) -> u32;
        }
        world passes { import things; export giver; }
        world uses {
            import things;
            import giver;
            export run: func(n: u32) -> u32;
            export lend: func(n: u32) -> u32;
        }
    ",
    composition: Passing,
    components: { giver: "test:host/passes", taker: "test:host/uses" },
    host: ["test:host/things"],
    with: { "test:host/things.thing": Thing },
    exports: ["test:host/giver", "run", "lend"],
});

/// The program, which makes things for components.
struct Program(Arc<ThingCount>);

impl passing::test::host::things::Host for Program {
    fn thing(&self, n: u32) -> Arc<Thing> {
        self.0.thing(n)
    }

    fn thing_add(&self, thing: &Thing, by: u32) -> u32 {
        thing.add(by)
    }
}

fn parts() -> PassingParts<wasmtime::component::Component, wasmtime::component::Component> {
    PassingParts {
        giver: wat("thing-giver"),
        taker: wat("thing-taker"),
    }
}

#[tokio::test]
async fn given_and_got_back() {
    let count: Arc<ThingCount> = Arc::default();
    let passing = Passing::compose(parts(), Program(count.clone()))
        .await
        .unwrap();
    assert_eq!(passing.run(5).await.unwrap(), 16);
    assert_eq!(passing.lend(5).await.unwrap(), 7);

    let thing = count.thing(5);
    let giver = passing.giver();
    assert_eq!(giver.peek(&thing).await.unwrap(), 6);
    assert_eq!(thing.add(0), 6);
    giver.keep(thing.clone()).await.unwrap();
    let back = giver.give_kept().await.unwrap().unwrap();
    assert!(Arc::ptr_eq(&back, &thing));
    assert!(giver.give_kept().await.unwrap().is_none());
    assert_eq!(giver.make(3).await.unwrap().add(1), 4);
    assert_eq!(
        giver
            .sum(vec![count.thing(1), count.thing(2)])
            .await
            .unwrap(),
        3
    );
    assert_eq!(giver.take(thing).await.unwrap(), 6);
    drop(back);
    assert_eq!(count.get(), 0);
}
