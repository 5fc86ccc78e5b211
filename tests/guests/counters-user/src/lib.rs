//! Uses counters in every way there is, and keeps some.

use exports::test::resources::user::Guest;
use std::cell::RefCell;
use test::resources::{counters, inspect};

use counters::Counter;

wit_bindgen::generate!({
    path: "../../wit/resources",
    world: "test:resources/counters-user",
});

thread_local! {
    /// What `hold` and `keep` were told to keep.
    static HELD: RefCell<Vec<Counter>> = const { RefCell::new(Vec::new()) };
}

struct User;

impl Guest for User {
    fn run_lifecycle() -> String {
        // Relative to what others have made.
        let (live, dropped) = (counters::live(), counters::dropped());
        let counts = || {
            format!(
                "live {} dropped {}",
                counters::live() - live,
                counters::dropped() - dropped
            )
        };
        let a = Counter::new(1);
        let b = Counter::named("b", 4);
        let mut log = vec![
            format!("{} {}", a.name(), a.value()),
            format!("{} {}", b.name(), b.value()),
            format!("a + 2 = {}", a.increment(2)),
            format!("a = b: {}", a.same_as(&b)),
            format!("a = a: {}", a.same_as(&a)),
            counts(),
            format!("a + b = {}", a.absorb(b)),
            counts(),
        ];
        drop(a);
        log.push(counts());
        log.join("; ")
    }

    fn run_compound() -> String {
        let live = counters::live();
        let list = counters::make_list(4);
        let mut log = vec![
            format!("pair {}", counters::sum_pair(counters::make_pair())),
            format!(
                "borrowed list {}",
                counters::sum_list(&list.iter().collect::<Vec<_>>())
            ),
            format!("list {}", counters::take_list(list)),
        ];
        for some in [true, false] {
            let option = counters::make_option(some);
            log.push(format!(
                "option {} {}",
                option.is_some(),
                counters::take_option(option)
            ));
            match counters::make_result(some) {
                Ok(counter) => log.push(format!("ok {}", counter.value())),
                Err(error) => log.push(format!("error {error}")),
            }
        }
        for n in [0, 1, 3] {
            let variant = counters::make_variant(n);
            log.push(format!("variant {n} {}", counters::take_variant(variant)));
        }
        log.push(format!("live {}", counters::live() - live));
        log.join("; ")
    }

    fn run_inspect() -> u32 {
        let counter = Counter::new(5);
        inspect::peek(&counter) + inspect::consume(counter)
    }

    fn hold(n: u32) -> u32 {
        HELD.with_borrow_mut(|held| {
            held.extend((0..n).map(|_| Counter::new(1)));
            held.len() as u32
        })
    }

    fn release() -> u32 {
        HELD.take().len() as u32
    }

    fn churn(rounds: u32) -> u32 {
        (0..rounds).map(|_| Counter::new(0).increment(1)).sum()
    }

    fn borrow_through(c: &Counter) -> u32 {
        c.increment(1)
    }

    fn own_through(c: Counter) -> Counter {
        c.increment(1);
        c
    }

    fn keep(c: Counter) {
        HELD.with_borrow_mut(|held| held.push(c));
    }

    fn give_back() -> Option<Counter> {
        HELD.with_borrow_mut(Vec::pop)
    }
}

export!(User);
