//! The reset of a composition between two callers.

use std::time::Duration;

use composer::runtime::{Pool, Reset};
use composer::{CallError, ComposableDescriptor};

use super::{Host, abandon, ask, count, rest, trap, until_status};
use crate::support::counters::within;
use crate::support::engine;
use crate::support::gated::Gate;

#[tokio::test]
async fn a_caller_sees_nothing_of_those_before() {
    within(async {
        let host = Host::default();
        for warm in [0, 1] {
            let pool = host.pool().max(2).warm(warm).build().unwrap();
            for _ in 0..5 {
                let lease = pool.lease().await.unwrap();
                assert_eq!(count(&lease).await, 1u32.into());
                assert_eq!(count(&lease).await, 2u32.into());
            }
            let status = rest(&pool).await;
            assert_eq!((status.idle, status.replaced), (warm, 5));
        }
    })
    .await;
}

/// Whoever kept a way into what they had finds it closed.
#[tokio::test]
async fn a_handle_that_outlives_its_lease_leads_nowhere() {
    within(async {
        for reset in [Reset::Fresh, Reset::Keep] {
            let pool = Host::default().pool().max(1).reset(reset).build().unwrap();
            let lease = pool.lease().await.unwrap();
            let (clone, func) = (
                composer::Composition::clone(&lease),
                lease.get_func(None, "count").unwrap(),
            );
            assert_eq!(count(&lease).await, 1u32.into());
            drop(lease);
            let next = pool.lease().await.unwrap();
            assert_eq!(count(&next).await, 1u32.into());
            let error = ask(&clone, "count").await.unwrap_err();
            assert!(matches!(error, CallError::Stopped { .. }), "{error}");
            assert!(func.call_owned([]).await.is_err());
        }
    })
    .await;
}

#[tokio::test]
async fn some_are_ready_before_anybody_asks() {
    within(async {
        let host = Host::default();
        let pool = host.pool().max(4).warm(3).build().unwrap();
        until_status(&pool, "three are ready", |it| it.idle == 3).await;
        let _one = pool.lease().await.unwrap();
        until_status(&pool, "there are three again", |it| it.idle == 3).await;
        let two = pool.lease().await.unwrap();
        assert_eq!(rest(&pool).await.idle, 2, "there is no room for more");
        drop(two);
        until_status(&pool, "there is again", |it| it.idle == 3).await;
        assert_eq!(host.most(), 4);
    })
    .await;
}

fn keeping(host: &Host) -> Pool {
    let pool = host.pool().max(1).reset(Reset::Keep);
    pool.build().unwrap()
}

#[tokio::test]
async fn kept_state_is_there_for_the_next() {
    within(async {
        let pool = keeping(&Host::default());
        for n in 1..=3u32 {
            assert_eq!(count(&pool.lease().await.unwrap()).await, n.into());
        }
        let status = pool.status();
        assert_eq!((status.started, status.replaced, status.idle), (1, 0, 1));
    })
    .await;
}

#[tokio::test]
async fn what_died_is_not_handed_out_again() {
    within(async {
        let pool = keeping(&Host::default());
        let lease = pool.lease().await.unwrap();
        count(&lease).await;
        trap(&lease).await;
        drop(lease);
        assert_eq!(count(&pool.lease().await.unwrap()).await, 1u32.into());
        assert_eq!(pool.status().replaced, 1);
    })
    .await;
}

#[tokio::test]
async fn nor_what_died_while_it_was_idle() {
    within(async {
        let pool = keeping(&Host::default());
        let lease = pool.lease().await.unwrap();
        count(&lease).await;
        let weak = lease.downgrade();
        drop(lease);
        assert_eq!(pool.status().idle, 1);
        trap(&weak.upgrade().unwrap()).await;
        assert_eq!(count(&pool.lease().await.unwrap()).await, 1u32.into());
        assert_eq!(pool.status().replaced, 1);
    })
    .await;
}

#[tokio::test]
async fn nor_what_its_caller_gave_up_or_ended() {
    within(async {
        let pool = keeping(&Host::default());
        let lease = pool.lease().await.unwrap();
        count(&lease).await;
        lease.discard();
        let lease = pool.lease().await.unwrap();
        assert_eq!(count(&lease).await, 1u32.into());
        lease.shutdown(Duration::ZERO).await;
        drop(lease);
        assert_eq!(count(&pool.lease().await.unwrap()).await, 1u32.into());
        assert_eq!(pool.status().replaced, 2);
    })
    .await;
}

/// The next caller waits for the end of a call that nobody waits for.
#[tokio::test]
async fn a_call_in_flight_is_waited_for() {
    within(async {
        let (host, gate) = Host::gated();
        let pool = host.pool().max(1).reset(Reset::Keep);
        let pool = pool.drain(Duration::from_secs(60)).build().unwrap();
        let lease = pool.lease().await.unwrap();
        count(&lease).await;
        abandon(&lease, &gate).await;
        drop(lease);
        assert_eq!((pool.status().leaving, pool.status().idle), (1, 0));
        assert!(pool.try_lease().await.is_err());
        gate.open();
        assert_eq!(count(&pool.lease().await.unwrap()).await, 2u32.into());
    })
    .await;
}

async fn replaced_in_flight(pool: Pool, gate: Gate) {
    let lease = pool.lease().await.unwrap();
    count(&lease).await;
    abandon(&lease, &gate).await;
    drop(lease);
    assert_eq!(count(&pool.lease().await.unwrap()).await, 1u32.into());
    assert_eq!(pool.status().replaced, 1);
}

#[tokio::test(start_paused = true)]
async fn but_not_for_ever() {
    for reset in [Reset::Fresh, Reset::Keep] {
        for drain in [Duration::ZERO, Duration::from_secs(3600)] {
            let (host, gate) = Host::gated();
            let pool = host.pool().max(1).reset(reset).drain(drain);
            replaced_in_flight(pool.build().unwrap(), gate).await;
        }
    }
}

#[tokio::test]
async fn a_lease_can_be_dropped_anywhere() {
    within(async {
        let host = Host::default();
        let pool = host.pool().max(1).build().unwrap();
        let lease = pool.lease().await.unwrap();
        std::thread::spawn(move || drop(lease)).join().unwrap();
        assert_eq!(count(&pool.lease().await.unwrap()).await, 1u32.into());
        rest(&pool).await;
        assert_eq!(host.alive(), 0);
    })
    .await;
}

/// A composition whose components were changed is not lent again.
#[tokio::test]
async fn one_that_was_changed_is_not_kept() {
    within(async {
        let host = Host::default();
        let pool = host.pool().max(1).reset(Reset::Keep).build().unwrap();
        drop(pool.lease().await.unwrap());
        assert_eq!(pool.status().started, 1);
        let lease = pool.lease().await.unwrap();
        let plain = composer::component_from_bytes(engine(), "empty", b"(component)").unwrap();
        let more = ComposableDescriptor::new("more", plain);
        let more = lease.add(more).await.unwrap();
        drop((more, lease));
        let lease = pool.lease().await.unwrap();
        assert_eq!(pool.status().started, 2);
        assert!(lease.component("more").is_err());
    })
    .await;
}
