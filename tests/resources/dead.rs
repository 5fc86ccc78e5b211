//! When a component dies, its resources become errors that name its death, and the
//! resources of others that it held are released.

use composer::{
    CallError, ComponentState, ComposableDescriptor, Composer, DeathCause, ResourceHandle, Value,
};

use crate::support::counters::{
    COUNTERS, Counters, INSPECT, OWNERS, RELAY, USER, each_owner, number, own, within,
};
use crate::support::{part, part_in};

/// Makes the owner of the counters run out of memory.
async fn kill_owner(counters: &Counters) {
    let make_list = counters.try_call("owner", COUNTERS, "make-list", [u32::MAX.into()]);
    let error = make_list.await.unwrap_err();
    assert!(matches!(error, CallError::Failed { .. }), "{error}");
    assert!(matches!(
        counters.owner.status().state,
        ComponentState::Dead(_)
    ));
}

/// The call is refused because the owner is dead.
fn assert_refused(what: &str, result: Result<Value, CallError>) {
    match result {
        Err(CallError::Dead { death, .. }) => assert_eq!(death.component, "owner", "{what}"),
        other => panic!("{what}: {other:?}"),
    }
}

fn assert_runs(counters: &Counters, component: &str) {
    let state = counters.status(component).state;
    assert!(
        matches!(state, ComponentState::Running),
        "{component}: {state:?}"
    );
}

#[tokio::test]
async fn a_handle_of_a_dead_component_is_an_error() {
    each_owner(&[], async |counters| {
        let (one, two) = (counters.make(1).await, counters.make(2).await);
        kill_owner(&counters).await;

        let args = [one.borrow().into()];
        let result = counters
            .try_call("owner", COUNTERS, "[method]counter.value", args)
            .await;
        let message = result.as_ref().unwrap_err().to_string();
        assert!(message.contains("component `owner` trapped"), "{message}");
        assert_refused("borrow", result);
        let result = counters
            .try_call("owner", INSPECT, "consume", [one.into()])
            .await;
        assert_refused("own", result);
        // It can still be asked what it was, and dropped.
        assert_eq!(two.component(), Some("owner"));
        drop(two);
    })
    .await;
}

#[tokio::test]
async fn a_component_that_is_passed_a_dead_ones_resource_lives() {
    each_owner(&["counters-relay", "counters-user"], async |counters| {
        let (one, two) = (counters.make(1).await, counters.make(2).await);
        kill_owner(&counters).await;

        for (component, interface, own, borrow) in [
            ("counters-relay", RELAY, "pass-own", "pass-borrow"),
            ("counters-user", USER, "keep", "borrow-through"),
        ] {
            let args = [one.borrow().into()];
            let result = counters.try_call(component, interface, borrow, args).await;
            assert_refused(borrow, result);
            assert_runs(&counters, component);
            assert_eq!(counters.status(component).resources_held, 0);
            if component == "counters-user" {
                let result = counters
                    .try_call(component, interface, own, [one.into()])
                    .await;
                assert_refused(own, result);
                assert_runs(&counters, component);
                break;
            }
        }
        let result = counters
            .try_call("counters-relay", RELAY, "pass-own", [two.into()])
            .await;
        assert_refused("pass-own", result);
        assert_runs(&counters, "counters-relay");
        assert_eq!(counters.status("counters-relay").resources_held, 0);
        assert_eq!(counters.status("counters-user").resources_held, 0);
    })
    .await;
}

#[tokio::test]
async fn a_guest_that_uses_a_dead_ones_resource_fails_with_the_cause() {
    each_owner(&["counters-user"], async |counters| {
        counters
            .call("counters-user", USER, "hold", [3u32.into()])
            .await;
        kill_owner(&counters).await;

        let hold = counters.try_call("counters-user", USER, "hold", [1u32.into()]);
        let error = hold.await.unwrap_err();
        let CallError::Failed { site, death } = &error else {
            panic!("{error}");
        };
        assert_eq!(
            (&*site.component, &*site.function),
            ("counters-user", "hold")
        );
        assert_eq!(death.component, "counters-user");
        assert!(matches!(&death.cause, DeathCause::Import(_)), "{error}");
        assert_eq!(error.death().unwrap().component, "owner");
        match error.root() {
            CallError::Dead { site, death } => {
                assert_eq!((&*site.component, &*death.component), ("owner", "owner"));
                assert_eq!(site.function, "[constructor]counter");
            }
            other => panic!("{other}"),
        }
        assert!(
            error.to_string().contains("component `owner` trapped"),
            "{error}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_guest_that_lets_go_of_a_dead_ones_resources_lives() {
    each_owner(&["counters-user"], async |counters| {
        counters
            .call("counters-user", USER, "hold", [3u32.into()])
            .await;
        kill_owner(&counters).await;

        // One to the embedder, who has no use for it; the others are dropped.
        let back = counters.call("counters-user", USER, "give-back", []).await;
        let Value::Option(Some(counter)) = back else {
            panic!("{back:?}");
        };
        let consume = counters.try_call("owner", INSPECT, "consume", [*counter]);
        assert_refused("consume", consume.await);
        assert_eq!(
            number(counters.call("counters-user", USER, "release", []).await),
            2
        );
        assert_runs(&counters, "counters-user");
        assert_eq!(counters.status("counters-user").resources_held, 0);
    })
    .await;
}

/// `mortal` is a user of counters that may hold few handles, `user` one that
/// may hold many.
async fn with_mortal_user(owner: &str) -> Counters {
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("owner", part(owner)));
    let mortal = part_in("counters-user", |store| store.set_max_component_handles(50));
    composer.add(ComposableDescriptor::new("mortal", mortal));
    composer.add(ComposableDescriptor::new("user", part("counters-user")));
    Counters::run(composer).await
}

#[tokio::test]
async fn what_a_dead_component_held_is_destroyed() {
    within(async {
        for owner in OWNERS {
            let counters = with_mortal_user(owner).await;
            let mine: ResourceHandle = counters.make(42).await;
            let lent = counters.make(43).await;
            counters.call("user", USER, "hold", [2u32.into()]).await;
            counters.call("mortal", USER, "hold", [10u32.into()]).await;
            counters
                .call("mortal", USER, "keep", [counters.make(7).await.into()])
                .await;
            assert_eq!(counters.live().await, 15);
            assert_eq!(counters.tables("mortal"), (15, 11));

            let hold = counters.try_call("mortal", USER, "hold", [100u32.into()]);
            let error = hold.await.unwrap_err();
            assert_eq!(error.death().unwrap().component, "mortal", "{error}");

            // All of the dead one's counters are gone, and no others.
            assert_eq!(counters.live().await, 4);
            assert_eq!(counters.tables("mortal"), (4, 0));
            assert_eq!(counters.value(&mine).await, 42);
            let through = counters.call("user", USER, "borrow-through", [lent.borrow().into()]);
            assert_eq!(number(through.await), 44);
            assert_eq!(number(counters.call("user", USER, "release", []).await), 2);
            drop((mine, lent));
            counters.none_left().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_death_below_reaches_the_users_of_a_wrapper() {
    within(async {
        for owner in OWNERS {
            let mut composer = Composer::new();
            composer.add(ComposableDescriptor::new("owner", part(owner)));
            composer.add(ComposableDescriptor::new("wrap", part("counters-wrap")));
            let counters = Counters::run(composer).await;
            let make = async || {
                let make = "[constructor]counter";
                own(counters.call("wrap", COUNTERS, make, [1u32.into()]).await)
            };
            let (one, two) = (make().await, make().await);
            kill_owner(&counters).await;

            // A destructor that has nothing to destroy any more does no harm.
            drop(one);
            let live = counters.try_call("owner", COUNTERS, "live", []).await;
            assert_refused("live", live);
            crate::support::counters::until("destroyed", || {
                counters.status("wrap").resources_given == 1
            })
            .await;
            assert_runs(&counters, "wrap");

            let peek = counters.try_call("wrap", INSPECT, "peek", [two.borrow().into()]);
            let error = peek.await.unwrap_err();
            assert_eq!(error.death().unwrap().component, "owner", "{error}");
            let CallError::Failed { site, death } = &error else {
                panic!("{error}");
            };
            assert_eq!((&*site.component, &*death.component), ("wrap", "wrap"));
        }
    })
    .await;
}
