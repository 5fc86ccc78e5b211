//! Owns the counters, and counts them.

use exports::test::resources::{counters, inspect};
use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use counters::{Counter, CounterBorrow, Holder, Pair};

wit_bindgen::generate!({
    path: "../../wit/resources",
    world: "test:resources/counters-guest",
});

static LIVE: AtomicU32 = AtomicU32::new(0);
static DROPPED: AtomicU32 = AtomicU32::new(0);

/// The representation of `counter`.
struct Rep {
    name: String,
    value: Cell<u32>,
}

impl Rep {
    fn create(name: String, start: u32) -> Rep {
        LIVE.fetch_add(1, Relaxed);
        Rep {
            name,
            value: Cell::new(start),
        }
    }
}

impl Drop for Rep {
    fn drop(&mut self) {
        LIVE.fetch_sub(1, Relaxed);
        DROPPED.fetch_add(1, Relaxed);
    }
}

impl counters::GuestCounter for Rep {
    fn new(start: u32) -> Rep {
        Rep::create("counter".to_string(), start)
    }

    fn named(name: String, start: u32) -> Counter {
        Counter::new(Rep::create(name, start))
    }

    fn increment(&self, by: u32) -> u32 {
        self.value.set(self.value.get().wrapping_add(by));
        self.value.get()
    }

    fn value(&self) -> u32 {
        self.value.get()
    }

    fn name(&self) -> String {
        self.name.clone()
    }

    fn absorb(&self, other: Counter) -> u32 {
        self.increment(take(other))
    }

    fn same_as(&self, other: CounterBorrow<'_>) -> bool {
        let other = other.get::<Rep>();
        self.value == other.value && self.name == other.name
    }
}

fn make(start: u32) -> Counter {
    Counter::new(Rep::create("counter".to_string(), start))
}

/// The value of a counter that ends here.
fn take(counter: Counter) -> u32 {
    counter.get::<Rep>().value.get()
}

struct Counters;

impl counters::Guest for Counters {
    type Counter = Rep;

    fn make_pair() -> Pair {
        Pair {
            left: make(1),
            right: make(2),
        }
    }

    fn make_list(n: u32) -> Vec<Counter> {
        (0..n).map(make).collect()
    }

    fn make_option(some: bool) -> Option<Counter> {
        some.then(|| make(1))
    }

    fn make_result(ok: bool) -> Result<Counter, String> {
        Self::make_option(ok).ok_or_else(|| "no counter".to_string())
    }

    fn make_variant(n: u32) -> Holder {
        match n {
            0 => Holder::None,
            1 => Holder::One(make(0)),
            _ => Holder::Many(Self::make_list(n)),
        }
    }

    fn sum_list(items: Vec<CounterBorrow<'_>>) -> u32 {
        items.iter().map(|item| item.get::<Rep>().value.get()).sum()
    }

    fn sum_pair(pair: Pair) -> u32 {
        take(pair.left) + take(pair.right)
    }

    fn take_list(items: Vec<Counter>) -> u32 {
        items.into_iter().map(take).sum()
    }

    fn take_option(item: Option<Counter>) -> u32 {
        item.map_or(0, take)
    }

    fn take_variant(holder: Holder) -> u32 {
        match holder {
            Holder::None => 0,
            Holder::One(counter) => take(counter),
            Holder::Many(items) => Self::take_list(items),
        }
    }

    fn live() -> u32 {
        LIVE.load(Relaxed)
    }

    fn dropped() -> u32 {
        DROPPED.load(Relaxed)
    }
}

impl inspect::Guest for Counters {
    fn peek(c: CounterBorrow<'_>) -> u32 {
        c.get::<Rep>().value.get()
    }

    fn consume(c: Counter) -> u32 {
        take(c)
    }
}

export!(Counters);
