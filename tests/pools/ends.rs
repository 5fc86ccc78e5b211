//! The end of a pool.

use std::time::Duration;

use composer::runtime::Reset;
use composer::{CallError, Runtime};

use super::{Host, abandon, ask, count, is_closed, poll_once, rest, tasks, until_status};
use crate::support::counters::{until, within};
use crate::support::gated::Gate;

const AMPLE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn closing_waits_for_what_is_lent() {
    within(async {
        let before = tasks();
        let host = Host::default();
        let pool = host.pool().max(3).warm(2).build().unwrap();
        let lease = pool.lease().await.unwrap();
        until_status(&pool, "two are ready", |it| it.idle == 2).await;
        let rest = (pool.lease().await.unwrap(), pool.lease().await.unwrap());
        let mut waiting = Box::pin(pool.lease());
        assert!(poll_once(&mut waiting).is_pending());

        let mut closing = Box::pin(pool.close(AMPLE));
        assert!(poll_once(&mut closing).is_pending());
        assert!(is_closed(&waiting.await));
        assert!(is_closed(&pool.lease().await));
        assert!(is_closed(&pool.try_lease().await));
        assert_eq!(count(&lease).await, 1u32.into());
        drop(rest);
        assert!(poll_once(&mut closing).is_pending());
        drop(lease);
        let closed = closing.await;
        assert_eq!((closed.cut_off, closed.stuck), (0, 0));
        assert_eq!(host.alive(), 0);
        until("no task is left", || tasks() == before).await;
        // A second time there is nothing to do.
        assert_eq!(pool.close(Duration::ZERO).await, closed);
    })
    .await;
}

#[tokio::test]
async fn closing_cuts_off_what_does_not_come_back() {
    within(async {
        let before = tasks();
        let (host, gate) = Host::gated();
        let pool = host.pool().max(2).reset(Reset::Keep).build().unwrap();
        drop(pool.lease().await.unwrap());
        let lease = pool.lease().await.unwrap();
        let slow = lease.get_func(None, "slow-base").unwrap();
        let call = tokio::spawn(async move { slow.call_owned([]).await });
        gate.waiting().await;
        let closed = pool.close(Duration::ZERO).await;
        assert_eq!((closed.cut_off, closed.stuck), (1, 0));
        let error = call.await.unwrap().unwrap_err();
        assert!(matches!(error, CallError::Stopped { .. }), "{error}");
        assert!(ask(&lease, "count").await.is_err());
        assert_eq!(host.alive(), 0);
        drop(lease);
        until("no task is left", || tasks() == before).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dropping_the_last_handle_ends_it() {
    within(async {
        let before = tasks();
        let host = Host::default();
        let runtime = Runtime::builder().max_instances(9).build().unwrap();
        for reset in [Reset::Fresh, Reset::Keep] {
            let pool = runtime.pool(&host.prepared()).warm(3).reset(reset);
            let pool = pool.build().unwrap();
            let lease = pool.lease().await.unwrap();
            until_status(&pool, "three are ready", |it| it.idle == 3).await;
            let clone = pool.clone();
            drop(pool);
            assert_eq!(clone.status().idle, 3);
            drop(clone);
            until("what was idle is gone", || host.alive() == 1).await;
            // What is lent is good until it comes back.
            assert_eq!(count(&lease).await, 1u32.into());
            drop(lease);
            until("all is gone", || host.alive() == 0 && tasks() == before).await;
            assert_eq!(runtime.pooled_instances(), 0);
        }
    })
    .await;
}

#[tokio::test]
async fn and_so_does_what_is_being_started_then() {
    within(async {
        let before = tasks();
        let start = Gate::new();
        let host = Host {
            start: Some(start.clone()),
            ..Host::default()
        };
        let pool = host.pool().warm(2).build().unwrap();
        start.waiting().await;
        start.waiting().await;
        drop(pool);
        start.open();
        start.open();
        until("all is gone", || host.alive() == 0 && tasks() == before).await;
    })
    .await;
}

#[tokio::test]
async fn it_ends_with_its_runtime() {
    within(async {
        let before = tasks();
        let host = Host::default();
        let runtime = Runtime::new().unwrap();
        let pool = || runtime.pool(&host.prepared()).name("versions");
        let (busy, idle) = (
            pool().warm(1).build().unwrap(),
            pool().warm(2).build().unwrap(),
        );
        let lease = busy.lease().await.unwrap();
        until_status(&idle, "two are ready", |it| it.idle == 2).await;

        let mut ending = Box::pin(runtime.shutdown(AMPLE));
        assert!(poll_once(&mut ending).is_pending());
        assert!(is_closed(&busy.lease().await));
        assert!(is_closed(&idle.lease().await));
        let error = pool().build().unwrap_err();
        assert_eq!(
            error.to_string(),
            "pool `versions` is not built: the runtime has been shut down"
        );
        assert_eq!(count(&lease).await, 1u32.into());
        drop(lease);
        let ends = ending.await;
        assert!(ends.compositions.is_empty());
        let ends = ends.pools.iter().map(|pool| (pool.cut_off, pool.stuck));
        assert_eq!(ends.collect::<Vec<_>>(), [(0, 0); 2]);
        assert_eq!((host.alive(), runtime.pooled_instances()), (0, 0));
        until("no task is left", || tasks() == before).await;
    })
    .await;
}

#[tokio::test]
async fn it_is_stopped_when_its_runtime_is_dropped() {
    within(async {
        let (host, gate) = Host::gated();
        let runtime = Runtime::new().unwrap();
        let pool = runtime.pool(&host.prepared()).name("versions").warm(1);
        let pool = pool.build().unwrap();
        let lease = pool.lease().await.unwrap();
        let slow = lease.get_func(None, "slow-base").unwrap();
        let call = tokio::spawn(async move { slow.call_owned([]).await });
        gate.waiting().await;
        drop(runtime);
        let error = call.await.unwrap().unwrap_err();
        assert!(matches!(error, CallError::Stopped { .. }), "{error}");
        assert!(is_closed(&pool.lease().await));
        drop(lease);
        until("all are gone", || host.alive() == 0).await;
    })
    .await;
}

/// It is as good as no limit, also where no clock counts that far.
#[tokio::test]
async fn a_time_without_end() {
    within(async {
        let before = tasks();
        let (host, gate) = Host::gated();
        for (reset, kept) in [(Reset::Keep, 1), (Reset::Fresh, 0)] {
            let pool = host.pool().max(1).reset(reset).drain(Duration::MAX);
            let pool = pool.build().unwrap();
            let lease = pool.lease().await.unwrap();
            // A call goes on when its composition comes back.
            abandon(&lease, &gate).await;
            drop(lease);
            until_status(&pool, "it is on its way", |it| it.leaving == 1).await;
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            assert_eq!(pool.status().leaving, 1);
            gate.open();
            assert_eq!(rest(&pool).await.idle, kept);

            let lease = pool.lease().await.unwrap();
            let mut closing = Box::pin(pool.close(Duration::MAX));
            assert!(poll_once(&mut closing).is_pending());
            drop(lease);
            let closed = closing.await;
            assert_eq!((closed.cut_off, closed.stuck), (0, 0));
        }
        assert_eq!(host.alive(), 0);
        until("no task is left", || tasks() == before).await;
    })
    .await;
}
