//! Resources that a component uses in its world: `use counters.{counter}`. Their name
//! there is not an import of its own, which would need a provider.

use composer::fused::{FusedComponents, FusedMember};
use composer::wasi::WasiComponent;
use composer::{ComposableDescriptor, Composer, Composition, Value};

use crate::support::counters::{COUNTERS, OWNERS, own, within};
use crate::support::sandbox::{loaded, runtime};
use crate::support::wat::{wat as component, wat_path};
use crate::support::{call, engine, guest_path, part};

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
async fn within_a_group() {
    for owner in OWNERS {
        let mut group = FusedComponents::bare(engine());
        let owner = std::fs::read(guest_path(owner)).unwrap();
        let user = wat::parse_file(wat_path("world-user")).unwrap();
        for (name, bytes) in [("owner", owner), ("user", user)] {
            group.add(FusedMember::from_bytes(engine(), name, bytes).unwrap());
        }
        let mut composer = Composer::new();
        composer.add(ComposableDescriptor::new("both", group));
        within(passes(composer.compose().await.unwrap())).await;
    }
}

/// Opens its standard output for its caller, and takes it back.
const STREAM_USER: &str = r#"(component
    (import "wasi:io/streams@0.2.6" (instance $streams
        (export "output-stream" (type (sub resource)))))
    (alias export $streams "output-stream" (type $stream))
    (import "output-stream" (type $used (eq $stream)))
    (import "wasi:cli/stdout@0.2.6" (instance $stdout
        (export "output-stream" (type $out (eq $stream)))
        (export "get-stdout" (func (result (own $out))))))
    (core func $get (canon lower (func $stdout "get-stdout")))
    (core func $drop (canon resource.drop $used))
    (core module $m
        (import "" "get" (func $get (result i32)))
        (import "" "drop" (func $drop (param i32)))
        (func (export "open") (result i32) (call $get))
        (func (export "close") (param i32) (call $drop (local.get 0))))
    (core instance $i (instantiate $m (with "" (instance
        (export "get" (func $get))
        (export "drop" (func $drop))))))
    (func (export "open") (result (own $used)) (canon lift (core func $i "open")))
    (func (export "close") (param "stream" (own $used)) (canon lift (core func $i "close"))))"#;

/// A resource of WASI's, which the component gets from the host.
#[tokio::test]
async fn of_the_host() {
    let component = composer::component_from_bytes(engine(), "user", STREAM_USER.as_bytes());
    let sandboxed = runtime().load_bytes("user", STREAM_USER).await.unwrap();
    let mut composer = Composer::new();
    composer
        .add(ComposableDescriptor::new(
            "plain",
            WasiComponent::new(component.unwrap()),
        ))
        .add(ComposableDescriptor::new("sandboxed", sandboxed.part()));
    let composition = composer.compose().await.unwrap();
    for name in ["plain", "sandboxed"] {
        let user = composition.component(name).unwrap();
        let call = async |name: &str, args: Vec<Value>| {
            let func = user.get_func(None, name).unwrap();
            func.call_owned(args).await.unwrap()
        };
        let stream = own(call("open", vec![]).await.unwrap());
        assert_eq!(stream.component(), None);
        assert_eq!(call("close", vec![stream.into()]).await, None);
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

composer::compose!({
    path: "wit/resources",
    inline: "
        package test:used-in-list;
        interface named { name: func() -> u32; }
    ",
    composition: UsingList,
    components: {
        counters: "test:resources/counters-guest",
        users: [dyn "test:used-in-list/named"],
    },
    exports: ["test:resources/counters"],
});

/// Such components are started; a list shows nothing but what it declares.
#[tokio::test]
async fn in_a_list() {
    const NAMED: &str = r#"
        (core module $named (func (export "name") (result i32) (i32.const 3)))
        (core instance $named (instantiate $named))
        (func $name (result u32) (canon lift (core func $named "name")))
        (instance $named (export "name" (func $name)))
        (export "test:used-in-list/named" (instance $named)))"#;
    let text = std::fs::read_to_string(wat_path("world-user")).unwrap();
    let text = text.trim_end().strip_suffix(')').unwrap().to_owned() + NAMED;
    let user = || composer::component_from_bytes(engine(), "user", text.as_bytes()).unwrap();
    for owner in OWNERS {
        let parts = UsingListParts {
            counters: part(owner),
            users: ["one", "two"].map(|name| (name.to_owned(), user())).into(),
        };
        let using = UsingList::compose(parts).await.unwrap();
        let names = within(async {
            let [one, two] = ["one", "two"].map(|name| using.users().get(name).unwrap());
            (one.name().await.unwrap(), two.name().await.unwrap())
        });
        assert_eq!(names.await, (3, 3));
    }
}
