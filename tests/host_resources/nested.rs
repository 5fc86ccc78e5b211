//! Things within records, variants and lists, dynamically and in Rust types; and a
//! resource that a world itself has.

use std::sync::Arc;

use composer::{ComposableComponent, ComposableDescriptor, Composer, ResourceHandle, Value};
use wasmtime::component::{Linker, Resource, ResourceTable, ResourceType};
use wasmtime::{Store, StoreContextMut};

use super::{Thing, ThingCount};
use crate::support::{call, engine, guest};

composer::compose!({
    path: "wit/things",
    composition: Keeping,
    components: { keeper: "test:things/keeper-guest" },
    host: ["test:things/things"],
    with: { "test:things/things.thing": Thing },
    exports: ["test:things/keeper"],
});

use keeping::test::things::keeper::{Event, Pair, Sight};

/// The program.
struct Program;

impl keeping::test::things::things::Host for Program {
    fn thing_add(&self, thing: &Thing, by: u32) -> u32 {
        thing.add(by)
    }
}

async fn keeping() -> Keeping {
    let parts = KeepingParts {
        keeper: guest("things-keeper"),
    };
    Keeping::compose(parts, Program).await.unwrap()
}

#[tokio::test]
async fn in_rust_types() {
    let count: Arc<ThingCount> = Arc::default();
    let keeping = keeping().await;
    let keeper = keeping.keeper();
    assert_eq!(keeper.end(Event::Given(count.thing(4))).await.unwrap(), 4);
    let pair = |right: Option<Arc<Thing>>| Pair {
        left: count.thing(1),
        right,
    };
    let both = Event::Both(pair(Some(count.thing(2))));
    assert_eq!(keeper.end(both).await.unwrap(), 3);
    assert_eq!(keeper.end(Event::Both(pair(None))).await.unwrap(), 1);
    assert_eq!(keeper.end(Event::Nothing).await.unwrap(), 0);
    assert_eq!(count.get(), 0);

    let (one, two) = (count.thing(10), count.thing(20));
    assert_eq!(keeper.look(Sight::One(&one)).await.unwrap(), 11);
    let both = Sight::Two((&one, &two));
    assert_eq!(format!("{both:?}"), "Sight::Two");
    assert_eq!(keeper.look(both).await.unwrap(), 12 + 21);
    assert_eq!((one.add(0), two.add(0)), (12, 21));

    let event = Event::Both(Pair {
        left: one.clone(),
        right: Some(two.clone()),
    });
    let Ok(Event::Both(turned)) = keeper.turn(event).await.unwrap() else {
        panic!("both are wanted");
    };
    assert!(Arc::ptr_eq(&turned.left, &two));
    assert!(Arc::ptr_eq(&turned.right.unwrap(), &one));
    let nothing = keeper.turn(Event::Nothing).await.unwrap();
    assert_eq!(nothing.err().unwrap(), "nothing to turn");
    drop((one, two, turned.left));
    assert_eq!(count.get(), 0);
}

fn variant(case: &str, value: Value) -> Value {
    Value::Variant(case.to_owned(), Some(Box::new(value)))
}

#[tokio::test]
async fn as_values() {
    const KEEPER: &str = "test:things/keeper@0.1.0";
    let count: Arc<ThingCount> = Arc::default();
    let keeping = keeping().await;
    let composition = keeping.composition();
    let given = |n| Value::from(ResourceHandle::from_host(count.thing(n)));
    let record = |left, right: Option<Value>| {
        Value::Record(vec![
            ("left".to_owned(), left),
            ("right".to_owned(), Value::Option(right.map(Box::new))),
        ])
    };
    let end = async |event| call(composition, KEEPER, "end", [event]).await;
    assert_eq!(end(variant("given", given(4))).await, Value::U32(4));
    let both = variant("both", record(given(1), Some(given(2))));
    assert_eq!(end(both).await, Value::U32(3));
    assert_eq!(count.get(), 0);

    let (one, two) = (count.thing(10), count.thing(20));
    let (first, second) = (
        ResourceHandle::from_host(one.clone()),
        ResourceHandle::from_host(two.clone()),
    );
    let lent = Value::Tuple(vec![first.borrow().into(), second.borrow().into()]);
    let looked = call(composition, KEEPER, "look", [variant("two", lent)]).await;
    assert_eq!(looked, Value::U32(11 + 21));

    let both = variant("both", record(first.into(), Some(second.into())));
    let turned = call(composition, KEEPER, "turn", [both]).await;
    let Value::Result(Ok(Some(event))) = turned else {
        panic!("{turned}");
    };
    let Value::Variant(_, Some(pair)) = *event else {
        panic!("{event}");
    };
    let Value::Record(fields) = *pair else {
        panic!("{pair}");
    };
    let [(_, Value::Own(left)), (_, right)] = <[_; 2]>::try_from(fields).unwrap() else {
        panic!("a pair of things is wanted");
    };
    let left: Arc<Thing> = left.into_host().unwrap();
    assert!(Arc::ptr_eq(&left, &two));
    drop((left, right, one, two));
    assert_eq!(count.get(), 0);
}

/// A number, and nothing else.
struct Badge(u32);

#[tokio::test]
async fn at_the_root_of_a_world() {
    let mut linker: Linker<ResourceTable> = Linker::new(engine());
    let mut root = linker.root();
    let ty = ResourceType::host::<Arc<Badge>>();
    let dropped = |mut store: StoreContextMut<'_, ResourceTable>, rep| {
        let badge = Resource::<Arc<Badge>>::new_own(rep);
        store.data_mut().delete(badge)?;
        Ok(())
    };
    root.resource("badge", ty, dropped).unwrap();
    root.func_wrap(
        "[method]badge.number",
        |store: StoreContextMut<'_, ResourceTable>, (badge,): (Resource<Arc<Badge>>,)| {
            Ok((store.data().get(&badge)?.0,))
        },
    )
    .unwrap();
    let store = || Store::new(engine(), ResourceTable::new());
    let part = ComposableComponent::new(guest("badge-checker"), linker, store)
        .with_host_resource::<Arc<Badge>>(|table| table);
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("checker", part));
    let composition = composer.compose().await.unwrap();
    let of_checker = async |name: &str, args: Vec<Value>| {
        let func = composition.get_func(None, name).unwrap();
        func.call_owned(args).await.unwrap()
    };
    let badge = Arc::new(Badge(7));
    let handle = ResourceHandle::from_host(badge.clone());
    let number = of_checker("check", vec![handle.borrow().into()]).await;
    assert_eq!(number, Some(Value::U32(7)));
    of_checker("keep", vec![handle.into()]).await;
    assert_eq!(Arc::strong_count(&badge), 2);
    let back = of_checker("give-back", vec![]).await;
    let Some(Value::Option(Some(back))) = back else {
        panic!("{back:?}");
    };
    let Value::Own(back) = *back else {
        panic!("{back}");
    };
    assert!(Arc::ptr_eq(
        &back.into_host::<Arc<Badge>>().unwrap(),
        &badge
    ));
}
