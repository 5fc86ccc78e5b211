//! Hints that make no sense are mistakes of the embedder, and said to be.

use composer_plan::{Hint, NearMiss, PlanError};

use crate::support::*;

fn b() -> composer_plan::Node {
    component("b", "export x:y/z")
}

fn c() -> composer_plan::Node {
    component("c", "export x:y/z")
}

fn import_hint(component: &str, name: &str, to: &str) -> Hint {
    Hint {
        component: Some(component.into()),
        name: name.into(),
        to: to.into(),
        export: None,
    }
}

#[test]
fn names_of_components_must_differ() {
    let errors = errors_of([b(), b(), c(), c(), c()]);
    let expected = [("b", 2), ("c", 3)].map(|(name, count)| PlanError::DuplicateComponent {
        component: name.into(),
        count,
    });
    assert_eq!(errors, expected);
}

#[test]
fn an_import_hint_settles_an_ambiguity() {
    let plan = plan_of([component("a", "import x:y/z").hint("x:y/z", "c"), b(), c()]);
    assert_eq!(source(&plan, "a", "x:y/z"), "c x:y/z");
}

#[test]
fn an_import_hint_may_leave_out_the_version() {
    let exporter = |name| component(name, "export x:y/z@1.2.0");
    for hint in ["x:y/z@1.0.0", "x:y/z@1.9.0", "x:y/z"] {
        let importer = component("a", "import x:y/z@1.0.0").hint(hint, "c");
        let plan = plan_of([importer, exporter("b"), exporter("c")]);
        assert_eq!(source(&plan, "a", "x:y/z@1.0.0"), "c x:y/z@1.2.0", "{hint}");
    }
}

#[test]
fn an_import_hint_must_be_clear() {
    let importer = "import x:y/z@1.0.0 import x:y/z@2.0.0";
    let errors = errors_of([
        component("a", importer).hint("x:y/z", "b"),
        component("b", "export x:y/z@1.0.0 export x:y/z@2.0.0"),
    ]);
    let [PlanError::HintUnclear { names, .. }] = &errors[..] else {
        panic!("{errors:?}");
    };
    assert_eq!(names.len(), 2);
}

#[test]
fn an_import_hint_must_name_a_component() {
    let errors = errors_of([
        component("a", "import x:y/z").hint("x:y/z", "brabo"),
        component("bravo", "export x:y/z"),
        component("other", ""),
    ]);
    assert_eq!(
        errors,
        [PlanError::HintUnknownComponent {
            hint: import_hint("a", "x:y/z", "brabo"),
            similar: vec!["bravo".into()],
        }]
    );
}

#[test]
fn an_import_hint_must_name_an_import() {
    let errors = errors_of([component("a", "import x:y/z").hint("x:y/zz", "b"), b()]);
    assert_eq!(
        errors,
        [PlanError::HintUnknownName {
            hint: import_hint("a", "x:y/zz", "b"),
            similar: vec!["x:y/z".into()],
        }]
    );
}

#[test]
fn a_hinted_component_must_offer_the_import() {
    let errors = errors_of([
        component("a", "import x:y/z").hint("x:y/z", "d"),
        b(),
        component("d", "export x:y/z@1.0.0"),
    ]);
    assert_eq!(
        errors,
        [PlanError::HintNotOffered {
            hint: import_hint("a", "x:y/z", "d"),
            name: "x:y/z".into(),
            near: vec![NearMiss::Version {
                component: "d".into(),
                export: "x:y/z@1.0.0".into(),
                wanted: "x:y/z".into(),
            }],
            offered_by: vec!["b".into()],
        }]
    );
}

#[test]
fn a_hinted_component_that_hides_the_import_is_told_apart() {
    let errors = errors_of([
        component("a", "import x:y/z").hint("x:y/z", "d"),
        component("d", "export x:y/z").hide(&["x:y/z"]),
    ]);
    let [PlanError::HintNotOffered { near, .. }] = &errors[..] else {
        panic!("{errors:?}");
    };
    assert!(matches!(&near[..], [NearMiss::Hidden { .. }]), "{near:?}");
}

#[test]
fn a_component_cannot_be_hinted_to_itself() {
    let errors = errors_of([
        component("a", "import x:y/z export x:y/z").hint("x:y/z", "a"),
        b(),
    ]);
    let hint = import_hint("a", "x:y/z", "a");
    assert_eq!(errors, [PlanError::HintToItself { hint }]);
}

#[test]
fn a_hint_is_given_once() {
    let importer = component("a", "import x:y/z@1.0.0");
    let exporter = |name| component(name, "export x:y/z@1.0.0");
    let errors = errors_of([
        // Spelt in two ways, they are still the same hint.
        importer.hint("x:y/z@1.0.0", "b").hint("x:y/z", "b"),
        exporter("b"),
        exporter("c"),
    ]);
    let hint = import_hint("a", "x:y/z", "b");
    assert_eq!(errors, [PlanError::HintRepeated { hint, count: 2 }]);
}

#[test]
fn hints_must_agree() {
    let errors = errors_of([
        component("a", "import x:y/z")
            .hint("x:y/z", "c")
            .hint("x:y/z", "b"),
        b(),
        c(),
    ]);
    let hints = vec![
        import_hint("a", "x:y/z", "b"),
        import_hint("a", "x:y/z", "c"),
    ];
    let name = "x:y/z".into();
    assert_eq!(errors, [PlanError::HintsDisagree { name, hints }]);
}

/// What names the source that is chosen anyway is a statement: a program that pins all its
/// imports need not know which of them are ambiguous.
#[test]
fn a_hint_may_name_what_is_chosen_anyway() {
    let a = || component("a", "import x:y/z@1.0.0");
    let (b, c) = (
        component("b", "export x:y/z@1.0.0"),
        component("c", "export x:y/z@1.1.0"),
    );
    let pinned = plan(&graph([a().hint("x:y/z@1.0.0", "b"), b.clone(), c.clone()]));
    assert_eq!(pinned, plan(&graph([a(), b.clone(), c])));
    let pinned = plan(&graph([a().hint("x:y/z", "b"), b.clone()]).hint("x:y/z", "b"));
    assert_eq!(pinned, plan(&graph([a(), b])));
}

#[test]
fn an_export_hint_settles_an_ambiguity() {
    let plan = plan(&graph([b(), c()]).hint("x:y/z", "c"));
    assert_eq!(plan.exports[0].components, ["c"]);
}

#[test]
fn an_export_hint_may_leave_out_the_version() {
    let exporter = |name| component(name, "export x:y/z@1.2.0");
    for hint in ["x:y/z@1.2.0", "x:y/z@1.0.0", "x:y/z"] {
        let plan = plan(&graph([exporter("b"), exporter("c")]).hint(hint, "c"));
        assert_eq!(plan.exports[0].components, ["c"], "{hint}");
    }
}

#[test]
fn export_hints_are_checked_alike() {
    let check = |name: &str, to: &str| {
        let graph = graph([b(), c(), component("d", "export p:q/r")]);
        let errors = errors(&graph.hint(name, to));
        assert_eq!(errors.len(), 1, "{errors:?}");
        errors.into_iter().next().unwrap()
    };
    let hint = |name: &str, to: &str| Hint {
        component: None,
        name: name.into(),
        to: to.into(),
        export: None,
    };
    assert_eq!(
        check("x:y/z", "nobody"),
        PlanError::HintUnknownComponent {
            hint: hint("x:y/z", "nobody"),
            similar: vec![],
        }
    );
    assert_eq!(
        check("x:y/zz", "b"),
        PlanError::HintUnknownName {
            hint: hint("x:y/zz", "b"),
            similar: vec!["x:y/z".into()],
        }
    );
    assert_eq!(
        check("x:y/z", "d"),
        PlanError::HintNotOffered {
            hint: hint("x:y/z", "d"),
            name: "x:y/z".into(),
            near: vec![],
            offered_by: vec!["b".into(), "c".into()],
        }
    );
}

#[test]
fn export_hints_must_agree() {
    let hinted = graph([b(), c()]).hint("x:y/z", "b").hint("x:y/z", "c");
    let errors = errors(&hinted);
    assert!(
        matches!(&errors[..], [PlanError::HintsDisagree { .. }]),
        "{errors:?}"
    );
}

#[test]
fn an_export_hint_must_be_about_something_callable() {
    let exporter = |name| component(name, "export lib is core module");
    let errors = errors(&graph([exporter("b"), exporter("c")]).hint("lib", "b"));
    assert!(
        matches!(&errors[..], [PlanError::HintUnknownName { .. }]),
        "{errors:?}"
    );
}

#[test]
fn all_mistakes_of_the_hints_come_before_any_other() {
    let graph = graph([
        component("a", "import x:y/z import p:q/missing")
            .hint("x:y/z", "nobody")
            .hint("x:y/w", "b"),
        b(),
        c(),
    ])
    .hint("x:y/z", "nobody")
    .open("x:y/unused");
    let errors = errors(&graph);
    let expected: [fn(&PlanError) -> bool; 4] = [
        |e| matches!(e, PlanError::HintUnknownName { .. }),
        |e| matches!(e, PlanError::HintUnknownComponent { hint, .. } if hint.component.is_some()),
        |e| matches!(e, PlanError::HintUnknownComponent { hint, .. } if hint.component.is_none()),
        |e| matches!(e, PlanError::OpenImportUnknown { .. }),
    ];
    assert_eq!(errors.len(), expected.len(), "{errors:#?}");
    assert!(
        errors.iter().zip(expected).all(|(e, is)| is(e)),
        "{errors:#?}"
    );
}
