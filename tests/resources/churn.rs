//! Making, using and dropping resources many times leaves nothing behind.
//!
//! The stores here have room for a hundred handles, so that even an occasional leak in
//! one of wasmtime's tables soon ends the store.

use composer::{ComposableDescriptor, Composer, Value};

use crate::support::alone::{alone, resident};
use crate::support::counters::{COUNTERS, Counters, OWNERS, RELAY, USER, number, own, within};
use crate::support::part_in;

/// An owner, with guests that use its counters, in small stores.
async fn narrow(owner: &str) -> Counters {
    let mut composer = Composer::new();
    for (name, guest) in [
        ("owner", owner),
        ("counters-user", "counters-user"),
        ("counters-relay", "counters-relay"),
    ] {
        let part = part_in(guest, |store| store.set_max_component_handles(100));
        composer.add(ComposableDescriptor::new(name, part));
    }
    Counters::run(composer).await
}

/// How many KiB a test may seem to grow by that does not: the system counts
/// in large steps.
const UNCLEAR: i64 = 512;

const ROUNDS: u32 = 1_000_000;

/// Two stores, half of the rounds for each owner.
#[test]
fn a_million_rounds() {
    alone("resources::churn::a_million_rounds", async {
        for owner in OWNERS {
            let counters = narrow(owner).await;
            let churn = async |rounds: u32| {
                let churn = counters.call("counters-user", USER, "churn", [rounds.into()]);
                assert_eq!(number(within(churn).await), rounds);
                assert_eq!(counters.tables("counters-user"), (0, 0));
            };
            churn(10_000).await;
            let before = resident();
            let chunks = ROUNDS / 2 / 10_000;
            for _ in 0..chunks {
                churn(10_000).await;
            }
            let grown = resident() - before;
            println!("{owner}: {before} KiB, {grown} KiB more after {chunks}0000 rounds");
            assert!(grown < UNCLEAR);
            assert_eq!(counters.live().await, 0);
            assert_eq!(counters.dropped().await, (chunks + 1) * 10_000);
        }
    });
}

/// The host's handles in every role, and calls that are refused or abandoned.
async fn round_trip(counters: &Counters) {
    let user =
        async |name, args: [Value; 1]| counters.call("counters-user", USER, name, args).await;
    let counter = counters.make(1).await;
    user("borrow-through", [counter.borrow().into()]).await;
    let counter = own(user("own-through", [counter.into()]).await);
    let args = [counter.into()];
    let counter = own(counters
        .call("counters-relay", RELAY, "pass-own", args)
        .await);
    user("keep", [counter.into()]).await;
    drop(counters.call("counters-user", USER, "give-back", []).await);

    let pair = counters.ask("make-pair", []).await;
    let pair = counters.call("counters-relay", RELAY, "swap", [pair]).await;
    counters.ask("sum-pair", [pair]).await;
    let list = counters.ask("make-list", [5u32.into()]).await;
    counters.ask("take-list", [list]).await;
    counters
        .call("counters-user", USER, "run-compound", [])
        .await;

    let counter = counters.make(1).await;
    let borrow = counter.borrow();
    let take = counters.try_call("counters-relay", RELAY, "pass-own", [counter.into()]);
    take.await.unwrap_err();
    drop(borrow);
    let make_list = counters
        .owner
        .get_func(Some(COUNTERS), "make-list")
        .unwrap();
    let abandoned = tokio::spawn(async move { make_list.call_owned([5u32.into()]).await });
    tokio::task::yield_now().await;
    abandoned.abort();
}

#[test]
fn rounds_of_everything() {
    alone("resources::churn::rounds_of_everything", async {
        for owner in OWNERS {
            let counters = narrow(owner).await;
            for _ in 0..200 {
                within(round_trip(&counters)).await;
            }
            within(counters.none_left()).await;
            let before = resident();
            for _ in 0..1000 {
                within(round_trip(&counters)).await;
            }
            within(counters.none_left()).await;
            let grown = resident() - before;
            println!("{owner}: {before} KiB, {grown} KiB more");
            assert!(grown < UNCLEAR);
        }
    });
}
