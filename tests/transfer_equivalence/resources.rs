//! Resources made in one store and used in another, with middleware between
//! them and without.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use wasmtime::Engine;
use wasmtime::component::Val;

use super::{Pair, random, sequential};
use crate::support::chain::{Chain, Function};
use crate::support::engine;
use crate::support::property::Bounded;

const CHAINS: [&[&str]; 4] = [
    &["counters", "counters-user"],
    &["counters-c", "counters-user"],
    &["counters", "counters-wrap", "counters-user"],
    &["counters-c", "counters-wrap", "counters-user"],
];

fn user(name: &str) -> Function {
    Function::new("test:resources/user@0.1.0", name)
}

fn counters(name: &str) -> Function {
    Function::new("test:resources/counters@0.1.0", name)
}

#[test]
fn transcripts() {
    check_transcripts(engine());
}

#[test]
fn transcripts_without_concurrency_support() {
    check_transcripts(sequential());
}

#[test]
fn random_calls() {
    check_random_calls(engine());
}

#[test]
fn random_calls_without_concurrency_support() {
    check_random_calls(sequential());
}

fn check_transcripts(engine: &Engine) {
    for guests in CHAINS {
        let chain = Chain::new(engine, guests);
        Bounded::new().block_on(async {
            let mut pair = Pair::start(&chain).await;
            // More than once: what a round leaves behind must be the same, too.
            for _ in 0..3 {
                for name in ["run-lifecycle", "run-compound", "run-inspect"] {
                    pair.call(&user(name), &[]).await.unwrap();
                }
                pair.call(&user("churn"), &[Val::U32(1_000)]).await.unwrap();
                pair.call(&counters("dropped"), &[]).await.unwrap();
                let live = pair.call(&counters("live"), &[]).await.unwrap();
                assert_eq!(live, Some(Val::U32(0)), "{guests:?}");
            }
        });
    }
}

/// Random calls in a row, with a look at the books after each.
fn check_random_calls(engine: &Engine) {
    let call = prop_oneof![
        select(&["run-lifecycle", "run-compound", "run-inspect", "release"])
            .prop_map(|name| (name, None)),
        (select(&["hold", "churn"]), 0..20u32).prop_map(|(name, n)| (name, Some(n))),
    ];
    let calls = vec(call, 1..8);
    for guests in CHAINS {
        random(
            &Chain::new(engine, guests),
            32,
            &calls,
            async |pair, calls| {
                for (name, arg) in calls {
                    let args: Vec<Val> = arg.map(Val::U32).into_iter().collect();
                    pair.call(&user(name), &args).await?;
                    pair.call(&counters("live"), &[]).await?;
                    pair.call(&counters("dropped"), &[]).await?;
                }
                Ok(())
            },
        );
    }
}
