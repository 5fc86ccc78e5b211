//! Resources in Rust types: owned, borrowed, and inside other values; those of the
//! component from which the composition exports them, and those of others.

use std::time::Duration;

use composer::{CallError, ComposableDescriptor, ResourceHandle};

use crate::support::counters::{OWNERS, until, within};
use crate::support::{compose, part};

/// Longer than any call takes.
const AMPLE: Duration = Duration::from_secs(60);

composer::compose!({
    path: "wit/resources",
    composition: Counting,
    components: { counters: "test:resources/counters-guest" },
    exports: ["test:resources/counters", "test:resources/inspect"],
});

use counting::test::resources::counters::{self, Counter, Holder};

/// With each guest that owns counters, declared and found.
async fn each_counting(test: impl AsyncFn(Counting)) {
    for guest in OWNERS {
        println!("owned by {guest}");
        let counters = part(guest);
        let typed = Counting::compose(CountingParts { counters }).await;
        within(test(typed.unwrap())).await;
        let dynamic = Counting::from_composition(compose(&[guest]).await);
        within(test(dynamic.unwrap())).await;
    }
}

async fn none_left(counters: &counters::Exports) {
    for _ in 0..1000 {
        if counters.live().await.unwrap() == 0 {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("counters are left");
}

#[tokio::test]
async fn a_resource_has_its_methods_and_its_destructor() {
    each_counting(async |counting| {
        let counters = counting.counters();
        let one = Counter::new(&counters, 1).await.unwrap();
        let two = counters.counter_named("two", 2).await.unwrap();
        assert_eq!(one.increment(4).await.unwrap(), 5);
        assert_eq!(one.value().await.unwrap(), 5);
        assert_eq!(one.name().await.unwrap(), "counter");
        assert_eq!(two.name().await.unwrap(), "two");
        assert!(!one.same_as(&two).await.unwrap());
        assert!(one.same_as(&one).await.unwrap());
        assert_eq!(one.absorb(two).await.unwrap(), 7);
        assert_eq!(counting.inspect().peek(&one).await.unwrap(), 7);
        assert_eq!(counters.live().await.unwrap(), 1);
        assert_eq!(counters.dropped().await.unwrap(), 1);
        drop(one);
        none_left(&counters).await;
        assert_eq!(counters.dropped().await.unwrap(), 2);

        let three = counters.counter(3).await.unwrap();
        assert_eq!(counting.inspect().consume(three).await.unwrap(), 3);
        let untyped: ResourceHandle = counters.counter(4).await.unwrap().into_handle();
        assert_eq!(untyped.resource(), "test:resources/counters@0.1.0.counter");
        drop(untyped);
        none_left(&counters).await;
        assert_eq!(counters.dropped().await.unwrap(), 4);
    })
    .await;
}

#[tokio::test]
async fn resources_travel_inside_other_values() {
    each_counting(async |counting| {
        let counters = counting.counters();
        let pair = counters.make_pair().await.unwrap();
        assert_eq!(pair.left.value().await.unwrap(), 1);
        assert_eq!(pair.right.value().await.unwrap(), 2);
        assert_eq!(counters.sum_pair(pair).await.unwrap(), 3);

        let list = counters.make_list(4).await.unwrap();
        let lent: Vec<&Counter> = list.iter().collect();
        assert_eq!(counters.sum_list(lent).await.unwrap(), 6);
        assert_eq!(counters.take_list(list).await.unwrap(), 6);
        assert_eq!(counters.sum_list([]).await.unwrap(), 0);

        let some = counters.make_option(true).await.unwrap();
        assert_eq!(counters.take_option(some).await.unwrap(), 1);
        assert!(counters.make_option(false).await.unwrap().is_none());
        assert_eq!(counters.take_option(None).await.unwrap(), 0);

        let made = counters.make_result(true).await.unwrap().unwrap();
        assert_eq!(made.value().await.unwrap(), 1);
        let refused = counters.make_result(false).await.unwrap();
        assert_eq!(refused.unwrap_err(), "no counter");

        let none = counters.make_variant(0).await.unwrap();
        assert!(matches!(none, Holder::None), "{none:?}");
        let one = counters.make_variant(1).await.unwrap();
        assert!(matches!(one, Holder::One(_)), "{one:?}");
        let many = counters.make_variant(3).await.unwrap();
        assert!(matches!(&many, Holder::Many(many) if many.len() == 3));
        for (holder, sum) in [(none, 0), (one, 0), (many, 3), (Holder::One(made), 1)] {
            assert_eq!(counters.take_variant(holder).await.unwrap(), sum);
        }
        none_left(&counters).await;
    })
    .await;
}

#[tokio::test]
async fn what_is_lent_cannot_be_given_away_and_belongs_to_one_composition() {
    each_counting(async |counting| {
        let counters = counting.counters();
        let counter = counters.counter(1).await.unwrap();
        let lent = counter.increment(1);
        drop(lent);
        let other = Counting::from_composition(compose(&["counters"]).await).unwrap();
        let foreign = other.inspect().peek(&counter).await.unwrap_err();
        assert!(matches!(foreign, CallError::Type { .. }), "{foreign}");
        assert_eq!(counter.value().await.unwrap(), 1);
    })
    .await;
}

composer::compose!({
    path: "wit/resources",
    composition: Using,
    components: {
        counters: "test:resources/counters-guest",
        user: "test:resources/counters-user",
        relay: "test:resources/counters-relay",
    },
    exports: [
        "test:resources/counters",
        "test:resources/user",
        "test:resources/relay",
    ],
});

/// The parts with their types, others that know nothing of them, and such others
/// in the place of some or all of the former.
async fn each_using(test: impl AsyncFn(Using)) {
    for owner in OWNERS {
        println!("owned by {owner}");
        let typed = Using::compose(UsingParts {
            counters: part(owner),
            user: part("counters-user"),
            relay: part("counters-relay"),
        });
        within(test(typed.await.unwrap())).await;
        let dynamic = compose(&[owner, "counters-user", "counters-relay"]).await;
        within(test(Using::from_composition(dynamic).unwrap())).await;
        let parts = [
            ("counters", owner),
            ("user", "counters-user"),
            ("relay", "counters-relay"),
        ];
        for replaced in [&parts[..1], &parts[1..], &parts] {
            let typed = Using::compose(UsingParts {
                counters: part(owner),
                user: part("counters-user"),
                relay: part("counters-relay"),
            });
            let typed = typed.await.unwrap();
            for (name, guest) in replaced {
                let with = ComposableDescriptor::new(*name, part(guest));
                let component = typed.composition().component(name).unwrap();
                component.replace(with, AMPLE).await.unwrap();
            }
            within(test(typed)).await;
        }
    }
}

#[tokio::test]
async fn a_resource_has_one_type_wherever_it_comes_from() {
    each_using(async |using| {
        let (counters, relay) = (using.counters(), using.relay());
        let made = relay.make(5).await.unwrap();
        let start = made.value().await.unwrap();
        assert_eq!(made.increment(2).await.unwrap(), start + 2);
        assert_eq!(relay.pass_borrow(&made).await.unwrap(), start + 2);
        let made = relay.pass_own(made).await.unwrap();
        drop(made);
        let pair = counters.make_pair().await.unwrap();
        let pair = relay.swap(pair).await.unwrap();
        assert_eq!(pair.left.value().await.unwrap(), 2);
        assert_eq!(counters.sum_pair(pair).await.unwrap(), 3);
        none_left_of(&using).await;
    })
    .await;
}

#[tokio::test]
async fn another_component_uses_them_by_typed_links() {
    each_using(async |using| {
        let (counters, user) = (using.counters(), using.user());
        let transcript = user.run_lifecycle().await.unwrap();
        assert!(!transcript.is_empty());
        assert!(!user.run_compound().await.unwrap().is_empty());
        assert_eq!(user.run_inspect().await.unwrap(), 10);
        assert_eq!(user.hold(3).await.unwrap(), 3);
        assert_eq!(user.release().await.unwrap(), 3);
        assert_eq!(user.churn(4).await.unwrap(), 4);

        let counter = counters.counter(1).await.unwrap();
        assert_eq!(user.borrow_through(&counter).await.unwrap(), 2);
        let counter = user.own_through(counter).await.unwrap();
        assert_eq!(counter.value().await.unwrap(), 3);
        user.keep(counter).await.unwrap();
        let back = user.give_back().await.unwrap().unwrap();
        assert_eq!(back.value().await.unwrap(), 3);
        assert!(user.give_back().await.unwrap().is_none());
        drop(back);
        none_left_of(&using).await;
    })
    .await;
}

async fn none_left_of(using: &Using) {
    let components = &using.composition().plan().components;
    until("all tables are empty", || {
        components.iter().all(|component| {
            let status = using.composition().component(&component.name);
            let status = status.unwrap().status();
            status.resources_given == 0 && status.resources_held == 0
        })
    })
    .await;
    assert_eq!(using.counters().live().await.unwrap(), 0);
}

composer::compose!({
    path: "wit/resources",
    composition: Wrapped,
    components: {
        inner: "test:resources/counters-guest",
        wrap: "test:resources/counters-wrap",
        relay: "test:resources/counters-relay",
        user: "test:resources/counters-user",
    },
    hints: {
        relay: { "test:resources/counters": inner },
        user: { "test:resources/counters": wrap, "test:resources/inspect": wrap },
    },
    exports: {
        "test:resources/counters": wrap,
        "test:resources/inspect": wrap,
        "test:resources/relay",
        "test:resources/user",
    },
});

#[tokio::test]
async fn a_resource_of_another_component_is_a_handle_without_a_type() {
    use wrapped::test::resources::counters::{Counter, untyped};
    use wrapped::test::resources::relay;

    for owner in OWNERS {
        let wrapped = Wrapped::compose(WrappedParts {
            inner: part(owner),
            wrap: part("counters-wrap"),
            relay: part("counters-relay"),
            user: part("counters-user"),
        });
        let wrapped = wrapped.await.unwrap();
        // Those of the component that exports them have their type.
        let counters = wrapped.counters();
        let typed: Counter = counters.counter(1).await.unwrap();
        assert_eq!(typed.increment(2).await.unwrap(), 5);
        assert_eq!(wrapped.inspect().peek(&typed).await.unwrap(), 5);
        let typed: Counter = wrapped.user().own_through(typed).await.unwrap();
        assert_eq!(typed.value().await.unwrap(), 7);

        // The relay has those of the component inside.
        let inner: ResourceHandle = wrapped.relay().make(3).await.unwrap();
        assert_eq!(inner.component(), Some("inner"));
        let value = wrapped.relay().pass_borrow(&inner).await.unwrap();
        let other = wrapped.relay().make(4).await.unwrap();
        let pair: relay::Pair = untyped::Pair {
            left: inner,
            right: other,
        };
        let swapped = wrapped.relay().swap(pair).await.unwrap();
        let right: &relay::Counter = &swapped.right;
        assert_eq!(wrapped.relay().pass_borrow(right).await.unwrap(), value);

        let foreign = wrapped.relay().pass_borrow(&typed.into_handle()).await;
        assert!(matches!(foreign, Err(CallError::Type { .. })));
    }
}

composer::compose!({
    path: "wit/resources",
    composition: Hidden,
    components: {
        inner: "test:resources/counters-guest",
        relay: "test:resources/counters-relay",
    },
    exports: ["test:resources/relay"],
});

#[tokio::test]
async fn a_resource_whose_interface_is_not_exported_is_a_handle_too() {
    let hidden = Hidden::compose(HiddenParts {
        inner: part("counters"),
        relay: part("counters-relay"),
    });
    let relay = hidden.await.unwrap().relay();
    let handle: ResourceHandle = relay.make(3).await.unwrap();
    let handle = relay.pass_own(handle).await.unwrap();
    assert_eq!(handle.component(), Some("inner"));
}
