//! A composition as a component of another.

use std::sync::Arc;

use composer_plan::{
    Graph, Identity, Item, Name, Node, Resource, ResourceId, Side, Type, World, resolve,
};

use crate::support::*;

/// The composition as a component of that name.
fn nested(name: &str, graph: &Graph) -> Node {
    Node {
        world: Arc::new(plan(graph).world(graph)),
        ..component(name, "")
    }
}

fn names(world: &World) -> (Vec<&str>, Vec<&str>) {
    let imports = world.imports.iter().map(|e| e.name.as_str());
    let exports = world.exports.iter().map(|e| e.name.as_str());
    (imports.collect(), exports.collect())
}

fn funcs<'a>(world: &'a World, name: &str) -> Vec<&'a str> {
    let export = world.export(name).or_else(|| world.import(name)).unwrap();
    match &export.item {
        Item::Interface(interface) => interface.funcs.keys().map(String::as_str).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn exports_are_those_that_one_component_has() {
    let graph = graph([
        component("a", "export run() export x:y/z export only"),
        component("b", "export x:y/z export only()"),
    ]);
    let world = plan(&graph).world(&graph);
    assert_eq!(names(&world), (vec![], vec!["run"]));
    let hinted = graph.hint("x:y/z", "b").hint("only", "a");
    let world = plan(&hinted).world(&hinted);
    assert_eq!(names(&world), (vec![], vec!["only", "run", "x:y/z"]));
    assert!(matches!(
        world.export("only").unwrap().item,
        Item::Interface(_)
    ));
}

#[test]
fn imports_join_what_their_users_need() {
    let graph = graph([
        component("a", "import x:y/z@1.0.0 { f(); g(); }"),
        component("b", "import x:y/z@1.1.0 { g(); h(); }"),
    ])
    .open("x:y/z");
    let world = plan(&graph).world(&graph);
    assert_eq!(names(&world), (vec!["x:y/z@1.1.0"], vec![]));
    assert_eq!(funcs(&world, "x:y/z@1.1.0"), ["f", "g", "h"]);
}

#[test]
fn imports_join_the_resources_that_their_users_need() {
    let graph = graph([
        component("a", "import x:y/z { resource r; resource s; f(s: s); }"),
        component(
            "b",
            "import x:y/z { resource q; resource s; g(q: q, s: s); }",
        ),
    ])
    .open("x:y/z");
    let world = plan(&graph).world(&graph);
    let Item::Interface(interface) = &world.import("x:y/z").unwrap().item else {
        panic!();
    };
    let names: Vec<&String> = interface.resources.keys().collect();
    assert_eq!(names, ["q", "r", "s"]);
    assert_eq!(world.resources.len(), 3);
}

#[test]
fn resources_are_equal_exactly_when_they_are_the_same() {
    let defines = "export x:y/r { resource r; make() -> r; }";
    let uses = |export: &str| {
        format!(
            "import x:y/r {{ resource r; }}
             export {export} {{ use import x:y/r r; f(list: list<r>) -> r; }}"
        )
    };
    let graph = graph([
        component("one", defines),
        component("two", defines),
        component("a", &uses("x:y/a")).hint("x:y/r", "one"),
        component("b", &uses("x:y/b")).hint("x:y/r", "one"),
        component("c", &uses("x:y/c")).hint("x:y/r", "two"),
    ]);
    let plan = plan(&graph);
    let (world, identities) = plan.world_with_identities(&graph);
    let result = |name: &str| match &world.export(name).unwrap().item {
        Item::Interface(interface) => match interface.funcs["f"].result {
            Some(Type::Own(id)) => {
                assert_eq!(interface.resources["r"], id);
                id
            }
            ref other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    assert_eq!(result("x:y/a"), result("x:y/b"));
    assert_ne!(result("x:y/a"), result("x:y/c"));
    let defined = Resource {
        side: Side::Export,
        interface: Some("x:y/r".into()),
        name: "r".into(),
    };
    assert_eq!(world.resources, [defined.clone(), defined]);
    let owners: Vec<&str> = identities
        .iter()
        .map(|identity| match identity {
            Identity::Component { index, .. } => plan.components[*index].name.as_str(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(owners, ["one", "two"]);
}

#[test]
fn resources_of_open_imports_are_imported() {
    let user = "import x:y/r { resource r; } import resource s
        export x:y/ops { use import x:y/r r; f(r: borrow<r>, s: s); }";
    let graph = graph([component("a", user)]).open("x:y/r").open("s");
    let world = plan(&graph).world(&graph);
    let resource = |interface: Option<&str>, name: &str| Resource {
        side: Side::Import,
        interface: interface.map(Name::from),
        name: name.into(),
    };
    assert_eq!(
        world.resources,
        [resource(None, "s"), resource(Some("x:y/r"), "r")]
    );
    assert_eq!(
        world.import("s").unwrap().item,
        Item::Resource(ResourceId(0))
    );
}

#[test]
fn what_uses_a_linkers_resource_stays_inside() {
    let user = "import h:o/st { resource r; }
        export x:y/some { use import h:o/st r; f(r: r); g(); }
        export x:y/none { use import h:o/st r; f(r: option<r>); }
        export run()";
    let graph = graph([component("a", user).host("h:o/st")]);
    let world = plan(&graph).world(&graph);
    assert_eq!(names(&world), (vec![], vec!["run", "x:y/some"]));
    assert_eq!(funcs(&world, "x:y/some"), ["g"]);
    assert_eq!(world.resources, []);
}

#[test]
fn every_compound_type_is_carried_over() {
    let user = "export x:y/r { resource r; f(
            a: list<r>, b: list3<r>, c: map<string, r>, d: option<r>, e: record { x: r, y: u8 },
            f: tuple<r, u8>, g: variant { x(r), y }, h: result<r, r>, i: result,
            j: future<r>, k: stream<r>, l: enum { x }, m: flags { x }, n: borrow<r>) -> r; }";
    let graph = graph([component("a", user)]);
    let inside = &graph.nodes[0].world;
    let world = plan(&graph).world(&graph);
    // There is just one resource, so that the numbers happen to be the same.
    assert_eq!(world.exports, inside.exports);
}

#[test]
fn a_composition_is_a_component_of_another() {
    let inner = graph([
        component(
            "filter",
            "import x:y/z@1.0.0 { f(); } export x:y/r { resource r; get() -> r; }",
        ),
        component(
            "user",
            "import x:y/r { resource r; get() -> r; } export run()",
        ),
    ])
    .open("x:y/z");
    let outer = plan_of([
        nested("inner", &inner),
        component("provider", "export x:y/z@1.3.0 { f(); }"),
        component(
            "app",
            "import run() import x:y/r { resource r; get() -> r; }",
        ),
    ]);
    assert_eq!(order(&outer), ["provider", "inner", "app"]);
    assert_eq!(
        source(&outer, "inner", "x:y/z@1.0.0"),
        "provider x:y/z@1.3.0"
    );
    assert_eq!(source(&outer, "app", "x:y/r"), "inner x:y/r");
    let index = order(&outer)
        .iter()
        .position(|name| *name == "inner")
        .unwrap();
    let resource = ResourceId(0);
    assert_eq!(
        outer.components[2].resources,
        [Identity::Component { index, resource }]
    );
}

#[test]
fn a_nested_diamond_agrees() {
    let inner = graph([
        component("r", "export x:y/r { resource r; get() -> r; }"),
        component(
            "ops",
            "import x:y/r { resource r; } export x:y/ops { use import x:y/r r; drop(r: r); }",
        ),
    ]);
    let app = "import x:y/r { resource r; get() -> r; }
        import x:y/ops { use import x:y/r r; drop(r: r); }";
    plan_of([nested("inner", &inner), component("app", app)]);

    // The same with the resource of another component does not.
    let errors = errors_of([
        nested("inner", &inner),
        component("app", app).hint("x:y/r", "other"),
        component("other", "export x:y/r { resource r; get() -> r; }"),
    ]);
    assert_eq!(errors.len(), 1);
}

#[test]
fn open_labels_of_a_nested_composition_are_met_by_their_interface() {
    let user = "import main of x:y/store@1.0.0 import spare of x:y/store@1.0.0";
    let inner = graph([component("user", user)]).open("main").open("spare");
    let outer = plan_of([
        nested("inner", &inner),
        component("db", "export x:y/store@1.2.0"),
    ]);
    for label in ["main", "spare"] {
        assert_eq!(source(&outer, "inner", label), "db x:y/store@1.2.0");
    }
}

#[test]
fn a_label_that_a_nested_composition_exports_is_found_by_its_interface() {
    let inner = graph([component("db", "export files of x:y/store@1.1.0")]);
    let outer = plan_of([
        nested("inner", &inner),
        component("app", "import x:y/store@1.0.0"),
    ]);
    assert_eq!(source(&outer, "app", "x:y/store@1.0.0"), "inner files");
}

#[test]
fn another_graph_gives_less_and_no_panic() {
    let full = graph([
        component("a", "import x:y/z { resource r; } export run()"),
        component("b", "export x:y/z { resource r; f() -> r; }"),
    ]);
    let plan = resolve(&full).unwrap();
    let world = plan.world(&Graph::default());
    assert_eq!(world, World::default());
}
