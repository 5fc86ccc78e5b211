//! Unbounded numbers of handles: the store's own limit applies.

use composer::{CallError, ComponentState, ComposableDescriptor, Composer};

use crate::support::counters::{Counters, OWNERS, RELAY, USER, number, within};
use crate::support::{part, part_in};

#[tokio::test]
async fn a_guest_that_leaks_handles_fails_alone() {
    within(async {
        for owner in OWNERS {
            let mut composer = Composer::new();
            // The same limit for all, as by default: the owner has every handle
            // too, and must not be the first to reach it.
            for (name, guest) in [
                ("owner", owner),
                ("user", "counters-user"),
                ("leak", "hostile-leak"),
            ] {
                let part = part_in(guest, |store| store.set_max_component_handles(1000));
                composer.add(ComposableDescriptor::new(name, part));
            }
            let counters = Counters::run(composer).await;
            let leaks = "test:hostile/leaks@0.1.0";
            let mine = counters.make(1).await;
            counters.call("user", USER, "hold", [5u32.into()]).await;

            let leaked = counters.call("leak", leaks, "leak", [490u32.into()]).await;
            assert_eq!(number(leaked), 490);
            assert_eq!(counters.tables("leak"), (496, 490));
            let leak = counters.try_call("leak", leaks, "leak", [200u32.into()]);
            let error = leak.await.unwrap_err();
            assert!(matches!(&error, CallError::Failed { .. }), "{error}");
            assert_eq!(error.death().unwrap().component, "leak", "{error}");
            assert!(
                error.to_string().contains("holds 500 resources of others"),
                "{error}"
            );

            assert!(matches!(
                counters.owner.status().state,
                ComponentState::Running
            ));
            assert_eq!(counters.live().await, 6);
            assert_eq!(counters.tables("leak"), (6, 0));
            assert_eq!(counters.value(&mine).await, 1);
            assert_eq!(number(counters.call("user", USER, "release", []).await), 5);
        }
    })
    .await;
}

/// A pair on its way into a store with room for neither, for one, and so on
/// until it goes through: it is there as a whole or not at all.
#[tokio::test]
async fn what_does_not_fit_into_a_store_is_not_left_there() {
    within(async {
        let mut too_low = 0;
        for limit in 1.. {
            let mut composer = Composer::new();
            composer.add(ComposableDescriptor::new("owner", part("counters")));
            let relay = part_in("counters-relay", move |store| {
                store.set_max_component_handles(limit);
            });
            composer.add(ComposableDescriptor::new("relay", relay));
            let counters = Counters::run(composer).await;
            let pair = counters.ask("make-pair", []).await;
            let swapped = counters.try_call("relay", RELAY, "swap", [pair]).await;
            assert_eq!(counters.status("relay").resources_held, 0, "limit {limit}");
            let Err(error) = swapped else {
                assert_eq!(counters.live().await, 2);
                break;
            };
            too_low += 1;
            assert!(
                matches!(&error, CallError::Failed { .. }),
                "limit {limit}: {error}"
            );
            assert_eq!(error.death().unwrap().component, "relay");
            counters.none_left().await;
        }
        assert!(too_low > 1, "{too_low}");
    })
    .await;
}
