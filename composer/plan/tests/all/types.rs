//! Both sides of a link must mean the same types.

use composer_plan::PlanError;

use crate::support::*;

fn errors_between(import: &str, export: &str) -> Vec<PlanError> {
    errors_of([
        component("a", &format!("import {import}")),
        component("b", &format!("export {export}")),
    ])
}

#[test]
fn a_provider_may_have_more_functions() {
    plan_of([
        component("a", "import x:y/z { f(); }"),
        component("b", "export x:y/z { f(); g(); }"),
    ]);
}

#[test]
fn a_provider_must_have_every_function() {
    let errors = errors_between("x:y/z { f(); ping(); pong(); }", "x:y/z { f(); pinh(); }");
    let functions: Vec<(&str, &[String])> = errors
        .iter()
        .map(|error| match error {
            PlanError::MissingFunction {
                function,
                hidden: false,
                similar,
                ..
            } => (function.as_str(), &similar[..]),
            other => panic!("{other}"),
        })
        .collect();
    let pinh = ["pinh".to_owned()];
    assert_eq!(functions, [("ping", &pinh[..]), ("pong", &[])]);
}

#[test]
fn a_function_that_a_filter_hides_is_said_to_be_hidden() {
    let errors = errors_of([
        component("a", "import x:y/z { f(); g(); }"),
        component("b", "export x:y/z { f(); g(); }").hide(&["x:y/z#g"]),
    ]);
    let [
        PlanError::MissingFunction {
            hidden, function, ..
        },
    ] = &errors[..]
    else {
        panic!("{errors:?}");
    };
    assert!(hidden);
    assert_eq!(function, "g");
}

#[test]
fn every_function_that_differs_is_reported() {
    let errors = errors_between(
        "x:y/z { f(a: u32); g(); h() -> string; }",
        "x:y/z { f(a: u64); g(); h(); }",
    );
    let paths: Vec<&str> = errors
        .iter()
        .map(|error| match error {
            PlanError::Mismatch { difference, .. } => difference.path.as_str(),
            other => panic!("{other}"),
        })
        .collect();
    assert_eq!(paths, ["parameter \"a\"", "result"]);
}

#[test]
fn a_compatible_version_does_not_promise_equal_types() {
    let errors = errors_between("x:y/z@1.0.0 { f(a: u32); }", "x:y/z@1.1.0 { f(a: u64); }");
    assert!(
        matches!(&errors[..], [PlanError::Mismatch { .. }]),
        "{errors:?}"
    );
}

#[test]
fn functions_of_the_world_must_agree() {
    let errors = errors_between("add(a: u32)", "add(a: u64)");
    let [PlanError::Mismatch { function: None, .. }] = &errors[..] else {
        panic!("{errors:?}");
    };
}

#[test]
fn a_function_is_not_an_interface() {
    for (import, export, kinds) in [
        ("add()", "add", ("function", "interface")),
        ("add", "add()", ("interface", "function")),
        ("add()", "add is core module", ("function", "core module")),
        ("resource add", "add()", ("resource", "function")),
    ] {
        let errors = errors_between(import, export);
        let [
            PlanError::KindMismatch {
                import_kind,
                export_kind,
                ..
            },
        ] = &errors[..]
        else {
            panic!("{errors:?}");
        };
        assert_eq!((import_kind.as_str(), export_kind.as_str()), kinds);
    }
}

#[test]
fn mistakes_of_all_links_come_together() {
    let errors = errors_of([
        component("a", "import x:y/1 { f(); } import x:y/2()"),
        component("b", "import x:y/1 { f(a: u8); }"),
        component("c", "export x:y/1 { g(); } export x:y/2"),
    ]);
    assert_eq!(errors.len(), 3, "{errors:#?}");
}
