//! The boundary of a group: resources that go in and out, and functions of the group's
//! linker.

use composer::fused::FusedComponents;
use composer::{ComposableDescriptor, Composer, Value};
use wasmtime::Store;
use wasmtime::component::{Linker, ResourceType};

use super::{compose, group, member, named, text};
use crate::support::counters::{COUNTERS, Counters, OWNERS, RELAY, USER, number, own, within};
use crate::support::flow::{DRIVER, Flow};
use crate::support::{call, engine, part};

/// The counters are inside, with one of their users; another is outside.
#[tokio::test]
async fn resources_of_members_go_out_and_come_home() {
    for owner in OWNERS {
        within(async {
            let both = group([named("counters", owner), member("counters-user")]);
            let mut composer = Composer::new();
            composer.add(ComposableDescriptor::new("owner", both));
            composer.add(ComposableDescriptor::new(
                "counters-relay",
                part("counters-relay"),
            ));
            let counters = Counters::run(composer).await;
            let made = own(counters
                .call("counters-relay", RELAY, "make", [7u32.into()])
                .await);
            assert_eq!(made.component(), Some("owner"));
            assert_eq!(made.resource(), format!("{COUNTERS}.counter"));
            let args = [made.borrow().into()];
            let more = counters.call("owner", USER, "borrow-through", args).await;
            assert_eq!(more, Value::U32(8));
            let through = own(counters
                .call("owner", USER, "own-through", [made.into()])
                .await);
            let passed = own(counters
                .call("counters-relay", RELAY, "pass-own", [through.into()])
                .await);
            assert_eq!(counters.value(&passed).await, 9);
            counters.call("owner", USER, "keep", [passed.into()]).await;
            assert_eq!(counters.live().await, 1);
            counters.call("owner", USER, "release", []).await;
            counters.none_left().await;
        })
        .await;
    }
}

/// The counters are outside, and two of their users are fused.
#[tokio::test]
async fn resources_of_others_go_through_a_group() {
    for owner in OWNERS {
        within(async {
            let users = group([member("counters-user"), member("counters-relay")]);
            let mut composer = Composer::new();
            composer.add(ComposableDescriptor::new("owner", part(owner)));
            composer.add(ComposableDescriptor::new("users", users));
            let counters = Counters::run(composer).await;
            let made = own(counters.call("users", RELAY, "make", [7u32.into()]).await);
            assert_eq!(made.component(), Some("owner"));
            // What one member made is the other's as well.
            let through = own(counters
                .call("users", USER, "own-through", [made.into()])
                .await);
            assert_eq!(counters.value(&through).await, 8);
            counters.call("users", USER, "keep", [through.into()]).await;
            assert_eq!(counters.tables("users"), (1, 1));
            for run in ["run-lifecycle", "run-compound"] {
                counters.call("users", USER, run, []).await;
            }
            counters.call("users", USER, "release", []).await;
            counters.none_left().await;
        })
        .await;
    }
}

#[tokio::test]
async fn two_groups() {
    within(async {
        let providers = group([member("counters"), member("tax-eu"), member("catalog")]);
        let users = group([member("counters-user"), member("till")]);
        let mut composer = Composer::new();
        composer.add(ComposableDescriptor::new("owner", providers));
        composer.add(ComposableDescriptor::new("users", users));
        let counters = Counters::run(composer).await;
        let sum = counters.call("users", USER, "run-inspect", []).await;
        assert_eq!(number(sum), 10);
        counters.none_left().await;
    })
    .await;
}

/// What the linker has comes before what a member exports, as it comes before
/// what other components export.
#[tokio::test]
async fn the_linker_of_the_group_comes_first() {
    let mut linker: Linker<()> = Linker::new(engine());
    let mut rates = linker.instance("shop:tax/rates@1.0.0").unwrap();
    rates
        .func_wrap("region", |_, ()| Ok(("Utopia".to_owned(),)))
        .unwrap();
    rates
        .func_wrap("rate", |_, (_,): (String,)| Ok((0u32,)))
        .unwrap();
    let mut shop = FusedComponents::new(linker, || Store::new(engine(), ()));
    shop.add(member("catalog"))
        .add(member("tax-eu"))
        .add(member("till"));
    let composition = compose(shop).await;
    let plan = composition.plan().to_string();
    assert!(
        plan.contains("    shop:tax/rates@1.0.0 ← its linker\n"),
        "{plan}"
    );

    let line = Value::record([("sku", "apple".into()), ("quantity", 1u32.into())]);
    let checkout = "shop:till/checkout@1.0.0";
    let receipt = call(&composition, checkout, "total", [vec![line].into()]).await;
    assert!(format!("{receipt:?}").contains("Utopia"), "{receipt:?}");
}

/// Members that import compatible versions share the import, in the highest.
#[tokio::test]
async fn versions_of_what_is_outside() {
    let user = |version: &str, export: &str| {
        format!(
            r#"(component
                (import "x:y/z@{version}" (instance $z (export "f" (func (result u32)))))
                (core func $f (canon lower (func $z "f")))
                (core module $m
                    (import "" "f" (func $f (result i32)))
                    (func (export "f") (result i32) (call $f)))
                (core instance $i (instantiate $m (with "" (instance
                    (export "f" (func $f))))))
                (func (export "{export}") (result u32) (canon lift (core func $i "f"))))"#
        )
    };
    let both = || {
        [
            text("old", &user("1.0.0", "a")),
            text("new", &user("1.2.0", "b")),
        ]
    };
    let mut linker: Linker<()> = Linker::new(engine());
    let mut z = linker.instance("x:y/z@1.2.0").unwrap();
    z.func_wrap("f", |_, ()| Ok((3u32,))).unwrap();
    let mut users = FusedComponents::new(linker, || Store::new(engine(), ()));
    for member in both() {
        users.add(member);
    }
    let composition = compose(users).await;
    assert_eq!(
        composition.plan().to_string(),
        "components, in start order
  group
    x:y/z@1.2.0 ← its linker
    fused of
      new
        x:y/z@1.2.0 ← outside
      old
        x:y/z@1.0.0 ← outside (x:y/z@1.2.0)
exports
  func a ← group
  func b ← group
"
    );
    for name in ["a", "b"] {
        let func = composition.get_func(None, name).unwrap();
        assert_eq!(func.call_owned([]).await.unwrap(), Some(Value::U32(3)));
    }
    let open = super::composer(group(both()))
        .plan()
        .unwrap_err()
        .to_string();
    assert!(
        open.starts_with("component `group` imports `x:y/z@1.2.0`, which nothing provides"),
        "{open}"
    );
}

/// Apart, each component would have such resources of its own.
#[tokio::test]
async fn resources_of_the_linker_cross_between_members() {
    const THINGS: &str = r#"(import "h:o/things" (instance $things
        (export "thing" (type $thing (sub resource)))
        (export "make" (func (result (own $thing))))))
        (alias export $things "thing" (type $thing))"#;
    let giver = format!(
        r#"(component {THINGS}
            (core func $make' (canon lower (func $things "make")))
            (core module $m
                (import "" "make" (func $make (result i32)))
                (func (export "give") (result i32) (call $make)))
            (core instance $i (instantiate $m
                (with "" (instance (export "make" (func $make'))))))
            (func (export "give") (result (own $thing))
                (canon lift (core func $i "give"))))"#
    );
    let taker = format!(
        r#"(component {THINGS}
            (import "give" (func $give (result (own $thing))))
            (core func $give' (canon lower (func $give)))
            (core func $drop (canon resource.drop $thing))
            (core module $m
                (import "" "give" (func $give (result i32)))
                (import "" "drop" (func $drop (param i32)))
                (func (export "run") (call $drop (call $give))))
            (core instance $i (instantiate $m (with "" (instance
                (export "give" (func $give'))
                (export "drop" (func $drop))))))
            (func (export "run") (canon lift (core func $i "run"))))"#
    );
    struct Thing;
    let mut linker: Linker<u32> = Linker::new(engine());
    let mut things = linker.instance("h:o/things").unwrap();
    things
        .resource("thing", ResourceType::host::<Thing>(), |mut store, rep| {
            *store.data_mut() += rep;
            Ok(())
        })
        .unwrap();
    things
        .func_wrap("make", |_, ()| {
            Ok((wasmtime::component::Resource::<Thing>::new_own(7),))
        })
        .unwrap();
    let mut both = FusedComponents::new(linker, || Store::new(engine(), 0));
    both.add(text("giver", &giver)).add(text("taker", &taker));
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("group", both));
    let composition = composer.compose().await.unwrap();
    let run = composition.get_func(None, "run").unwrap();
    assert_eq!(run.call_owned([]).await.unwrap(), None);
}

/// Of an interface that one member has from another, an import of the group uses
/// a type. Only the type matters outside.
#[tokio::test]
async fn types_of_members_in_imports_of_the_group() {
    const POINT: &str = r#"(export "point" (type $point (eq $record)))"#;
    const RECORD: &str = r#"(type $record (record (field "x" u32)))"#;
    let types = format!(
        r#"(component
            {RECORD}
            (component $c
                (import "point" (type $point (eq $record)))
                {POINT_EXPORT}
                (core module $m (func (export "origin") (result i32) (i32.const 3)))
                (core instance $i (instantiate $m))
                (func (export "origin") (result $p) (canon lift (core func $i "origin"))))
            (instance $types (instantiate $c (with "point" (type $record))))
            (export "p:q/types@1.0.0" (instance $types)))"#,
        POINT_EXPORT = r#"(export $p "point" (type $point))"#,
    )
    .replace("(component $c\n", &format!("(component $c {RECORD}\n"));
    let user = format!(
        r#"(component
            (import "p:q/types@1.0.0" (instance $types
                {RECORD} {POINT}
                (export "origin" (func (result $point)))))
            (alias export $types "point" (type $outer))
            (import "p:q/api@1.0.0" (instance $api
                (alias outer 1 $outer (type $record)) {POINT}
                (export "mirror" (func (param "p" $point) (result $point)))))
            (core func $origin (canon lower (func $types "origin")))
            (core func $mirror (canon lower (func $api "mirror")))
            (core module $m
                (import "" "origin" (func $origin (result i32)))
                (import "" "mirror" (func $mirror (param i32) (result i32)))
                (func (export "run") (result i32) (call $mirror (call $origin))))
            (core instance $i (instantiate $m (with "" (instance
                (export "origin" (func $origin)) (export "mirror" (func $mirror))))))
            (func (export "run") (result u32) (canon lift (core func $i "run"))))"#
    );
    let api = format!(
        r#"(component
            (import "p:q/types@1.0.0" (instance $types {RECORD} {POINT}))
            (alias export $types "point" (type $outer))
            (component $c
                (import "point" (type $point (eq $outer)))
                (export $p "point" (type $point))
                (core module $m (func (export "mirror") (param i32) (result i32)
                    (i32.sub (i32.const 10) (local.get 0))))
                (core instance $i (instantiate $m))
                (func (export "mirror") (param "p" $p) (result $p)
                    (canon lift (core func $i "mirror"))))
            (instance $api (instantiate $c (with "point" (type $outer))))
            (export "p:q/api@1.0.0" (instance $api)))"#
    );
    let api = composer::component_from_bytes(engine(), "api", api.as_bytes()).unwrap();
    let mut composer = super::composer(group([text("types", &types), text("user", &user)]));
    composer.add(ComposableDescriptor::new("api", api));
    let composition = composer.compose().await.unwrap();
    let run = composition.get_func(None, "run").unwrap();
    assert_eq!(run.call_owned([]).await.unwrap(), Some(Value::U32(7)));
}

/// Calls of one member to another run at once, too.
#[tokio::test]
async fn async_calls_between_members() {
    within(async {
        let mut flow = Flow::fused().await;
        let answers = flow.spawn(DRIVER, "fan-out", [3u32.into(), 1u32.into()]);
        for tag in 0..3 {
            flow.noted(&format!("begin {tag}")).await;
        }
        flow.open(1);
        let answers = answers.await.unwrap().unwrap();
        assert_eq!(
            answers,
            Value::List(vec!["0".into(), "1".into(), "2".into()])
        );
    })
    .await;
}
