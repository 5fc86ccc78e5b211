//! Passes on handles to a resource that it does not own.

use exports::test::resources::relay::Guest;
use test::resources::counters::{Counter, Pair};

wit_bindgen::generate!({
    path: "../../wit/resources",
    world: "test:resources/counters-relay",
});

struct Relay;

impl Guest for Relay {
    fn pass_own(c: Counter) -> Counter {
        c
    }

    fn pass_borrow(c: &Counter) -> u32 {
        c.value()
    }

    fn make(n: u32) -> Counter {
        Counter::new(n)
    }

    fn swap(pair: Pair) -> Pair {
        Pair {
            left: pair.right,
            right: pair.left,
        }
    }
}

export!(Relay);
