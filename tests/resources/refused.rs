//! Handles that do not fit a function are refused before anything runs, so no component
//! dies of them.

use composer::{CallError, ComponentState, ComposableDescriptor, Composer, ResourceHandle, Value};
use wasmtime::component::Val;

use crate::support::counters::{
    COUNTERS, Counters, INSPECT, OWNERS, RELAY, USER, each_owner, within,
};
use crate::support::gated::Gate;
use crate::support::part;

/// What the resource is called.
const COUNTER: &str = "test:resources/counters@0.1.0.counter";

/// The call must be refused for the type of a parameter, with these words for
/// what it wants and what it got.
fn assert_type(result: Result<Value, CallError>, wanted: &str, got: &str) {
    match result {
        Err(CallError::Type {
            expected, found, ..
        }) => {
            assert_eq!(expected, wanted);
            assert!(found.contains(got), "found {found}");
        }
        other => panic!("{other:?}"),
    }
}

/// The component has not even seen a call, and goes on.
async fn assert_unharmed(counters: &Counters) {
    assert!(matches!(
        counters.owner.status().state,
        ComponentState::Running
    ));
    counters.none_left().await;
    let counter = counters.make(1).await;
    assert_eq!(counters.value(&counter).await, 1);
}

async fn both_owners() -> Counters {
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("owner", part("counters")));
    composer.add(ComposableDescriptor::new("other", part("counters-c")));
    composer.add(ComposableDescriptor::new("gated", Gate::new().part()));
    let user = ComposableDescriptor::new("counters-user", part("counters-user"));
    let user = user
        .with_import_hint(COUNTERS, "owner")
        .with_import_hint(INSPECT, "owner");
    composer.add(user);
    Counters::run(composer).await
}

async fn from_other(counters: &Counters) -> ResourceHandle {
    let made = counters.call("other", COUNTERS, "[constructor]counter", [3u32.into()]);
    crate::support::counters::own(made.await)
}

#[tokio::test]
async fn a_handle_of_another_component_with_the_same_interface() {
    within(async {
        let counters = both_owners().await;
        for name in ["owner", "counters-user"] {
            let stranger = from_other(&counters).await;
            let (interface, function) = match name {
                "owner" => (INSPECT, "consume"),
                _ => (USER, "own-through"),
            };
            let result = counters
                .try_call(name, interface, function, [stranger.into()])
                .await;
            assert_type(result, COUNTER, "of `other`");

            let stranger = from_other(&counters).await;
            let (interface, function) = match name {
                "owner" => (INSPECT, "peek"),
                _ => (USER, "borrow-through"),
            };
            let args = [stranger.borrow().into()];
            let result = counters.try_call(name, interface, function, args).await;
            assert_type(result, &format!("borrow<{COUNTER}>"), "of `other`");
        }
        assert_unharmed(&counters).await;
        assert!(matches!(
            counters.status("other").state,
            ComponentState::Running
        ));
        assert_eq!(
            counters.call("other", COUNTERS, "live", []).await,
            Value::U32(0)
        );
    })
    .await;
}

#[tokio::test]
async fn a_handle_of_another_resource() {
    within(async {
        let counters = both_owners().await;
        let gated = counters.composition.component("gated").unwrap();
        let make = gated.get_func(None, "make").unwrap();
        let thing = make.call_owned([1u32.into()]).await.unwrap().unwrap();
        let result = counters
            .try_call("owner", INSPECT, "consume", [thing])
            .await;
        assert_type(result, COUNTER, "thing");
        assert_unharmed(&counters).await;
        assert_eq!(gated.status().resources_given, 0);
    })
    .await;
}

#[tokio::test]
async fn a_handle_of_another_composition() {
    each_owner(&["counters-relay"], async |counters| {
        let plan = counters.composition.plan();
        let guest = if plan.to_string().contains("counters-c") {
            "counters-c"
        } else {
            "counters"
        };
        // Equal in every way, and yet not the same.
        let twin = {
            let mut composer = Composer::new();
            composer.add(ComposableDescriptor::new("owner", part(guest)));
            composer.add(ComposableDescriptor::new(
                "counters-relay",
                part("counters-relay"),
            ));
            Counters::run(composer).await
        };
        for (component, interface, own, borrow) in [
            ("owner", INSPECT, "consume", "peek"),
            ("counters-relay", RELAY, "pass-own", "pass-borrow"),
        ] {
            let stranger = twin.make(1).await;
            let args = [stranger.borrow().into()];
            let result = counters.try_call(component, interface, borrow, args).await;
            assert_type(result, &format!("borrow<{COUNTER}>"), "of `owner`");
            let result = counters
                .try_call(component, interface, own, [stranger.into()])
                .await;
            assert_type(result, COUNTER, "of `owner`");
        }
        assert_unharmed(&counters).await;
        assert_unharmed(&twin).await;
    })
    .await;
}

#[tokio::test]
async fn a_borrow_for_an_own_and_the_reverse() {
    each_owner(&["counters-relay"], async |counters| {
        for (component, interface, own, borrow) in [
            ("owner", INSPECT, "consume", "peek"),
            ("counters-relay", RELAY, "pass-own", "pass-borrow"),
        ] {
            let counter = counters.make(1).await;
            let args = [counter.borrow().into()];
            let result = counters.try_call(component, interface, own, args).await;
            assert_type(result, COUNTER, "a borrow");
            assert_eq!(counters.value(&counter).await, 1);
            let result = counters
                .try_call(component, interface, borrow, [counter.into()])
                .await;
            assert_type(result, &format!("borrow<{COUNTER}>"), "itself");
        }
        assert_unharmed(&counters).await;
    })
    .await;
}

#[tokio::test]
async fn what_is_no_handle_at_all() {
    each_owner(&["counters-relay"], async |counters| {
        // Among them what the host's side itself puts in a resource's place.
        let forgeries = || {
            [
                Value::U32(1),
                Value::Enum(String::new()),
                Value::Variant(String::new(), None),
                Value::Option(None),
                Value::Tuple(Vec::new()),
            ]
        };
        for (component, interface, own, borrow) in [
            ("owner", INSPECT, "consume", "peek"),
            ("counters-relay", RELAY, "pass-own", "pass-borrow"),
        ] {
            for function in [own, borrow] {
                for forgery in forgeries() {
                    let result = counters
                        .try_call(component, interface, function, [forgery])
                        .await;
                    assert!(matches!(result, Err(CallError::Type { .. })), "{result:?}");
                }
            }
        }
        assert_unharmed(&counters).await;
    })
    .await;
}

#[tokio::test]
async fn a_handle_where_none_is_wanted() {
    each_owner(&[], async |counters| {
        let make = "[constructor]counter";
        let counter = counters.make(1).await;
        let args = [counter.borrow().into()];
        assert_type(
            counters.try_call("owner", COUNTERS, make, args).await,
            "u32",
            "a resource",
        );
        let args = [counter.into()];
        assert_type(
            counters.try_call("owner", COUNTERS, make, args).await,
            "u32",
            "a resource",
        );
        assert_unharmed(&counters).await;
    })
    .await;
}

#[tokio::test]
async fn too_many_handles() {
    each_owner(&[], async |counters| {
        let args = [counters.make(1).await.into(), counters.make(2).await.into()];
        let result = counters.try_call("owner", INSPECT, "consume", args).await;
        assert!(
            matches!(
                result,
                Err(CallError::Arity {
                    expected: 1,
                    found: 2,
                    ..
                })
            ),
            "{result:?}"
        );
        assert_unharmed(&counters).await;
    })
    .await;
}

#[tokio::test]
async fn plain_values_cannot_stand_for_resources() {
    each_owner(&[], async |counters| {
        let consume = counters.owner.get_func(Some(INSPECT), "consume").unwrap();
        let mut results = [Val::Bool(false)];
        for val in [Val::U32(1), Val::Enum(String::new())] {
            let error = consume.call(&[val], &mut results).await.unwrap_err();
            assert!(matches!(error, CallError::NeedsOwned { .. }), "{error}");
        }
        // Nor slip into a call that has none.
        let make_list = counters
            .owner
            .get_func(Some(COUNTERS), "make-list")
            .unwrap();
        let forged = make_list
            .call(&[Val::Enum(String::new())], &mut results)
            .await;
        assert!(
            matches!(forged, Err(CallError::NeedsOwned { .. })),
            "{forged:?}"
        );
        let live = counters.owner.get_func(Some(COUNTERS), "live").unwrap();
        let forged = live.call(&[Val::Enum(String::new())], &mut results).await;
        assert!(matches!(forged, Err(CallError::Arity { .. })), "{forged:?}");
        assert_unharmed(&counters).await;
    })
    .await;
}

/// A guest must not be given one owner's counters where its other import
/// takes another owner's: that is decided before anything runs.
#[tokio::test]
async fn interfaces_that_share_a_resource_must_have_one_owner() {
    within(async {
        for owner in OWNERS {
            let mut composer = Composer::new();
            composer.add(ComposableDescriptor::new("owner", part(owner)));
            composer.add(ComposableDescriptor::new("other", part("counters")));
            let user = ComposableDescriptor::new("counters-user", part("counters-user"));
            composer.add(
                user.with_import_hint(COUNTERS, "owner")
                    .with_import_hint(INSPECT, "other"),
            );
            let error = composer.plan().unwrap_err().to_string();
            for word in ["counters-user", "owner", "other", "inspect", "counter"] {
                assert!(error.contains(word), "{error}");
            }
        }
    })
    .await;
}
