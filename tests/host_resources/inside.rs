//! The program's own Rust types in records and variants, beside streams and in functions
//! of other interfaces, all of which the program implements.

use std::sync::Arc;
use std::time::Duration;

use composer::FutureReader;

use super::{Thing, ThingCount};
use crate::support::wat::wat;

composer::compose!({
    path: "host_resources/shelf.wit",
    composition: Shelved,
    components: { user: "test:host/user" },
    host: ["test:host/things", "test:host/shelf", "weigh"],
    with: { "test:host/things.thing": Thing },
    exports: ["run", "empty", "same", "watch"],
});

mod waiting {
    use super::Thing;

    composer::compose!({
        path: "host_resources/shelf.wit",
        composition: Waiting,
        components: { user: "test:host/user" },
        host: ["test:host/things", async trappable "test:host/shelf", "weigh"],
        with: { "test:host/things.thing": Thing },
        exports: ["run", "same"],
    });
}

use shelved::test::host::shelf::{Pair, Slot};
use waiting::waiting::test::host::shelf::{Pair as WaitingPair, Slot as WaitingSlot};
use waiting::{Waiting, WaitingParts};

/// The program, which makes things and has a shelf.
struct Program(Arc<ThingCount>);

impl shelved::test::host::things::Host for Program {
    fn thing(&self, n: u32) -> Arc<Thing> {
        self.0.thing(n)
    }

    fn thing_add(&self, thing: &Thing, by: u32) -> u32 {
        thing.add(by)
    }
}

impl shelved::test::host::shelf::Host for Program {
    fn peek(&self, thing: &Thing) -> u32 {
        thing.add(1)
    }

    fn swap(&self, pair: Pair) -> Pair {
        Pair {
            left: pair.right,
            right: pair.left,
        }
    }

    fn fill(&self, slot: Slot, by: &Thing) -> Slot {
        if let Slot::Full(thing) = &slot {
            thing.add(by.add(0));
        }
        slot
    }

    fn watch(&self, thing: &Thing) -> FutureReader<u32> {
        let (writer, reader) = composer::future();
        let value = thing.add(0);
        tokio::spawn(async move { writer.write(value).await });
        reader
    }
}

impl shelved::test::host::user::Host for Program {
    fn weigh(&self, thing: &Thing) -> u32 {
        1000 + thing.add(0)
    }
}

#[tokio::test]
async fn they_go_through_functions_of_another_interface() {
    let count: Arc<ThingCount> = Arc::default();
    let user = wat("thing-shelf");
    let shelved = Shelved::compose(ShelvedParts { user }, Program(count.clone()));
    let shelved = shelved.await.unwrap();
    for n in 1..100 {
        assert_eq!(shelved.run(n).await.unwrap(), 1000 + 10 * n + 1 + n);
        assert_eq!(shelved.empty().await.unwrap(), 0);
        assert_eq!(shelved.watch(n).await.unwrap().await.unwrap(), n);
    }
    assert_eq!(count.get(), 0);
}

#[tokio::test]
async fn what_is_given_away_is_not_lent_too() {
    let count: Arc<ThingCount> = Arc::default();
    let user = wat("thing-shelf");
    let shelved = Shelved::compose(ShelvedParts { user }, Program(count.clone()));
    let shelved = shelved.await.unwrap();
    let error = shelved.same().await.unwrap_err();
    assert!(error.to_string().contains("handle"), "{error}");
    shelved.composition().shutdown(Duration::ZERO).await;
    assert_eq!(count.get(), 0);
}

impl waiting::waiting::test::host::things::Host for Program {
    fn thing(&self, n: u32) -> Arc<Thing> {
        self.0.thing(n)
    }

    fn thing_add(&self, thing: &Thing, by: u32) -> u32 {
        thing.add(by)
    }
}

impl waiting::waiting::test::host::shelf::Host for Program {
    async fn peek(&self, thing: &Thing) -> wasmtime::Result<u32> {
        tokio::task::yield_now().await;
        Ok(thing.add(1))
    }

    async fn swap(&self, pair: WaitingPair) -> wasmtime::Result<WaitingPair> {
        tokio::task::yield_now().await;
        Ok(WaitingPair {
            left: pair.right,
            right: pair.left,
        })
    }

    async fn fill(&self, slot: WaitingSlot, by: &Thing) -> wasmtime::Result<WaitingSlot> {
        tokio::task::yield_now().await;
        if let WaitingSlot::Full(thing) = &slot {
            thing.add(by.add(0));
        }
        match by.add(0) {
            13 => Err(wasmtime::Error::msg("no thirteen")),
            _ => Ok(slot),
        }
    }

    async fn watch(&self, _: &Thing) -> wasmtime::Result<FutureReader<u32>> {
        Err(wasmtime::Error::msg("nobody watches"))
    }
}

impl waiting::waiting::test::host::user::Host for Program {
    fn weigh(&self, thing: &Thing) -> u32 {
        1000 + thing.add(0)
    }
}

#[tokio::test]
async fn a_function_that_waits_has_them_meanwhile() {
    let count: Arc<ThingCount> = Arc::default();
    let user = wat("thing-shelf");
    let waiting = Waiting::compose(WaitingParts { user }, Program(count.clone()));
    let waiting = waiting.await.unwrap();
    for n in 1..13 {
        assert_eq!(waiting.run(n).await.unwrap(), 1000 + 10 * n + 1 + n);
    }
    let error = waiting.run(13).await.unwrap_err();
    assert!(error.to_string().contains("no thirteen"), "{error}");
    waiting.composition().shutdown(Duration::ZERO).await;
    assert_eq!(count.get(), 0);
}
