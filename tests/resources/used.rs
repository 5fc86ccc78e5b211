//! Resources that a component uses in its world: `use counters.{counter}`. Their name
//! there is not an import of its own, which would need a provider.

use composer::fused::{FusedComponents, FusedMember};
use composer::{ComposableDescriptor, Composer, Composition, Value};

use crate::support::counters::{COUNTERS, OWNERS, own, within};
use crate::support::sandbox::{loaded, runtime};
use crate::support::wat::{wat as component, wat_path};
use crate::support::{call, engine, part};

composer::compose!({
    path: "wit/resources",
    inline: "
        package test:used;
        world user {
            use test:resources/counters@0.1.0.{counter};
            export pass: func(item: counter) -> counter;
            export peek: func(item: borrow<counter>) -> u32;
            export pass-all: func(items: list<counter>) -> list<counter>;
        }
    ",
    composition: Using,
    components: {
        counters: "test:resources/counters-guest",
        user: "test:used/user",
    },
    exports: ["test:resources/counters", "pass", "peek", "pass-all"],
});

async fn of_world(
    composition: &Composition,
    name: &str,
    args: impl IntoIterator<Item = Value>,
) -> Value {
    let func = composition.get_func(None, name).unwrap();
    func.call_owned(args).await.unwrap().unwrap()
}

/// A counter goes to the user and back in every way there is.
async fn passes(composition: Composition) {
    let made = own(call(
        &composition,
        COUNTERS,
        "[constructor]counter",
        [7u32.into()],
    )
    .await);
    let passed = own(of_world(&composition, "pass", [made.into()]).await);
    let value = of_world(&composition, "peek", [passed.borrow().into()]).await;
    assert_eq!(value, Value::U32(7));
    let list = Value::List(vec![passed.into()]);
    let Value::List(mut list) = of_world(&composition, "pass-all", [list]).await else {
        panic!("not a list");
    };
    let back = own(list.pop().unwrap());
    let method = "[method]counter.value";
    let value = call(&composition, COUNTERS, method, [back.borrow().into()]).await;
    assert_eq!(value, Value::U32(7));
}

#[tokio::test]
async fn between_components() {
    for owner in OWNERS {
        let mut composer = Composer::new();
        composer.add(ComposableDescriptor::new("owner", part(owner)));
        composer.add(ComposableDescriptor::new("user", component("world-user")));
        let plan = composer.plan().unwrap().to_string();
        assert!(!plan.contains("  counter ←"), "{plan}");
        within(passes(composer.compose().await.unwrap())).await;
    }
}

#[tokio::test]
async fn with_limits() {
    let mut composer = Composer::new();
    let owner = loaded("counters").await;
    composer.add(ComposableDescriptor::new("owner", owner.part()));
    let user = runtime().load_file(wat_path("world-user")).await.unwrap();
    composer.add(ComposableDescriptor::new("user", user.part()));
    within(passes(composer.compose().await.unwrap())).await;
}

/// The user is in a group, or in a composition, that imports the interface.
#[tokio::test]
async fn across_the_edge_of_a_group() {
    for owner in OWNERS {
        let mut group = FusedComponents::bare(engine());
        let bytes = wat::parse_file(wat_path("world-user")).unwrap();
        group.add(FusedMember::from_bytes(engine(), "user", bytes).unwrap());
        let mut composer = Composer::new();
        composer.add(ComposableDescriptor::new("owner", part(owner)));
        composer.add(ComposableDescriptor::new("group", group));
        within(passes(composer.compose().await.unwrap())).await;

        let mut inner = Composer::new();
        inner.add(ComposableDescriptor::new("user", component("world-user")));
        inner.with_open_import(COUNTERS);
        let mut composer = Composer::new();
        composer.add(ComposableDescriptor::new("owner", part(owner)));
        composer.add(ComposableDescriptor::new("inner", inner));
        within(passes(composer.compose().await.unwrap())).await;
    }
}

#[tokio::test]
async fn typed() {
    for owner in OWNERS {
        let parts = UsingParts {
            counters: part(owner),
            user: component("world-user"),
        };
        let using = Using::compose(parts).await.unwrap();
        within(async {
            let made = using.counters().counter(7).await.unwrap();
            let passed = using.pass(made).await.unwrap();
            assert_eq!(using.peek(&passed).await.unwrap(), 7);
            let [back] = &using.pass_all([passed]).await.unwrap()[..] else {
                panic!("not one");
            };
            assert_eq!(back.value().await.unwrap(), 7);
        })
        .await;
    }
}
