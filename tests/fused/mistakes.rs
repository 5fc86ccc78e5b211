//! Mistakes inside a group have the same messages as in a composition of the same parts.

use composer::fused::{FuseError, FusedMember};
use composer::{
    ComposableDescriptor, Composer, CompositionError, ExportFilter, component_from_bytes,
};

use super::{error, group, member, named, text};
use crate::support::{engine, part};

/// Both must be refused with the same words.
#[track_caller]
fn same(isolated: &Composer, members: impl IntoIterator<Item = FusedMember>) -> String {
    let apart = isolated.plan().unwrap_err();
    assert!(matches!(apart, CompositionError::Plan(_)), "{apart}");
    let (fused, text) = error(group(members));
    assert!(matches!(fused, FuseError::Plan(_)), "{fused:?}");
    assert_eq!(fused.to_string(), apart.to_string());
    assert_eq!(
        text,
        format!("the components of the group `group` cannot be fused:\n{apart}")
    );
    text
}

fn isolated(guests: &[&str]) -> Composer {
    let mut composer = Composer::new();
    for guest in guests {
        composer.add(ComposableDescriptor::new(*guest, part(guest)));
    }
    composer
}

#[test]
fn an_ambiguous_import() {
    let guests = ["catalog", "till", "tax-us", "tax-eu"];
    let text = same(&isolated(&guests), guests.map(member));
    assert_eq!(
        text,
        "the components of the group `group` cannot be fused:\n\
         component `till` imports `shop:tax/rates@1.0.0`, which several components export:\n  \
         - component `tax-eu` exports `shop:tax/rates@1.0.0`\n  \
         - component `tax-us` exports `shop:tax/rates@1.0.0`\n  \
         fix: give component `till` one of the hints \
         `.with_import_hint(\"shop:tax/rates@1.0.0\", \"tax-eu\")` or \
         `.with_import_hint(\"shop:tax/rates@1.0.0\", \"tax-us\")`"
    );
}

#[test]
fn wrong_hints() {
    let rates = "shop:tax/rates@1.0.0";
    for (import, to) in [
        (rates, "nobody"),
        (rates, "catalog"),
        ("shop:tax/rate", "tax-eu"),
    ] {
        let mut composer = isolated(&["catalog", "tax-eu"]);
        composer.add(ComposableDescriptor::new("till", part("till")).with_import_hint(import, to));
        same(
            &composer,
            [
                member("catalog"),
                member("tax-eu"),
                member("till").with_import_hint(import, to),
            ],
        );
    }
}

#[test]
fn a_function_that_a_filter_hides() {
    let hidden = &["shop:tax/rates#region"];
    let mut composer = isolated(&["catalog", "till"]);
    composer.add(ComposableDescriptor::new(
        "tax",
        part("tax-eu").hiding(hidden),
    ));
    same(
        &composer,
        [
            member("catalog"),
            member("till"),
            named("tax", "tax-eu").hiding(hidden),
        ],
    );
}

#[test]
fn a_name_given_twice() {
    let mut composer = isolated(&["catalog"]);
    composer.add(ComposableDescriptor::new("catalog", part("tax-eu")));
    same(&composer, [member("catalog"), named("catalog", "tax-eu")]);
}

#[test]
fn types_that_differ_and_circles() {
    let pairs = [
        (
            r#"(component (import "x:y/z" (instance (export "f" (func (param "n" u32))))))"#,
            r#"(component (component $c
                    (core module $m (func (export "f") (param i32 i32))
                        (memory (export "memory") 1)
                        (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable))
                    (core instance $i (instantiate $m))
                    (func (export "f") (param "n" string) (canon lift (core func $i "f")
                        (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))
                (instance $i (instantiate $c))
                (export "x:y/z" (instance $i)))"#,
        ),
        (&*super::via("a", "b"), &*super::via("b", "a")),
    ];
    for (one, two) in pairs {
        let mut composer = Composer::new();
        for (name, text) in [("one", one), ("two", two)] {
            let component = component_from_bytes(engine(), name, text.as_bytes()).unwrap();
            composer.add(ComposableDescriptor::new(name, component));
        }
        same(&composer, [text("one", one), text("two", two)]);
    }
}

#[test]
fn a_filter_that_names_nothing() {
    let (fused, text) = error(group([
        member("tax-eu").hiding(&["shop:tax/rate"]),
        member("till").exposing(&["shop:till/check"]),
    ]));
    assert!(matches!(fused, FuseError::Members(_)), "{fused:?}");
    let mut composer = Composer::new();
    composer
        .add(ComposableDescriptor::new(
            "tax-eu",
            part("tax-eu").hiding(&["shop:tax/rate"]),
        ))
        .add(ComposableDescriptor::new(
            "till",
            part("till").exposing(&["shop:till/check"]),
        ));
    let apart = composer.plan().unwrap_err();
    assert_eq!(
        text,
        format!("the components of the group `group` cannot be fused:\n{apart}")
    );
}

/// What no member has is the group's to import, and that is missing outside.
#[test]
fn what_is_missing_is_missing_for_the_group() {
    let composer = super::composer(group([member("till"), member("tax-eu")]));
    assert_eq!(
        composer.plan().unwrap_err().to_string(),
        "component `group` imports `shop:catalog/prices@1.0.0`, which nothing provides\n  \
         fix: add a component that exports `shop:catalog/prices@1.0.0`, \
         define it in the linker of `group`, or leave it open with \
         `.with_open_import(\"shop:catalog/prices@1.0.0\")`"
    );
}
