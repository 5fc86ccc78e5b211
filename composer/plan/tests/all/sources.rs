//! Where an import comes from: names, versions and precedence.

use std::sync::Arc;

use composer_plan::{Extern, Item, Name, PlanError, World};

use crate::support::*;

#[test]
fn the_only_exporter_satisfies_an_import() {
    let plan = plan_of([
        component("a", "import x:y/z"),
        component("b", "export x:y/z"),
    ]);
    assert_eq!(order(&plan), ["b", "a"]);
    assert_eq!(source(&plan, "a", "x:y/z"), "b x:y/z");
}

#[test]
fn functions_of_the_world_are_linked_too() {
    let plan = plan_of([
        component("a", "import add(a: u32, b: u32) -> u32"),
        component("b", "export add(a: u32, b: u32) -> u32"),
    ]);
    assert_eq!(source(&plan, "a", "add"), "b add");
}

/// Whether `import` is satisfied by a component that exports `export`.
fn meets(import: &str, export: &str) -> bool {
    let nodes = [
        component("a", &format!("import {import}")),
        component("b", &format!("export {export}")),
    ];
    match composer_plan::resolve(&graph(nodes)) {
        Ok(plan) => {
            assert_eq!(source(&plan, "a", import), format!("b {export}"));
            true
        }
        Err(errors) => {
            assert!(
                matches!(errors.errors(), [PlanError::Unresolved { .. }]),
                "{errors}"
            );
            false
        }
    }
}

#[test]
fn compatible_versions_meet_in_both_directions() {
    assert!(meets("x:y/z@1.0.0", "x:y/z@1.2.3"));
    assert!(meets("x:y/z@1.2.3", "x:y/z@1.0.0"));
    assert!(meets("x:y/z@0.2.0", "x:y/z@0.2.6"));
    assert!(meets("x:y/z@0.2.6", "x:y/z@0.2.0"));
    assert!(meets("x:y/z@1.0.0+one", "x:y/z@1.0.0+two"));
}

#[test]
fn incompatible_versions_do_not_meet() {
    for (one, other) in [
        ("x:y/z@1.0.0", "x:y/z@2.0.0"),
        ("x:y/z@0.2.0", "x:y/z@0.3.0"),
        ("x:y/z@0.0.3", "x:y/z@0.0.4"),
        ("x:y/z@0.0.0", "x:y/z@0.1.0"),
        ("x:y/z@0.1.0", "x:y/z@1.0.0"),
        ("x:y/z@1.0.0", "x:y/z@1.0.0-rc.1"),
        ("x:y/z@1.0.0-rc.1", "x:y/z@1.0.0-rc.2"),
        ("x:y/z@1.0.0", "x:y/z"),
        ("x:y/z@1.0.0", "x:y/w@1.0.0"),
    ] {
        assert!(!meets(one, other), "{one} from {other}");
        assert!(!meets(other, one), "{other} from {one}");
    }
}

#[test]
fn equal_names_always_meet() {
    assert!(meets("x:y/z", "x:y/z"));
    assert!(meets("x:y/z@0.0.3", "x:y/z@0.0.3"));
    assert!(meets("x:y/z@1.0.0-rc.1", "x:y/z@1.0.0-rc.1"));
    assert!(meets("x:y/z@not-a-version", "x:y/z@not-a-version"));
}

#[test]
fn an_equal_name_wins_over_a_compatible_one() {
    let plan = plan_of([
        component("a", "import x:y/z@1.0.0"),
        component("b", "export x:y/z@1.0.0"),
        component("c", "export x:y/z@1.9.0"),
    ]);
    assert_eq!(source(&plan, "a", "x:y/z@1.0.0"), "b x:y/z@1.0.0");
}

#[test]
fn the_importers_own_equal_name_does_not_count() {
    let plan = plan_of([
        component("a", "import x:y/z@1.0.0 export x:y/z@1.0.0"),
        component("b", "export x:y/z@1.9.0"),
    ]);
    assert_eq!(source(&plan, "a", "x:y/z@1.0.0"), "b x:y/z@1.9.0");
}

#[test]
fn the_highest_compatible_version_of_one_component_wins() {
    for exports in [
        "export x:y/z@1.2.0 export x:y/z@1.10.0 export x:y/z@2.0.0",
        "export x:y/z@2.0.0 export x:y/z@1.10.0 export x:y/z@1.2.0",
    ] {
        let plan = plan_of([
            component("a", "import x:y/z@1.0.0"),
            component("b", exports),
        ]);
        assert_eq!(source(&plan, "a", "x:y/z@1.0.0"), "b x:y/z@1.10.0");
    }
}

#[test]
fn a_component_never_satisfies_itself() {
    let errors = errors_of([component("a", "import x:y/z export x:y/z")]);
    assert!(matches!(&errors[..], [PlanError::Unresolved { .. }]));
}

#[test]
fn middlewares_chain_by_hints() {
    let plan = plan_of([
        component("app", "import x:y/z").hint("x:y/z", "log"),
        component("log", "import x:y/z export x:y/z").hint("x:y/z", "cache"),
        component("cache", "import x:y/z export x:y/z").hint("x:y/z", "store"),
        component("store", "export x:y/z"),
    ]);
    assert_eq!(order(&plan), ["store", "cache", "log", "app"]);
    assert_eq!(source(&plan, "app", "x:y/z"), "log x:y/z");
    assert_eq!(source(&plan, "log", "x:y/z"), "cache x:y/z");
    assert_eq!(source(&plan, "cache", "x:y/z"), "store x:y/z");
}

#[test]
fn a_thousand_middlewares_are_no_trouble() {
    // Each could get the interface from any other: hints must not cost a
    // search through all of them.
    let count = 1_000;
    let middleware = |i: usize| {
        let node = component(&format!("m{i:04}"), "import x:y/z export x:y/z");
        match i {
            0 => node.host("x:y/z"),
            i => node.hint("x:y/z", format!("m{:04}", i - 1)),
        }
    };
    let plan = plan_of((0..count).rev().map(middleware));
    assert_eq!(source(&plan, "m0999", "x:y/z"), "m0998 x:y/z");
    assert_eq!(plan.exports[0].components.len(), count);
}

#[test]
fn one_middleware_needs_a_hint_only_for_its_user() {
    let plan = plan_of([
        component("app", "import x:y/z").hint("x:y/z", "log"),
        component("log", "import x:y/z export x:y/z"),
        component("store", "export x:y/z"),
    ]);
    assert_eq!(source(&plan, "log", "x:y/z"), "store x:y/z");
}

#[test]
fn several_exporters_are_ambiguous() {
    let errors = errors_of([
        component("a", "import x:y/z"),
        component("b", "export x:y/z"),
        component("c", "export x:y/z"),
    ]);
    let [PlanError::Ambiguous { candidates, .. }] = &errors[..] else {
        panic!("{errors:?}");
    };
    let candidates: Vec<&str> = candidates.iter().map(|c| c.component.as_str()).collect();
    assert_eq!(candidates, ["b", "c"]);
}

#[test]
fn several_compatible_exporters_are_ambiguous() {
    let errors = errors_of([
        component("a", "import x:y/z@1.0.0"),
        component("b", "export x:y/z@1.1.0"),
        component("c", "export x:y/z@1.2.0"),
    ]);
    assert!(matches!(&errors[..], [PlanError::Ambiguous { .. }]));
}

#[test]
fn only_what_is_used_can_be_ambiguous() {
    let plan = plan_of([
        component("b", "export x:y/z"),
        component("c", "export x:y/z"),
    ]);
    assert_eq!(plan.exports[0].components, ["b", "c"]);
}

#[test]
fn the_linker_comes_before_components() {
    let plan = plan_of([
        component("a", "import x:y/z").host("x:y/z"),
        component("b", "export x:y/z"),
    ]);
    assert_eq!(source(&plan, "a", "x:y/z"), "host");
}

#[test]
fn a_hint_comes_before_the_linker() {
    let plan = plan_of([
        component("a", "import x:y/z")
            .host("x:y/z")
            .hint("x:y/z", "b"),
        component("b", "export x:y/z"),
    ]);
    assert_eq!(source(&plan, "a", "x:y/z"), "b x:y/z");
}

#[test]
fn a_hint_may_prefer_a_compatible_version_over_an_equal_name() {
    let plan = plan_of([
        component("a", "import x:y/z@1.0.0").hint("x:y/z@1.0.0", "c"),
        component("b", "export x:y/z@1.0.0"),
        component("c", "export x:y/z@1.9.0"),
    ]);
    assert_eq!(source(&plan, "a", "x:y/z@1.0.0"), "c x:y/z@1.9.0");
}

#[test]
fn a_hinted_component_gives_its_equal_name_before_a_higher_version() {
    let plan = plan_of([
        component("a", "import x:y/z@1.0.0").hint("x:y/z@1.0.0", "b"),
        component("b", "export x:y/z@1.9.0 export x:y/z@1.0.0"),
        component("c", "export x:y/z@1.0.0"),
    ]);
    assert_eq!(source(&plan, "a", "x:y/z@1.0.0"), "b x:y/z@1.0.0");
}

#[test]
fn plain_types_need_no_provider() {
    let plan = plan_of([
        component("a", "import x:y/types { }").host("x:y/types"),
        component("b", "export x:y/types { }"),
        component("c", "export x:y/types { }"),
    ]);
    assert_eq!(source(&plan, "a", "x:y/types"), "nothing");
    assert_eq!(order(&plan), ["a", "b", "c"]);
}

#[test]
fn plain_types_come_from_a_component_when_hinted() {
    let plan = plan_of([
        component("a", "import x:y/types { }").hint("x:y/types", "b"),
        component("b", "export x:y/types { }"),
    ]);
    assert_eq!(source(&plan, "a", "x:y/types"), "b x:y/types");
    assert_eq!(order(&plan), ["b", "a"]);
}

#[test]
fn only_a_linker_provides_core_modules() {
    let lib = "import lib is core module";
    let plan = plan_of([component("a", lib).host("lib")]);
    assert_eq!(source(&plan, "a", "lib"), "host");

    let errors = errors(&graph([component("a", lib)]).open("lib"));
    assert!(
        matches!(&errors[..], [PlanError::Unsupported { .. }]),
        "{errors:?}"
    );

    let exporter = || component("b", "export lib is core module");
    let errors = errors_of([component("a", lib), exporter()]);
    assert!(
        matches!(&errors[..], [PlanError::Unsupported { .. }]),
        "{errors:?}"
    );
    let errors = errors_of([component("a", lib).hint("lib", "b"), exporter()]);
    assert!(
        matches!(&errors[..], [PlanError::Unsupported { .. }]),
        "{errors:?}"
    );
}

#[test]
fn what_cannot_be_wired_is_named_within_an_interface_too() {
    let wants = "import x:y/z { run(); tools#lib is core module; }";
    let plan = plan_of([component("a", wants).host("x:y/z")]);
    assert_eq!(source(&plan, "a", "x:y/z"), "host");

    let exporter = || component("b", "export x:y/z { run(); tools#lib is core module; }");
    let errors = errors_of([component("a", wants), exporter()]);
    let [error @ PlanError::Unsupported { .. }] = &errors[..] else {
        panic!("{errors:?}");
    };
    assert_eq!(
        error.to_string(),
        "component `a` imports the core module `tools#lib` of `x:y/z`, which only a linker can \
         provide\n  \
         fix: define `x:y/z` in the linker of `a`, or compose the two when they are built"
    );

    let errors = errors_of([component("a", wants).hint("x:y/z", "b"), exporter()]);
    assert!(
        matches!(&errors[..], [PlanError::Unsupported { .. }]),
        "{errors:?}"
    );

    // What only has such things in it is not an interface of plain types.
    let errors = errors_of([component("a", "import x:y/z { lib is core module; }")]);
    assert!(
        matches!(&errors[..], [PlanError::Unsupported { .. }]),
        "{errors:?}"
    );
}

#[test]
fn no_component_is_proposed_for_what_is_said_to_be_somewhere() {
    for name in [
        "url=<https://a.b/c>",
        "integrity=<sha256-abc>",
        "locked-dep=<a:b>",
    ] {
        let import = Extern {
            name: Name::new(name),
            implements: None,
            item: Item::Func(Arc::new(func(&World::default(), "()"))),
        };
        let mut node = component("a", "");
        Arc::make_mut(&mut node.world).imports.push(import);
        let errors = errors_of([node]);
        let [error @ PlanError::Unresolved { .. }] = &errors[..] else {
            panic!("{errors:?}");
        };
        let fix = format!(
            "fix: define it in the linker of `a`, or leave it open with `.with_open_import({name:?})`"
        );
        assert!(error.to_string().ends_with(&fix), "{error}");
    }
}

#[test]
fn every_unresolved_import_is_reported() {
    let errors = errors_of([
        component("a", "import x:y/z import p:q/r"),
        component("b", "import x:y/z"),
    ]);
    let unresolved: Vec<(&str, &str)> = errors
        .iter()
        .map(|error| match error {
            PlanError::Unresolved {
                component, import, ..
            } => (component.as_str(), import.as_str()),
            other => panic!("{other}"),
        })
        .collect();
    assert_eq!(unresolved, [("a", "x:y/z"), ("a", "p:q/r"), ("b", "x:y/z")]);
}

#[test]
fn an_empty_graph_is_an_empty_plan() {
    let plan = plan_of([]);
    assert_eq!(plan.components, []);
    assert_eq!(plan.to_string(), "components, in start order\n");
}

/// A component of a list.
fn element(name: &str, text: &str) -> composer_plan::Node {
    composer_plan::Node {
        in_list: true,
        ..component(name, text)
    }
}

#[test]
fn nothing_comes_from_a_list_without_a_hint() {
    let user = || component("user", "import x:y/log");
    let one = || element("logs/one", "export x:y/log");
    let two = || element("logs/two", "export x:y/log");
    // A list beside one exporter is no second one, and the composition shows nothing of it.
    let single = component("single", "export x:y/log");
    let beside = plan_of([user(), one(), two(), single]);
    assert_eq!(source(&beside, "user", "x:y/log"), "single x:y/log");
    let [export] = &beside.exports[..] else {
        panic!("{:?}", beside.exports);
    };
    assert_eq!(export.components, ["single"]);

    for elements in [vec![one()], vec![one(), two()]] {
        let message = message_of([user()].into_iter().chain(elements));
        let said = "component `user` imports `x:y/log`, which only components of lists export, \
                    and none of them is chosen without a hint:";
        assert!(message.starts_with(said), "{message}");
        assert!(
            message.contains("component `logs/one` exports `x:y/log`"),
            "{message}"
        );
    }
    // Nor is an exact name in a list better than a compatible one outside.
    let compatible = component("single", "export x:y/log@1.1.0");
    let versioned = component("user", "import x:y/log@1.0.0");
    let exact = element("logs/one", "export x:y/log@1.0.0");
    let beside = plan_of([versioned, compatible, exact]);
    assert_eq!(
        source(&beside, "user", "x:y/log@1.0.0"),
        "single x:y/log@1.1.0"
    );

    let hinted = plan_of([user().hint("x:y/log", "logs/two"), one(), two()]);
    assert_eq!(source(&hinted, "user", "x:y/log"), "logs/two x:y/log");
    assert!(hinted.exports.is_empty());
    // Not from one of its own kind, either.
    let passes = element("logs/passes", "import x:y/log export x:y/log");
    let errors = errors_of([passes, one()]);
    assert!(
        matches!(errors[..], [PlanError::Ambiguous { .. }]),
        "{errors:?}"
    );
}
