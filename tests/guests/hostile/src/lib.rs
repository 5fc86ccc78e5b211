//! Goes wrong in as many ways as there are functions.

use exports::test::hostile::faults::Guest;
use std::hint::black_box;
use std::num::NonZeroU32;

wit_bindgen::generate!({
    path: [
        "../../wit/resources",
        "../../wit/text",
        "../../wit/hostile",
    ],
    world: "test:hostile/hostile",
});

struct Hostile;

/// A function of its own, so that backtraces have more to show than an export.
#[inline(never)]
fn execute_unreachable() -> ! {
    black_box(()); // or it is merged with std's `abort`, which then has its name
    core::arch::wasm32::unreachable()
}

/// `black_box` keeps the optimiser from making this a loop.
#[expect(unconditional_recursion)]
#[inline(never)]
fn recurse(depth: u32) -> u32 {
    black_box(recurse(black_box(depth + 1))) ^ depth
}

impl Guest for Hostile {
    fn ok() -> u32 {
        42
    }

    fn trap() {
        execute_unreachable()
    }

    fn panic(message: String) {
        panic!("{message}")
    }

    fn spin() {
        loop {
            black_box(());
        }
    }

    fn grow(pages: u32) -> u32 {
        for _ in 0..pages {
            black_box(vec![1u8; 65_536].leak());
        }
        core::arch::wasm32::memory_size(0) as u32
    }

    fn overflow_stack() -> u32 {
        recurse(0)
    }

    fn divide_by_zero() -> u32 {
        // A lie, so that the division is not preceded by a check that panics.
        42 / unsafe { NonZeroU32::new_unchecked(black_box(0)) }
    }

    fn out_of_bounds() -> u32 {
        unsafe { std::ptr::without_provenance::<u32>(0xffff_fff0).read_volatile() }
    }

    async fn async_trap() {
        // Not in the call itself, but when the task goes on.
        wit_bindgen::yield_async().await;
        execute_unreachable()
    }

    async fn async_hang() {
        // The task waits for a wake-up that nobody sends; to be able to, it
        // needs wit-bindgen's feature `inter-task-wakeup`.
        std::future::pending().await
    }
}

export!(Hostile);
