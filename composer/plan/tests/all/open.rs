//! Imports of the composition itself.

use composer_plan::{PlanError, Satisfied};

use crate::support::*;

#[test]
fn an_import_may_be_left_open() {
    let plan = plan(&graph([component("a", "import x:y/z")]).open("x:y/z"));
    assert_eq!(source(&plan, "a", "x:y/z"), "open x:y/z");
    assert_eq!(plan.open_imports[0].needed_by, ["a"]);
}

#[test]
fn an_open_import_is_meant_in_any_compatible_version_or_without_one() {
    for name in ["x:y/z@1.2.0", "x:y/z@1.0.0", "x:y/z"] {
        let plan = plan(&graph([component("a", "import x:y/z@1.2.0")]).open(name));
        assert_eq!(
            source(&plan, "a", "x:y/z@1.2.0"),
            "open x:y/z@1.2.0",
            "{name}"
        );
    }
    let other = graph([component("a", "import x:y/z@1.2.0")]).open("x:y/z@2.0.0");
    let errors = errors(&other);
    assert!(
        matches!(&errors[..], [PlanError::OpenImportUnknown { .. }]),
        "{errors:?}"
    );
}

#[test]
fn compatible_versions_are_one_open_import_in_the_highest_version() {
    let plan = plan(
        &graph([
            component("a", "import x:y/z@1.0.0"),
            component("b", "import x:y/z@1.10.0"),
            component("c", "import x:y/z@1.9.0 import x:y/z@2.0.0"),
        ])
        .open("x:y/z"),
    );
    let open: Vec<(&str, &[String])> = plan
        .open_imports
        .iter()
        .map(|open| (open.name.as_str(), &open.needed_by[..]))
        .collect();
    let all = ["a", "b", "c"].map(String::from);
    assert_eq!(
        open,
        [("x:y/z@1.10.0", &all[..]), ("x:y/z@2.0.0", &all[2..])]
    );
    assert_eq!(source(&plan, "c", "x:y/z@1.9.0"), "open x:y/z@1.10.0");
}

#[test]
fn one_component_in_two_versions_is_named_once() {
    let importer = component("a", "import x:y/z@1.0.0 import x:y/z@1.1.0");
    let plan = plan(&graph([importer]).open("x:y/z"));
    assert_eq!(plan.open_imports[0].needed_by, ["a"]);
}

#[test]
fn an_import_left_open_is_not_captured_by_a_component() {
    let graph = graph([
        component("a", "import x:y/z"),
        component("b", "import x:y/z").hint("x:y/z", "c"),
        component("c", "export x:y/z"),
    ]);
    let plan = plan(&graph.open("x:y/z"));
    assert_eq!(source(&plan, "a", "x:y/z"), "open x:y/z");
    assert_eq!(source(&plan, "b", "x:y/z"), "c x:y/z");
}

#[test]
fn an_open_import_must_be_imported() {
    let errors = errors(&graph([component("a", "export x:y/z")]).open("x:y/z"));
    let import = "x:y/z".into();
    let similar = vec![];
    assert_eq!(errors, [PlanError::OpenImportUnknown { import, similar }]);
}

#[test]
fn an_open_import_must_be_needed() {
    let graph = graph([
        component("a", "import x:y/z").hint("x:y/z", "c"),
        component("b", "import x:y/z").host("x:y/z"),
        component("c", "export x:y/z"),
        component("d", "import x:y/z { }"),
    ]);
    let errors = errors(&graph.open("x:y/z"));
    let import = || "x:y/z".into();
    let satisfied = vec![
        Satisfied::ByHint {
            component: "a".into(),
            import: import(),
            provider: "c".into(),
        },
        Satisfied::ByLinker {
            component: "b".into(),
            import: import(),
        },
        Satisfied::PlainTypes {
            component: "d".into(),
            import: import(),
        },
    ];
    let import = "x:y/z".into();
    assert_eq!(errors, [PlanError::OpenImportUseless { import, satisfied }]);
}

#[test]
fn an_open_import_settles_an_ambiguity() {
    let graph = graph([
        component("a", "import x:y/z"),
        component("b", "export x:y/z"),
        component("c", "export x:y/z"),
    ]);
    let plan = plan(&graph.open("x:y/z"));
    assert_eq!(source(&plan, "a", "x:y/z"), "open x:y/z");
}

#[test]
fn users_of_an_open_import_must_agree() {
    let user = |name, ty| component(name, &format!("import x:y/z {{ f(a: {ty}); g(); }}"));
    let graph = graph([user("a", "u32"), user("b", "u64"), user("c", "u32")]).open("x:y/z");
    let errors = errors(&graph);
    let [
        PlanError::OpenImportConflict {
            first,
            second,
            function,
            difference,
            ..
        },
    ] = &errors[..]
    else {
        panic!("{errors:?}");
    };
    assert_eq!((first.as_str(), second.as_str()), ("a", "b"));
    assert_eq!(function.as_deref(), Some("f"));
    assert_eq!(difference.path, "parameter \"a\"");
}

#[test]
fn users_of_an_open_import_must_agree_about_its_kind() {
    let graph = graph([component("a", "import f"), component("b", "import f()")]).open("f");
    let errors = errors(&graph);
    assert!(
        matches!(&errors[..], [PlanError::OpenImportConflict { .. }]),
        "{errors:?}"
    );
}

#[test]
fn users_of_an_open_resource_agree() {
    let user = |name| component(name, "import x:y/z { resource r; f(r: r); }");
    plan(&graph([user("a"), user("b")]).open("x:y/z"));
}

#[test]
fn a_resource_of_a_linker_cannot_leave_through_an_open_import() {
    let user = "import h:o/st { resource r; } import x:y/z { use import h:o/st r; f(r: r); }";
    let graph = graph([component("a", user).host("h:o/st")]).open("x:y/z");
    let errors = errors(&graph);
    assert!(
        matches!(
            &errors[..],
            [PlanError::Untransferable { provider: None, .. }]
        ),
        "{errors:?}"
    );
}
