//! Repeatable runs: everything that a guest observes is the same.

use std::time::{Duration, SystemTime};

use composer::runtime::{Clocks, Grants, SandboxedComponent};
use composer::{ComposableDescriptor, Composer, Runtime, Value};

use super::Probe;
use crate::support::sandbox::loaded;
use crate::support::{call, guest_path, part};

fn start() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000)
}

/// All that the probe can observe, in an order of calls.
async fn observed(part: SandboxedComponent) -> Vec<Value> {
    let probe = Probe::start("probe", part).await;
    let mut observed = Vec::new();
    for round in 0..5u32 {
        for what in [
            "random",
            "now",
            "arguments",
            "variables",
            "folders",
            "input",
        ] {
            observed.push(probe.tries(what, []).await);
        }
        observed.push(probe.tries("sleep", [(round % 3).into()]).await);
        observed.push(probe.tries("read", ["/etc/hostname".into()]).await);
        observed.push(probe.tries("connect", [1u16.into()]).await);
        observed.push(
            probe
                .tries("print", [format!("round {round}").into()])
                .await,
        );
    }
    observed
}

#[tokio::test]
async fn everything_a_guest_observes() {
    for clocks in [Clocks::Frozen(start()), Clocks::Virtual(start())] {
        let grants = Grants::none().with_clocks(clocks).with_env("A", "b");
        let part = || async {
            let part = loaded("wasi-probe").await.part();
            part.with_grants(grants.clone()).with_seed(42)
        };
        let first = observed(part().await).await;
        assert_eq!(first, observed(part().await).await);
        // On other engines, in another process's place.
        let runtime = Runtime::builder().seed(42).build().unwrap();
        let other = runtime.load_file(guest_path("wasi-probe")).await.unwrap();
        let other = other.part().with_grants(grants.clone());
        assert_eq!(first, observed(other).await);
        // It is the seed that does it.
        let seeded = part().await.with_seed(43);
        assert_ne!(first, observed(seeded).await);
    }
}

/// Instances of one part differ, and so do parts under other names.
#[tokio::test]
async fn no_two_have_the_same() {
    let part = loaded("wasi-probe").await.part().with_seed(1);
    let numbers = async |name: &str| {
        let mut composer = Composer::new();
        composer.add(ComposableDescriptor::new(name, part.clone()));
        let prepared = composer.prepare().unwrap();
        let mut numbers = Vec::new();
        for _ in 0..3 {
            let probe = Probe(prepared.compose().await.unwrap());
            numbers.push(super::number(probe.tries("random", []).await));
        }
        numbers
    };
    let (a, b) = (numbers("a").await, numbers("b").await);
    assert_eq!(a, numbers("a").await);
    let mut all = [a, b].concat();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 6);
}

/// A runtime that is given no seed tells the one it chose.
#[tokio::test]
async fn a_seed_that_was_chosen() {
    let runtimes = [Runtime::new().unwrap(), Runtime::new().unwrap()];
    assert_ne!(runtimes[0].seed(), runtimes[1].seed());
    let again = Runtime::builder().seed(runtimes[0].seed()).build().unwrap();
    let mut numbers = Vec::new();
    for runtime in [&runtimes[0], &runtimes[1], &again] {
        let loaded = runtime.load_file(guest_path("wasi-probe")).await.unwrap();
        let probe = Probe::start("probe", loaded.part()).await;
        numbers.push(super::number(probe.tries("random", []).await));
    }
    assert_eq!(numbers[0], numbers[2]);
    assert_ne!(numbers[0], numbers[1]);
}

/// Waits of WASI 0.3 take no time either.
#[tokio::test]
async fn waits_of_wasi_0_3() {
    let later = loaded("wasi-later").await.part();
    let later = later.with_grants(Grants::none().with_clocks(Clocks::Virtual(start())));
    let mut composer = Composer::new();
    composer
        .add(ComposableDescriptor::new("later", later))
        .add(ComposableDescriptor::new("base", part("text-base")));
    let composition = composer.compose().await.unwrap();
    let day = 86_400_000u32;
    let waits = [3, 1, 2].map(|days| {
        call(
            &composition,
            "test:wasi/later",
            "wait",
            [(days * day).into()],
        )
    });
    for (waited, days) in futures::future::join_all(waits)
        .await
        .into_iter()
        .zip([3, 1, 2])
    {
        assert!(super::number(waited) >= u64::from(days * day));
    }
}
