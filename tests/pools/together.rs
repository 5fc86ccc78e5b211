//! Pools of one runtime, and the limits that they share.

use composer::runtime::{Pool, Reset};
use composer::{
    ComposableDescriptor, Composer, LeaseError, PoolError, PreparedComposition, Runtime,
};
use futures::future::join_all;

use super::{Host, count, poll_once, rest, until_status};
use crate::support::counters::{until, within};

fn runtime(max: usize) -> Runtime {
    Runtime::builder().max_instances(max).build().unwrap()
}

/// A composition of so many components, some of them nested.
fn several(host: &Host, count: usize) -> PreparedComposition {
    let mut inner = Composer::new();
    for n in 1..count {
        inner.add(ComposableDescriptor::new(format!("inner-{n}"), host.part()));
    }
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("version", host.part()));
    composer.add(ComposableDescriptor::new(
        "nested",
        inner.prepare().unwrap(),
    ));
    composer.prepare().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn never_more_than_the_maximum_of_all() {
    within(async {
        let (runtime, host) = (runtime(5), Host::default());
        let pools = [
            runtime.pool(&host.prepared()).max(4).warm(2),
            runtime.pool(&host.prepared()).max(4).reset(Reset::Keep),
            runtime.pool(&several(&host, 3)).max(4).warm(1),
        ];
        let pools = pools.map(|pool| pool.build().unwrap());
        let callers = (0..240).map(|n| {
            let (pool, runtime) = (pools[n % 3].clone(), runtime.clone());
            tokio::spawn(async move {
                let lease = pool.lease().await.unwrap();
                let version = lease.component("version").unwrap();
                let count = version.get_func(None, "count").unwrap();
                count.call_owned([]).await.unwrap();
                assert!(runtime.pooled_instances() <= 5);
            })
        });
        for caller in join_all(callers).await {
            caller.unwrap();
        }
        assert!(host.most() <= 5, "{}", host.most());
        for pool in &pools {
            rest(pool).await;
        }
        assert_eq!(runtime.pooled_instances(), host.alive());
        drop(pools);
        until("all are gone", || {
            host.alive() == 0 && runtime.pooled_instances() == 0
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn what_is_idle_elsewhere_makes_room() {
    within(async {
        for reset in [Reset::Fresh, Reset::Keep] {
            let (runtime, host) = (runtime(2), Host::default());
            let hoard = runtime.pool(&host.prepared()).warm(2).reset(reset);
            let hoard = hoard.build().unwrap();
            until_status(&hoard, "all are idle", |it| it.idle == 2).await;
            let other = runtime.pool(&host.prepared()).build().unwrap();
            let one = other.lease().await.unwrap();
            assert_eq!(count(&one).await, 1u32.into());
            // Nobody has a lease of what is idle there.
            let two = other.try_lease().await.unwrap();
            assert_eq!((host.most(), runtime.pooled_instances()), (2, 2));
            assert!(hoard.try_lease().await.is_err());
            drop((one, two));
            until_status(&hoard, "they are ready again", |it| it.idle == 2).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_refusal_says_which_maximum_it_was() {
    within(async {
        let (runtime, host) = (runtime(3), Host::default());
        let pool = runtime.pool(&several(&host, 2)).name("pairs");
        let pool = pool.build().unwrap();
        let pair = pool.lease().await.unwrap();
        assert_eq!((runtime.pooled_instances(), host.alive()), (2, 2));
        let error = pool.try_lease().await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no room for a composition of pool `pairs`: it has 2 instances, and of at \
             most 3 in all pools there are 2"
        );
        assert!(matches!(
            error,
            LeaseError::RuntimeExhausted { wanted: 2, .. }
        ));
        drop(pair);
        pool.lease().await.unwrap();

        let error = runtime.pool(&several(&host, 4)).name("fours").build();
        let error = error.unwrap_err();
        assert_eq!(
            error.to_string(),
            "a composition of pool `fours` has 4 instances, but all pools of its runtime may \
             have 3 (`max_instances`)"
        );
        assert!(matches!(error, PoolError::TooLarge { needed: 4, .. }));
    })
    .await;
}

/// Who wants little does not take what somebody before them waits for.
#[tokio::test]
async fn the_large_do_not_starve() {
    within(async {
        let (runtime, host) = (runtime(3), Host::default());
        let small = runtime.pool(&host.prepared()).build().unwrap();
        let large = runtime.pool(&several(&host, 3)).build().unwrap();
        let held = small.lease().await.unwrap();
        let mut first = Box::pin(large.lease());
        let mut second = Box::pin(small.lease());
        assert!(poll_once(&mut first).is_pending());
        assert!(poll_once(&mut second).is_pending());
        assert!(small.try_lease().await.is_err());
        assert_eq!(runtime.pooled_instances(), 1);
        drop(held);
        let first = first.await.unwrap();
        assert!(poll_once(&mut second).is_pending());
        drop(first);
        second.await.unwrap();
        assert_eq!(host.most(), 3);
    })
    .await;
}

composer::compose!({
    path: "wit/text",
    composition: Stack,
    components: { base: "test:text/base", upper: "test:text/middleware" },
    exports: { "test:text/transform": upper },
});

#[tokio::test]
async fn leases_in_rust_types() {
    use crate::support::part;
    within(async {
        let prepared = Stack::prepare(StackParts {
            base: part("text-base"),
            upper: part("text-upper"),
        })
        .unwrap();
        let pool = Pool::builder(prepared.prepared()).max(1).reset(Reset::Keep);
        let pool = pool.build().unwrap();
        assert_eq!(pool.name(), "base, upper");
        for _ in 0..3 {
            let stack = pool.lease().await.unwrap();
            let stack = stack.typed(Stack::from_composition).unwrap();
            assert_eq!(stack.transform().apply(" hi ").await.unwrap(), "HI");
        }
        let status = pool.status();
        assert_eq!((status.started, status.idle), (1, 1));
        // What is not of these types is given back.
        let error = pool.lease().await.unwrap().typed(|_| Err::<(), _>("none"));
        assert_eq!(error.unwrap_err(), "none");
        let stack = pool.lease().await.unwrap();
        stack.typed(Stack::from_composition).unwrap().discard();
        pool.lease().await.unwrap();
        assert_eq!(pool.status().replaced, 1);
    })
    .await;
}
