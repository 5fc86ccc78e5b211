//! A borrowed resource can be neither destroyed nor moved until the call that uses it has
//! ended.

use composer::{CallError, ComponentState, ComposableDescriptor, DeathCause, Value};

use crate::support::counters::{each_owner, until, within};
use crate::support::gated::Gated;
use crate::support::wat::wat_part;

/// The functions of `gated.wat` that use a borrow and wait: one in a frozen
/// store, one beside other calls.
const SLOW: [&str; 2] = ["use-slowly", "use-async"];

fn assert_lent(result: Result<Value, CallError>) {
    match result {
        Err(CallError::Lent { resource, .. }) => assert!(resource.contains("thing"), "{resource}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_lent_handle_cannot_be_given_away() {
    within(async {
        for slow in SLOW {
            let gated = Gated::start().await;
            let thing = gated.make(3).await;
            let call = gated.begin(slow, [thing.borrow().into()]).await;
            assert_lent(gated.call("take", [thing.into()]).await);

            gated.gate.open();
            assert_eq!(call.await.unwrap().unwrap(), Value::U32(3));
            // What was refused was dropped, as any argument is.
            until("destroyed", || gated.gate.destroyed() == [3]).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_handle_can_be_given_away_when_the_call_has_ended() {
    within(async {
        for slow in SLOW {
            let gated = Gated::start().await;
            let thing = gated.make(3).await;
            let call = gated.begin(slow, [thing.borrow().into()]).await;
            gated.gate.open();
            call.await.unwrap().unwrap();
            assert_eq!(
                gated.call("take", [thing.into()]).await.unwrap(),
                Value::U32(3)
            );
            assert_eq!(gated.gate.destroyed(), [3]);
        }
    })
    .await;
}

#[tokio::test]
async fn a_borrow_that_no_call_uses_lends_too() {
    each_owner(&[], async |counters| {
        let counter = counters.make(7).await;
        let borrow = counter.borrow();
        let second = borrow.clone();
        let args = [counter.into()];
        let result = counters
            .try_call("owner", "test:resources/inspect", "consume", args)
            .await;
        assert!(matches!(result, Err(CallError::Lent { .. })), "{result:?}");

        // The owner let go, but what is lent lives on.
        let value = "[method]counter.value";
        assert_eq!(counters.ask(value, [borrow.into()]).await, Value::U32(7));
        assert_eq!(
            counters.ask(value, [second.clone().into()]).await,
            Value::U32(7)
        );
        assert_eq!((counters.live().await, counters.dropped().await), (1, 0));
        drop(second);
        assert_eq!((counters.live().await, counters.dropped().await), (0, 1));
    })
    .await;
}

#[tokio::test]
async fn one_call_cannot_be_given_and_lent_the_same() {
    each_owner(&[], async |counters| {
        let counter = counters.make(7).await;
        let args = [counter.borrow().into(), counter.into()];
        let absorb = "[method]counter.absorb";
        let result = counters
            .try_call("owner", "test:resources/counters", absorb, args)
            .await;
        assert!(matches!(result, Err(CallError::Lent { .. })), "{result:?}");
        counters.none_left().await;
    })
    .await;
}

#[tokio::test]
async fn a_lent_handle_is_destroyed_after_the_call() {
    within(async {
        for slow in SLOW {
            let gated = Gated::start().await;
            let thing = gated.make(4).await;
            let call = gated.begin(slow, [thing.borrow().into()]).await;
            drop(thing);
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            assert!(gated.gate.destroyed().is_empty());
            assert_eq!(gated.status().resources_given, 1);

            gated.gate.open();
            assert_eq!(call.await.unwrap().unwrap(), Value::U32(4));
            until("destroyed", || gated.gate.destroyed() == [4]).await;
            assert_eq!(gated.status().resources_given, 0);
        }
    })
    .await;
}

#[tokio::test]
async fn the_call_keeps_the_borrow_and_not_its_caller() {
    within(async {
        for slow in SLOW {
            let gated = Gated::start().await;
            let thing = gated.make(5).await;
            let call = gated.begin(slow, [thing.borrow().into()]).await;
            call.abort();
            assert!(call.await.unwrap_err().is_cancelled());
            drop(thing);
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            assert!(gated.gate.destroyed().is_empty());

            gated.gate.open();
            until("destroyed", || gated.gate.destroyed() == [5]).await;
            assert!(matches!(gated.status().state, ComponentState::Running));
        }
    })
    .await;
}

#[tokio::test]
async fn other_handles_are_destroyed_while_one_is_lent() {
    within(async {
        let gated = Gated::start().await;
        let (lent, other) = (gated.make(1).await, gated.make(2).await);
        let call = gated.begin("use-async", [lent.borrow().into()]).await;
        drop(other);
        until("destroyed", || gated.gate.destroyed() == [2]).await;
        gated.gate.open();
        assert_eq!(call.await.unwrap().unwrap(), Value::U32(1));
    })
    .await;
}

#[tokio::test]
async fn a_guest_cannot_drop_or_give_away_what_it_lends() {
    within(async {
        for attack in ["drop-lent", "give-lent"] {
            let gated = Gated::beside(|composer| {
                let lender = wat_part("lender", |_| ());
                composer.add(ComposableDescriptor::new("lender", lender));
            })
            .await;
            let lender = gated.composition.component("lender").unwrap();
            let lend = lender.get_func(None, "lend").unwrap();
            lend.call_owned([6u32.into()]).await.unwrap();
            gated.gate.waiting().await;

            let attack = lender.get_func(None, attack).unwrap();
            let error = attack.call_owned([]).await.unwrap_err();
            let death = error.death().unwrap();
            assert_eq!(death.component, "lender", "{error}");
            // wasmtime itself finds this; it has no trap code for it.
            assert!(matches!(&death.cause, DeathCause::Other(_)), "{error}");

            // The thing lives until the call that it was lent to has ended.
            assert!(gated.gate.destroyed().is_empty());
            gated.gate.open();
            until("destroyed", || gated.gate.destroyed() == [6]).await;
            assert!(matches!(gated.status().state, ComponentState::Running));
        }
    })
    .await;
}

/// The lender gives up its call, and has the thing back as far as it can see.
/// But the owner still uses it.
#[tokio::test]
async fn a_call_given_up_by_a_guest_keeps_its_borrow() {
    within(async {
        for then in ["drop-lent", "give-lent"] {
            let gated = Gated::beside(|composer| {
                let lender = wat_part("lender", |_| ());
                composer.add(ComposableDescriptor::new("lender", lender));
            })
            .await;
            let lender = gated.composition.component("lender").unwrap();
            let call = async |name: &str, args: Vec<Value>| {
                lender.get_func(None, name).unwrap().call_owned(args).await
            };
            call("lend", vec![6u32.into()]).await.unwrap();
            gated.gate.waiting().await;
            assert_eq!(call("cancel", vec![]).await.unwrap(), Some(Value::U32(4)));

            match (then, call(then, vec![]).await) {
                // It is destroyed when the owner has done with it.
                ("drop-lent", Ok(None)) => {}
                ("give-lent", Err(error)) => {
                    assert!(matches!(error.root(), CallError::Lent { .. }), "{error}");
                }
                (_, other) => panic!("{then}: {other:?}"),
            }
            assert!(gated.gate.destroyed().is_empty());
            gated.gate.open();
            until("destroyed", || gated.gate.destroyed() == [6]).await;
            assert!(matches!(gated.status().state, ComponentState::Running));
        }
    })
    .await;
}
