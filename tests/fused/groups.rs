//! Hints and filters inside a group, and the group as seen from outside.

use composer::{
    ComponentState, ComposableDescriptor, Composer, Composition, DeathCause, ExportFilter,
    LookupError, Value,
};
use wasmtime::Trap;

use super::{compose, group, member, named, text};
use crate::support::counters::within;
use crate::support::hostile::Hostile;
use crate::support::{call, part};

const TRANSFORM: &str = "test:text/transform@0.1.0";
const RATES: &str = "shop:tax/rates@1.0.0";

#[tokio::test]
async fn hints_say_who_calls_whom() {
    let mut layers = group([
        named("exclaim", "text-exclaim").with_import_hint(TRANSFORM, "upper"),
        named("upper", "text-upper").with_import_hint(TRANSFORM, "base"),
        named("base", "text-base"),
    ]);
    layers.with_export_hint(TRANSFORM, "exclaim");
    let composition = compose(layers).await;
    let answer = call(&composition, TRANSFORM, "apply", [" hi ".into()]).await;
    assert_eq!(answer, Value::String("HI!".into()));
}

#[tokio::test]
async fn what_several_export_is_not_an_export_of_the_group() {
    let composition = compose(group([member("tax-us"), member("tax-eu")])).await;
    let error = composition.get_func(Some(RATES), "region").unwrap_err();
    assert!(matches!(error, LookupError::Export(_)), "{error}");
    assert_eq!(composition.plan().exports, []);
}

#[tokio::test]
async fn a_hidden_interface() {
    let till = [
        member("catalog"),
        member("till"),
        member("tax-eu"),
        member("tax-us").hiding(&[RATES]),
    ];
    let composition = compose(group(till)).await;
    let region = call(&composition, RATES, "region", []).await;
    assert_eq!(region, Value::String("EU".into()));

    let exposed = member("tax-eu").exposing(&["shop:tax/rates#region"]);
    let composition = compose(group([exposed])).await;
    call(&composition, RATES, "region", []).await;
    let error = composition.get_func(Some(RATES), "rate").unwrap_err();
    assert!(matches!(error, LookupError::Function { .. }), "{error}");

    let kept = member("tax-eu").filter_exports(|_, function| function != Some("rate"));
    let composition = compose(group([kept])).await;
    composition.get_func(Some(RATES), "rate").unwrap_err();
}

/// A filter around the group is one as around any part.
#[tokio::test]
async fn a_group_with_hidden_exports() {
    let shop = group([member("catalog"), member("till"), member("tax-eu")]);
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new(
        "shop",
        shop.exposing(&["shop:till/checkout"]),
    ));
    let composition = composer.compose().await.unwrap();
    let exports = &composition.plan().exports;
    assert_eq!(exports.len(), 1, "{exports:?}");
    composition.get_func(Some(RATES), "region").unwrap_err();
}

/// The group shows what a nested composition of the same parts shows.
#[tokio::test]
async fn it_exports_what_a_nested_composition_does() {
    for guests in [
        &["catalog", "till", "tax-eu"][..],
        &["values", "values-relay", "counters"],
        &["counters", "counters-user", "counters-relay"],
        &["tax-us", "tax-eu", "catalog"],
    ] {
        let fused = compose(group(guests.iter().map(|guest| member(guest)))).await;
        let mut inner = Composer::new();
        for guest in guests {
            inner.add(ComposableDescriptor::new(*guest, part(guest)));
        }
        let mut outer = Composer::new();
        outer.add(ComposableDescriptor::new("group", inner));
        let nested = outer.compose().await.unwrap();
        assert_eq!(fused.plan().exports, nested.plan().exports);
        let resources = |composition: &Composition| {
            let component = &composition.plan().components[0];
            component.resources.len()
        };
        assert_eq!(resources(&fused), resources(&nested), "{guests:?}");
    }
}

#[tokio::test]
async fn members_of_the_same_bytes_are_apart() {
    let mut both = group([named("one", "counters"), named("two", "counters")]);
    both.with_export_hint("test:resources/counters", "one");
    both.with_export_hint("test:resources/inspect", "two");
    let composition = compose(both).await;
    let counters = "test:resources/counters@0.1.0";
    let made = call(&composition, counters, "make-list", [3u32.into()]).await;
    let live = call(&composition, counters, "live", []).await;
    assert_eq!(live, Value::U32(3));
    drop(made);
}

/// A trap ends the group, and nothing else.
#[tokio::test]
async fn members_fail_together_and_alone() {
    within(async {
        let both = group([member("hostile"), member("tax-eu")]);
        let hostile = Hostile::with(both).await;
        let error = hostile.call("trap", []).await.unwrap_err();
        let death = hostile.death("trap", &error);
        assert!(matches!(
            death.cause,
            DeathCause::Trap(Trap::UnreachableCodeReached)
        ));
        hostile.assert_dead_alone(&death).await;
        let region = hostile.composition.get_func(Some(RATES), "region").unwrap();
        let error = region.call_owned([]).await.unwrap_err();
        assert!(error.to_string().contains("of component `hostile` refused"));
    })
    .await;
}

#[tokio::test]
async fn a_group_that_traps_while_it_starts() {
    let start = group([member("hostile-start-trap"), member("tax-eu")]);
    let error = super::composer(start).compose().await.err().unwrap();
    let text = error.to_string();
    let start = "component `group` failed to start: component `group` trapped: ";
    assert!(text.starts_with(start), "{text}");
}

/// Streams cannot cross between stores yet, but within one they can.
#[tokio::test]
async fn streams_cross_between_members() {
    let composition = compose(group([
        text(
            "source",
            r#"(component
                (core module $m
                    (import "" "new" (func $new (result i64)))
                    (func (export "open") (result i32)
                        (i32.wrap_i64 (call $new))))
                (type $stream (stream u8))
                (core func $new (canon stream.new $stream))
                (core instance $i (instantiate $m
                    (with "" (instance (export "new" (func $new))))))
                (func (export "open") (result $stream)
                    (canon lift (core func $i "open"))))"#,
        ),
        text(
            "sink",
            r#"(component
                (type $stream (stream u8))
                (import "open" (func $open (result $stream)))
                (core func $open (canon lower (func $open)))
                (core func $drop (canon stream.drop-readable $stream))
                (core module $m
                    (import "" "open" (func $open (result i32)))
                    (import "" "drop" (func $drop (param i32)))
                    (func (export "run") (result i32)
                        (call $drop (call $open))
                        (i32.const 7)))
                (core instance $i (instantiate $m (with "" (instance
                    (export "open" (func $open))
                    (export "drop" (func $drop))))))
                (func (export "run") (result u32)
                    (canon lift (core func $i "run"))))"#,
        ),
    ]))
    .await;
    let run = composition.get_func(None, "run").unwrap();
    assert_eq!(run.call_owned([]).await.unwrap(), Some(Value::U32(7)));
    let group = composition.component("group").unwrap();
    assert!(matches!(group.status().state, ComponentState::Running));
}
