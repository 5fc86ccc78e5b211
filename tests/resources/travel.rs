//! Resources on their way through components that do not own them.

use composer::{ComposableDescriptor, Composer, Value};

use crate::support::counters::{Counters, OWNERS, RELAY, USER, each_owner, number, own, within};
use crate::support::part;
use crate::support::wat::wat_part;

#[tokio::test]
async fn a_guest_uses_the_resource_of_another() {
    each_owner(&["counters-user"], async |counters| {
        let user = async |function| counters.call("counters-user", USER, function, []).await;
        assert_eq!(
            user("run-lifecycle").await,
            "counter 1; b 4; a + 2 = 3; a = b: false; a = a: true; live 2 dropped 0; \
             a + b = 7; live 1 dropped 1; live 0 dropped 2"
                .into()
        );
        assert_eq!(
            user("run-compound").await,
            "pair 3; borrowed list 6; list 6; option true 1; ok 1; option false 0; \
             error no counter; variant 0 0; variant 1 0; variant 3 3; live 0"
                .into()
        );
        assert_eq!(user("run-inspect").await, Value::U32(10));
        counters.none_left().await;
    })
    .await;
}

#[tokio::test]
async fn a_guest_holds_what_it_made() {
    each_owner(&["counters-user"], async |counters| {
        let hold = counters.call("counters-user", USER, "hold", [20u32.into()]);
        assert_eq!(number(hold.await), 20);
        assert_eq!(counters.live().await, 20);
        assert_eq!(counters.tables("counters-user"), (20, 20));
        let release = counters.call("counters-user", USER, "release", []);
        assert_eq!(number(release.await), 20);
        assert_eq!((counters.live().await, counters.dropped().await), (0, 20));
        counters.none_left().await;
    })
    .await;
}

#[tokio::test]
async fn a_resource_comes_back_from_another_store_as_itself() {
    each_owner(&["counters-user"], async |counters| {
        let mut counter = counters.make(0).await;
        for round in 1..=50 {
            let through = counters.call("counters-user", USER, "own-through", [counter.into()]);
            counter = own(through.await);
            assert_eq!(counter.component(), Some("owner"));
            assert_eq!(counters.value(&counter).await, round);
            assert_eq!(counters.tables("counters-user"), (1, 0));
        }
        // Never copied, never destroyed on the way.
        assert_eq!((counters.live().await, counters.dropped().await), (1, 0));
    })
    .await;
}

#[tokio::test]
async fn a_borrow_through_another_store_changes_the_one_resource() {
    each_owner(&["counters-user"], async |counters| {
        let counter = counters.make(10).await;
        for value in [11, 12] {
            let args = [counter.borrow().into()];
            let through = counters.call("counters-user", USER, "borrow-through", args);
            assert_eq!(number(through.await), value);
            assert_eq!(counters.value(&counter).await, value);
            assert_eq!(counters.tables("counters-user"), (1, 0));
        }
        // The call has ended, so it is no longer lent.
        assert_eq!(
            number(counters.ask("take-list", [vec![counter].into()]).await),
            12
        );
    })
    .await;
}

#[tokio::test]
async fn what_a_guest_keeps_it_gives_back() {
    each_owner(&["counters-user"], async |counters| {
        for start in [1, 2, 3] {
            let counter = counters.make(start).await;
            counters
                .call("counters-user", USER, "keep", [counter.into()])
                .await;
        }
        assert_eq!(counters.tables("counters-user"), (3, 3));
        for expected in [3, 2, 1] {
            let back = counters.call("counters-user", USER, "give-back", []).await;
            let Value::Option(Some(counter)) = back else {
                panic!("{back:?}");
            };
            assert_eq!(counters.value(&own(*counter)).await, expected);
        }
        let back = counters.call("counters-user", USER, "give-back", []).await;
        assert_eq!(back, Value::Option(None));
        counters.none_left().await;
    })
    .await;
}

#[tokio::test]
async fn a_resource_goes_from_one_user_to_another() {
    each_owner(&["counters-user", "counters-relay"], async |counters| {
        counters
            .call("counters-user", USER, "hold", [1u32.into()])
            .await;
        let given = counters.call("counters-user", USER, "give-back", []).await;
        let Value::Option(Some(given)) = given else {
            panic!("{given:?}");
        };
        let counter = own(counters
            .call("counters-relay", RELAY, "pass-own", [*given])
            .await);
        assert_eq!(counters.value(&counter).await, 1);
        counters
            .call("counters-user", USER, "keep", [counter.into()])
            .await;
        assert_eq!(counters.tables("counters-user"), (1, 1));
        assert_eq!(counters.tables("counters-relay"), (1, 0));
    })
    .await;
}

/// Relays `hop-1` to `hop-n`, each of which calls the one before; the first
/// calls the guest `counters-relay`.
async fn hops(owner: &str, n: usize) -> Counters {
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("owner", part(owner)));
    composer.add(ComposableDescriptor::new("hop-0", part("counters-relay")));
    for hop in 1..=n {
        let part = ComposableDescriptor::new(format!("hop-{hop}"), wat_part("hop", |_| ()));
        composer.add(part.with_import_hint(RELAY, format!("hop-{}", hop - 1)));
    }
    Counters::run(composer).await
}

#[tokio::test]
async fn a_resource_passes_through_any_number_of_stores() {
    const N: usize = 40;
    within(async {
        for owner in OWNERS {
            let counters = hops(owner, N).await;
            let last = format!("hop-{N}");
            let counter = own(counters.call(&last, RELAY, "make", [7u32.into()]).await);
            assert_eq!(counter.component(), Some("owner"));
            assert_eq!(counters.value(&counter).await, 7);

            let args = [counter.borrow().into()];
            assert_eq!(
                number(counters.call(&last, RELAY, "pass-borrow", args).await),
                7
            );
            let counter = own(counters
                .call(&last, RELAY, "pass-own", [counter.into()])
                .await);
            assert_eq!(counters.value(&counter).await, 7);
            assert_eq!((counters.live().await, counters.dropped().await), (1, 0));
            for hop in 0..=N {
                assert_eq!(counters.status(&format!("hop-{hop}")).resources_held, 0);
            }
            drop(counter);
            counters.none_left().await;
        }
    })
    .await;
}
