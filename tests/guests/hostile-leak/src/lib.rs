//! Forgets the handles it creates.

use exports::test::hostile::leaks::Guest;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use test::resources::counters::Counter;

wit_bindgen::generate!({
    path: [
        "../../wit/resources",
        "../../wit/text",
        "../../wit/hostile",
    ],
    world: "test:hostile/hostile-leak",
    generate_all,
});

static LEAKED: AtomicU32 = AtomicU32::new(0);

struct Leak;

impl Guest for Leak {
    fn leak(n: u32) -> u32 {
        for start in 0..n {
            std::mem::forget(Counter::new(start));
            LEAKED.fetch_add(1, Relaxed);
        }
        LEAKED.load(Relaxed)
    }
}

export!(Leak);
