//! Plans as text, JSON and diagrams.

use composer_plan::{Graph, Plan, resolve};

use crate::support::*;

fn shop() -> Graph {
    graph([
        component(
            "till",
            "import shop:tax/rates@1.0.0 import wasi:io/streams@0.2.6 import shop:types/money { }
             import shop:log/log@0.1.0 export run()",
        )
        .host("wasi:io/streams@0.2.6"),
        component(
            "tax",
            "import shop:log/log@0.1.2 export shop:tax/rates@1.2.0 export shop:info/info",
        ),
        component("info", "export shop:info/info { resource r; }"),
    ])
    .open("shop:log/log")
}

#[test]
fn text() {
    assert_eq!(
        plan(&shop()).to_string(),
        "components, in start order
  info
  tax
    shop:log/log@0.1.2 ← outside
  till
    shop:tax/rates@1.0.0 ← tax (shop:tax/rates@1.2.0)
    wasi:io/streams@0.2.6 ← its linker
    shop:types/money ← nothing, only plain types
    shop:log/log@0.1.0 ← outside (shop:log/log@0.1.2)
exports
  func run ← till
  interface shop:info/info ← ambiguous: info, tax
  interface shop:tax/rates@1.2.0 ← tax
imports
  shop:log/log@0.1.2 → tax, till
"
    );
}

/// Toolchains import a score of interfaces of WASI, which say nothing about the wiring.
#[test]
fn wasi_is_one_line() {
    let imports = "import wasi:io/streams@0.2.6 import wasi:cli/stdout@0.2.6 import a:b/c@1.0.0
        import wasi:io/poll@0.2.0 import wasi:cli/exit@0.2.6 import wasi:io/error@0.2.0
        import wasi:http/types@0.3.0";
    let names = [
        "wasi:io/streams@0.2.6",
        "wasi:cli/stdout@0.2.6",
        "a:b/c@1.0.0",
        "wasi:io/poll@0.2.0",
        "wasi:cli/exit@0.2.6",
        "wasi:io/error@0.2.0",
        "wasi:http/types@0.3.0",
    ];
    let app = names
        .iter()
        .fold(component("app", imports), |app, name| app.host(name));
    let plan = plan_of([app]);
    assert_eq!(
        plan.to_string(),
        "components, in start order
  app
    3 interfaces of WASI 0.2.6 ← its linker
    a:b/c@1.0.0 ← its linker
    2 interfaces of WASI 0.2.0 ← its linker
    wasi:http/types@0.3.0 ← its linker
"
    );
    let arrows = ["3 interfaces of WASI 0.2.6", "2 interfaces of WASI 0.2.0"];
    for diagram in [plan.to_mermaid(), plan.to_dot()] {
        assert_eq!(diagram.matches("->").count(), 4, "{diagram}");
        assert!(
            arrows.iter().all(|text| diagram.contains(text)),
            "{diagram}"
        );
    }
    // On request, and in JSON, they are all there.
    let (all, json) = (format!("{plan:#}"), plan.to_json());
    for name in names {
        assert!(all.contains(&format!("    {name} ← its linker\n")), "{all}");
        assert!(json.contains(name), "{json}");
    }
}

#[test]
fn json() {
    let plan = plan_of([
        component("a", "import x:y/r { resource r; } import h:o/st").host("h:o/st"),
        component("b", "export x:y/r { resource r; }"),
    ]);
    assert_eq!(
        plan.to_json(),
        r#"{
  "components": [
    {
      "name": "b",
      "links": [],
      "resources": [
        {
          "of": "component",
          "index": 0,
          "resource": 0
        }
      ]
    },
    {
      "name": "a",
      "links": [
        {
          "import": "x:y/r",
          "source": {
            "from": "component",
            "index": 0,
            "component": "b",
            "export": "x:y/r",
            "boundary": "isolated"
          }
        },
        {
          "import": "h:o/st",
          "source": {
            "from": "host"
          }
        }
      ],
      "resources": [
        {
          "of": "component",
          "index": 0,
          "resource": 0
        }
      ]
    }
  ],
  "exports": [
    {
      "name": "x:y/r",
      "kind": "interface",
      "components": [
        "b"
      ]
    }
  ],
  "open_imports": []
}"#
    );
}

/// Two components of which one function cannot be called, and a function that cannot.
fn refusing() -> Graph {
    let interface = "x:y/z { fine(n: u32); run(a: u8, e: list<error-context>); }";
    graph([
        component(
            "a",
            &format!("import {interface} import explain() -> error-context"),
        ),
        component(
            "b",
            &format!("export {interface} export explain() -> error-context"),
        ),
    ])
}

#[test]
fn text_of_refused_functions() {
    assert_eq!(
        plan(&refusing()).to_string(),
        "components, in start order
  b
  a
    x:y/z ← b
      refused: run, parameter \"e\" → list element has the type error-context
    explain ← b
      refused: explain, result has the type error-context
exports
  func explain ← b
  interface x:y/z ← b
"
    );
}

#[test]
fn json_of_refused_functions() {
    let json: serde_json::Value = serde_json::from_str(&plan(&refusing()).to_json()).unwrap();
    let links = &json["components"][1]["links"];
    let expected = serde_json::json!([{
        "function": "run",
        "path": "parameter \"e\" → list element",
        "type": "error-context",
    }]);
    assert_eq!(links[0]["refused"], expected);
    let expected = serde_json::json!([{ "path": "result", "type": "error-context" }]);
    assert_eq!(links[1]["refused"], expected);
}

#[test]
fn json_says_what_comes_from_outside() {
    let importer = component(
        "a",
        "import x:y/r { resource r; } import h:o/st { resource s; }",
    );
    let plan = plan(&graph([importer.host("h:o/st")]).open("x:y/r"));
    let json: serde_json::Value = serde_json::from_str(&plan.to_json()).unwrap();
    let component = &json["components"][0];
    assert_eq!(component["links"][0]["source"]["from"], "open");
    assert_eq!(component["resources"][0]["of"], "open");
    assert_eq!(component["resources"][0]["resource"], "r");
    assert_eq!(component["resources"][1]["of"], "host");
    assert_eq!(json["open_imports"][0]["needed_by"][0], "a");
}

#[test]
fn dot() {
    assert_eq!(
        plan(&shop()).to_dot(),
        r#"digraph composition {
  rankdir=LR;
  node [shape=box];
  c0 [label="info"];
  c1 [label="tax"];
  c2 [label="till"];
  o0 [label="shop:log/log@0.1.2", shape=cds];
  h2 [label="linker", shape=plain];
  c1 -> o0 [label="shop:log/log@0.1.2"];
  c2 -> c1 [label="shop:tax/rates@1.0.0"];
  c2 -> h2 [label="wasi:io/streams@0.2.6"];
  c2 -> o0 [label="shop:log/log@0.1.0"];
}
"#
    );
}

#[test]
fn mermaid() {
    assert_eq!(
        plan(&shop()).to_mermaid(),
        r#"flowchart LR
  c0["info"]
  c1["tax"]
  c2["till"]
  o0>"shop:log/log@0.1.2"]
  h2(["linker"])
  c1 -->|"shop:log/log@0.1.2"| o0
  c2 -->|"shop:tax/rates@1.0.0"| c1
  c2 -->|"wasi:io/streams@0.2.6"| h2
  c2 -->|"shop:log/log@0.1.0"| o0
"#
    );
}

#[test]
fn names_that_look_like_markup_are_escaped() {
    let plan: Plan = resolve(&graph([component("a\"]; x\\\n<b>#1;", "")])).unwrap();
    assert!(
        plan.to_dot().contains(r#"c0 [label="a\"]; x\\\n<b>#1;"];"#),
        "{}",
        plan.to_dot()
    );
    assert_eq!(
        plan.to_mermaid(),
        "flowchart LR\n  c0[\"a#34;]; x#92;#10;#60;b#62;#35;1;\"]\n"
    );
    let json: serde_json::Value = serde_json::from_str(&plan.to_json()).unwrap();
    assert_eq!(json["components"][0]["name"], "a\"]; x\\\n<b>#1;");
}
