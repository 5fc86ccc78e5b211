//! Things between components, and between components and the embedder.

use std::sync::Arc;
use std::time::Duration;

use composer::fused::{FusedComponents, FusedMember};
use composer::{CallError, ComposableDescriptor, Composer, ResourceHandle, Value};

use super::{Thing, ThingCount, linker, of_giver, of_taker, pair, part, stores};
use crate::support::engine;
use crate::support::wat::wat_path;

/// The one resource in a result.
fn own(result: Option<Value>) -> ResourceHandle {
    match result {
        Some(Value::Own(handle)) => handle,
        Some(Value::Option(Some(inner))) => own(Some(*inner)),
        other => panic!("no resource, but {other:?}"),
    }
}

#[tokio::test]
async fn between_components() {
    let count = Arc::default();
    let composition = pair(&count).compose().await.unwrap();
    for n in 0..100 {
        let given = of_taker(&composition, "run", [n.into()]).await.unwrap();
        assert_eq!(given, Some(Value::U32(n + 11)));
        // The borrower and the owner see the same thing.
        let lent = of_taker(&composition, "lend", [n.into()]).await.unwrap();
        assert_eq!(lent, Some(Value::U32(n + 2)));
    }
    assert_eq!(count.get(), 0);
}

#[tokio::test]
async fn the_embedders_own() {
    let count: Arc<ThingCount> = Arc::default();
    let composition = pair(&count).compose().await.unwrap();
    let thing = count.thing(5);
    let handle = ResourceHandle::from_host(thing.clone());
    assert_eq!(handle.component(), None);
    let peeked = of_giver(&composition, "peek", [handle.borrow().into()]).await;
    assert_eq!(peeked.unwrap(), Some(Value::U32(6)));
    assert_eq!(thing.add(0), 6);
    of_giver(&composition, "keep", [handle.into()])
        .await
        .unwrap();
    assert_eq!(Arc::strong_count(&thing), 2);
    let back = own(of_giver(&composition, "give-kept", []).await.unwrap());
    let back: Arc<Thing> = back.into_host().unwrap();
    assert!(Arc::ptr_eq(&back, &thing));
    let none = of_giver(&composition, "give-kept", []).await.unwrap();
    assert_eq!(none, Some(Value::Option(None)));

    let made = own(of_giver(&composition, "make", [9u32.into()]).await.unwrap());
    let made = made.into_host::<String>().unwrap_err();
    let made: Arc<Thing> = made.into_host().unwrap();
    assert_eq!(made.add(1), 10);

    let list = (1..=4u32).map(|n| Value::from(ResourceHandle::from_host(count.thing(n))));
    let list = Value::List(list.collect());
    let sum = of_giver(&composition, "sum", [list]).await.unwrap();
    assert_eq!(sum, Some(Value::U32(10)));
    assert_eq!(count.get(), 2);
    drop((thing, back, made));
    assert_eq!(count.get(), 0);
}

#[tokio::test]
async fn what_does_not_fit_is_refused() {
    let count: Arc<ThingCount> = Arc::default();
    let composition = pair(&count).compose().await.unwrap();
    let other = ResourceHandle::from_host("no thing".to_owned());
    let refused = of_giver(&composition, "take", [other.into()]).await;
    let text = refused.unwrap_err().to_string();
    assert!(
        text.contains("a `alloc::string::String` of the program"),
        "{text}"
    );

    let thing = ResourceHandle::from_host(count.thing(1));
    let lent = thing.borrow();
    let refused = of_giver(&composition, "take", [lent.clone().into()]).await;
    assert!(
        matches!(refused, Err(CallError::Type { .. })),
        "{refused:?}"
    );
    let refused = of_giver(&composition, "take", [thing.into()]).await;
    assert!(
        matches!(refused, Err(CallError::Lent { .. })),
        "{refused:?}"
    );
    drop(lent);
    assert_eq!(count.get(), 0);

    let thing = ResourceHandle::from_host(count.thing(1));
    let taken = of_giver(&composition, "take", [thing.into()])
        .await
        .unwrap();
    assert_eq!(taken, Some(Value::U32(1)));
}

#[tokio::test]
async fn a_borrower_that_traps_takes_its_caller_along_and_nothing_else() {
    let count: Arc<ThingCount> = Arc::default();
    let composition = pair(&count).compose().await.unwrap();
    let thing = ResourceHandle::from_host(count.thing(3));
    let trapped = of_giver(&composition, "trap", [thing.borrow().into()]).await;
    assert!(
        matches!(trapped, Err(CallError::Failed { .. })),
        "{trapped:?}"
    );
    // The embedder has its thing still.
    assert_eq!(thing.into_host::<Arc<Thing>>().unwrap().add(0), 3);
    assert_eq!(count.get(), 0);

    let composition = pair(&count).compose().await.unwrap();
    let trapped = of_taker(&composition, "lend-to-trap", []).await;
    trapped.unwrap_err();
    composition.shutdown(Duration::from_secs(60)).await;
    drop(composition);
    assert_eq!(count.get(), 0);
}

#[tokio::test]
async fn what_a_component_keeps_goes_with_its_store() {
    let count: Arc<ThingCount> = Arc::default();
    let composition = pair(&count).compose().await.unwrap();
    let thing = ResourceHandle::from_host(count.thing(3));
    of_giver(&composition, "keep", [thing.into()])
        .await
        .unwrap();
    assert_eq!(count.get(), 1);
    composition.shutdown(Duration::from_secs(60)).await;
    drop(composition);
    assert_eq!(count.get(), 0);
}

#[tokio::test]
async fn through_a_nested_composition() {
    let count: Arc<ThingCount> = Arc::default();
    let mut inner = Composer::new();
    inner.add(ComposableDescriptor::new(
        "giver",
        part("thing-giver", &count),
    ));
    let mut outer = Composer::new();
    outer.add(ComposableDescriptor::new("inner", inner));
    outer.add(ComposableDescriptor::new(
        "taker",
        part("thing-taker", &count),
    ));
    let composition = outer.compose().await.unwrap();
    let given = of_taker(&composition, "run", [1u32.into()]).await.unwrap();
    assert_eq!(given, Some(Value::U32(12)));
    let made = own(of_giver(&composition, "make", [9u32.into()]).await.unwrap());
    assert_eq!(made.into_host::<Arc<Thing>>().unwrap().add(0), 9);
    assert_eq!(count.get(), 0);
}

/// A group that takes things of its embedder, and gives some.
#[tokio::test]
async fn to_and_from_a_fused_group() {
    let count: Arc<ThingCount> = Arc::default();
    let mut group = FusedComponents::new(linker(), stores(&count));
    let wat_binary = wat::parse_file(wat_path("thing-giver")).unwrap();
    group.add(FusedMember::from_bytes(engine(), "giver", wat_binary).unwrap());
    group.with_host_resource::<Arc<Thing>>(|state| &mut state.table);
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("group", group));
    composer.add(ComposableDescriptor::new(
        "taker",
        part("thing-taker", &count),
    ));
    let composition = composer.compose().await.unwrap();
    let given = of_taker(&composition, "run", [1u32.into()]).await.unwrap();
    assert_eq!(given, Some(Value::U32(12)));
    let thing = ResourceHandle::from_host(count.thing(3));
    let peeked = of_giver(&composition, "peek", [thing.borrow().into()]).await;
    assert_eq!(peeked.unwrap(), Some(Value::U32(4)));
    drop(thing);
    assert_eq!(count.get(), 0);
}
