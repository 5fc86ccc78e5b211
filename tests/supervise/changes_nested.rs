//! Compositions that change before they become parts of others, and after.

use std::task::{Context, Poll, Waker};

use composer::{
    AddError, CallError, ComposableDescriptor, Composer, Composition, CompositionError,
    ExportFilter, RemoveError, StartError, Value,
};
use wasmtime::component::Component;

use super::{AMPLE, Host, ask, asker, engines};
use crate::support::counters::within;

fn component(text: &str) -> Component {
    engines()
        .component_from_bytes("a text", text.as_bytes())
        .unwrap()
}

/// Returns the number from a function of that name.
fn constant(name: &str, func: &str, n: u32) -> ComposableDescriptor {
    let text = format!(
        r#"(component
            (core module $m (func (export "f") (result i32) (i32.const {n})))
            (core instance $i (instantiate $m))
            (func (export "{func}") (result u32) (canon lift (core func $i "f"))))"#
    );
    ComposableDescriptor::new(name, component(&text))
}

/// Passes a function on under another name.
fn passes(name: &str, import: &str, export: &str) -> ComposableDescriptor {
    ComposableDescriptor::new(name, component(&passing(import, export)))
}

fn passing(import: &str, export: &str) -> String {
    format!(
        r#"(component
            (import "{import}" (func $f (result u32)))
            (core func $f' (canon lower (func $f)))
            (core module $m
                (import "" "f" (func $f (result i32)))
                (func (export "f") (result i32) (call $f)))
            (core instance $i (instantiate $m (with "" (instance (export "f" (func $f'))))))
            (func (export "{export}") (result u32) (canon lift (core func $i "f"))))"#
    )
}

async fn compose(parts: impl IntoIterator<Item = ComposableDescriptor>) -> Composition {
    let mut composer = Composer::new();
    for part in parts {
        composer.add(part);
    }
    within(composer.compose()).await.unwrap()
}

async fn remove(composition: &Composition, name: &str) -> Result<(), RemoveError> {
    let component = composition.component(name).unwrap();
    within(component.remove(AMPLE)).await.map(drop)
}

/// The outer composition is planned with what the inner one had then, and leads to it
/// wherever it stands now.
#[tokio::test]
async fn between_the_plan_and_the_start() {
    let inner = || {
        compose([
            constant("a", "a", 1),
            constant("b", "b", 2),
            constant("c", "c", 3),
        ])
    };
    let outer = |inner: &Composition| {
        let mut outer = Composer::new();
        let filtered = inner.clone().exposing(&["b"]);
        outer.add(ComposableDescriptor::new("inner", filtered));
        outer.prepare().unwrap()
    };
    let one = inner().await;
    let prepared = outer(&one);
    remove(&one, "a").await.unwrap();
    within(one.add(constant("z", "z", 0))).await.unwrap();
    let composed = within(prepared.compose()).await.unwrap();
    assert_eq!(ask(&composed, "b").await.unwrap(), Value::U32(2));
    // What it uses stays, and the rest need not.
    let error = remove(&one, "b").await.unwrap_err();
    assert!(matches!(error, RemoveError::Given { .. }), "{error}");
    remove(&one, "c").await.unwrap();

    let two = inner().await;
    let prepared = outer(&two);
    remove(&two, "b").await.unwrap();
    let error = within(prepared.compose()).await.unwrap_err();
    let CompositionError::Start(StartError::Changed { removed, .. }) = &error else {
        panic!("{error}");
    };
    assert_eq!(removed, "b");
}

/// What was given out stays, also when others export the same later, and what was not can
/// go.
#[tokio::test]
async fn what_the_outer_one_uses() {
    let inner = compose([constant("a", "x", 1)]).await;
    let outer = compose([ComposableDescriptor::new("inner", inner.clone())]).await;
    within(inner.add(constant("b", "x", 2))).await.unwrap();
    within(inner.add(constant("more", "y", 3))).await.unwrap();
    let error = remove(&inner, "a").await.unwrap_err();
    assert!(matches!(error, RemoveError::Given { .. }), "{error}");
    for name in ["b", "more"] {
        remove(&inner, name).await.unwrap();
    }
    assert_eq!(ask(&outer, "x").await.unwrap(), Value::U32(1));
}

/// Imports that are left open find their cells by name.
#[tokio::test]
async fn open_imports_by_name() {
    let mut inner = Composer::new();
    inner
        .add(passes("x", "a", "from-a"))
        .add(passes("y", "b", "from-b"))
        .with_open_import("a")
        .with_open_import("b");
    let inner = inner.compose().await.unwrap();
    remove(&inner, "x").await.unwrap();
    let inner = ComposableDescriptor::new("inner", inner);
    let outer = compose([inner, constant("b", "b", 7)]).await;
    assert_eq!(ask(&outer, "from-b").await.unwrap(), Value::U32(7));
}

/// An import in several versions is one open import, in the highest that is asked for.
#[tokio::test]
async fn open_imports_in_other_versions() {
    let user = |name: &str, version: &str| {
        let text = format!(
            r#"(component
                (import "x:y/a@{version}" (instance $a (export "n" (func (result u32)))))
                (alias export $a "n" (func $n))
                (core func $n' (canon lower (func $n)))
                (core module $m
                    (import "" "n" (func $n (result i32)))
                    (func (export "f") (result i32) (call $n)))
                (core instance $i (instantiate $m (with "" (instance (export "n" (func $n'))))))
                (func (export "from-{name}") (result u32) (canon lift (core func $i "f"))))"#
        );
        ComposableDescriptor::new(name, component(&text))
    };
    let mut inner = Composer::new();
    inner
        .add(user("high", "1.1.0"))
        .add(user("low", "1.0.0"))
        .with_open_import("x:y/a");
    let inner = inner.compose().await.unwrap();
    remove(&inner, "high").await.unwrap();
    // Others can still be changed, and come back.
    within(inner.add(constant("other", "other", 1)))
        .await
        .unwrap();
    within(inner.add(user("high", "1.1.0"))).await.unwrap();
    remove(&inner, "high").await.unwrap();
    let provider = r#"(component
        (core module $m (func (export "f") (result i32) (i32.const 9)))
        (core instance $i (instantiate $m))
        (func $f (result u32) (canon lift (core func $i "f")))
        (instance $a (export "n" (func $f)))
        (export "x:y/a@1.1.0" (instance $a)))"#;
    let provider = ComposableDescriptor::new("provider", component(provider));
    let outer = compose([ComposableDescriptor::new("inner", inner), provider]).await;
    assert_eq!(ask(&outer, "from-low").await.unwrap(), Value::U32(9));
}

/// An import that is left open for one component, and in the linker of another.
#[tokio::test]
async fn open_imports_that_only_some_need() {
    let linked = || {
        let component = component(&passing("a", "linked"));
        let engine = component.engine().clone();
        let mut linker = wasmtime::component::Linker::<()>::new(&engine);
        linker
            .root()
            .func_wrap("a", |_, (): ()| Ok((5u32,)))
            .unwrap();
        let part = composer::ComposableComponent::new(component, linker, move || {
            wasmtime::Store::new(&engine, ())
        });
        ComposableDescriptor::new("linked", part)
    };
    let mut composer = Composer::new();
    composer
        .add(passes("open", "a", "from-a"))
        .add(linked())
        .with_open_import("a");
    let composition = composer.compose().await.unwrap();
    remove(&composition, "open").await.unwrap();
    remove(&composition, "linked").await.unwrap();
    within(composition.add(linked())).await.unwrap();
    within(composition.add(passes("open", "a", "from-a")))
        .await
        .unwrap();
    assert_eq!(ask(&composition, "linked").await.unwrap(), Value::U32(5));
    let error = ask(&composition, "from-a").await.unwrap_err();
    assert!(matches!(error.root(), CallError::Unbound { .. }), "{error}");
}

#[tokio::test]
async fn none_becomes_a_part_of_itself() {
    let (one, two) = (compose([]).await, compose([]).await);
    let part = |of: &Composition| ComposableDescriptor::new("part", of.clone());
    let refused = |added: Result<_, AddError>| {
        let error = added.map(drop).unwrap_err();
        assert!(matches!(error, AddError::Itself { .. }), "{error}");
    };
    refused(within(one.add(part(&one))).await);
    within(one.add(part(&two))).await.unwrap();
    refused(within(two.add(part(&one))).await);
    let mut around = Composer::new();
    around.add(part(&one));
    refused(within(two.add(ComposableDescriptor::new("around", around))).await);
    let mut around = Composer::new();
    around.add(part(&one));
    // It is linked, and not started yet.
    let around = ComposableDescriptor::new("around", around.prepare().unwrap());
    refused(within(two.add(around)).await);
    within(one.shutdown(AMPLE)).await;
}

/// Whoever is being removed keeps what it imports from until its calls have ended.
#[tokio::test]
async fn who_is_leaving_keeps_its_providers() {
    let host = Host::new();
    let slow = component(&passing("slow-base", "slow"));
    let parts = || {
        [
            host.version(1),
            ComposableDescriptor::new("user", slow.clone()),
        ]
    };
    for is_shut_down in [false, true] {
        let composition = compose(parts()).await;
        let slow = composition.get_func(None, "slow").unwrap();
        let slow = tokio::spawn(async move { slow.call_owned([]).await });
        host.gate.waiting().await;
        let user = composition.component("user").unwrap();
        let version = composition.component("version").unwrap();
        let mut leaving = Box::pin(user.remove(AMPLE));
        assert!(futures::poll!(&mut leaving).is_pending());
        let error = within(version.remove(AMPLE)).await.unwrap_err();
        assert!(matches!(error, RemoveError::Needed { .. }), "{error}");
        if is_shut_down {
            // It waits for the call, too.
            let mut end = Box::pin(composition.shutdown(AMPLE));
            assert!(futures::poll!(&mut end).is_pending());
            host.gate.open();
            assert_eq!(within(end).await.cut_off, 0);
        } else {
            host.gate.open();
        }
        assert_eq!(within(slow).await.unwrap().unwrap(), Some(Value::U32(1)));
        assert_eq!(within(leaving).await.unwrap().cut_off, 0);
        if !is_shut_down {
            within(version.remove(AMPLE)).await.unwrap();
        }
    }
}

#[test]
fn outside_of_tokio() {
    let tokio = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let composition = tokio.block_on(compose([]));
    let part = ComposableDescriptor::new("asker", asker());
    let added = std::pin::pin!(composition.add(part));
    let Poll::Ready(added) = added.poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("it has nothing to wait for");
    };
    let error = added.map(drop).unwrap_err();
    assert!(
        matches!(error, AddError::Start(StartError::NoRuntime)),
        "{error}"
    );
}

/// Exports a resource, and may import another one.
fn shelf(imports: bool) -> ComposableDescriptor {
    let import = match imports {
        true => r#"(import "things" (instance (export "thing" (type (sub resource)))))"#,
        false => "",
    };
    let text = format!(
        r#"(component
            {import}
            (type $item' (resource (rep i32)))
            (core func $new (canon resource.new $item'))
            (core module $m
                (import "" "new" (func $new (param i32) (result i32)))
                (func (export "make") (result i32) (call $new (i32.const 7))))
            (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
            (func $make (result (own $item')) (canon lift (core func $i "make")))
            (component $shape
                (import "item" (type $item (sub resource)))
                (import "make" (func $make (result (own $item))))
                (export $shown "item" (type $item))
                (export "make" (func $make) (func (result (own $shown)))))
            (instance $shelf (instantiate $shape
                (with "item" (type $item'))
                (with "make" (func $make))))
            (export "shelf" (instance $shelf)))"#
    );
    ComposableDescriptor::new("shelf", component(&text))
}

/// Resources have other numbers in a new version, and functions are looked up with those.
#[tokio::test]
async fn resources_of_a_new_version() {
    let things = r#"(component
        (type $thing' (resource (rep i32)))
        (component $shape
            (import "thing" (type $thing (sub resource)))
            (export "thing" (type $thing)))
        (instance $things (instantiate $shape (with "thing" (type $thing'))))
        (export "things" (instance $things)))"#;
    let things = ComposableDescriptor::new("things", component(things));
    let inner = compose([things, shelf(true)]).await;
    let outer = compose([ComposableDescriptor::new("inner", inner.clone())]).await;
    for imports in [false, true, false] {
        let component = inner.component("shelf").unwrap();
        within(component.replace(shelf(imports), AMPLE))
            .await
            .unwrap();
        for composition in [&inner, &outer] {
            let make = composition.get_func(Some("shelf"), "make").unwrap();
            let made = within(make.call_owned([])).await.unwrap();
            assert!(matches!(made, Some(Value::Own(_))), "{made:?}");
        }
    }
}

/// A composition is not ended by what is refused.
#[tokio::test]
async fn none_takes_the_place_of_a_component() {
    let composition = compose([constant("a", "a", 1)]).await;
    let other = compose([constant("b", "a", 2)]).await;
    let a = composition.component("a").unwrap();
    for with in [&composition, &other] {
        let with = ComposableDescriptor::new("a", with.clone());
        let error = within(a.replace(with, AMPLE)).await.unwrap_err();
        assert!(
            matches!(error, composer::ReplaceError::Nested { .. }),
            "{error}"
        );
    }
    assert_eq!(ask(&composition, "a").await.unwrap(), Value::U32(1));
    assert_eq!(ask(&other, "a").await.unwrap(), Value::U32(2));
    remove(&other, "b").await.unwrap();
}

/// What an outer composition was bound for one component is not taken for another.
#[tokio::test]
async fn open_imports_that_were_bound() {
    let mut inner = Composer::new();
    inner.add(passes("x", "a", "from-a")).with_open_import("a");
    let inner = inner.compose().await.unwrap();
    let outer = [
        ComposableDescriptor::new("inner", inner.clone()),
        constant("a", "a", 4),
    ];
    let outer = compose(outer).await;
    assert_eq!(ask(&outer, "from-a").await.unwrap(), Value::U32(4));
    // Beside one whose types are compared.
    within(inner.add(passes("y", "a", "also-from-a")))
        .await
        .unwrap();
    assert_eq!(ask(&inner, "also-from-a").await.unwrap(), Value::U32(4));
    remove(&inner, "y").await.unwrap();
    // Its only user is given to the outer one, so it cannot go; a new one of other types is
    // refused by the planner.
    let other = r#"(component (import "a" (func (result string))))"#;
    let other = ComposableDescriptor::new("z", component(other));
    let error = within(inner.add(other)).await.map(drop).unwrap_err();
    assert!(matches!(error, AddError::Plan { .. }), "{error}");
}

/// A component is notified of its end once, by whomever it is ended.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ended_by_two() {
    let host = Host::new();
    for _ in 0..20 {
        let composition = compose([host.version(1)]).await;
        let slow = composition.get_func(None, "slow-base").unwrap();
        let slow = tokio::spawn(async move { slow.call_owned([]).await });
        host.gate.waiting().await;
        let version = composition.component("version").unwrap();
        let removed = tokio::spawn(async move { version.remove(AMPLE).await });
        let shut = tokio::spawn(async move { composition.shutdown(AMPLE).await });
        host.gate.open();
        assert_eq!(within(slow).await.unwrap().unwrap(), Some(Value::U32(1)));
        assert_eq!(within(shut).await.unwrap().cut_off, 0);
        // Whoever came first has ended it; the store is gone for both.
        let _ = within(removed).await.unwrap();
        crate::support::counters::until("it is gone", || {
            std::sync::Arc::strong_count(&host.alive) == 1
        })
        .await;
    }
}
