//! Middleware with a resource: its counters wrap imported ones, and count twice
//! as fast.

use exports::test::resources::{counters, inspect};
use test::resources::{counters as next, inspect as next_inspect};

use counters::{Counter, CounterBorrow, Holder, Pair};

wit_bindgen::generate!({
    path: "../../wit/resources",
    world: "test:resources/counters-wrap",
});

/// The representation of the exported `counter`.
struct Doubled(next::Counter);

impl counters::GuestCounter for Doubled {
    fn new(start: u32) -> Doubled {
        Doubled(next::Counter::new(start))
    }

    fn named(name: String, start: u32) -> Counter {
        wrap(next::Counter::named(&name, start))
    }

    fn increment(&self, by: u32) -> u32 {
        self.0.increment(by.wrapping_mul(2))
    }

    fn value(&self) -> u32 {
        self.0.value()
    }

    fn name(&self) -> String {
        self.0.name()
    }

    fn absorb(&self, other: Counter) -> u32 {
        self.0.absorb(unwrap(other))
    }

    fn same_as(&self, other: CounterBorrow<'_>) -> bool {
        self.0.same_as(&other.get::<Doubled>().0)
    }
}

fn wrap(counter: next::Counter) -> Counter {
    Counter::new(Doubled(counter))
}

fn unwrap(counter: Counter) -> next::Counter {
    counter.into_inner::<Doubled>().0
}

fn wrap_all(items: Vec<next::Counter>) -> Vec<Counter> {
    items.into_iter().map(wrap).collect()
}

fn unwrap_all(items: Vec<Counter>) -> Vec<next::Counter> {
    items.into_iter().map(unwrap).collect()
}

struct Wrap;

impl counters::Guest for Wrap {
    type Counter = Doubled;

    fn make_pair() -> Pair {
        let pair = next::make_pair();
        Pair {
            left: wrap(pair.left),
            right: wrap(pair.right),
        }
    }

    fn make_list(n: u32) -> Vec<Counter> {
        wrap_all(next::make_list(n))
    }

    fn make_option(some: bool) -> Option<Counter> {
        next::make_option(some).map(wrap)
    }

    fn make_result(ok: bool) -> Result<Counter, String> {
        next::make_result(ok).map(wrap)
    }

    fn make_variant(n: u32) -> Holder {
        match next::make_variant(n) {
            next::Holder::None => Holder::None,
            next::Holder::One(counter) => Holder::One(wrap(counter)),
            next::Holder::Many(items) => Holder::Many(wrap_all(items)),
        }
    }

    fn sum_list(items: Vec<CounterBorrow<'_>>) -> u32 {
        let items: Vec<_> = items.iter().map(|item| &item.get::<Doubled>().0).collect();
        next::sum_list(&items)
    }

    fn sum_pair(pair: Pair) -> u32 {
        next::sum_pair(next::Pair {
            left: unwrap(pair.left),
            right: unwrap(pair.right),
        })
    }

    fn take_list(items: Vec<Counter>) -> u32 {
        next::take_list(unwrap_all(items))
    }

    fn take_option(item: Option<Counter>) -> u32 {
        next::take_option(item.map(unwrap))
    }

    fn take_variant(holder: Holder) -> u32 {
        next::take_variant(match holder {
            Holder::None => next::Holder::None,
            Holder::One(counter) => next::Holder::One(unwrap(counter)),
            Holder::Many(items) => next::Holder::Many(unwrap_all(items)),
        })
    }

    fn live() -> u32 {
        next::live()
    }

    fn dropped() -> u32 {
        next::dropped()
    }
}

impl inspect::Guest for Wrap {
    fn peek(c: CounterBorrow<'_>) -> u32 {
        next_inspect::peek(&c.get::<Doubled>().0)
    }

    fn consume(c: Counter) -> u32 {
        next_inspect::consume(unwrap(c))
    }
}

export!(Wrap);
