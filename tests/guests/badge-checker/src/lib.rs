//! Gets a resource that its world itself has.

use std::cell::RefCell;

wit_bindgen::generate!({
    path: "../../wit/things",
    world: "test:things/badge-guest",
});

thread_local! {
    static KEPT: RefCell<Option<Badge>> = const { RefCell::new(None) };
}

struct Checker;

impl Guest for Checker {
    fn check(badge: &Badge) -> u32 {
        badge.number()
    }

    fn keep(badge: Badge) {
        KEPT.set(Some(badge));
    }

    fn give_back() -> Option<Badge> {
        KEPT.take()
    }
}

export!(Checker);
