//! Replacement of components that `compose!` declares, by parts that it does not know.

use std::sync::Arc;

use composer::{CallError, ComposableDescriptor, Configure, ReplaceError, Restart};
use futures::FutureExt;

use super::replace::{Asks, replace, under_load};
use super::{Host, asker, engines, version};
use crate::support::events::heard;

composer::compose!({
    inline: r#"
        package test:swap;

        /// `version.wat`, as far as others are concerned.
        world version {
            export base: func() -> u32;
            export count: func() -> u32;
            export trap: func();
        }

        world asker {
            import base: func() -> u32;
            export asked: func() -> u32;
        }
    "#,
    composition: Swap,
    components: {
        version: "test:swap/version",
        asker: "test:swap/asker",
    },
    exports: ["base", "count", "trap", "asked"],
});

pub(super) async fn swap(host: &Host) -> Swap {
    let parts = SwapParts {
        version: host.part(version(1)),
        asker: asker(),
    };
    Swap::compose(parts).await.unwrap()
}

#[tokio::test]
async fn handles_and_links_lead_to_the_new_one() {
    let host = Host::new();
    let swap = swap(&host).await;
    assert_eq!(swap.count().await.unwrap(), 1);
    for version in 2..5 {
        replace(swap.composition(), host.version(version))
            .await
            .unwrap();
        assert_eq!(swap.base().await.unwrap(), version);
        assert_eq!(swap.asked().await.unwrap(), version);
        assert_eq!(swap.count().await.unwrap(), 1);
    }
    // Who asks is replaced, too.
    let with = ComposableDescriptor::new("asker", asker());
    let component = swap.composition().component("asker").unwrap();
    component.replace(with, super::AMPLE).await.unwrap();
    assert_eq!(swap.asked().await.unwrap(), 4);
}

#[tokio::test]
async fn one_that_died_is_started_again() {
    let host = Host::new();
    for (restart, dies_for_good) in [(Restart::on_death(), false), (Restart::never(), true)] {
        let parts = SwapParts {
            version: host.part(version(1)).with_restart(restart),
            asker: asker(),
        };
        let swap = Swap::compose(parts).await.unwrap();
        assert_eq!(swap.count().await.unwrap(), 1);
        let error = swap.trap().await.unwrap_err();
        assert!(matches!(error, CallError::Failed { .. }), "{error}");
        match swap.count().await {
            Ok(count) => assert_eq!((count, dies_for_good), (1, false)),
            Err(error) => assert!(dies_for_good, "{error}"),
        }
        assert_eq!(swap.asked().await.is_err(), dies_for_good);
    }
}

/// They had a link in Rust types, or this would show nothing.
#[test]
fn the_link_was_in_rust_types() {
    let host = Host::new();
    let events = heard(|| {
        let parts = SwapParts {
            version: host.part(version(1)),
            asker: asker(),
        };
        Swap::prepare(parts).unwrap();
    });
    let mut forms = events.iter().filter_map(|event| event.fields.get("form"));
    assert_eq!(forms.next().unwrap(), "static");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_call_is_lost_under_load() {
    let host = Host::new();
    let swap = Arc::new(swap(&host).await);
    let (direct, through) = (swap.clone(), swap.clone());
    let ways: [Arc<Asks>; 2] = [
        Arc::new(move || {
            let swap = direct.clone();
            async move { swap.base().await.unwrap() }.boxed()
        }),
        Arc::new(move || {
            let swap = through.clone();
            async move { swap.asked().await.unwrap() }.boxed()
        }),
    ];
    under_load(&host, swap.composition(), &ways).await;
}

#[tokio::test]
async fn one_of_other_types_is_refused() {
    let host = Host::new();
    let swap = swap(&host).await;
    let text = r#"(component
        (core module $m
            (func (export "base") (result i64) (i64.const 2))
            (func (export "count") (result i32) (i32.const 2)))
        (core instance $i (instantiate $m))
        (func (export "base") (result u64) (canon lift (core func $i "base")))
        (func (export "count") (result u32) (canon lift (core func $i "count"))))"#;
    let other = engines().component_from_bytes("other.wat", text.as_bytes());
    let other = ComposableDescriptor::new("version", other.unwrap());
    let error = replace(swap.composition(), other).await.unwrap_err();
    let ReplaceError::Misfit { misfits, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!(misfits.len(), 2, "{error}");
    assert_eq!(swap.base().await.unwrap(), 1);
    assert_eq!(swap.asked().await.unwrap(), 1);
}
