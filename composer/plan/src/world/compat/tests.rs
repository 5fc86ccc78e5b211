//! Tests of the differences between types, with their messages.

use super::*;
use crate::support::{func, world};

/// Resources are the same when their names are.
struct ByName(World);

impl ResourceRelation for ByName {
    fn same(&self, importer: ResourceId, provider: ResourceId) -> bool {
        self.0.resource(importer).name == self.0.resource(provider).name
    }
    fn importer_name(&self, id: ResourceId) -> String {
        format!("my {}", self.0.resource(id).name)
    }
    fn provider_name(&self, id: ResourceId) -> String {
        format!("your {}", self.0.resource(id).name)
    }
}

fn compare(importer: &str, provider: &str) -> Option<String> {
    // One side finds the later `r` and `q`, the other the earlier ones: their
    // ids differ, as they do between two worlds.
    let world =
        world("export x:y/1 { resource r; resource q; } export x:y/2 { resource r; resource q; }");
    let mine = func(&world, importer);
    let mut yours = world.clone();
    yours.resources.truncate(2);
    let yours = func(&yours, provider);
    let by_name = ByName(world.clone());
    compare_func(&mine, &world, &yours, &world, &by_name).map(|d| d.to_string())
}

#[track_caller]
fn differ(importer: &str, provider: &str, message: &str) {
    assert_eq!(compare(importer, provider).as_deref(), Some(message));
}

#[test]
fn equal_types_do_not_differ() {
    for ty in [
        "bool",
        "u8",
        "list<u32>",
        "list3<string>",
        "option<char>",
        "map<string, u64>",
        "tuple<u8, f64>",
        "record { a: u8, b: string }",
        "variant { a(u8), b }",
        "enum { a, b }",
        "flags { a, b }",
        "result",
        "result<u8>",
        "result<_, u8>",
        "result<u8, string>",
        "future",
        "stream<u8>",
        "error-context",
        "r",
        "borrow<r>",
        "list<option<record { a: tuple<r, borrow<q>> }>>",
    ] {
        let text = format!("(a: {ty}) -> {ty}");
        assert_eq!(compare(&text, &text), None);
    }
}

#[test]
fn signatures() {
    differ(
        "async ()",
        "()",
        "at declaration: expected async func, found func",
    );
    differ(
        "(a: u8)",
        "(a: u8, b: string)",
        "at parameters: expected (a: u8), found (a: u8, b: string)",
    );
    differ(
        "(a: u8, b: u8)",
        "(a: u8, c: u8)",
        r#"at parameter 2: expected the name "b", found the name "c""#,
    );
    differ(
        "(a: u8)",
        "(a: u32)",
        r#"at parameter "a": expected u8, found u32"#,
    );
    differ("() -> u8", "() -> u32", "at result: expected u8, found u32");
    differ("() -> u8", "()", "at result: expected u8, found no result");
    differ("()", "() -> u8", "at result: expected no result, found u8");
}

#[track_caller]
fn inside(importer: &str, provider: &str, message: &str) {
    let (a, b) = (format!("() -> {importer}"), format!("() -> {provider}"));
    differ(&a, &b, &format!("at result{message}"));
}

#[test]
fn compound_types() {
    inside(
        "list<u8>",
        "list<u32>",
        " → list element: expected u8, found u32",
    );
    inside("list<u8>", "u8", ": expected list<u8>, found u8");
    inside(
        "list3<u8>",
        "list3<u32>",
        " → list element: expected u8, found u32",
    );
    inside(
        "list3<u8>",
        "list4<u8>",
        ": expected list<u8, 3>, found list<u8, 4>",
    );
    inside(
        "option<u8>",
        "option<u32>",
        " → some: expected u8, found u32",
    );
    inside(
        "map<u8, u8>",
        "map<u32, u8>",
        " → map key: expected u8, found u32",
    );
    inside(
        "map<u8, u8>",
        "map<u8, u32>",
        " → map value: expected u8, found u32",
    );
    inside(
        "tuple<u8, u8>",
        "tuple<u8, u32>",
        " → tuple element 2: expected u8, found u32",
    );
    inside(
        "tuple<u8>",
        "tuple<u8, u8>",
        ": expected tuple<u8>, found tuple<u8, u8>",
    );
    inside("result<u8>", "result<u32>", " → ok: expected u8, found u32");
    inside(
        "result<u8>",
        "result",
        " → ok: expected u8, found no payload",
    );
    inside(
        "result",
        "result<_, u8>",
        " → error: expected no payload, found u8",
    );
    inside(
        "future<u8>",
        "future<u32>",
        " → future value: expected u8, found u32",
    );
    inside(
        "stream<u8>",
        "stream",
        " → stream element: expected u8, found no payload",
    );
}

#[test]
fn records() {
    inside(
        "record { a: u8, b: u8 }",
        "record { a: u8, b: u32 }",
        r#" → field "b": expected u8, found u32"#,
    );
    inside(
        "record { a: u8, b: u8 }",
        "record { b: u8 }",
        r#" → field "a": expected u8, found no such field"#,
    );
    inside(
        "record { a: u8 }",
        "record { a: u8, b: string }",
        r#" → field "b": expected no such field, found string"#,
    );
    inside(
        "record { a: u8, b: u8 }",
        "record { b: u8, a: u8 }",
        " → the order of its fields: expected a, b, found b, a",
    );
}

#[test]
fn cases_and_flags() {
    inside(
        "result<variant { x(u8) }>",
        "result<variant { x(u32) }>",
        r#" → ok → case "x": expected u8, found u32"#,
    );
    inside(
        "variant { x(u8) }",
        "variant { x }",
        r#" → case "x": expected u8, found no payload"#,
    );
    inside(
        "variant { x, y }",
        "variant { x }",
        r#" → case "y": expected a case, found no such case"#,
    );
    inside(
        "enum { x }",
        "enum { x, y }",
        r#" → case "y": expected no such case, found a case"#,
    );
    inside(
        "enum { x, y }",
        "enum { y, x }",
        " → the order of its cases: expected x, y, found y, x",
    );
    inside(
        "flags { x }",
        "flags { y }",
        r#" → flag "x": expected a flag, found no such flag"#,
    );
}

#[test]
fn resources() {
    inside("r", "q", ": expected my r, found your q");
    inside("borrow<r>", "borrow<q>", ": expected my r, found your q");
    inside(
        "r",
        "borrow<r>",
        ": expected x:y/2.r, found borrow<x:y/1.r>",
    );
    inside(
        "list<r>",
        "list<q>",
        " → list element: expected my r, found your q",
    );
}

#[test]
fn the_path_leads_all_the_way() {
    differ(
        "(basket: list<record { item: string, quantity: option<u32> }>)",
        "(basket: list<record { item: string, quantity: option<u64> }>)",
        r#"at parameter "basket" → list element → field "quantity" → some: expected u32, found u64"#,
    );
}
