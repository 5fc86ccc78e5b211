//! Pools whose compositions fail again and again.

use std::sync::atomic::Ordering;
use std::time::Duration;

use composer::runtime::{Lease, Pool, Reset};
use composer::{LeaseError, StartError};
use futures::future::join_all;

use super::{Host, abandon, count, poll_once, rest, trap, until_status};
use crate::support::counters::{until, within};

const HOUR: Duration = Duration::from_secs(60 * 60);

/// One that forgives three failures in an hour.
fn pool(host: &Host) -> Pool {
    let pool = host.pool().max(2).reset(Reset::Keep);
    pool.max_failures(3, HOUR).build().unwrap()
}

async fn crash(pool: &Pool) {
    let lease = pool.lease().await.unwrap();
    trap(&lease).await;
}

fn resting(error: &LeaseError) -> Duration {
    match error {
        LeaseError::Resting { rest, .. } => *rest,
        error => panic!("{error}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_crash_loop_comes_to_rest() {
    let host = Host::default();
    let pool = pool(&host);
    for crashed in 1..=4 {
        assert_eq!(pool.status().rests, None);
        crash(&pool).await;
        assert_eq!(pool.status().crashed, crashed);
    }
    rest(&pool).await;
    for _ in 0..3 {
        let error = pool.lease().await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "pool `versions` rests for 1200s: more than 3 of its compositions failed \
             within 3600s"
        );
        let error = pool.try_lease().await.unwrap_err();
        assert_eq!(resting(&error), HOUR / 3);
    }
    let status = pool.status();
    assert_eq!((status.started, status.rests), (4, Some(HOUR / 3)));
    assert_eq!((host.alive(), host.most()), (0, 1));

    // One is forgotten, and one more may fail.
    tokio::time::advance(HOUR / 3).await;
    assert_eq!(pool.status().rests, None);
    crash(&pool).await;
    rest(&pool).await;
    assert_eq!(resting(&pool.lease().await.unwrap_err()), HOUR / 3);
    // All are.
    tokio::time::advance(2 * HOUR).await;
    for _ in 0..4 {
        crash(&pool).await;
    }
    rest(&pool).await;
    assert!(pool.lease().await.is_err());
    assert_eq!(pool.status().started, 9);
}

#[tokio::test]
async fn starts_that_fail_count() {
    within(async {
        let host = Host::default();
        let pool = pool(&host);
        host.failing.store(100, Ordering::SeqCst);
        let leases = join_all((0..50).map(|_| pool.lease())).await;
        let errors = leases.into_iter().map(Result::unwrap_err);
        let (mut failed, mut refused) = (0, 0);
        for error in errors {
            match error {
                LeaseError::Start {
                    error: StartError::Instantiate { .. },
                    ..
                } => failed += 1,
                error => refused += u32::from(!resting(&error).is_zero()),
            }
        }
        // Two are started at once.
        assert!((4..=5).contains(&failed), "{failed}");
        assert_eq!(failed + refused, 50);
        assert_eq!(u64::from(failed), pool.status().failed);
    })
    .await;
}

#[tokio::test]
async fn and_what_is_given_up() {
    within(async {
        let host = Host::default();
        let pool = pool(&host);
        for _ in 0..4 {
            pool.lease().await.unwrap().discard();
        }
        rest(&pool).await;
        resting(&pool.lease().await.unwrap_err());
        assert_eq!(pool.status().crashed, 4);
    })
    .await;
}

/// It hurts nobody who has one that is well.
#[tokio::test]
async fn what_is_idle_is_lent_all_the_same() {
    within(async {
        let host = Host::default();
        let pool = pool(&host);
        let well = pool.lease().await.unwrap();
        for _ in 0..4 {
            crash(&pool).await;
        }
        rest(&pool).await;
        resting(&pool.lease().await.unwrap_err());
        assert_eq!(count(&well).await, 1u32.into());
        drop(well);
        let well = pool.lease().await.unwrap();
        assert_eq!(count(&well).await, 2u32.into());
        resting(&pool.lease().await.unwrap_err());
    })
    .await;
}

/// Who waits for a place that comes free hears of it too.
#[tokio::test]
async fn who_has_waited_hears_of_it() {
    within(async {
        let host = Host::default();
        let pool = host.pool().max(1).max_failures(0, HOUR).build().unwrap();
        let lease = pool.lease().await.unwrap();
        let mut waiting = Box::pin(pool.lease());
        assert!(poll_once(&mut waiting).is_pending());
        trap(&lease).await;
        drop(lease);
        resting(&waiting.await.unwrap_err());
    })
    .await;
}

/// Warm ones are not started behind everybody's back.
#[tokio::test(start_paused = true)]
async fn nothing_is_started_ahead_meanwhile() {
    let host = Host::default();
    let pool = host.pool().max(2).warm(1).max_failures(0, HOUR);
    let pool = pool.build().unwrap();
    until_status(&pool, "one is ready", |it| it.idle == 1).await;
    crash(&pool).await;
    rest(&pool).await;
    // The one that took its place when it was lent.
    drop(pool.lease().await.unwrap());
    let status = rest(&pool).await;
    assert_eq!((status.idle, status.started), (0, 2));
    resting(&pool.lease().await.unwrap_err());
    assert_eq!(rest(&pool).await.started, 2);
    tokio::time::advance(2 * HOUR).await;
    drop(pool.lease().await.unwrap());
    until_status(&pool, "one is ready", |it| it.idle == 1).await;
}

/// Calls that run, or are about to.
fn calls(lease: &Lease) -> usize {
    let status = lease.component("version").unwrap().status();
    status.queued + status.in_flight
}

/// It comes back with a call in flight, and dies of that.
#[tokio::test]
async fn what_dies_on_its_way_back_counts() {
    within(async {
        let (host, gate) = Host::gated();
        let pool = host.pool().max(1).drain(Duration::from_secs(60));
        let pool = pool.reset(Reset::Keep).build().unwrap();
        let lease = pool.lease().await.unwrap();
        let dies = lease.get_func(None, "trap").unwrap();
        abandon(&lease, &gate).await;
        let call = tokio::spawn(async move { dies.call_owned([]).await });
        until("it is called", || calls(&lease) == 2).await;
        drop(lease);
        assert_eq!(pool.status().crashed, 0);
        gate.open();
        assert!(call.await.unwrap().is_err());
        assert_eq!(rest(&pool).await.crashed, 1);
    })
    .await;
}

/// What its caller has ended did not fail.
#[tokio::test]
async fn an_end_is_no_failure() {
    within(async {
        let pool = pool(&Host::default());
        for _ in 0..9 {
            let lease = pool.lease().await.unwrap();
            lease.shutdown(Duration::ZERO).await;
        }
        assert_eq!(rest(&pool).await.crashed, 0);
        assert_eq!(pool.status().rests, None);
    })
    .await;
}
