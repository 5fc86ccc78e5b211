//! The order in which things are added does not matter.

use composer_plan::{Graph, resolve};

use crate::support::*;

fn good() -> Graph {
    graph([
        component(
            "app",
            "import x:y/r { resource r; } import x:y/z@1.0.0 import add()",
        )
        .hint("x:y/z", "log")
        .hint("x:y/r", "one"),
        component(
            "log",
            "import x:y/z@1.1.0 import o:p/en@0.2.0 export x:y/z@1.2.0",
        )
        .hint("x:y/z", "store"),
        component(
            "store",
            "import o:p/en@0.2.4 export x:y/z@1.0.0 export add()",
        ),
        component("other", "export x:y/z@1.0.0"),
        component("one", "export x:y/r { resource r; }"),
        component("two", "export x:y/r { resource r; }"),
    ])
    .hint("x:y/r", "two")
    .hint("x:y/z@1.0.0", "store")
    .open("o:p/en")
}

fn bad() -> Graph {
    let mut graph = good()
        .open("un:used/z")
        .open("un:used/a")
        .hint("no:such/x", "nobody");
    graph.nodes[0]
        .import_hints
        .push(("x:y/w".into(), "two".into()));
    graph.nodes[3]
        .import_hints
        .push(("x:y/w".into(), "two".into()));
    graph
        .nodes
        .push(component("one", "import x:y/q").hint("x:y/w", "x"));
    graph
}

/// Every way to turn and mirror the lists of a graph.
fn variations(graph: &Graph) -> Vec<Graph> {
    let mut all = Vec::new();
    for turn in 0..graph.nodes.len() {
        for mirror in [false, true] {
            let mut varied = graph.clone();
            varied.nodes.rotate_left(turn);
            if mirror {
                varied.nodes.reverse();
                varied.export_hints.reverse();
                varied.open_imports.reverse();
                for node in &mut varied.nodes {
                    node.import_hints.reverse();
                }
            }
            all.push(varied);
        }
    }
    all
}

#[test]
fn plans_are_the_same_byte_for_byte() {
    let expected = plan(&good());
    for varied in variations(&good()) {
        let plan = plan(&varied);
        assert_eq!(plan.to_json(), expected.to_json());
        assert_eq!(plan.to_string(), expected.to_string());
        assert_eq!(plan.to_dot(), expected.to_dot());
        assert_eq!(plan.to_mermaid(), expected.to_mermaid());
        assert_eq!(plan.world(&varied), expected.world(&good()));
    }
}

#[test]
fn the_order_of_exports_does_not_matter() {
    let exports = |text| component("b", text);
    let importer = || component("a", "import x:y/z@1.0.0");
    let one = plan_of([importer(), exports("export x:y/z@1.1.0 export x:y/z@1.2.0")]);
    let other = plan_of([importer(), exports("export x:y/z@1.2.0 export x:y/z@1.1.0")]);
    assert_eq!(one.to_json(), other.to_json());
}

#[test]
fn errors_are_the_same_too() {
    let expected = resolve(&bad()).unwrap_err().to_string();
    for varied in variations(&bad()) {
        assert_eq!(resolve(&varied).unwrap_err().to_string(), expected);
    }
}
