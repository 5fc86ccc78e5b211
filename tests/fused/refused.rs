//! Groups that cannot be fused, each with its message.

use composer::fused::{FuseError, FusedComponents, FusedMember};
use composer::plan::Name;
use composer::{ComposableDescriptor, Composer, LoadError};
use wasmtime::{Config, Engine};

use super::{error, group, member, text};
use crate::support::{engine, guest_path};

#[test]
fn nothing_to_fuse() {
    let (fused, text) = error(group([]));
    assert_eq!(fused, FuseError::Empty);
    assert_eq!(
        text,
        "the components of the group `group` cannot be fused:\n\
         it has no members\n  \
         fix: add some, or leave it out"
    );
}

#[track_caller]
fn load_error(bytes: &[u8]) -> LoadError {
    let member = FusedMember::from_bytes(engine(), "till", bytes);
    member.err().unwrap()
}

#[test]
fn what_is_no_component() {
    let error = load_error(b"\0asm\x01\0\0\0");
    assert_eq!(
        error.to_string(),
        "till is a core WebAssembly module, not a component; make a component of it, \
         for example with `wasm-tools component new`"
    );
    let error = load_error(b"(component)");
    assert_eq!(
        error.to_string(),
        "till is WebAssembly text, of which no component can be fused; translate it, \
         for example with `wasm-tools parse`"
    );
    let missing = FusedMember::from_file(engine(), "till", guest_path("nobody"));
    assert!(matches!(missing.err(), Some(LoadError::Read { .. })));
}

fn without_async() -> Engine {
    let mut config = Config::new();
    config.concurrency_support(false);
    Engine::new(&config).unwrap()
}

#[test]
fn what_the_engine_of_a_member_does_not_have() {
    let steps = FusedMember::from_file(&without_async(), "steps", guest_path("steps"));
    let error = steps.err().unwrap();
    assert!(matches!(error, LoadError::Invalid { .. }), "{error}");
    assert!(
        error.to_string().contains("steps.wasm is not a valid"),
        "{error}"
    );
}

#[test]
fn what_the_engine_of_the_group_does_not_have() {
    let mut group = FusedComponents::bare(&without_async());
    group.add(member("steps"));
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("group", group));
    let text = composer.plan().unwrap_err().to_string();
    assert!(
        text.starts_with(
            "the components of the group `group` cannot be fused:\n\
             the engine does not accept it as one component: "
        ),
        "{text}"
    );
}

/// `relay` outside would have to have counters of `counters` inside, and would
/// be needed inside.
#[test]
fn a_circle_of_resources() {
    let entangled = text(
        "entangled",
        r#"(component
            (import "test:resources/counters@0.1.0" (instance $counters
                (export "counter" (type (sub resource)))))
            (alias export $counters "counter" (type $counter))
            (import "test:resources/relay@0.1.0" (instance
                (alias outer 1 $counter (type $outer))
                (export "counter" (type $counter (eq $outer)))
                (export "make" (func (param "n" u32) (result (own $counter)))))))"#,
    );
    let (fused, text) = error(group([member("counters"), entangled]));
    assert!(matches!(fused, FuseError::Entangled(_)), "{fused:?}");
    assert_eq!(
        text,
        "the components of the group `group` cannot be fused:\n\
         member `entangled` imports `test:resources/relay@0.1.0` from outside the group, \
         and that uses the resource `test:resources/counters@0.1.0.counter` of member \
         `counters`, which is inside\n  \
         fix: add what exports `test:resources/relay@0.1.0` to the group, \
         or leave `counters` out of it"
    );
}

/// Others need the group and are needed by it.
#[test]
fn a_circle_through_a_component_outside() {
    let mut composer = super::composer(group([
        text("a", &super::via("b", "a")),
        text("c", &super::via("d", "c")),
    ]));
    for (name, import, export) in [("outside", "a", "d"), ("other", "z", "b")] {
        let bytes = super::via(import, export).into_bytes();
        let component = composer::component_from_bytes(engine(), name, &bytes).unwrap();
        composer.add(ComposableDescriptor::new(name, component));
    }
    composer.with_open_import("z");
    let text = composer.plan().unwrap_err().to_string();
    assert!(
        text.contains("need each other before they can start"),
        "{text}"
    );
}

/// Two members need one import with different types.
#[test]
fn members_that_disagree() {
    let wants = |ty: &str| {
        format!(r#"(component (import "x:y/z" (instance (export "f" (func (param "n" {ty}))))))"#)
    };
    let (_, text) = error(group([
        text("one", &wants("u32")),
        text("two", &wants("u64")),
    ]));
    assert_eq!(
        text,
        "the components of the group `group` cannot be fused:\n\
         components `one` and `two` both leave `x:y/z` open, \
         but they disagree about its function `f`\n  \
         at parameter \"n\":\n    \
         `one` expects u32\n    \
         `two` expects u64\n  \
         fix: build both against one version of the interface, \
         or satisfy one of them inside the composition"
    );
}

/// An interface without a package, whose resource another one uses: wac-graph
/// has no way to say that.
#[test]
fn what_wac_graph_cannot_write_down() {
    let odd = text(
        "odd",
        r#"(component
            (import "things" (instance $things (export "thing" (type (sub resource)))))
            (alias export $things "thing" (type $thing))
            (import "uses" (instance
                (alias outer 1 $thing (type $outer))
                (export "thing" (type $thing (eq $outer)))
                (export "f" (func (param "t" (own $thing)))))))"#,
    );
    let (fused, text) = error(group([odd]));
    assert!(matches!(fused, FuseError::Import { .. }), "{fused:?}");
    assert_eq!(
        text,
        "the components of the group `group` cannot be fused:\n\
         member `odd` imports `uses`, which cannot be an import of the group: \
         failed to merge the type definition for implicit import `uses` due to conflicting \
         types: used type `thing` is from an interface without an identifier\n  \
         fix: satisfy it inside the group, or leave `odd` out of it"
    );
}

/// A function whose resource stands in no interface.
const MAKER: &str = r#"(component
    (type $r (resource (rep i32)))
    (export $thing "thing" (type $r))
    (core func $new (canon resource.new $r))
    (core module $m
        (import "" "new" (func $new (param i32) (result i32)))
        (func (export "make") (result i32) (call $new (i32.const 5))))
    (core instance $i (instantiate $m
        (with "" (instance (export "new" (func $new))))))
    (func (export "make") (result (own $thing))
        (canon lift (core func $i "make"))))"#;

#[test]
fn a_resource_outside_of_interfaces() {
    let (fused, message) = error(group([member("tax-eu"), text("maker", MAKER)]));
    assert!(matches!(fused, FuseError::Export { .. }), "{fused:?}");
    assert_eq!(
        message,
        "the components of the group `group` cannot be fused:\n\
         the export `make` of member `maker` cannot be an export of the group: it needs a type \
         that the member has beside it, directly in its world (`thing`)\n  \
         fix: declare it and its types in an interface, hide it with `.hiding(&[\"make\"])`, \
         or leave `maker` out of the group"
    );

    let hidden = group([text("maker", MAKER).hiding(&["make"])]);
    super::composer(hidden).plan().unwrap();
}

/// A function of the world that uses a resource of an interface.
#[test]
fn an_import_that_wac_graph_gives_up() {
    let odd = text(
        "odd",
        r#"(component
            (import "x:y/things" (instance $things (export "thing" (type (sub resource)))))
            (alias export $things "thing" (type $thing))
            (import "make" (func (result (own $thing)))))"#,
    );
    let (fused, text) = error(group([member("tax-eu"), odd]));
    assert!(matches!(fused, FuseError::Member { .. }), "{fused:?}");
    assert_eq!(
        text,
        "the components of the group `group` cannot be fused:\n\
         member `odd` cannot be put into another component: \
         wac-graph gave up: no entry found for key\n  \
         fix: leave `odd` out of the group"
    );
}

/// No component is known to bring wac-graph to say these.
#[test]
fn what_else_wac_graph_may_refuse() {
    let reason = || "a reason".to_owned();
    let texts = [
        FuseError::Link {
            member: "a".into(),
            import: Box::new(Name::new("x:y/z@1.0.0")),
            provider: "b".into(),
            export: Box::new(Name::new("x:y/z@1.2.0")),
            reason: reason(),
        },
        FuseError::Encode { reason: reason() },
    ]
    .map(|error| error.to_string());
    assert_eq!(
        texts,
        [
            "member `a` imports `x:y/z@1.0.0`, but in one component the export `x:y/z@1.2.0` of \
             member `b` cannot take its place: a reason\n  \
             fix: build both against one version of the interface, or leave one of the two out \
             of the group",
            "its members cannot be written as one component: a reason\n  fix: fuse fewer of them",
        ]
    );
}
