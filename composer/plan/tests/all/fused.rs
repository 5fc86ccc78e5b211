//! Components that become one: what is different in their graph, and how the
//! plan around them shows it.

use std::sync::Arc;

use composer_plan::{Boundary, Graph, Node, Placement, Source};

use crate::support::*;

fn fused(nodes: impl IntoIterator<Item = Node>) -> Graph {
    graph(nodes.into_iter().map(member))
}

/// A component that shares its store.
fn member(node: Node) -> Node {
    Node {
        placement: Placement::SharedStore,
        ..node
    }
}

/// The group as a component of another graph.
fn group(name: &str, graph: &Graph) -> Node {
    let plan = plan(graph);
    Node {
        world: Arc::new(plan.world(graph)),
        fused: Some(Arc::new(plan)),
        ..component(name, "")
    }
}

#[test]
fn what_nobody_exports_is_open() {
    let graph = fused([
        component("a", "import x:y/z import x:y/out export x:y/a"),
        component("b", "export x:y/z"),
    ]);
    let plan = plan(&graph);
    assert_eq!(source(&plan, "a", "x:y/z"), "b x:y/z");
    assert_eq!(source(&plan, "a", "x:y/out"), "open x:y/out");
    let Source::Component { boundary, .. } = plan.components[1].links[0].source else {
        panic!("{plan}");
    };
    assert_eq!(boundary, Boundary::Fused);
}

#[test]
fn the_linker_comes_before_members_and_is_shared() {
    let resource = "{ resource r; get() -> r; }";
    let graph = fused([
        component(
            "a",
            &format!(
                "import h:o/st {resource} import x:y/z \
                 export x:y/a {{ use import h:o/st r; give() -> r; }}"
            ),
        )
        .host("h:o/st"),
        component(
            "b",
            &format!(
                "import h:o/st {resource} \
                 import x:y/a {{ use import h:o/st r; give() -> r; }}"
            ),
        )
        .host("h:o/st"),
        component("c", &format!("export h:o/st {resource} export x:y/z")),
    ]);
    let plan = plan(&graph);
    assert_eq!(source(&plan, "a", "h:o/st"), "open h:o/st");
    assert_eq!(source(&plan, "b", "x:y/a"), "a x:y/a");
    assert_eq!(source(&plan, "a", "x:y/z"), "c x:y/z");
}

#[test]
fn a_hint_comes_before_the_linker() {
    let graph = fused([
        component("a", "import x:y/z")
            .host("x:y/z")
            .hint("x:y/z", "b"),
        component("b", "export x:y/z"),
    ]);
    assert_eq!(source(&plan(&graph), "a", "x:y/z"), "b x:y/z");
}

/// Mistakes are those of any graph, word for word.
#[test]
fn mistakes_are_the_same() {
    let graphs = [
        vec![
            component("a", "import x:y/z"),
            component("b", "export x:y/z"),
            component("c", "export x:y/z"),
        ],
        vec![
            component("a", "import x:y/z").hint("x:y/z", "nobody"),
            component("b", "export x:y/z"),
        ],
        vec![
            component("a", "import x:y/z import x:y/w export x:y/a"),
            component("b", "import x:y/a export x:y/z export x:y/w"),
        ],
        vec![
            component("a", "import x:y/z { f(a: u32); g(); }"),
            component("b", "export x:y/z { f(a: string); }"),
        ],
        vec![component("a", ""), component("a", "")],
    ];
    for nodes in graphs {
        assert_eq!(errors(&fused(nodes.clone())), errors_of(nodes));
    }
}

/// Whatever the component model allows crosses between members. What is outside may be the
/// linker of the whole.
#[test]
fn no_function_of_a_member_is_refused() {
    let functions = "{ run(e: error-context); }";
    let graph = fused([
        component(
            "a",
            &format!("import x:y/z {functions} import x:y/out {functions}"),
        ),
        component("b", &format!("export x:y/z {functions}")),
    ]);
    let plan = plan(&Graph {
        requires_all_functions: true,
        ..graph
    });
    let mut links = plan
        .components
        .iter()
        .flat_map(|component| &component.links);
    assert!(links.all(|link| link.refused.is_empty()), "{plan}");
}

#[test]
fn members_that_disagree_about_what_is_outside() {
    let graph = fused([
        component("a", "import x:y/z { f(n: u32); }"),
        component("b", "import x:y/z { f(n: string); }"),
    ]);
    assert_eq!(
        message(&graph),
        "components `a` and `b` both leave `x:y/z` open, \
         but they disagree about its function `f`\n  \
         at parameter \"n\":\n    \
         `a` expects u32\n    \
         `b` expects string\n  \
         fix: build both against one version of the interface, \
         or satisfy one of them inside the composition"
    );
}

fn shop() -> Graph {
    let inside = fused([
        component(
            "till",
            "import shop:tax/rates@1.0.0 import shop:log/log@0.1.0 import h:o/st export run()",
        ),
        component(
            "tax",
            "import shop:log/log@0.1.2 export shop:tax/rates@1.2.0 export shop:info/info",
        ),
    ]);
    graph([
        group("shop", &inside).host("h:o/st"),
        component("log", "export shop:log/log@0.1.2"),
        component("user", "import shop:info/info import run()"),
    ])
}

#[test]
fn text() {
    assert_eq!(
        plan(&shop()).to_string(),
        "components, in start order
  log
  shop
    h:o/st ← its linker
    shop:log/log@0.1.2 ← log
    fused of
      tax
        shop:log/log@0.1.2 ← outside
      till
        shop:tax/rates@1.0.0 ← tax (shop:tax/rates@1.2.0)
        shop:log/log@0.1.0 ← outside (shop:log/log@0.1.2)
        h:o/st ← outside
  user
    shop:info/info ← shop
    run ← shop
exports
  func run ← shop
  interface shop:info/info ← shop
  interface shop:log/log@0.1.2 ← log
  interface shop:tax/rates@1.2.0 ← shop
"
    );
}

#[test]
fn json() {
    let json: serde_json::Value = serde_json::from_str(&plan(&shop()).to_json()).unwrap();
    assert!(json["components"][0].get("fused").is_none());
    let inside = &json["components"][1]["fused"];
    assert_eq!(inside["components"][1]["name"], "till");
    let source = &inside["components"][1]["links"][0]["source"];
    assert_eq!(source["component"], "tax");
    assert_eq!(source["boundary"], "fused");
    assert_eq!(inside["open_imports"][1]["name"], "shop:log/log@0.1.2");
    let source = &json["components"][2]["links"][0]["source"];
    assert_eq!(source["boundary"], "isolated");
}

#[test]
fn dot() {
    assert_eq!(
        plan(&shop()).to_dot(),
        r#"digraph composition {
  rankdir=LR;
  node [shape=box];
  c0 [label="log"];
  subgraph cluster_c1 {
    label="shop (fused)";
    c1_0 [label="tax"];
    c1_1 [label="till"];
  }
  c2 [label="user"];
  h1 [label="linker", shape=plain];
  c1_1 -> c1_0 [label="shop:tax/rates@1.0.0"];
  c1_1 -> h1 [label="h:o/st"];
  c1_0 -> c0 [label="shop:log/log@0.1.2"];
  c1_1 -> c0 [label="shop:log/log@0.1.2"];
  c2 -> c1_0 [label="shop:info/info"];
  c2 -> c1_1 [label="run"];
}
"#
    );
}

#[test]
fn mermaid() {
    assert_eq!(
        plan(&shop()).to_mermaid(),
        r#"flowchart LR
  c0["log"]
  subgraph c1["shop (fused)"]
    c1_0["tax"]
    c1_1["till"]
  end
  c2["user"]
  h1(["linker"])
  c1_1 -->|"shop:tax/rates@1.0.0"| c1_0
  c1_1 -->|"h:o/st"| h1
  c1_0 -->|"shop:log/log@0.1.2"| c0
  c1_1 -->|"shop:log/log@0.1.2"| c0
  c2 -->|"shop:info/info"| c1_0
  c2 -->|"run"| c1_1
"#
    );
}

/// The boundary of an edge follows from its two ends.
#[test]
fn members_and_others_in_one_graph() {
    let graph = graph([
        member(component("a", "import x:y/b import x:y/c")),
        member(component("b", "export x:y/b")),
        component("c", "export x:y/c"),
    ]);
    let plan = plan(&graph);
    let boundaries: Vec<(String, Boundary)> = plan
        .components
        .iter()
        .flat_map(|component| &component.links)
        .map(|link| match &link.source {
            Source::Component {
                component,
                boundary,
                ..
            } => (component.clone(), *boundary),
            other => panic!("{other:?}"),
        })
        .collect();
    let expected = [("b", Boundary::Fused), ("c", Boundary::Isolated)];
    assert_eq!(
        boundaries,
        expected.map(|(component, boundary)| (component.to_owned(), boundary))
    );
}
