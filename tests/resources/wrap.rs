//! Middleware with a resource of its own around the one it imports: two identities, each
//! of which only its owner unwraps.

use composer::{CallError, ComposableDescriptor, Composer, Value};

use crate::support::counters::{COUNTERS, Counters, INSPECT, OWNERS, USER, number, own, within};
use crate::support::part;

/// `owner`, then `wrap-1` to `wrap-n` around each other, then a user of the
/// last.
async fn wrapped(owner: &str, n: usize) -> Counters {
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("owner", part(owner)));
    let mut next = "owner".to_owned();
    for wrap in 1..=n {
        let name = format!("wrap-{wrap}");
        let part = ComposableDescriptor::new(&name, part("counters-wrap"));
        composer.add(
            part.with_import_hint(COUNTERS, &next)
                .with_import_hint(INSPECT, &next),
        );
        next = name;
    }
    let user = ComposableDescriptor::new("user", part("counters-user"));
    composer.add(
        user.with_import_hint(COUNTERS, &next)
            .with_import_hint(INSPECT, &next),
    );
    Counters::run(composer).await
}

#[tokio::test]
async fn every_layer_has_its_own_resource() {
    within(async {
        for owner in OWNERS {
            let counters = wrapped(owner, 3).await;
            let make = counters.call("wrap-3", COUNTERS, "[constructor]counter", [1u32.into()]);
            let counter = own(make.await);
            assert_eq!(counter.component(), Some("wrap-3"));
            // One in each layer: three of them given out by the layer below.
            for layer in ["owner", "wrap-1", "wrap-2", "wrap-3"] {
                assert_eq!(counters.status(layer).resources_given, 1, "{layer}");
            }
            // Each layer doubles the amount.
            let args = [counter.borrow().into(), 5u32.into()];
            let increment = counters.call("wrap-3", COUNTERS, "[method]counter.increment", args);
            assert_eq!(number(increment.await), 41);
            let peek = counters.call("wrap-3", INSPECT, "peek", [counter.borrow().into()]);
            assert_eq!(number(peek.await), 41);

            // The drop goes down through every destructor.
            drop(counter);
            counters.none_left().await;
            assert_eq!(counters.dropped().await, 1);
        }
    })
    .await;
}

#[tokio::test]
async fn a_guest_above_all_layers_works_as_on_the_lowest() {
    within(async {
        for owner in OWNERS {
            let counters = wrapped(owner, 3).await;
            let user = async |function| counters.call("user", USER, function, []).await;
            // a + 2 = 17 because each layer doubles, as a + b = 21 shows that
            // a counter unwrapped in every layer has its value.
            assert_eq!(
                user("run-lifecycle").await,
                "counter 1; b 4; a + 2 = 17; a = b: false; a = a: true; live 2 dropped 0; \
                 a + b = 21; live 1 dropped 1; live 0 dropped 2"
                    .into()
            );
            assert_eq!(user("run-inspect").await, Value::U32(10));
            user("run-compound").await;
            counters.none_left().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_layer_refuses_the_resource_of_another() {
    within(async {
        let counters = wrapped("counters", 2).await;
        for (maker, taker) in [
            ("owner", "wrap-1"),
            ("wrap-1", "owner"),
            ("wrap-2", "wrap-1"),
        ] {
            let make = counters.call(maker, COUNTERS, "[constructor]counter", [1u32.into()]);
            let counter = own(make.await);
            let result = counters
                .try_call(taker, INSPECT, "consume", [counter.into()])
                .await;
            assert!(matches!(result, Err(CallError::Type { .. })), "{result:?}");
        }
        counters.none_left().await;
        // The user's resource is the last layer's.
        let counter = own(counters
            .call("wrap-2", COUNTERS, "[constructor]counter", [1u32.into()])
            .await);
        let through = own(counters
            .call("user", USER, "own-through", [counter.into()])
            .await);
        assert_eq!(counters.value_at("wrap-2", &through).await, 5);
    })
    .await;
}
