//! The form in which values cross each link, as the event of the link reports it.

use std::collections::BTreeMap;

#[cfg(feature = "fast-transfer")]
use composer::{ComposableDescriptor, Composer};
#[cfg(feature = "fast-transfer")]
use wasmtime::component::Component;

use super::typed_resources::{Using, UsingParts};
#[cfg(feature = "fast-transfer")]
use super::typed_values::{Relayed, RelayedParts};
use super::{Shop, ShopParts};
use crate::support::events::heard;
use crate::support::part;
#[cfg(feature = "fast-transfer")]
use crate::support::{edge, engine};

/// Each link that `make` makes, as `component → function` and its form.
fn links(make: impl FnOnce()) -> BTreeMap<String, String> {
    let events = heard(make).into_iter().map(|event| event.fields);
    let links = events.filter(|fields| fields.get("message").is_some_and(|text| text == "linked"));
    let link = |fields: BTreeMap<&str, String>| {
        let name = format!("{} → {}", fields["component"], fields["function"]);
        (name, fields["form"].clone())
    };
    links.map(link).collect()
}

fn forms(make: impl FnOnce()) -> Vec<String> {
    let mut forms: Vec<_> = links(make).into_values().collect();
    forms.sort();
    forms.dedup();
    forms
}

#[test]
fn two_declared_components_use_their_rust_types() {
    let shop = forms(|| {
        let parts = ShopParts {
            catalog: part("catalog"),
            till: part("till"),
            tax: part("tax-eu"),
        };
        Shop::prepare(parts).unwrap();
    });
    assert_eq!(shop, ["static"]);
    // Resources make no difference; one of the functions has a list, for which bulk
    // is better where there is any.
    let using = forms(|| {
        let parts = UsingParts {
            counters: part("counters"),
            user: part("counters-user"),
            relay: part("counters-relay"),
        };
        Using::prepare(parts).unwrap();
    });
    let bulk = cfg!(feature = "fast-transfer").then_some("bulk");
    assert_eq!(
        using,
        bulk.into_iter().chain(["static"]).collect::<Vec<_>>()
    );
}

/// Each element of a list would be made anew as a Rust value.
#[cfg(feature = "fast-transfer")]
#[test]
fn lists_go_in_bulk_all_the_same() {
    let links = links(|| {
        let parts = RelayedParts {
            relay: part("values-relay"),
            values: part("values"),
        };
        Relayed::prepare(parts).unwrap();
    });
    let form = |function: &str| links[&format!("relay → {function}")].as_str();
    assert_eq!(form("echo-records"), "bulk");
    assert_eq!(form("echo-bytes"), "bulk");
    assert_eq!(form("echo-string"), "static");
}

/// Prepares guests that nobody has declared.
#[cfg(feature = "fast-transfer")]
fn found(names: &[&str]) {
    let mut composer = Composer::new();
    for name in names {
        composer.add(ComposableDescriptor::new(*name, part(name)));
    }
    composer.prepare().unwrap();
}

#[cfg(feature = "fast-transfer")]
#[test]
fn two_others_go_by_what_the_function_takes() {
    let shop = links(|| found(&["catalog", "till", "tax-eu"]));
    assert_eq!(shop["till → lookup"], "bulk");
    let counters = links(|| found(&["counters", "counters-user", "counters-relay"]));
    let through = "counters-user → [method]counter.increment";
    assert_eq!(counters[through], "bulk");
}

/// Who provides is not known when the inner composition is linked, but the type
/// is: that of the import.
#[cfg(feature = "fast-transfer")]
#[test]
fn what_is_bound_late_goes_in_bulk_too() {
    let links = links(|| drop(edge::nested().prepare().unwrap()));
    let form = |function: &str| links[&format!("values-relay → {function}")].as_str();
    for function in ["echo-records", "echo-bytes", "echo-string", "echo-u32"] {
        assert_eq!(form(function), "bulk", "{function}");
    }
}

/// What tests compare the other forms with.
#[test]
fn one_by_one() {
    let shop = forms(|| {
        let parts = ShopParts {
            catalog: part("catalog"),
            till: part("till").one_by_one(),
            tax: part("tax-eu"),
        };
        Shop::prepare(parts).unwrap();
    });
    assert_eq!(shop, ["vals"]);
}

#[cfg(feature = "fast-transfer")]
#[test]
fn maps_and_lists_of_fixed_length_go_in_bulk() {
    const GIVES: &str = r#"(component
        (core module $m
            (memory (export "memory") 1)
            (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 16))
            (func (export "map") (param i32 i32))
            (func (export "row") (param i32 i32 i32)))
        (core instance $i (instantiate $m))
        (func (export "map") (param "v" (map u32 u8)) (canon lift (core func $i "map")
            (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
        (func (export "row") (param "v" (list u8 3)) (canon lift (core func $i "row"))))"#;
    const TAKES: &str = r#"(component
        (import "map" (func (param "v" (map u32 u8))))
        (import "row" (func (param "v" (list u8 3)))))"#;
    let links = links(|| {
        let mut composer = Composer::new();
        for (name, text) in [("gives", GIVES), ("takes", TAKES)] {
            let component = Component::new(engine(), text).unwrap();
            composer.add(ComposableDescriptor::new(name, component));
        }
        composer.prepare().unwrap();
    });
    assert_eq!(links["takes → map"], "bulk");
    assert_eq!(links["takes → row"], "bulk");
}
