//! One interface under several labels (`implements`), and imports that are satisfied by
//! exports of another name.

use composer::fused::{FusedComponents, FusedMember};
use composer::{ComposableDescriptor, Composer, Composition, Value};
use wasmtime::component::Component;

use crate::support::counters::within;
use crate::support::engine;

composer::compose!({
    inline: "
        package test:labels@1.0.0;
        interface store { get: func() -> u32; }
        world app { import main: store; import spare: store; export run: func() -> u32; }
        world db { export store; }
        world both { export files: store; export rows: store; }
    ",
    composition: Labelled,
    components: { app: "test:labels/app", first: "test:labels/db", second: "test:labels/db" },
    hints: { app: { "main": first, "spare": second } },
    exports: { "run", "test:labels/store": second },
});

/// Adds the value under one label to a hundred times the value under the other.
const APP: &str = r#"(component
    (import "main" (implements "test:labels/store@1.0.0")
        (instance $main (export "get" (func (result u32)))))
    (import "spare" (implements "test:labels/store@1.0.0")
        (instance $spare (export "get" (func (result u32)))))
    (core func $main (canon lower (func $main "get")))
    (core func $spare (canon lower (func $spare "get")))
    (core module $m
        (import "" "main" (func $main (result i32)))
        (import "" "spare" (func $spare (result i32)))
        (func (export "run") (result i32)
            (i32.add (call $main) (i32.mul (call $spare) (i32.const 100)))))
    (core instance $i (instantiate $m (with "" (instance
        (export "main" (func $main))
        (export "spare" (func $spare))))))
    (func (export "run") (result u32) (canon lift (core func $i "run"))))"#;

/// Exports the interface under this name, which a label's clause may follow.
fn store(name: &str, value: u32) -> String {
    format!(
        r#"(component
    (core module $m (func (export "get") (result i32) (i32.const {value})))
    (core instance $i (instantiate $m))
    (func $get (result u32) (canon lift (core func $i "get")))
    (instance $store (export "get" (func $get)))
    (export {name} (instance $store)))"#
    )
}

const STORE: &str = r#""test:labels/store@1.0.0""#;

/// A component that exports the interface under both labels.
fn both() -> String {
    r#"(component
    (core module $m
        (func (export "files") (result i32) (i32.const 3))
        (func (export "rows") (result i32) (i32.const 4)))
    (core instance $i (instantiate $m))
    (func $files (result u32) (canon lift (core func $i "files")))
    (func $rows (result u32) (canon lift (core func $i "rows")))
    (instance $files (export "get" (func $files)))
    (instance $rows (export "get" (func $rows)))
    (export "files" (implements "test:labels/store@1.0.0") (instance $files))
    (export "rows" (implements "test:labels/store@1.0.0") (instance $rows)))"#
        .to_owned()
}

fn component(text: &str) -> Component {
    composer::component_from_bytes(engine(), "test", text.as_bytes()).unwrap()
}

async fn run(composition: &Composition) -> u32 {
    let run = composition.get_func(None, "run").unwrap();
    match within(run.call_owned([])).await.unwrap() {
        Some(Value::U32(number)) => number,
        other => panic!("{other:?}"),
    }
}

async fn composed(parts: impl IntoIterator<Item = ComposableDescriptor>) -> Composition {
    let mut composer = Composer::new();
    for part in parts {
        composer.add(part);
    }
    composer.compose().await.unwrap()
}

fn app() -> ComposableDescriptor {
    ComposableDescriptor::new("app", component(APP))
}

fn part(name: &str, text: &str) -> ComposableDescriptor {
    ComposableDescriptor::new(name, component(text))
}

#[tokio::test]
async fn labels_are_met_by_the_one_provider_of_the_interface() {
    let composition = composed([app(), part("db", &store(STORE, 7))]).await;
    assert_eq!(run(&composition).await, 707);
}

#[tokio::test]
async fn hints_choose_by_label() {
    let app = app()
        .with_import_hint("main", "first")
        .with_import_hint("spare", "second");
    let parts = [
        app,
        part("first", &store(STORE, 1)),
        part("second", &store(STORE, 2)),
    ];
    assert_eq!(run(&composed(parts).await).await, 201);
}

#[tokio::test]
async fn hints_name_the_export_that_is_meant() {
    let app = app()
        .with_import_hint("main", ("both", "files"))
        .with_import_hint("spare", ("both", "rows"));
    let composition = composed([app, part("both", &both())]).await;
    assert_eq!(run(&composition).await, 403);
}

#[tokio::test]
async fn plain_names_meet_where_a_hint_says_so() {
    const USER: &str = r#"(component
        (import "storage" (instance $s (export "get" (func (result u32)))))
        (import "number" (func $number (result u32)))
        (core func $get (canon lower (func $s "get")))
        (core func $number (canon lower (func $number)))
        (core module $m
            (import "" "get" (func $get (result i32)))
            (import "" "number" (func $number (result i32)))
            (func (export "run") (result i32) (i32.add (call $get) (call $number))))
        (core instance $i (instantiate $m (with "" (instance
            (export "get" (func $get))
            (export "number" (func $number))))))
        (func (export "run") (result u32) (canon lift (core func $i "run"))))"#;
    const OTHER: &str = r#"(component
        (core module $m (func (export "f") (result i32) (i32.const 30)))
        (core instance $i (instantiate $m))
        (func (export "thirty") (result u32) (canon lift (core func $i "f"))))"#;
    let user = part("user", USER)
        .with_import_hint("storage", ("db", "test:labels/store"))
        .with_import_hint("number", ("other", "thirty"));
    let composition = composed([user, part("db", &store(STORE, 7)), part("other", OTHER)]).await;
    assert_eq!(run(&composition).await, 37);
}

#[tokio::test]
async fn a_group_has_labels_inside_and_outside() {
    let member = |name: &str, text: &str| {
        FusedMember::from_bytes(engine(), name, wat::parse_str(text).unwrap()).unwrap()
    };
    let mut inside = FusedComponents::bare(engine());
    inside
        .add(
            member("app", APP)
                .with_import_hint("main", ("both", "files"))
                .with_import_hint("spare", ("both", "rows")),
        )
        .add(member("both", &both()));
    let composition = composed([ComposableDescriptor::new("group", inside)]).await;
    assert_eq!(run(&composition).await, 403);

    let mut outside = FusedComponents::bare(engine());
    outside.add(member("app", APP));
    let group = ComposableDescriptor::new("group", outside);
    let group = group
        .with_import_hint("main", "first")
        .with_import_hint("spare", "second");
    let parts = [
        group,
        part("first", &store(STORE, 1)),
        part("second", &store(STORE, 2)),
    ];
    assert_eq!(run(&composed(parts).await).await, 201);
}

#[tokio::test]
async fn typed() {
    let parts = LabelledParts {
        app: component(APP),
        first: component(&store(STORE, 1)),
        second: component(&store(STORE, 2)),
    };
    let labelled = Labelled::compose(parts).await.unwrap();
    assert_eq!(within(labelled.run()).await.unwrap(), 201);
    // The labels of one component are not the names of another's interface.
    assert_eq!(within(labelled.store().get()).await.unwrap(), 2);
}

/// Each label has its own trait, and its own accessor.
mod hosted {
    composer::compose!({
        inline: "
            package test:labels@1.0.0;
            interface store { get: func() -> u32; }
            world app { import main: store; import spare: store; export run: func() -> u32; }
            world both { export files: store; export rows: store; }
        ",
        composition: Hosted,
        components: { app: "test:labels/app", both: "test:labels/both" },
        host: ["main", "spare"],
        exports: ["run", "files", "rows"],
    });

    struct Program;

    impl hosted::test::labels::app::main::Host for Program {
        fn get(&self) -> u32 {
            5
        }
    }

    impl hosted::test::labels::app::spare::Host for Program {
        fn get(&self) -> u32 {
            6
        }
    }

    #[tokio::test]
    async fn each_label_has_its_own() {
        use super::{APP, both, component, within};

        let parts = HostedParts {
            app: composer::ComposableComponent::<()>::from(component(APP)),
            both: component(&both()),
        };
        let hosted = Hosted::compose(parts, Program).await.unwrap();
        within(async {
            assert_eq!(hosted.run().await.unwrap(), 605);
            assert_eq!(hosted.files().get().await.unwrap(), 3);
            assert_eq!(hosted.rows().get().await.unwrap(), 4);
        })
        .await;
    }
}
