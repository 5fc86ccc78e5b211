//! Futures of leases that are dropped at every point where they wait.

use composer::Runtime;
use composer::runtime::Reset;

use super::{Host, count, poll_once, rest, tasks, until_status};
use crate::support::counters::{until, within};
use crate::support::gated::Gate;

/// Lets others have so many turns.
async fn turns(count: usize) {
    for _ in 0..count {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn dropped_after_any_number_of_polls() {
    within(async {
        let before = tasks();
        let host = Host::default();
        let runtime = Runtime::builder().max_instances(2).build().unwrap();
        let pool = runtime.pool(&host.prepared()).max(2).build().unwrap();
        let mut came = 0;
        for polls in 0..12 {
            for between in 0..6 {
                let mut lease = Box::pin(pool.lease());
                for _ in 0..polls {
                    if let std::task::Poll::Ready(lease) = poll_once(&mut lease) {
                        drop(lease.unwrap());
                        came += 1;
                        break;
                    }
                    turns(between).await;
                }
                drop(lease);
                let status = rest(&pool).await;
                assert_eq!((status.leased, status.waiting, status.idle), (0, 0, 0));
                assert_eq!((host.alive(), runtime.pooled_instances()), (0, 0));
            }
        }
        assert!(came > 0, "some have come to the end");
        until("no task is left", || tasks() == before).await;
        assert_eq!(host.most(), 1);
        assert_eq!(count(&pool.lease().await.unwrap()).await, 1u32.into());
    })
    .await;
}

/// What was being started goes to whoever is next.
#[tokio::test]
async fn while_one_is_started() {
    within(async {
        let start = Gate::new();
        let host = Host {
            start: Some(start.clone()),
            ..Host::default()
        };
        let pool = host.pool().max(1).build().unwrap();
        let mut first = Box::pin(pool.lease());
        let mut second = Box::pin(pool.lease());
        assert!(poll_once(&mut first).is_pending());
        assert!(poll_once(&mut second).is_pending());
        start.waiting().await;
        drop(first);
        start.open();
        assert_eq!(count(&second.await.unwrap()).await, 1u32.into());
        assert_eq!(pool.status().started, 1);

        // If nobody is, it ends.
        rest(&pool).await;
        let mut third = Box::pin(pool.lease());
        assert!(poll_once(&mut third).is_pending());
        start.waiting().await;
        drop(third);
        assert_eq!((pool.status().starting, host.alive()), (1, 1));
        start.open();
        let status = rest(&pool).await;
        assert_eq!((status.idle, status.started, host.alive()), (0, 2, 0));
    })
    .await;
}

/// What was given to somebody who has left is given to the next.
#[tokio::test]
async fn after_it_was_given_one() {
    within(async {
        let host = Host::default();
        let pool = host.pool().max(1).reset(Reset::Keep).build().unwrap();
        let held = pool.lease().await.unwrap();
        let mut first = Box::pin(pool.lease());
        assert!(poll_once(&mut first).is_pending());
        let second = tokio::spawn({
            let pool = pool.clone();
            async move { pool.lease().await.unwrap() }
        });
        until_status(&pool, "both wait", |it| it.waiting == 2).await;
        drop(held);
        let status = pool.status();
        assert_eq!((status.leased, status.waiting), (1, 1));
        drop(first);
        drop(second.await.unwrap());
        let status = pool.status();
        assert_eq!((status.idle, status.started), (1, 1));
    })
    .await;
}
