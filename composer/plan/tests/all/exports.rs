//! What a composition offers, and finding it by name.

use composer_plan::{ExportError, ExportKind, Graph, Plan, resolve};

use crate::support::*;

fn listed(plan: &Plan) -> Vec<(&str, ExportKind, Vec<&str>)> {
    plan.exports
        .iter()
        .map(|e| {
            let components = e.components.iter().map(String::as_str);
            (e.name.as_str(), e.kind, components.collect())
        })
        .collect()
}

#[test]
fn every_visible_export_is_listed_by_name() {
    let plan = plan_of([
        component("b", "export x:y/z export run() export lib is core module"),
        component("a", "export resource r export x:y/z export x:y/hidden").hide(&["x:y/hidden"]),
        component("c", "import run() export a:b/c@1.0.0"),
    ]);
    assert_eq!(
        listed(&plan),
        [
            ("a:b/c@1.0.0", ExportKind::Interface, vec!["c"]),
            ("run", ExportKind::Func, vec!["b"]),
            ("x:y/z", ExportKind::Interface, vec!["a", "b"]),
        ]
    );
}

#[test]
fn an_export_that_a_world_repeats_is_listed_once() {
    let plan = plan_of([
        component("a", "import x:y/z"),
        component("b", "export x:y/z export x:y/z"),
    ]);
    assert_eq!(listed(&plan), [("x:y/z", ExportKind::Interface, vec!["b"])]);
}

#[test]
fn one_name_for_a_function_and_an_interface_is_listed_twice() {
    let graph = graph([component("a", "export run"), component("b", "export run()")]);
    let both = plan(&graph);
    assert_eq!(
        listed(&both),
        [
            ("run", ExportKind::Func, vec!["b"]),
            ("run", ExportKind::Interface, vec!["a"]),
        ]
    );
    let Err(ExportError::Ambiguous { components, .. }) = both.export_owner("run") else {
        panic!();
    };
    assert_eq!(components, ["a", "b"]);
    let hinted = plan(&graph.hint("run", "a"));
    assert_eq!(listed(&hinted), [("run", ExportKind::Interface, vec!["a"])]);
}

#[test]
fn an_export_is_found_by_its_name() {
    let plan = plan_of([
        component("a", "import x:y/z@1.0.0"),
        component("b", "export x:y/z@1.2.0 export run()"),
    ]);
    let owner = plan.export_owner("run").unwrap();
    assert_eq!((owner.component, owner.kind), ("b", ExportKind::Func));
    assert_eq!(plan.components[owner.index].name, "b");
    for name in ["x:y/z@1.2.0", "x:y/z@1.0.0", "x:y/z@1.9.0", "x:y/z"] {
        let owner = plan.export_owner(name).unwrap();
        assert_eq!(owner.name.as_str(), "x:y/z@1.2.0");
        assert_eq!(owner.kind, ExportKind::Interface);
    }
    assert!(plan.export_owner("x:y/z@2.0.0").is_err());
}

#[test]
fn an_equal_name_is_found_before_a_compatible_one() {
    let plan = plan_of([
        component("a", "export x:y/z@1.0.0"),
        component("b", "export x:y/z@1.9.0"),
    ]);
    assert_eq!(plan.export_owner("x:y/z@1.0.0").unwrap().component, "a");
    // Nothing prefers one of the two here.
    let unclear = ExportError::Unclear {
        name: "x:y/z@1.5.0".into(),
        names: vec!["x:y/z@1.0.0".into(), "x:y/z@1.9.0".into()],
    };
    assert_eq!(plan.export_owner("x:y/z@1.5.0"), Err(unclear));
}

#[test]
fn the_highest_compatible_version_of_one_component_is_found() {
    let plan = plan_of([component("a", "export x:y/z@1.9.0 export x:y/z@1.10.0")]);
    for name in ["x:y/z@1.0.0", "x:y/z"] {
        assert_eq!(
            plan.export_owner(name).unwrap().name.as_str(),
            "x:y/z@1.10.0"
        );
    }
}

#[test]
fn a_name_without_version_must_be_clear() {
    let plan = plan_of([component("a", "export x:y/z@1.0.0 export x:y/z@2.0.0")]);
    let error = plan.export_owner("x:y/z").unwrap_err();
    assert_eq!(
        error.to_string(),
        "`x:y/z` could mean `x:y/z@1.0.0` or `x:y/z@2.0.0`
  fix: write the one that is meant in full, with its version"
    );
}

#[test]
fn an_ambiguous_export_says_how_to_choose() {
    let nodes = [
        component("a", "export x:y/z@1.0.0"),
        component("b", "export x:y/z@1.0.0"),
    ];
    let graph = graph(nodes);
    let both = plan(&graph);
    for name in ["x:y/z@1.0.0", "x:y/z@1.1.0", "x:y/z"] {
        let error = both.export_owner(name).unwrap_err();
        assert_eq!(
            error.to_string(),
            "several components export `x:y/z@1.0.0`: `a` and `b`
  fix: ask the component that is meant, or compose with one of \
             `.with_export_hint(\"x:y/z@1.0.0\", \"a\")` or \
             `.with_export_hint(\"x:y/z@1.0.0\", \"b\")`"
        );
    }
    let hinted = plan(&graph.hint("x:y/z@1.0.0", "b"));
    assert_eq!(hinted.export_owner("x:y/z").unwrap().component, "b");
}

#[test]
fn an_unknown_export_is_compared_with_known_ones() {
    let plan = plan_of([component("a", "export run-add() export x:y/z")]);
    assert_eq!(
        plan.export_owner("run-ad").unwrap_err().to_string(),
        "the composition does not export `run-ad`; did you mean `run-add`?
  fix: write the name as it stands in the WIT, or add a component that exports it"
    );
    let Err(ExportError::Unknown { similar, .. }) = plan.export_owner("quite-different") else {
        panic!();
    };
    assert!(similar.is_empty());
}

#[test]
fn only_hinted_exports() {
    let graph = Graph {
        nodes: vec![
            component("a", "export x:y/z export run()"),
            component("b", "export x:y/z export other()"),
        ],
        export_hints: vec![("x:y/z".into(), "b".into()), ("run".into(), "a".into())],
        exports_only_hinted: true,
        ..Graph::default()
    };
    let plan = resolve(&graph).unwrap();
    assert_eq!(
        listed(&plan),
        [
            ("run", ExportKind::Func, vec!["a"]),
            ("x:y/z", ExportKind::Interface, vec!["b"]),
        ]
    );
    assert!(plan.export_owner("other").is_err());
    // Without hints there is nothing to call.
    let graph = Graph {
        export_hints: Vec::new(),
        ..graph
    };
    assert_eq!(resolve(&graph).unwrap().exports, []);
}
