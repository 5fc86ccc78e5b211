//! The maximum of a pool, and the order in which callers are served.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use composer::LeaseError;
use composer::runtime::Reset;
use futures::future::join_all;

use super::{Host, count, poll_once, rest, until_status};
use crate::support::counters::within;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn never_more_than_the_maximum() {
    within(async {
        for reset in [Reset::Fresh, Reset::Keep] {
            let host = Host::default();
            let pool = host.pool().max(7).warm(2).reset(reset).build().unwrap();
            let callers = (0..200).map(|_| {
                let pool = pool.clone();
                tokio::spawn(async move {
                    let lease = pool.lease().await.unwrap();
                    count(&lease).await;
                    assert!(pool.status().leased <= 7);
                })
            });
            for caller in join_all(callers).await {
                caller.unwrap();
            }
            assert!(host.most() <= 7, "{}", host.most());
            let status = rest(&pool).await;
            assert_eq!((status.leased, status.waiting), (0, 0));
            assert_eq!(host.alive(), status.idle);
            if reset == Reset::Keep {
                assert!(status.started <= 7, "{status:?}");
            }
            let all = join_all((0..7).map(|_| pool.lease())).await;
            assert_eq!(host.alive(), 7);
            assert!(pool.try_lease().await.is_err());
            drop(all);
        }
    })
    .await;
}

#[tokio::test]
async fn who_comes_first_is_served_first() {
    within(async {
        for reset in [Reset::Fresh, Reset::Keep] {
            let pool = Host::default().pool().max(1).reset(reset).build().unwrap();
            let held = pool.lease().await.unwrap();
            let order = Arc::new(Mutex::new(Vec::new()));
            let mut callers = Vec::new();
            for n in 0..6usize {
                let (caller, order) = (pool.clone(), order.clone());
                callers.push(tokio::spawn(async move {
                    let _lease = caller.lease().await.unwrap();
                    order.lock().unwrap().push(n);
                }));
                until_status(&pool, "it waits", |it| it.waiting == n + 1).await;
            }
            // Who leaves the queue holds up nobody behind.
            callers.remove(2).abort();
            until_status(&pool, "it has left", |it| it.waiting == 5).await;
            drop(held);
            join_all(callers).await;
            assert_eq!(*order.lock().unwrap(), [0, 1, 3, 4, 5]);
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn waits_until_a_deadline() {
    let pool = Host::default().pool().max(1).build().unwrap();
    let held = pool.lease().await.unwrap();
    let day = Duration::from_secs(24 * 60 * 60);
    let error = pool.lease_within(day).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "pool `versions` had no composition to lend within 86400s: 1 of at most 1 are lent"
    );
    assert!(matches!(error, LeaseError::Timeout { waited, .. } if waited == day));
    assert_eq!(pool.status().waiting, 0);
    drop(held);
    assert_eq!(
        count(&pool.lease_within(day).await.unwrap()).await,
        1u32.into()
    );
}

#[tokio::test]
async fn or_is_refused_at_once() {
    within(async {
        let pool = Host::default().pool().max(2).build().unwrap();
        // Where there is room, one is started.
        let one = pool.try_lease().await.unwrap();
        let two = pool.try_lease().await.unwrap();
        // A refusal takes one look.
        let mut refused = Box::pin(pool.try_lease());
        let std::task::Poll::Ready(Err(error)) = poll_once(&mut refused) else {
            panic!("it waits");
        };
        assert_eq!(
            error.to_string(),
            "pool `versions` has no composition to spare: 2 of at most 2 are lent"
        );
        assert!(matches!(error, LeaseError::Exhausted { max: 2, .. }));
        // Nor does anybody come before those who wait.
        let mut waiting = Box::pin(pool.lease());
        assert!(poll_once(&mut waiting).is_pending());
        drop(one);
        assert!(pool.try_lease().await.is_err());
        let next = waiting.await.unwrap();
        drop((two, next));
        rest(&pool).await;
        pool.try_lease().await.unwrap();
    })
    .await;
}
