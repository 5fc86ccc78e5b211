//! Starts that fail, or panic.

use std::sync::atomic::Ordering;

use composer::runtime::{Lease, Pool};
use composer::{LeaseError, PoolError, StartError};
use futures::future::join_all;

use super::{Host, count, rest, until_status};
use crate::support::counters::within;

fn did_not_start(lease: Result<Lease, LeaseError>) -> bool {
    matches!(
        lease,
        Err(LeaseError::Start {
            error: StartError::Instantiate { .. },
            ..
        })
    )
}

#[tokio::test]
async fn the_next_caller_tries_again() {
    within(async {
        let host = Host::default();
        let pool = host.pool().max(1).build().unwrap();
        host.failing.store(1, Ordering::SeqCst);
        let error = pool.lease().await.unwrap_err();
        let text = error.to_string();
        let begin = "pool `versions` could not start a composition: component `version` failed";
        assert!(text.starts_with(begin), "{text}");
        assert!(did_not_start(Err(error)));
        assert_eq!(count(&pool.lease().await.unwrap()).await, 1u32.into());
        let status = rest(&pool).await;
        assert_eq!((status.failed, status.started), (1, 1));
        assert_eq!((host.alive(), host.most()), (0, 1));
    })
    .await;
}

/// One failure is one caller's, and those behind have a start of their own.
#[tokio::test]
async fn a_failure_is_told_once() {
    within(async {
        for max in [1, 3] {
            let host = Host::default();
            let pool = host.pool().max(max).build().unwrap();
            host.failing.store(2, Ordering::SeqCst);
            let leases = join_all((0..5).map(|_| async {
                let lease = pool.lease().await;
                did_not_start(lease)
            }));
            let failed = leases.await;
            assert_eq!(failed.iter().filter(|failed| **failed).count(), 2);
            assert_eq!(rest(&pool).await.failed, 2);
            assert_eq!(host.alive(), 0);
        }
    })
    .await;
}

/// What nobody has asked for is not started again and again.
#[tokio::test]
async fn a_warm_start_that_failed_waits_for_a_caller() {
    within(async {
        let host = Host::default();
        host.failing.store(1, Ordering::SeqCst);
        let pool = host.pool().warm(1).build().unwrap();
        until_status(&pool, "it has failed", |it| it.failed == 1).await;
        let status = rest(&pool).await;
        assert_eq!((status.started, status.failed), (0, 1));
        let _lease = pool.lease().await.unwrap();
        until_status(&pool, "another is ready", |it| it.idle == 1).await;
    })
    .await;
}

#[tokio::test]
async fn a_panic_is_the_callers() {
    within(async {
        let host = Host::default();
        let pool = host.pool().max(1).build().unwrap();
        host.panicking.store(1, Ordering::SeqCst);
        let caller = pool.clone();
        let caller = tokio::spawn(async move { drop(caller.lease().await) });
        assert!(caller.await.unwrap_err().is_panic());
        let status = rest(&pool).await;
        assert_eq!((status.failed, status.started), (1, 0));
        assert_eq!(count(&pool.lease().await.unwrap()).await, 1u32.into());
    })
    .await;
}

#[test]
fn there_is_a_tokio_runtime_or_an_error() {
    let prepared = Host::default().prepared();
    let error = Pool::builder(&prepared).build().unwrap_err();
    assert!(matches!(error, PoolError::NoRuntime));
    // One that has ended starts nothing, but keeps nobody waiting.
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let other = tokio::runtime::Runtime::new().unwrap();
    let entered = runtime.enter();
    let pool = Pool::builder(&prepared).build().unwrap();
    drop(entered);
    drop(runtime);
    let error = other.block_on(pool.lease()).unwrap_err();
    let LeaseError::Start { error, .. } = error else {
        panic!("{error}");
    };
    assert!(matches!(error, StartError::NoRuntime));
    assert_eq!(pool.status().failed, 1);
}
