//! Functions with types that do not cross are refused, and the rest is linked.

use composer_plan::{ConfinedType, Graph, Plan, PlanError, StreamItems, Untransferable};

use crate::support::*;

/// An interface of which one function can be called, and one cannot.
const MIXED: &str = "x:y/z { fine(n: u32); run(e: error-context); }";

/// A component that imports what another one exports.
fn pair(text: &str) -> Graph {
    graph([
        component("a", &format!("import {text}")),
        component("b", &format!("export {text}")),
    ])
}

/// The refused functions of a component: import, function, path and type.
fn refused<'p>(plan: &'p Plan, component: &str) -> Vec<[&'p str; 4]> {
    let links = &plan.component(component).unwrap().links;
    let all = links.iter().flat_map(|link| {
        let refused = link.refused.iter();
        refused.map(|refused| {
            let ty = match &refused.ty {
                ConfinedType::ErrorContext => "error-context",
                ConfinedType::Stream(ty) => ty,
                other => panic!("{other}"),
            };
            let function = refused.function.as_deref().unwrap_or_default();
            [link.import.as_str(), function, &refused.path, ty]
        })
    });
    all.collect()
}

#[test]
fn a_pair_is_linked_although_a_function_is_refused() {
    let plan = plan(&pair(MIXED));
    assert_eq!(source(&plan, "a", "x:y/z"), "b x:y/z");
    assert_eq!(
        refused(&plan, "a"),
        [["x:y/z", "run", "parameter \"e\"", "error-context"]]
    );
}

#[test]
fn a_function_of_the_world_is_refused() {
    let plan = plan(&pair("run() -> error-context"));
    assert_eq!(source(&plan, "a", "run"), "b run");
    assert_eq!(
        refused(&plan, "a"),
        [["run", "", "result", "error-context"]]
    );
}

#[test]
fn the_type_is_found_wherever_it_is() {
    for (ty, path) in [
        (
            "result<_, record { e: error-context }>",
            "error → field \"e\"",
        ),
        ("stream<error-context>", "stream element"),
        ("list<future<error-context>>", "list element → future value"),
    ] {
        let plan = plan(&pair(&format!("x:y/z {{ f(a: {ty}); }}")));
        let path = format!("parameter \"a\" → {path}");
        assert_eq!(
            refused(&plan, "a"),
            [["x:y/z", "f", path.as_str(), "error-context"]]
        );
    }
}

#[test]
fn streams_and_futures_cross() {
    let plan = plan(&pair(
        "x:y/z { f(a: stream<u8>, b: list<future>, c: stream<list<stream<string>>>); }",
    ));
    assert_eq!(refused(&plan, "a"), Vec::<[&str; 4]>::new());
}

/// As without the feature `fast-transfer`.
#[test]
fn streams_cross_only_with_the_items_that_they_may_have() {
    let items = |items: &str| {
        let mut graph = pair(&format!("x:y/z {{ f(a: {items}); }}"));
        graph.stream_items = StreamItems::Primitive;
        let plan = plan(&graph);
        let refused = refused(&plan, "a");
        refused.first().map(|refused| refused[3].to_owned())
    };
    for crosses in [
        "stream",
        "future",
        "stream<u8>",
        "future<string>",
        "tuple<stream<bool>, future<char>, list<stream<f64>>>",
    ] {
        assert_eq!(items(crosses), None, "{crosses}");
    }
    for refused in [
        "stream<list<u8>>",
        "future<stream<u8>>",
        "stream<tuple<u8>>",
    ] {
        assert_eq!(items(refused).as_deref(), Some(refused));
    }
    assert_eq!(
        items("list<stream<enum { on, off }>>").as_deref(),
        Some("stream<enum { on, off }>")
    );
}

#[test]
fn every_refused_function_is_listed_in_order() {
    let one = "import x:y/one { b(e: error-context); c(); a(e: error-context); }";
    let two = "import x:y/two { d(e: error-context); }";
    let exports = format!("{one} {two}").replace("import", "export");
    let plan = plan_of([
        component("a", &format!("{one} {two}")),
        component("b", &exports),
    ]);
    let names: Vec<&str> = refused(&plan, "a")
        .iter()
        .map(|[_, name, ..]| *name)
        .collect();
    assert_eq!(names, ["a", "b", "d"]);
}

/// Whatever is outside of the composition is in another store.
#[test]
fn a_function_of_an_open_import_is_refused() {
    let user = |name| component(name, &format!("import {MIXED}"));
    let plan = plan(&graph([user("a"), user("b")]).open("x:y/z"));
    for component in ["a", "b"] {
        assert_eq!(
            refused(&plan, component),
            [["x:y/z", "run", "parameter \"e\"", "error-context"]]
        );
    }
}

#[test]
fn what_the_linker_provides_is_not_refused() {
    let plan = plan_of([component("a", &format!("import {MIXED}")).host("x:y/z")]);
    assert_eq!(refused(&plan, "a"), Vec::<[&str; 4]>::new());
}

#[test]
fn a_provider_may_have_such_functions_that_nobody_imports() {
    let plan = plan_of([
        component("a", "import x:y/z { fine(n: u32); }"),
        component("b", &format!("export {MIXED}")),
    ]);
    assert_eq!(refused(&plan, "a"), Vec::<[&str; 4]>::new());
}

#[test]
fn the_types_of_a_refused_function_must_agree() {
    let errors = errors_of([
        component("a", "import x:y/z { run(e: error-context, n: u32); }"),
        component("b", "export x:y/z { run(e: error-context, n: u64); }"),
    ]);
    let [PlanError::Mismatch { difference, .. }] = &errors[..] else {
        panic!("{errors:?}");
    };
    assert_eq!(difference.path, "parameter \"n\"");
}

#[test]
fn users_of_an_open_import_must_agree_about_a_refused_function() {
    let user = |name, ty| {
        let import = format!("import x:y/z {{ run(e: error-context, n: {ty}); }}");
        component(name, &import)
    };
    let errors = errors(&graph([user("a", "u32"), user("b", "u64")]).open("x:y/z"));
    assert!(
        matches!(&errors[..], [PlanError::OpenImportConflict { .. }]),
        "{errors:?}"
    );
}

/// A resource of a linker is a mistake, also beside a type that is merely refused.
#[test]
fn a_resource_of_a_linker_is_not_refused() {
    let side = |side: &str| {
        format!(
            "import h:o/st {{ resource r; }} \
             {side} x:y/z {{ use import h:o/st r; f(e: error-context, r: borrow<r>); }}"
        )
    };
    let errors = errors_of([
        component("a", &side("import")).host("h:o/st"),
        component("b", &side("export")).host("h:o/st"),
    ]);
    assert!(
        matches!(
            &errors[..],
            [PlanError::Untransferable {
                what: Untransferable::HostResource { .. },
                ..
            }]
        ),
        "{errors:?}"
    );
}

#[test]
fn an_option_makes_it_an_error() {
    let strict = |graph: Graph| Graph {
        requires_all_functions: true,
        ..graph
    };
    let untransferable = |graph| {
        let errors = errors(&strict(graph));
        let [
            PlanError::Untransferable {
                provider,
                function,
                path,
                what: Untransferable::Type(ConfinedType::ErrorContext),
                ..
            },
        ] = &errors[..]
        else {
            panic!("{errors:?}");
        };
        assert_eq!(function.as_deref(), Some("run"));
        assert_eq!(path, "parameter \"e\"");
        provider.clone()
    };
    assert_eq!(untransferable(pair(MIXED)).as_deref(), Some("b"));
    let open = graph([component("a", &format!("import {MIXED}"))]).open("x:y/z");
    assert_eq!(untransferable(open), None);
    plan(&strict(pair("x:y/z { fine(n: u32); }")));
}

#[test]
fn all_mistakes_of_a_function_are_errors_with_the_option() {
    let graph = Graph {
        requires_all_functions: true,
        ..graph([
            component("a", "import x:y/z { run(e: error-context, n: u32); }"),
            component("b", "export x:y/z { run(e: error-context, n: u64); }"),
        ])
    };
    let errors = errors(&graph);
    assert!(
        matches!(
            &errors[..],
            [PlanError::Untransferable { .. }, PlanError::Mismatch { .. }]
        ),
        "{errors:?}"
    );
}
