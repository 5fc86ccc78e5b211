//! Lists of `compose!` whose components come and go, and typed handles that keep nothing
//! running.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use composer::{AddError, CallError, RemoveError, ReplaceError, WeakHandle};
use wasmtime::component::Component;

use super::{AMPLE, engines};
use crate::support::counters::{until, within};

composer::compose!({
    inline: r#"
        package test:grows;

        interface program { base: func() -> u32; }
        interface number { number: func() -> u32; }
        interface other { number: func() -> u32; }
        interface store { stored: func() -> u32; }
        world keeper { export store; }
    "#,
    composition: Grows,
    components: {
        keeper: "test:grows/keeper",
        plugins: [dyn "test:grows/number"],
        others: [dyn "test:grows/other"],
    },
    exports: ["test:grows/store"],
});

fn component(text: &str) -> Component {
    engines()
        .component_from_bytes("a text", text.as_bytes())
        .unwrap()
}

/// Exports one function, which returns the number.
fn constant(interface: &str, func: &str, n: u32) -> Component {
    component(&constant_text(&format!("test:grows/{interface}"), func, n))
}

fn constant_text(interface: &str, func: &str, n: u32) -> String {
    format!(
        r#"(component
            (core module $m (func (export "f") (result i32) (i32.const {n})))
            (core instance $i (instantiate $m))
            (func $f (result u32) (canon lift (core func $i "f")))
            (instance $e (export "{func}" (func $f)))
            (export "{interface}" (instance $e)))"#
    )
}

/// Returns one more than what the keeper has stored.
fn next_of_stored() -> Component {
    component(
        r#"(component
            (import "test:grows/store" (instance $s (export "stored" (func (result u32)))))
            (core func $stored (canon lower (func $s "stored")))
            (core module $m
                (import "" "stored" (func $stored (result i32)))
                (func (export "f") (result i32) (i32.add (call $stored) (i32.const 1))))
            (core instance $i (instantiate $m
                (with "" (instance (export "stored" (func $stored))))))
            (func $f (result u32) (canon lift (core func $i "f")))
            (instance $e (export "number" (func $f)))
            (export "test:grows/number" (instance $e)))"#,
    )
}

fn number(n: u32) -> Component {
    constant("number", "number", n)
}

async fn grows() -> Grows {
    let parts = GrowsParts {
        keeper: constant("store", "stored", 41),
        plugins: composer::no_parts(),
        others: composer::no_parts(),
    };
    Grows::compose(parts).await.unwrap()
}

async fn numbers(app: &Grows) -> Vec<(String, u32)> {
    let mut numbers = Vec::new();
    for (name, plugin) in app.plugins() {
        numbers.push((name, plugin.number().await.unwrap()));
    }
    numbers
}

#[tokio::test]
async fn components_come_and_go() {
    let app = grows().await;
    assert!(app.plugins().is_empty());
    let two = GrowsParts::plugins("two", number(2)).unwrap();
    let two = within(app.plugins().add(two)).await.unwrap();
    assert_eq!(two.number().await.unwrap(), 2);
    // Of another type of parts, and with an import from another component.
    let next: Box<dyn composer::Composable> = Box::new(next_of_stored());
    let next = GrowsParts::plugins("next", next).unwrap();
    within(app.plugins().add(next)).await.unwrap();
    let expected = |all: &[(&str, u32)]| -> Vec<(String, u32)> {
        all.iter()
            .map(|(name, n)| ((*name).to_owned(), *n))
            .collect()
    };
    assert_eq!(numbers(&app).await, expected(&[("two", 2), ("next", 42)]));
    // Other handles of the same composition show the same.
    let again = Grows::from_composition(app.composition().clone()).unwrap();
    assert_eq!(again.plugins().len(), 2);
    assert!(app.others().is_empty());

    // The handle that was taken out leads to the new one.
    let three = GrowsParts::plugins("two", number(3)).unwrap();
    within(app.plugins().replace(three, AMPLE)).await.unwrap();
    assert_eq!(two.number().await.unwrap(), 3);

    within(app.plugins().remove("two", AMPLE)).await.unwrap();
    let error = two.number().await.unwrap_err();
    assert!(matches!(error, CallError::Stopped { .. }), "{error}");
    assert!(app.plugins().get("two").is_none());
    assert_eq!(numbers(&again).await, expected(&[("next", 42)]));

    // Its name is free, and the list shows the new one.
    let five = GrowsParts::plugins("two", number(5)).unwrap();
    within(again.plugins().add(five)).await.unwrap();
    assert_eq!(numbers(&app).await, expected(&[("next", 42), ("two", 5)]));
    assert_eq!(
        format!("{:?}", app.plugins()),
        r#"List(plugins, ["next", "two"])"#
    );
}

#[tokio::test]
async fn what_cannot_be_done() {
    let app = grows().await;
    let add =
        async |part: Result<_, composer::PartError>| within(app.plugins().add(part.unwrap())).await;
    add(GrowsParts::plugins("one", number(1))).await.unwrap();

    let error = add(GrowsParts::plugins("one", number(1)))
        .await
        .unwrap_err();
    assert!(matches!(error, AddError::Exists { .. }), "{error}");
    let other = GrowsParts::others("one", constant("other", "number", 1));
    let error = add(other).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "`others/one` does not belong to the list `plugins`; make the part with the function \
         `plugins` of the composition's parts"
    );
    let keeper = GrowsParts::keeper(constant("store", "stored", 1));
    let error = add(keeper).await.unwrap_err();
    assert!(matches!(error, AddError::OtherList { .. }), "{error}");
    let error = add(GrowsParts::plugins("", number(1))).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "a component cannot be called \"plugins/\": the name is empty"
    );
    // It does not export what was declared.
    let wrong = GrowsParts::plugins("wrong", constant("other", "number", 1));
    let error = add(wrong).await.unwrap_err();
    assert!(
        error.to_string().contains("`plugins/wrong` does not fit"),
        "{error}"
    );

    let error = app.plugins().remove("on", AMPLE).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the composition has no component `plugins/on`; did you mean `plugins/one`?"
    );
    let unknown = GrowsParts::plugins("on", number(1)).unwrap();
    let error = app.plugins().replace(unknown, AMPLE).await.unwrap_err();
    assert!(matches!(error, ReplaceError::Lookup(_)), "{error}");
    // What is not of a list stays.
    let keeper = app.composition().component("keeper").unwrap();
    let error = keeper.remove(AMPLE).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "`keeper` cannot be removed: `compose!` declares it, and only components of lists come \
         and go; replace it, or declare a list"
    );
    assert!(matches!(error, RemoveError::Declared { .. }));
    assert_eq!(numbers(&app).await, [("one".to_owned(), 1)]);
    assert_eq!(app.store().stored().await.unwrap(), 41);
}

/// Readers and writers at once: who reads sees a list that was there at some moment.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_while_it_changes() {
    let app = grows().await;
    let done = Arc::new(AtomicU32::new(0));
    let readers = (0..2).map(|_| {
        let (app, done) = (app.clone(), done.clone());
        tokio::spawn(async move {
            let mut calls = 0u32;
            loop {
                let ends = done.load(Ordering::SeqCst) == 1;
                for (name, plugin) in app.plugins() {
                    match plugin.number().await {
                        Ok(n) => assert_eq!(name, format!("p{n}")),
                        Err(CallError::Stopped { .. }) => {}
                        Err(other) => panic!("{other}"),
                    }
                    calls += 1;
                }
                if ends {
                    return calls;
                }
                tokio::task::yield_now().await;
            }
        })
    });
    let readers: Vec<_> = readers.collect();
    for n in 0..20 {
        let name = format!("p{n}");
        let part = GrowsParts::plugins(&name, number(n)).unwrap();
        within(app.plugins().add(part)).await.unwrap();
        if n >= 3 {
            let name = format!("p{}", n - 3);
            within(app.plugins().remove(&name, AMPLE)).await.unwrap();
        }
    }
    done.store(1, Ordering::SeqCst);
    for reader in readers {
        assert!(within(reader).await.unwrap() >= 3);
    }
    assert_eq!(app.plugins().len(), 3);
}

composer::compose!({
    inline: r#"
        package test:back;

        interface program { translate: func(n: u32) -> u32; }
        interface table { find: func(n: u32) -> u32; }
        interface answers { answer: func(n: u32) -> u32; }
        world dictionary { export table; }
        world printer { import program; export answers; }
    "#,
    composition: Back,
    components: { dictionary: "test:back/dictionary", printer: "test:back/printer" },
    host: [async "test:back/program"],
    exports: ["test:back/table", "test:back/answers"],
});

#[derive(Clone, Default)]
struct Program {
    app: Arc<OnceLock<WeakHandle<Back>>>,
    alive: Arc<()>,
}

impl back::test::back::program::Host for Program {
    async fn translate(&self, n: u32) -> u32 {
        match self.app.get().and_then(WeakHandle::upgrade) {
            Some(app) => app.table().find(n).await.unwrap_or(0),
            None => 0,
        }
    }
}

/// Adds one: the function itself, or by what it imports.
fn translator(import: Option<&str>, export: &str, func: &str) -> Component {
    let (imported, body, with) = match import {
        Some(import) => (
            format!(
                r#"(import "{import}" (instance $p
                    (export "translate" (func (param "n" u32) (result u32)))))
                (core func $t (canon lower (func $p "translate")))"#
            ),
            r#"(import "" "t" (func $t (param i32) (result i32)))
               (func (export "f") (param i32) (result i32) (call $t (local.get 0)))"#,
            r#"(with "" (instance (export "t" (func $t))))"#,
        ),
        None => (
            String::new(),
            r#"(func (export "f") (param i32) (result i32)
                (i32.add (local.get 0) (i32.const 1)))"#,
            "",
        ),
    };
    component(&format!(
        r#"(component
            {imported}
            (core module $m {body})
            (core instance $i (instantiate $m {with}))
            (func $f (param "n" u32) (result u32) (canon lift (core func $i "f")))
            (instance $e (export "{func}" (func $f)))
            (export "{export}" (instance $e)))"#
    ))
}

/// A function of the program's calls back into the composition, and keeps nothing alive.
#[tokio::test]
async fn a_weak_handle() {
    let program = Program::default();
    let parts = || BackParts {
        dictionary: translator(None, "test:back/table", "find"),
        printer: translator(Some("test:back/program"), "test:back/answers", "answer"),
    };
    let app = Back::compose(parts(), program.clone()).await.unwrap();
    let answer = async |app: &Back| within(app.answers().answer(6)).await.unwrap();
    assert_eq!(answer(&app).await, 0);
    program.app.set(app.downgrade()).unwrap();
    assert_eq!(answer(&app).await, 7);
    let weak = app.downgrade();
    // Its typed handles are looked up anew once there are none.
    let untyped = app.composition().clone();
    drop(app);
    let app = weak.upgrade().unwrap();
    assert_eq!(answer(&app).await, 7);
    drop((app, untyped));
    assert!(weak.upgrade().is_none());
    assert_eq!(format!("{weak:?}"), "WeakComposition(gone)");
    // The linkers and what they own are gone.
    until("the program is free", || {
        Arc::strong_count(&program.alive) == 1
    })
    .await;
}

composer::compose!({
    inline: r#"
        package test:beside;

        interface number { number: func() -> u32; }
        interface sum { number: func() -> u32; }
        world user { import number; export sum; }
    "#,
    composition: Beside,
    components: {
        user: "test:beside/user",
        single: dyn "test:beside/number",
        plugins: [dyn "test:beside/number"],
    },
    exports: ["test:beside/number", "test:beside/sum"],
});

/// Nothing is imported from a list, and the composition exports nothing of it.
#[tokio::test]
async fn a_list_beside_one_exporter() {
    let number = |n| component(&constant_text("test:beside/number", "number", n));
    let user = r#"(component
        (import "test:beside/number" (instance $n (export "number" (func (result u32)))))
        (core func $number (canon lower (func $n "number")))
        (core module $m
            (import "" "number" (func $number (result i32)))
            (func (export "f") (result i32) (call $number)))
        (core instance $i (instantiate $m
            (with "" (instance (export "number" (func $number))))))
        (func $f (result u32) (canon lift (core func $i "f")))
        (instance $e (export "number" (func $f)))
        (export "test:beside/sum" (instance $e)))"#;
    let app = Beside::compose(BesideParts {
        user: component(user),
        single: number(1),
        plugins: vec![("two".to_owned(), number(2))],
    });
    let app = app.await.unwrap();
    let three = BesideParts::plugins("three", number(3)).unwrap();
    within(app.plugins().add(three)).await.unwrap();
    assert_eq!(app.number().number().await.unwrap(), 1);
    assert_eq!(app.sum().number().await.unwrap(), 1);
    assert_eq!(
        app.plugins().get("three").unwrap().number().await.unwrap(),
        3
    );
}

/// A list shows its own components, and what replaces one of them stays one of the list.
#[tokio::test]
async fn what_belongs_to_a_list() {
    let app = grows().await;
    let one = GrowsParts::plugins("one", number(1)).unwrap();
    within(app.plugins().add(one)).await.unwrap();
    // A part for another list, under a name of this one.
    let other = GrowsParts::others("two", constant("other", "number", 2)).unwrap();
    let error = within(app.plugins().replace(other, AMPLE))
        .await
        .unwrap_err();
    assert!(matches!(error, ReplaceError::OtherList { .. }), "{error}");
    // Something else altogether, under such a name.
    let foreign = composer::ComposableDescriptor::new("plugins/foreign", next_of_stored());
    within(app.composition().add(foreign)).await.unwrap();
    let foreign = constant("other", "number", 2);
    let foreign = composer::ComposableDescriptor::new("plugins/other", foreign);
    within(app.composition().add(foreign)).await.unwrap();
    // The first fits the list's interface, and the second does not.
    let names = app.plugins().iter().map(|(name, _)| name);
    assert_eq!(names.collect::<Vec<_>>(), ["one", "foreign"]);

    let component = app.composition().component("plugins/one").unwrap();
    let plain = composer::ComposableDescriptor::new("plugins/one", number(3));
    within(component.replace(plain, AMPLE)).await.unwrap();
    let plan = app.composition().plan();
    let exports = plan
        .exports
        .iter()
        .filter(|e| e.components.contains(&"plugins/one".into()));
    assert_eq!(exports.count(), 0);
    assert_eq!(app.plugins().get("one").unwrap().number().await.unwrap(), 3);
}
