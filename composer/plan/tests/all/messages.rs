//! Errors as people read them, word for word.

use std::sync::Arc;

use composer_plan::{Graph, Node, StreamItems, resolve};

use crate::support::*;

/// A resource that others use.
const R: &str = "import x:y/r { resource r; }";

#[test]
fn unresolved_with_near_misses() {
    assert_eq!(
        message_of([
            component("a", "import x:y/z@1.0.0"),
            component("b", "export x:y/z@2.0.0"),
            component("c", "export x:y/z@1.2.0 export x:y/z@3.0.0").hide(&["x:y/z"]),
            component("d", "export x:y/z@1.0.0-rc.1 export x:y/z"),
        ]),
        "component `a` imports `x:y/z@1.0.0`, which nothing provides
  - component `c` has `x:y/z@1.2.0`, but its export filter hides it
  - component `b` exports `x:y/z@2.0.0`, but 2.x is not compatible with 1.x
  - component `d` exports `x:y/z@1.0.0-rc.1`, but a pre-release version matches only itself
  - component `d` exports `x:y/z`, but a name with a version and one without do not match
  fix: let the export filter of `c` show it, add a component that exports `x:y/z@1.0.0`, define it in the linker of `a`, or leave it open with `.with_open_import(\"x:y/z@1.0.0\")`"
    );
}

#[test]
fn unresolved_by_another_version() {
    assert_eq!(
        message_of([
            component("a", "import x:y/z@0.2.0"),
            component("b", "export x:y/z@0.0.3"),
        ]),
        "component `a` imports `x:y/z@0.2.0`, which nothing provides
  - component `b` exports `x:y/z@0.0.3`, but 0.0.3 is not compatible with 0.2.x
  fix: use a version of `b` that exports `x:y/z@0.2.0`, add a component that exports `x:y/z@0.2.0`, define it in the linker of `a`, or leave it open with `.with_open_import(\"x:y/z@0.2.0\")`"
    );
}

#[test]
fn unresolved_with_a_similar_name() {
    assert_eq!(
        message_of([
            component("a", "import x:y/zed"),
            component("b", "export x:y/zet"),
        ]),
        "component `a` imports `x:y/zed`, which nothing provides
  - component `b` exports the similar name `x:y/zet`
  fix: add a component that exports `x:y/zed`, define it in the linker of `a`, or leave it open with `.with_open_import(\"x:y/zed\")`"
    );
}

#[test]
fn unresolved_by_itself() {
    assert_eq!(
        message_of([component("a", "import x:y/z export x:y/z")]),
        "component `a` imports `x:y/z`, which nothing provides
  - component `a` exports `x:y/z` itself, but a component cannot satisfy its own imports
  fix: add a component that exports `x:y/z`, define it in the linker of `a`, or leave it open with `.with_open_import(\"x:y/z\")`"
    );
}

#[test]
fn ambiguous() {
    assert_eq!(
        message_of([
            component("a", "import x:y/z@1.0.0"),
            component("b", "export x:y/z@1.1.0"),
            component("c", "export x:y/z@1.2.0"),
        ]),
        "component `a` imports `x:y/z@1.0.0`, which several components export:
  - component `b` exports `x:y/z@1.1.0`
  - component `c` exports `x:y/z@1.2.0`
  fix: give component `a` one of the hints `.with_import_hint(\"x:y/z@1.0.0\", \"b\")` or `.with_import_hint(\"x:y/z@1.0.0\", \"c\")`"
    );
}

#[test]
fn ambiguous_among_many() {
    assert_eq!(
        message_of(
            (0..20)
                .map(|i| component(&format!("c{i:02}"), "export x:y/z"))
                .chain([component("a", "import x:y/z")]),
        ),
        "component `a` imports `x:y/z`, which several components export:
  - component `c00` exports `x:y/z`
  - component `c01` exports `x:y/z`
  - component `c02` exports `x:y/z`
  - component `c03` exports `x:y/z`
  - component `c04` exports `x:y/z`
  - component `c05` exports `x:y/z`
  - component `c06` exports `x:y/z`
  - component `c07` exports `x:y/z`
  - and 12 more
  fix: give component `a` a hint such as `.with_import_hint(\"x:y/z\", \"c00\")`"
    );
}

#[test]
fn unsupported() {
    assert_eq!(
        message_of([component("a", "import lib is core module")]),
        "component `a` imports the core module `lib`, which only a linker can provide
  fix: define it in the linker of `a`, or compose the two when they are built"
    );
}

#[test]
fn cycle() {
    assert_eq!(
        message_of([
            component("a", "import x:y/z export p:q/r"),
            component("b", "import p:q/r import p:q/s export x:y/z"),
            component("c", "import x:y/z export p:q/s"),
        ]),
        "`a` and `b` need each other before they can start: a → b → a
  - component `a` imports `x:y/z` from component `b`
  - component `b` imports `p:q/r` from component `a`
  caught in further circles with them: `c`
  fix: satisfy one of these imports from another component or from a linker, or move what they share into a component of its own"
    );
}

#[test]
fn kinds() {
    assert_eq!(
        message_of([component("a", "import add()"), component("b", "export add")]),
        "component `a` imports the function `add`, but `add` of component `b` is an interface
  fix: rename one of the two, or hint to another component"
    );
}

#[test]
fn missing_function() {
    assert_eq!(
        message_of([
            component("a", "import x:y/z@1.0.0 { ping(); }"),
            component("b", "export x:y/z@1.1.0 { pong(); pinh(); }"),
        ]),
        "component `a` needs the function `ping` of `x:y/z@1.0.0`, but `x:y/z@1.1.0` of component `b` has no such function; did you mean `pinh` or `pong`?
  fix: build `b` against the version that `a` uses, or hint to another component"
    );
}

#[test]
fn hidden_function() {
    assert_eq!(
        message_of([
            component("a", "import x:y/z { ping(); }"),
            component("b", "export x:y/z { ping(); pong(); }").hide(&["x:y/z#ping"]),
        ]),
        "component `a` needs the function `ping` of `x:y/z`, which the export filter of component `b` hides
  fix: let the export filter of `b` show `x:y/z#ping`"
    );
}

#[test]
fn missing_resource() {
    assert_eq!(
        message_of([
            component("a", "import x:y/z { resource r; }"),
            component("b", "export x:y/z { ping(); }"),
        ]),
        "component `a` needs the resource `r` of `x:y/z`, but `x:y/z` of component `b` has no such resource
  fix: build `b` against the version that `a` uses, or hint to another component"
    );
}

#[test]
fn mismatch() {
    assert_eq!(
        message_of([
            component(
                "till",
                "import s:t/r@1.0.0 { f(basket: list<record { quantity: u32 }>); }"
            ),
            component(
                "tax",
                "export s:t/r@1.1.0 { f(basket: list<record { quantity: u64 }>); }"
            ),
        ]),
        "component `till` imports `s:t/r@1.0.0` from component `tax`, which has `s:t/r@1.1.0`, but they disagree about its function `f`
  at parameter \"basket\" → list element → field \"quantity\":
    `till` expects u32
    `tax` has u64
  fix: build both against one version of the interface, or hint to another component"
    );
}

#[test]
fn mismatch_of_a_function() {
    assert_eq!(
        message_of([
            component("a", "import add(a: u32)"),
            component("b", "export add(a: u32, b: string)"),
        ]),
        "component `a` imports `add` from component `b`, but they disagree about its type
  at parameters:
    `a` expects (a: u32)
    `b` has (a: u32, b: string)
  fix: build both against one version of the interface, or hint to another component"
    );
}

#[test]
fn resources_of_two_components() {
    assert_eq!(
        message_of([
            component(
                "a",
                &format!("{R} import x:y/z {{ use import x:y/r r; f(r: r); }}")
            )
            .hint("x:y/r", "c"),
            component(
                "b",
                &format!("{R} export x:y/z {{ use import x:y/r r; f(r: r); }}")
            )
            .hint("x:y/r", "d"),
            component("c", "export x:y/r { resource r; }"),
            component("d", "export x:y/r { resource r; }"),
        ]),
        "component `a` imports `x:y/z` from component `b`, but they disagree about its function `f`
  at parameter \"r\":
    `a` expects the resource `r` of `x:y/r` of component `c`
    `b` has the resource `r` of `x:y/r` of component `d`
  fix: use import hints to give both sides the resource of one component"
    );
}

/// Two components with one interface, every function of which is required.
fn strict(functions: &str) -> Graph {
    Graph {
        requires_all_functions: true,
        ..graph([
            component("a", &format!("import x:y/z {{ {functions} }}")),
            component("b", &format!("export x:y/z {{ {functions} }}")),
        ])
    }
}

#[test]
fn error_context() {
    assert_eq!(
        message(&strict("explain() -> result<error-context>;")),
        "component `a` imports `x:y/z` from component `b`, but its function `explain` cannot be used across stores
  at result → ok: `error-context` cannot cross from one store to another
  fix: pass a string or a resource instead, or make one component of the two with `FusedComponents`"
    );
}

#[test]
fn stream_of_other_items() {
    let graph = Graph {
        stream_items: StreamItems::Primitive,
        ..strict("read() -> result<stream<list<u8>>>;")
    };
    assert_eq!(
        message(&graph),
        "component `a` imports `x:y/z` from component `b`, but its function `read` cannot be used across stores
  at result → ok: `stream<list<u8>>` cannot cross from one store to another
  fix: turn on the feature `fast-transfer`, or make one component of the two with `FusedComponents`"
    );
}

#[test]
fn resource_of_a_linker() {
    assert_eq!(
        message_of([
            component(
                "a",
                &format!("{R} import x:y/z {{ use import x:y/r r; f(r: r); }}")
            )
            .host("x:y/r"),
            component(
                "b",
                &format!("{R} export x:y/z {{ use import x:y/r r; f(r: r); }}")
            )
            .host("x:y/r"),
        ]),
        "component `a` imports `x:y/z` from component `b`, but its function `f` cannot be used across stores
  at parameter \"r\": the resource `r` of `x:y/r` comes from the linker of component `a` and cannot leave its store
  fix: tell its Rust type to the parts of both sides with `with_host_resource`, or let a component export `x:y/r` and give it to both"
    );
}

#[test]
fn reexported_resource_of_a_linker() {
    assert_eq!(
        message_of([
            component("a", R),
            component("b", &format!("{R} export x:y/r {{ use import x:y/r r; }}")).host("x:y/r"),
        ]),
        "component `a` imports `x:y/r` from component `b`, but it cannot be used across stores
  at resource \"r\": the resource `r` of `x:y/r` comes from the linker of component `b` and cannot leave its store
  fix: tell its Rust type to the parts of both sides with `with_host_resource`, or let a component export `x:y/r` and give it to both"
    );
}

#[test]
fn open_resource_of_a_linker() {
    assert_eq!(
        message(
            &graph([component(
                "a",
                &format!("{R} import f() import x:y/z {{ use import x:y/r r; f(r: r); }}")
            )
            .host("x:y/r")
            .host("f")])
            .open("x:y/z"),
        ),
        "component `a` imports `x:y/z` from outside the composition, but its function `f` cannot be used across stores
  at parameter \"r\": the resource `r` of `x:y/r` comes from the linker of component `a` and cannot leave its store
  fix: tell its Rust type to the parts of both sides with `with_host_resource`, or let a component export `x:y/r` and give it to both"
    );
}

#[test]
fn open_conflict() {
    assert_eq!(
        message(
            &graph([
                component("a", "import x:y/z { ping(a: u32); }"),
                component("b", "import x:y/z { ping(a: u64); }"),
            ])
            .open("x:y/z"),
        ),
        "components `a` and `b` both leave `x:y/z` open, but they disagree about its function `ping`
  at parameter \"a\":
    `a` expects u32
    `b` expects u64
  fix: build both against one version of the interface, or satisfy one of them inside the composition"
    );
}

#[test]
fn open_conflict_of_kinds() {
    assert_eq!(
        message(&graph([component("a", "import f"), component("b", "import f()")]).open("f")),
        "components `a` and `b` both leave `f` open, but they disagree about its type
  at the import itself:
    `a` expects an interface
    `b` expects a function
  fix: build both against one version of the interface, or satisfy one of them inside the composition"
    );
}

#[test]
fn open_import_unknown() {
    assert_eq!(
        message(&graph([component("a", "import run()").host("run")]).open("rum")),
        "the open import `rum` is imported by no component; did you mean `run`?
  fix: write the name as it stands in the WIT, or remove it"
    );
}

#[test]
fn open_import_useless() {
    assert_eq!(
        message(
            &graph([
                component("a", "import x:y/z").hint("x:y/z", "b"),
                component("b", "export x:y/z"),
                component("c", "import x:y/z").host("x:y/z"),
                component("d", "import x:y/z { }"),
            ])
            .open("x:y/z"),
        ),
        "the open import `x:y/z` is not needed, since everyone who imports it has it:
  - component `a` gets `x:y/z` from component `b` by a hint
  - component `c` gets `x:y/z` from its linker
  - component `d` needs no provider of `x:y/z`, which has only plain types
  fix: remove it, or take away what satisfies it"
    );
}

#[test]
fn duplicate_component() {
    assert_eq!(
        message_of([component("b", ""), component("b", "")]),
        "2 components are named `b`
  fix: give every component of the composition a name of its own"
    );
}

#[test]
fn hint_to_nobody() {
    assert_eq!(
        message_of([
            component("a", "import x:y/z").hint("x:y/z", "nobody"),
            component("b", "export x:y/z"),
        ]),
        "`.with_import_hint(\"x:y/z\", \"nobody\")` on component `a` points to `nobody`, but no component has that name
  fix: add a component `nobody`, or remove the hint"
    );
}

#[test]
fn hint_to_a_misspelt_component() {
    assert_eq!(
        message_of([
            component("alpha", "import x:y/z").hint("x:y/z", "brabo"),
            component("bravo", "export x:y/z"),
        ]),
        "`.with_import_hint(\"x:y/z\", \"brabo\")` on component `alpha` points to `brabo`, but no component has that name
  fix: write `bravo`"
    );
}

#[test]
fn hint_about_no_import() {
    assert_eq!(
        message_of([
            component("a", "import x:y/z").hint("x:y/w", "b"),
            component("b", "export x:y/z"),
        ]),
        "`.with_import_hint(\"x:y/w\", \"b\")` on component `a` is about `x:y/w`, which `a` does not import; did you mean `x:y/z`?
  fix: write the name as it stands in the WIT, or remove the hint"
    );
}

#[test]
fn export_hint_about_no_export() {
    assert_eq!(
        message(&graph([component("b", "export x:y/z")]).hint("p:q/other", "b")),
        "`.with_export_hint(\"p:q/other\", \"b\")` is about `p:q/other`, which no component exports
  fix: write the name as it stands in the WIT, or remove the hint"
    );
}

/// A component with the type `thing` directly in its world.
fn with_a_type() -> Node {
    let mut node = component("a", "");
    Arc::make_mut(&mut node.world).types.push("thing".into());
    node
}

#[test]
fn hint_about_a_type() {
    assert_eq!(
        message_of([with_a_type().hint("thing", "b"), component("b", "")]),
        "`.with_import_hint(\"thing\", \"b\")` on component `a` is about the type `thing`, and a type needs no provider
  fix: remove the hint"
    );
}

#[test]
fn export_hint_about_a_type() {
    assert_eq!(
        message(&graph([with_a_type()]).hint("thing", "a")),
        "`.with_export_hint(\"thing\", \"a\")` is about the type `thing`, and a type needs no provider
  fix: remove the hint"
    );
}

#[test]
fn hint_that_is_unclear() {
    assert_eq!(
        message_of([
            component("a", "import x:y/z@1.0.0 import x:y/z@2.0.0").hint("x:y/z", "b"),
            component("b", "export x:y/z@1.0.0 export x:y/z@2.0.0"),
        ]),
        "`.with_import_hint(\"x:y/z\", \"b\")` on component `a` could be about `x:y/z@1.0.0` or `x:y/z@2.0.0`
  fix: write the one that is meant in full, with its version"
    );
}

#[test]
fn hint_to_the_wrong_component() {
    assert_eq!(
        message_of([
            component("a", "import x:y/z").hint("x:y/z", "d"),
            component("b", "export x:y/z"),
            component("d", "export x:y/z@1.0.0"),
        ]),
        "`.with_import_hint(\"x:y/z\", \"d\")` on component `a` points to `d`, which does not export `x:y/z`
  - component `d` exports `x:y/z@1.0.0`, but a name with a version and one without do not match
  fix: point to a component that exports it, such as `b`"
    );
}

#[test]
fn hint_that_nobody_can_follow() {
    assert_eq!(
        message(
            &graph([
                component("a", "import x:y/z").hint("x:y/z", "d"),
                component("d", "export p:q/r"),
            ])
            .open("x:y/z"),
        ),
        "`.with_import_hint(\"x:y/z\", \"d\")` on component `a` points to `d`, which does not export `x:y/z`
  fix: point to a component that exports it, or remove the hint"
    );
}

#[test]
fn hint_to_itself() {
    assert_eq!(
        message_of([
            component("a", "import x:y/z export x:y/z").hint("x:y/z", "a"),
            component("b", "export x:y/z"),
        ]),
        "`.with_import_hint(\"x:y/z\", \"a\")` on component `a` points `a` to itself: a component cannot run before it has its imports
  fix: point to another component, or remove the hint"
    );
}

#[test]
fn repeated_hint() {
    assert_eq!(
        message_of([
            component("a", "import x:y/z")
                .hint("x:y/z", "b")
                .hint("x:y/z", "b"),
            component("b", "export x:y/z"),
            component("c", "export x:y/z"),
        ]),
        "`.with_import_hint(\"x:y/z\", \"b\")` on component `a` is given 2 times
  fix: keep one"
    );
}

#[test]
fn hints_that_disagree() {
    assert_eq!(
        message_of([
            component("a", "import x:y/z")
                .hint("x:y/z", "b")
                .hint("x:y/z", "c"),
            component("b", "export x:y/z"),
            component("c", "export x:y/z"),
        ]),
        "hints for `x:y/z` disagree:
  - `.with_import_hint(\"x:y/z\", \"b\")` on component `a`
  - `.with_import_hint(\"x:y/z\", \"c\")` on component `a`
  fix: keep one"
    );
}

#[test]
fn several_errors_are_paragraphs() {
    let errors = resolve(&graph([
        component("a", "import one() import two()"),
        component("b", "export two() export one()"),
        component("c", "export two() export three()"),
        component("d", "import four()"),
    ]))
    .unwrap_err();
    assert_eq!(errors.to_string(), "component `a` imports `two`, which several components export:
  - component `b` exports `two`
  - component `c` exports `two`
  fix: give component `a` one of the hints `.with_import_hint(\"two\", \"b\")` or `.with_import_hint(\"two\", \"c\")`

component `d` imports `four`, which nothing provides
  fix: add a component that exports `four`, define it in the linker of `d`, or leave it open with `.with_open_import(\"four\")`");
    assert_eq!(errors.errors().len(), (&errors).into_iter().count());
    assert_eq!(errors.errors().len(), 2);
    // It is an error like any other.
    let _: &dyn std::error::Error = &errors;
}

#[test]
fn linker_captured() {
    assert_eq!(
        message_of([
            component("a", "import x:y/z@1.0.0 import x:y/z@1.2.0")
                .host_in_other_version("x:y/z@1.0.0")
                .host_in_other_version("x:y/z@1.2.0")
                .hint("x:y/z@1.2.0", "b"),
            component("b", "export x:y/z@1.2.0"),
        ]),
        "component `a` imports `x:y/z@1.0.0` from its linker, which has it in another version, \
         and `x:y/z@1.2.0` from elsewhere, which would take its place in the linker
  fix: define `x:y/z@1.0.0` in the linker under exactly this name"
    );
}

#[test]
fn linker_lacks() {
    let half = || {
        component("a", "import x:y/z { one(); two(); three(); }")
            .lacking("x:y/z", &["two", "three"])
    };
    assert_eq!(
        message_of([half()]),
        "the linker of component `a` has `x:y/z` without `two` and `three`, which the component needs
  fix: define the rest there, or add a component that exports all of it and a hint to that"
    );
    let whole = || component("b", "export x:y/z { one(); two(); three(); }");
    assert_eq!(
        message_of([half(), whole()]),
        "the linker of component `a` has `x:y/z` without `two` and `three`, which the component needs
  fix: define the rest there, or take all of it from a component with a hint such as `.with_import_hint(\"x:y/z\", \"b\")`"
    );
    plan_of([half().hint("x:y/z", "b"), whole()]);
}

/// What of WASI comes with the library, and what it takes to have it.
#[test]
fn wasi_that_nothing_provides() {
    let message = |import: &str| message_of([component("a", &format!("import {import}"))]);
    assert_eq!(
        message("wasi:cli/stdout@0.2.6"),
        "component `a` imports `wasi:cli/stdout@0.2.6`, which nothing provides
  fix: add a component that exports `wasi:cli/stdout@0.2.6`, define it in the linker of `a`, add `a` with WASI (`composer::wasi::WasiComponent`), or leave it open with `.with_open_import(\"wasi:cli/stdout@0.2.6\")`"
    );
    let with_feature =
        "add `a` with WASI (`composer::wasi::WasiComponent`, with the feature `wasi-p3`), or";
    assert!(message("wasi:cli/stdout@0.3.0").contains(with_feature));
    let with_feature =
        "add `a` with WASI (`composer::wasi::WasiComponent`, with the feature `http`), or";
    assert!(message("wasi:http/types@0.2.6").contains(with_feature));
    for others in [
        "wasi:keyvalue/store@0.2.0",
        "wasi:cli/stdout@0.4.0",
        "my:cli/stdout@0.2.0",
    ] {
        assert!(!message(others).contains("WasiComponent"));
    }
}

/// One missing package is one mistake.
#[test]
fn a_package_that_nothing_provides() {
    assert_eq!(
        resolve(&graph([
            component(
                "a",
                "import wasi:http/types@0.2.6 import x:y/one import wasi:http/outgoing-handler@0.2.6
                 import x:y/two import wasi:http/types@0.3.0",
            ),
            component("b", "import wasi:http/types@0.2.6 import x:y/two"),
        ]))
        .unwrap_err()
        .to_string(),
        "component `a` imports 2 interfaces of `wasi:http@0.2.6`, which nothing provides: `types`, `outgoing-handler`
  fix: add a component that exports them, define them in the linker of `a`, add `a` with WASI (`composer::wasi::WasiComponent`, with the feature `http`), or leave each of them open with `.with_open_import(…)`

component `a` imports 2 interfaces of `x:y`, which nothing provides: `one`, `two`
  fix: add a component that exports them, define them in the linker of `a`, or leave each of them open with `.with_open_import(…)`

component `a` imports `wasi:http/types@0.3.0`, which nothing provides
  fix: add a component that exports `wasi:http/types@0.3.0`, define it in the linker of `a`, add `a` with WASI (`composer::wasi::WasiComponent`, with the features `http` and `wasi-p3`), or leave it open with `.with_open_import(\"wasi:http/types@0.3.0\")`

component `b` imports `wasi:http/types@0.2.6`, which nothing provides
  fix: add a component that exports `wasi:http/types@0.2.6`, define it in the linker of `b`, add `b` with WASI (`composer::wasi::WasiComponent`, with the feature `http`), or leave it open with `.with_open_import(\"wasi:http/types@0.2.6\")`

component `b` imports `x:y/two`, which nothing provides
  fix: add a component that exports `x:y/two`, define it in the linker of `b`, or leave it open with `.with_open_import(\"x:y/two\")`"
    );
}
