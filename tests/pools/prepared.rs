//! The setup of a composition before it is leased, and its end.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use composer::runtime::{Pool, PoolBuilder, Reset, TypedPool, TypedPoolBuilder};
use composer::{CallError, Composition, LeaseError};

use super::{Counted, until_status};
use super::{Host, abandon, ask, count, is_closed, one_less, poll_once, rest, tasks, trap};
use crate::support::counters::{until, within};
use crate::support::gated::Gate;

#[derive(Debug)]
struct Unwilling(&'static str);

impl fmt::Display for Unwilling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it is unwilling to {}", self.0)
    }
}

impl std::error::Error for Unwilling {}

/// What is made of a composition: it has been called once.
struct Counting {
    composition: Composition,
    first: composer::Value,
}

/// Says what happened to compositions, and makes trouble.
#[derive(Clone, Default)]
struct Keeper {
    begun: Counted,
    ended: Counted,
    refusing: Arc<AtomicUsize>,
    panicking: Arc<AtomicUsize>,
    /// Where a beginning, and an end, wait.
    gate: Option<Gate>,
}

impl Keeper {
    fn pool(&self, builder: PoolBuilder) -> TypedPoolBuilder<Counting> {
        let (starts, ends) = (self.clone(), self.clone());
        builder
            .on_start(move |composition| starts.clone().begin(composition))
            .on_end(move |counting| ends.clone().end(counting))
    }

    async fn begin(self, composition: Composition) -> Result<Counting, Unwilling> {
        self.begun.one();
        if let Some(gate) = &self.gate {
            gate.pass().await;
        }
        assert!(!one_less(&self.panicking), "as it was told");
        let first = count(&composition).await;
        match one_less(&self.refusing) {
            true => Err(Unwilling("begin")),
            false => Ok(Counting { composition, first }),
        }
    }

    async fn end(self, counting: Arc<Counting>) {
        // It takes calls still.
        ask(&counting.composition, "count").await.unwrap();
        self.ended.one();
    }
}

async fn next(pool: &TypedPool<Counting>) -> composer::Value {
    let lease = pool.lease().await.unwrap();
    assert_eq!(lease.first, 1u32.into());
    count(&lease.composition).await
}

#[tokio::test]
async fn once_for_each_composition() {
    within(async {
        let (host, keeper) = (Host::default(), Keeper::default());
        let pool = host.pool().max(1).reset(Reset::Keep);
        let pool = keeper.pool(pool).build().unwrap();
        for n in 2..6u32 {
            assert_eq!(next(&pool).await, n.into());
        }
        assert_eq!((keeper.begun.get(), keeper.ended.get()), (1, 0));
        pool.close(Duration::from_secs(60)).await;
        assert_eq!((keeper.begun.get(), keeper.ended.get()), (1, 1));
        assert!(matches!(pool.lease().await, Err(LeaseError::Closed { .. })));

        let keeper = Keeper::default();
        let pool = keeper.pool(host.pool().max(1)).build().unwrap();
        for _ in 0..3 {
            assert_eq!(next(&pool).await, 2u32.into());
        }
        rest(&pool).await;
        assert_eq!((keeper.begun.get(), keeper.ended.get()), (3, 3));
        assert_eq!(host.alive(), 0);
    })
    .await;
}

#[tokio::test]
async fn also_for_those_that_are_started_ahead() {
    within(async {
        let keeper = Keeper::default();
        let pool = Host::default().pool().max(4).warm(2);
        let pool = keeper.pool(pool).build().unwrap();
        until_status(&pool, "two are ready", |it| it.idle == 2).await;
        assert_eq!(keeper.begun.get(), 2);
        assert_eq!(next(&pool).await, 2u32.into());
    })
    .await;
}

/// It has the error in its own type, and the next caller tries again.
#[tokio::test]
async fn what_it_refuses_is_ended() {
    within(async {
        let (host, keeper) = (Host::default(), Keeper::default());
        let pool = keeper.pool(host.pool().max(1)).build().unwrap();
        keeper.refusing.store(1, Ordering::SeqCst);
        let error = pool.lease().await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "pool `versions` could not prepare a composition: it is unwilling to begin"
        );
        let LeaseError::Setup { error, .. } = error else {
            panic!("{error}");
        };
        assert_eq!(error.downcast_ref::<Unwilling>().unwrap().0, "begin");
        assert_eq!(host.alive(), 0, "nothing of it is left");
        assert_eq!(next(&pool).await, 2u32.into());
        let status = rest(&pool).await;
        assert_eq!((status.failed, status.started), (1, 1));
        assert_eq!((host.most(), keeper.ended.get()), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn a_panic_is_the_callers() {
    within(async {
        let (host, keeper) = (Host::default(), Keeper::default());
        let pool = keeper.pool(host.pool().max(1)).build().unwrap();
        keeper.panicking.store(1, Ordering::SeqCst);
        let caller = pool.clone();
        let caller = tokio::spawn(async move { drop(caller.lease().await) });
        assert!(caller.await.unwrap_err().is_panic());
        assert_eq!((pool.status().failed, host.alive()), (1, 0));
        assert_eq!(next(&pool).await, 2u32.into());
    })
    .await;
}

/// A call in it may fail, as one anywhere.
#[tokio::test]
async fn what_dies_of_it_is_ended() {
    within(async {
        let host = Host::default();
        let pool = host.pool().on_start(|composition| async move {
            ask(&composition, "trap").await?;
            Ok::<_, CallError>(composition)
        });
        let error = pool.build().unwrap().lease().await.unwrap_err();
        let LeaseError::Setup { error, .. } = error else {
            panic!("{error}");
        };
        assert!(error.is::<CallError>(), "{error}");
        assert_eq!(host.alive(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_caller_who_leaves_does_not_end_it() {
    within(async {
        let before = tasks();
        let host = Host::default();
        let gate = Gate::new();
        let keeper = Keeper {
            gate: Some(gate.clone()),
            ..Keeper::default()
        };
        let pool = host.pool().max(1).reset(Reset::Keep);
        let pool = keeper.pool(pool).build().unwrap();
        let mut first = Box::pin(pool.lease());
        assert!(poll_once(&mut first).is_pending());
        gate.waiting().await;
        drop(first);
        assert_eq!((pool.status().starting, host.alive()), (1, 1));
        gate.open();
        assert_eq!(next(&pool).await, 2u32.into());
        assert_eq!(keeper.begun.get(), 1);

        // Nor the end of the pool, after which it is ended.
        pool.lease().await.unwrap().discard();
        let mut second = Box::pin(pool.lease());
        assert!(poll_once(&mut second).is_pending());
        gate.waiting().await;
        let mut closing = Box::pin(pool.close(Duration::from_secs(60)));
        assert!(poll_once(&mut closing).is_pending());
        assert!(is_closed(&second.await.map(|_| unreachable!())));
        gate.open();
        assert_eq!(closing.await.stuck, 0);
        assert_eq!((keeper.begun.get(), keeper.ended.get()), (2, 1));
        until("no task is left", || tasks() == before).await;
    })
    .await;
}

/// What is not to be trusted is told nothing.
#[tokio::test]
async fn who_is_told_of_its_end() {
    within(async {
        let keeper = Keeper::default();
        let (host, gate) = Host::gated();
        let pool = host.pool().max(1).reset(Reset::Keep).drain(Duration::ZERO);
        let pool = keeper.pool(pool).build().unwrap();
        pool.lease().await.unwrap().discard();
        rest(&pool).await;
        let lease = pool.lease().await.unwrap();
        trap(lease.composition()).await;
        drop(lease);
        rest(&pool).await;
        let lease = pool.lease().await.unwrap();
        let slow = lease.composition().get_func(None, "slow-base").unwrap();
        let mut call = Box::pin(slow.call_owned([]));
        assert!(poll_once(&mut call).is_pending());
        gate.waiting().await;
        drop(call);
        drop((slow, lease));
        rest(&pool).await;
        assert_eq!(keeper.ended.get(), 0);
        // What somebody has a way into is not kept, but is well.
        let lease = pool.lease().await.unwrap();
        let kept = Composition::clone(lease.composition());
        drop(lease);
        rest(&pool).await;
        assert_eq!((keeper.begun.get(), keeper.ended.get()), (4, 1));
        assert!(ask(&kept, "count").await.is_err());
    })
    .await;
}

#[tokio::test]
async fn a_panic_at_the_end_ends_it() {
    within(async {
        let host = Host::default();
        let told = Arc::new(Mutex::new(0));
        let pool = Pool::builder(&host.prepared());
        let pool = pool.on_start(|it| async { Ok::<_, Unwilling>(it) });
        let counter = told.clone();
        let pool = pool.on_end(move |_| {
            *counter.lock().unwrap() += 1;
            async { panic!("as it was told") }
        });
        let pool = pool.build().unwrap();
        drop(pool.lease().await.unwrap());
        assert_eq!(rest(&pool).await.replaced, 1);
        assert_eq!((*told.lock().unwrap(), host.alive()), (1, 0));
    })
    .await;
}

/// Closing gives up after a second; the clock is the test's.
#[tokio::test(start_paused = true)]
async fn an_end_that_does_not_come_is_told() {
    let host = Host::default();
    let gate = Gate::new();
    let pool = Pool::builder(&host.prepared());
    let pool = pool.on_start(|it| async { Ok::<_, Unwilling>(it) });
    let end = gate.clone();
    let pool = pool.on_end(move |_| {
        let end = end.clone();
        async move { end.pass().await }
    });
    let pool = pool.build().unwrap();
    drop(pool.lease().await.unwrap());
    let closed = pool.close(Duration::ZERO).await;
    assert_eq!((closed.cut_off, closed.stuck), (0, 1));
    assert_eq!(host.alive(), 1);
    gate.open();
    until("it is gone", || host.alive() == 0).await;
}

/// A call that a caller left behind keeps what was prepared, too.
#[tokio::test]
async fn it_is_kept_with_a_call_in_flight() {
    within(async {
        let keeper = Keeper::default();
        let (host, gate) = Host::gated();
        let pool = host.pool().max(1).reset(Reset::Keep);
        let pool = keeper.pool(pool.drain(Duration::from_secs(60))).build();
        let pool = pool.unwrap();
        let lease = pool.lease().await.unwrap();
        abandon(lease.composition(), &gate).await;
        drop(lease);
        gate.open();
        assert_eq!(next(&pool).await, 2u32.into());
        assert_eq!(keeper.begun.get(), 1);
    })
    .await;
}
