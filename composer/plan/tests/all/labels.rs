//! An interface under a label, and an import that has another name than the export
//! which meets it.

use composer_plan::{HintTarget, PlanError};

use crate::support::*;

const STORE: &str = "x:y/store@1.0.0";

fn two_stores() -> composer_plan::Node {
    component(
        "app",
        "import main of x:y/store@1.0.0 import spare of x:y/store@1.0.0",
    )
}

#[test]
fn labelled_imports_are_met_by_the_interface() {
    let plan = plan_of([
        two_stores(),
        component("db", "export x:y/store@1.2.0"),
        component("other", "export main() export spare()"),
    ]);
    for label in ["main", "spare"] {
        assert_eq!(source(&plan, "app", label), "db x:y/store@1.2.0");
    }
}

#[test]
fn hints_choose_by_label() {
    let plan = plan_of([
        two_stores().hint("main", "db1").hint("spare", "db2"),
        component("db1", "export x:y/store@1.0.0"),
        component("db2", "export x:y/store@1.0.0"),
    ]);
    assert_eq!(source(&plan, "app", "main"), "db1 x:y/store@1.0.0");
    assert_eq!(source(&plan, "app", "spare"), "db2 x:y/store@1.0.0");

    let errors = errors_of([
        two_stores().hint("main", "db1"),
        component("db1", "export x:y/store@1.0.0"),
        component("db2", "export x:y/store@1.0.0"),
    ]);
    let [error @ PlanError::Ambiguous { import, .. }] = &errors[..] else {
        panic!("{errors:?}");
    };
    assert_eq!(import.as_str(), "spare");
    let fix = r#"`.with_import_hint("spare", "db1")` or `.with_import_hint("spare", "db2")`"#;
    assert!(error.to_string().ends_with(fix), "{error}");
}

#[test]
fn a_label_that_nobody_meets_is_reported_with_its_interface() {
    let errors = errors_of([component("app", "import main of x:y/store@1.0.0")]);
    let [error @ PlanError::Unresolved { .. }] = &errors[..] else {
        panic!("{errors:?}");
    };
    assert_eq!(
        error.to_string(),
        "component `app` imports `main` (the interface `x:y/store@1.0.0`), which nothing provides\n  \
         fix: add a component that exports `x:y/store@1.0.0`, define it in the linker of `app`, \
         or leave it open with `.with_open_import(\"main\")`"
    );
}

#[test]
fn a_labelled_import_can_be_the_linkers_or_open() {
    let linked = plan_of([two_stores().host("main"), db()]);
    assert_eq!(source(&linked, "app", "main"), "host");

    let open = plan(&graph([two_stores()]).open("main").open("spare"));
    let open: Vec<&str> = open.open_imports.iter().map(|i| i.name.as_str()).collect();
    assert_eq!(open, ["main", "spare"]);
}

fn db() -> composer_plan::Node {
    component("db", "export x:y/store@1.0.0")
}

#[test]
fn an_interface_that_is_exported_under_one_label_is_found() {
    let labelled = || component("db", "export files of x:y/store@1.1.0");
    let importer = || component("app", "import x:y/store@1.0.0");
    let plan = plan_of([importer(), labelled()]);
    assert_eq!(source(&plan, "app", STORE), "db files");

    // Its own name comes first.
    let both = component(
        "db",
        "export files of x:y/store@1.1.0 export x:y/store@1.0.0",
    );
    let plan = plan_of([importer(), both]);
    assert_eq!(source(&plan, "app", STORE), "db x:y/store@1.0.0");

    // Of several labels none is the interface.
    let several = || {
        component(
            "db",
            "export files of x:y/store@1.0.0 export rows of x:y/store@1.1.0",
        )
    };
    let errors = errors_of([importer(), several()]);
    assert!(
        matches!(&errors[..], [PlanError::Unresolved { .. }]),
        "{errors:?}"
    );
    let plan = plan_of([importer().hint(STORE, ("db", "rows")), several()]);
    assert_eq!(source(&plan, "app", STORE), "db rows");
}

#[test]
fn a_hint_can_name_an_export_of_another_name() {
    let app = |to: (&str, &str)| component("app", "import storage { run(); }").hint("storage", to);
    for name in [STORE, "x:y/store@1.3.0", "x:y/store"] {
        let plan = plan_of([app(("db", name)), db()]);
        assert_eq!(source(&plan, "app", "storage"), "db x:y/store@1.0.0");
    }
    let func = component("f", "import wanted() -> u32").hint("wanted", ("g", "offered"));
    let plan = plan_of([func, component("g", "export offered() -> u32")]);
    assert_eq!(source(&plan, "f", "wanted"), "g offered");
}

#[test]
fn the_export_of_a_hint_must_be_there_and_clear() {
    let app = |to: (&str, &str)| component("app", "import storage { run(); }").hint("storage", to);
    let errors = errors_of([app(("db", "x:y/stoer@1.0.0")), db()]);
    let [error @ PlanError::HintNotOffered { .. }] = &errors[..] else {
        panic!("{errors:?}");
    };
    assert_eq!(
        error.to_string(),
        "`.with_import_hint(\"storage\", (\"db\", \"x:y/stoer@1.0.0\"))` on component `app` points to \
         `db`, which does not export `x:y/stoer@1.0.0`\n  \
         - component `db` exports the similar name `x:y/store@1.0.0`\n  \
         fix: point to a component that exports it, or remove the hint"
    );

    let versions = component("db", "export x:y/store@1.0.0 export x:y/store@2.0.0");
    let errors = errors_of([app(("db", "x:y/store")), versions]);
    assert!(
        matches!(&errors[..], [PlanError::HintUnclear { names, .. }] if names.len() == 2),
        "{errors:?}"
    );

    let other = component("db", "export x:y/store@1.0.0 { run(n: u32); }");
    let errors = errors_of([app(("db", STORE)), other]);
    assert!(
        matches!(&errors[..], [PlanError::Mismatch { .. }]),
        "{errors:?}"
    );
}

#[test]
fn hints_to_two_exports_of_a_component_disagree() {
    let app = component("app", "import storage { run(); }")
        .hint("storage", ("db", "x:y/store"))
        .hint("storage", HintTarget::from("db"));
    let errors = errors_of([app, db()]);
    assert!(
        matches!(&errors[..], [PlanError::HintsDisagree { hints, .. }] if hints.len() == 2),
        "{errors:?}"
    );
}
