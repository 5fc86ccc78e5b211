//! Resources without `Clone`, which a borrower has instead of their owner.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use composer::{CallError, ComposableComponent, ComposableDescriptor, Composer, Value};
use wasmtime::component::{Linker, Resource, ResourceTable, ResourceType};
use wasmtime::{Store, StoreContextMut};

use super::{State, THINGS, Thing, ThingCount, of_giver, of_taker};
use crate::support::engine;
use crate::support::wat::wat;

type Handle = Resource<Thing>;

/// A component that gets things, each of which is in one place.
fn part(name: &str, count: &Arc<ThingCount>) -> ComposableComponent<State> {
    let mut linker: Linker<State> = Linker::new(engine());
    let mut things = linker.instance(THINGS).unwrap();
    let drop_thing = |mut store: StoreContextMut<'_, State>, rep| {
        store.data_mut().table.delete(Handle::new_own(rep))?;
        Ok(())
    };
    let ty = ResourceType::host::<Thing>();
    things.resource("thing", ty, drop_thing).unwrap();
    let new = |mut store: StoreContextMut<'_, State>, (n,): (u32,)| {
        let thing = Arc::into_inner(store.data().count.thing(n)).unwrap();
        Ok((store.data_mut().table.push(thing)?,))
    };
    things.func_wrap("[constructor]thing", new).unwrap();
    let add = |mut store: StoreContextMut<'_, State>, (thing, by): (Handle, u32)| {
        Ok((store.data_mut().table.get(&thing)?.add(by),))
    };
    things.func_wrap("[method]thing.add", add).unwrap();
    let count = count.clone();
    let store = move || {
        let state = State {
            table: ResourceTable::new(),
            count: count.clone(),
        };
        Store::new(engine(), state)
    };
    ComposableComponent::new(wat(name), linker, store)
        .with_moved_host_resource::<Thing>(|state| &mut state.table)
}

fn pair(count: &Arc<ThingCount>) -> Composer {
    let mut composer = Composer::new();
    composer
        .add(ComposableDescriptor::new(
            "giver",
            part("thing-giver", count),
        ))
        .add(ComposableDescriptor::new(
            "taker",
            part("thing-taker", count),
        ));
    composer
}

#[tokio::test]
async fn lent_and_given() {
    let count: Arc<ThingCount> = Arc::default();
    let composition = pair(&count).compose().await.unwrap();
    for n in 0..100u32 {
        let given = of_taker(&composition, "run", [n.into()]).await.unwrap();
        assert_eq!(given, Some(Value::U32(n + 11)));
        // After each call it is back in its place.
        let lent = of_taker(&composition, "lend", [n.into()]).await.unwrap();
        assert_eq!(lent, Some(Value::U32(n + 2)));
    }
    assert_eq!(count.get(), 0);
}

/// A handle whose value went with its borrower is refused, and nobody dies of it.
#[tokio::test]
async fn gone_with_its_borrower() {
    let count: Arc<ThingCount> = Arc::default();
    let composition = pair(&count).compose().await.unwrap();
    let Some(Value::Own(thing)) = of_giver(&composition, "make", [5u32.into()]).await.unwrap()
    else {
        panic!("no thing");
    };
    let peeked = of_giver(&composition, "peek", [thing.borrow().into()]).await;
    assert_eq!(peeked.unwrap(), Some(Value::U32(6)));
    let trapped = of_giver(&composition, "trap", [thing.borrow().into()]).await;
    assert!(
        matches!(trapped, Err(CallError::Failed { .. })),
        "{trapped:?}"
    );
    composition.shutdown(Duration::from_secs(60)).await;
    drop(composition);
    assert_eq!(count.0.load(Ordering::SeqCst), 0);

    let other = pair(&count).compose().await.unwrap();
    let lent = of_giver(&other, "peek", [thing.borrow().into()]).await;
    assert!(matches!(lent, Err(CallError::Transfer { .. })), "{lent:?}");
    let given = of_giver(&other, "take", [thing.into()]).await;
    assert!(
        matches!(given, Err(CallError::Transfer { .. })),
        "{given:?}"
    );
    let made = of_giver(&other, "make", [5u32.into()]).await;
    assert!(matches!(made, Ok(Some(Value::Own(_)))), "{made:?}");
}
