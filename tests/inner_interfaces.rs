//! Interfaces within interfaces. WIT has none, but a component may have them; their items
//! are linked like all others, under the path that leads to them.

use composer::fused::{FusedComponents, FusedMember};
use composer::{ComposableDescriptor, Composer, Composition, Value};

use crate::support::counters::{own, within};
use crate::support::engine;

/// Defines a resource with a number, in an interface of two levels.
const PROVIDER: &str = r#"(component
    (core module $m
        (func (export "same") (param i32) (result i32) (local.get 0))
        (func (export "version") (result i32) (i32.const 42)))
    (core instance $i (instantiate $m))
    (type $thing' (resource (rep i32)))
    (core func $new (canon resource.new $thing'))
    (func $make (param "n" u32) (result (own $thing')) (canon lift (core func $new)))
    (func $number (param "of" (borrow $thing')) (result u32)
        (canon lift (core func $i "same")))
    (func $version (result u32) (canon lift (core func $i "version")))
    (component $Things
        (import "thing" (type $t (sub resource)))
        (import "make" (func $make (param "n" u32) (result (own $t))))
        (import "number" (func $number (param "of" (borrow $t)) (result u32)))
        (export $thing "thing" (type $t))
        (export "make" (func $make) (func (param "n" u32) (result (own $thing))))
        (export "number" (func $number) (func (param "of" (borrow $thing)) (result u32))))
    (instance $things (instantiate $Things
        (with "thing" (type $thing'))
        (with "make" (func $make))
        (with "number" (func $number))))
    (instance $deep (export "version" (func $version)))
    (instance $inner (export "deep" (instance $deep)))
    (instance $all
        (export "things" (instance $things))
        (export "inner" (instance $inner))
        (export "version" (func $version)))
    (export "test:inner/all@1.0.0" (instance $all)))"#;

/// Makes a thing, and adds its number to the results of the two functions.
const USER: &str = r#"(component
    (import "test:inner/all@1.0.0" (instance $all
        (export "things" (instance
            (export "thing" (type $thing (sub resource)))
            (export "make" (func (param "n" u32) (result (own $thing))))
            (export "number" (func (param "of" (borrow $thing)) (result u32)))))
        (export "inner" (instance
            (export "deep" (instance (export "version" (func (result u32)))))))
        (export "version" (func (result u32)))))
    (alias export $all "things" (instance $things))
    (alias export $all "inner" (instance $inner))
    (alias export $inner "deep" (instance $deep))
    (alias export $things "thing" (type $thing))
    (core func $make (canon lower (func $things "make")))
    (core func $number (canon lower (func $things "number")))
    (core func $version (canon lower (func $all "version")))
    (core func $deep (canon lower (func $deep "version")))
    (core func $drop (canon resource.drop $thing))
    (core module $m
        (import "" "make" (func $make (param i32) (result i32)))
        (import "" "number" (func $number (param i32) (result i32)))
        (import "" "version" (func $version (result i32)))
        (import "" "deep" (func $deep (result i32)))
        (import "" "drop" (func $drop (param i32)))
        (func (export "run") (param i32) (result i32)
            (local $thing i32)
            (local.set $thing (call $make (local.get 0)))
            (i32.add (call $number (local.get $thing)) (i32.add (call $version) (call $deep)))
            (call $drop (local.get $thing))))
    (core instance $i (instantiate $m (with "" (instance
        (export "make" (func $make))
        (export "number" (func $number))
        (export "version" (func $version))
        (export "deep" (func $deep))
        (export "drop" (func $drop))))))
    (func (export "run") (param "n" u32) (result u32) (canon lift (core func $i "run"))))"#;

fn part(name: &str, text: &str) -> ComposableDescriptor {
    let component = composer::component_from_bytes(engine(), name, text.as_bytes());
    ComposableDescriptor::new(name, component.unwrap())
}

fn apart() -> Composer {
    let mut composer = Composer::new();
    composer
        .add(part("provider", PROVIDER))
        .add(part("user", USER));
    composer
}

async fn run(composition: &Composition) -> Value {
    let run = composition.get_func(None, "run").unwrap();
    run.call_owned([1000u32.into()]).await.unwrap().unwrap()
}

#[tokio::test]
async fn are_linked() {
    let composition = apart().compose().await.unwrap();
    within(async { assert_eq!(run(&composition).await, Value::U32(1084)) }).await;
}

#[tokio::test]
async fn are_linked_through_a_nested_composition() {
    let mut inner = Composer::new();
    inner
        .add(part("user", USER))
        .with_open_import("test:inner/all");
    let mut composer = Composer::new();
    composer
        .add(part("provider", PROVIDER))
        .add(ComposableDescriptor::new("inner", inner));
    let composition = composer.compose().await.unwrap();
    within(async { assert_eq!(run(&composition).await, Value::U32(1084)) }).await;
}

#[tokio::test]
async fn are_called_by_their_path() {
    let composition = apart().compose().await.unwrap();
    let func = |name| composition.get_func(Some("test:inner/all"), name).unwrap();
    let call = async |name, args: Vec<Value>| func(name).call_owned(args).await.unwrap().unwrap();
    within(async {
        let version = call("inner#deep#version", vec![]).await;
        assert_eq!(version, Value::U32(42));
        let thing = own(call("things#make", vec![7u32.into()]).await);
        assert_eq!(thing.resource(), "test:inner/all@1.0.0.things#thing");
        let number = call("things#number", vec![thing.borrow().into()]).await;
        assert_eq!(number, Value::U32(7));
    })
    .await;
}

#[tokio::test]
async fn are_linked_in_a_fused_group() {
    let mut group = FusedComponents::bare(engine());
    for (name, text) in [("provider", PROVIDER), ("user", USER)] {
        let bytes = wat::parse_str(text).unwrap();
        group.add(FusedMember::from_bytes(engine(), name, bytes).unwrap());
    }
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("both", group));
    let composition = composer.compose().await.unwrap();
    within(async { assert_eq!(run(&composition).await, Value::U32(1084)) }).await;
}

#[tokio::test]
async fn a_module_in_one_is_refused_by_name() {
    let user = r#"(component
        (import "test:inner/tools" (instance
            (export "inner" (instance (export "lib" (core module)))))))"#;
    let provider = r#"(component
        (core module $lib)
        (instance $inner (export "lib" (core module $lib)))
        (instance $tools (export "inner" (instance $inner)))
        (export "test:inner/tools" (instance $tools)))"#;
    let mut composer = Composer::new();
    composer
        .add(part("provider", provider))
        .add(part("user", user));
    let error = composer.plan().unwrap_err().to_string();
    assert!(
        error.starts_with(
            "component `user` imports the core module `inner#lib` of `test:inner/tools`, \
             which only a linker can provide"
        ),
        "{error}"
    );
}

/// It is named as it is; wasmtime has no component that could export one.
#[tokio::test]
async fn a_component_in_one_is_refused_by_name() {
    let user = r#"(component
        (import "test:inner/tools" (instance (export "lib" (component)))))"#;
    let mut composer = Composer::new();
    composer.add(part("user", user));
    let error = composer.plan().unwrap_err().to_string();
    assert!(
        error.starts_with("component `user` imports the component `lib` of `test:inner/tools`"),
        "{error}"
    );
}
