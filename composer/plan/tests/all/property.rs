//! Whatever the graph: no panic, no order, and plans that keep their promise.

use std::collections::BTreeMap;

use composer_plan::{
    Extern, Graph, HintTarget, Identity, Item, Link, Name, Node, Plan, PlanError, PlanErrors,
    Source, resolve,
};
use proptest::prelude::*;

use crate::support::*;

/// Names close enough to each other that they meet, miss and clash.
const NAMES: [&str; 9] = [
    "x:y/a@1.0.0",
    "x:y/a@1.2.0",
    "x:y/a@2.0.0",
    "x:y/a",
    "x:y/b@0.1.0",
    "x:y/b@0.1.1",
    "x:y/c",
    "f",
    "g",
];

/// What an import or export may be. The fifth uses the resource of `x:y/c`, and a function
/// of the last cannot be called from another store.
const ITEMS: [&str; 7] = [
    "",
    " { }",
    " { run(); f(a: u32) -> string; }",
    " { resource r; run(r: r); }",
    " { use SIDE x:y/c r; run(r: borrow<r>); }",
    "(a: u32)",
    " { run(); explain(e: error-context); }",
];

/// What the names usually stand for.
const USUAL: [usize; 9] = [2, 2, 0, 2, 4, 4, 3, 5, 5];

fn externs(side: &'static str) -> impl Strategy<Value = String> {
    let item = prop_oneof![4 => Just(None), 1 => (0..ITEMS.len()).prop_map(Some)];
    proptest::collection::btree_map(0..NAMES.len(), item, 0..4).prop_map(move |externs| {
        let text = |(name, item): (usize, Option<usize>)| {
            let item = ITEMS[item.unwrap_or(USUAL[name])].replace("SIDE", side);
            format!("{side} {}{item} ", NAMES[name])
        };
        externs.into_iter().map(text).collect()
    })
}

/// Names of components; now and then a duplicate or one that does not exist.
const COMPONENTS: [&str; 7] = ["a", "b", "c", "d", "e", "f", "nobody"];

fn hints() -> impl Strategy<Value = Vec<(String, String)>> {
    let hint = (0..NAMES.len(), 0..COMPONENTS.len())
        .prop_map(|(name, to)| (NAMES[name].to_owned(), COMPONENTS[to].to_owned()));
    prop_oneof![
        4 => Just(Vec::new()),
        1 => proptest::collection::vec(hint, 1..3),
    ]
}

/// The same, now and then with the export that is meant.
fn import_hints() -> impl Strategy<Value = Vec<(String, HintTarget)>> {
    let exports = proptest::collection::vec(proptest::option::of(0..NAMES.len()), 2);
    (hints(), exports).prop_map(|(hints, exports)| {
        let target = |((name, component), export): ((String, String), Option<usize>)| {
            let export = export.map(|export| NAMES[export].to_owned());
            (name, HintTarget { component, export })
        };
        hints.into_iter().zip(exports).map(target).collect()
    })
}

fn node(name: &'static str) -> impl Strategy<Value = Node> {
    let host = proptest::collection::btree_set(0..NAMES.len(), 0..3);
    (externs("import"), externs("export"), import_hints(), host).prop_map(
        move |(imports, exports, import_hints, host)| Node {
            import_hints,
            host: host.into_iter().map(|i| NAMES[i].to_owned()).collect(),
            ..component(name, &format!("{imports} {exports}"))
        },
    )
}

fn graphs() -> impl Strategy<Value = Graph> {
    let nodes = (1usize..6).prop_flat_map(|count| {
        let nodes: Vec<_> = COMPONENTS[..count].iter().map(|name| node(name)).collect();
        nodes
    });
    let duplicate = prop_oneof![19 => Just(false), 1 => Just(true)];
    let open = proptest::collection::vec(0..NAMES.len(), 0..3);
    let options = (duplicate, any::<bool>());
    (nodes, hints(), open, options).prop_map(|(mut nodes, export_hints, open, options)| {
        let (duplicate, requires_all_functions) = options;
        if duplicate {
            nodes.push(component("a", "import x:y/c export f(a: u32)"));
        }
        Graph {
            nodes,
            export_hints,
            open_imports: open.into_iter().map(|i| NAMES[i].to_owned()).collect(),
            requires_all_functions,
            ..Graph::default()
        }
    })
}

/// Does what the errors say, as an embedder would.
fn repair(graph: &mut Graph, errors: &PlanErrors, seed: usize) {
    for error in errors {
        match error {
            PlanError::DuplicateComponent { component, .. } => {
                let mut first = true;
                graph
                    .nodes
                    .retain(|node| node.name != *component || std::mem::replace(&mut first, false));
            }
            PlanError::HintUnknownComponent { hint, .. }
            | PlanError::HintUnknownName { hint, .. }
            | PlanError::HintUnclear { hint, .. }
            | PlanError::HintNotOffered { hint, .. }
            | PlanError::HintToItself { hint }
            | PlanError::HintRepeated { hint, .. } => {
                graph.drop_hint(hint);
            }
            PlanError::HintsDisagree { hints, .. } => {
                for hint in &hints[1..] {
                    graph.drop_hint(hint);
                }
            }
            PlanError::OpenImportUnknown { import, .. }
            | PlanError::OpenImportUseless { import, .. } => {
                graph.open_imports.retain(|open| open != import);
            }
            PlanError::Unresolved { import, .. } if seed.is_multiple_of(2) => {
                graph.open_imports.push(import.to_string());
            }
            PlanError::Ambiguous {
                component,
                import,
                candidates,
            } => {
                let to = candidates[seed % candidates.len()].component.clone();
                let hints = &mut node_mut(graph, component).import_hints;
                hints.push((import.to_string(), to.into()));
            }
            PlanError::Cycle { steps, .. } => host(graph, &steps[0].component, &steps[0].import),
            PlanError::Unresolved {
                component, import, ..
            }
            | PlanError::Unsupported {
                component, import, ..
            }
            | PlanError::KindMismatch {
                component, import, ..
            }
            | PlanError::MissingFunction {
                component, import, ..
            }
            | PlanError::MissingResource {
                component, import, ..
            }
            | PlanError::Mismatch {
                component, import, ..
            }
            | PlanError::Untransferable {
                component, import, ..
            }
            | PlanError::OpenImportConflict {
                second: component,
                import,
                ..
            } => host(graph, component, import),
            PlanError::SplitResource {
                component, users, ..
            } => {
                for user in users.iter().filter(|user| user.provider.is_some()) {
                    host(graph, component, &user.import);
                }
            }
            other => panic!("{other}"),
        }
    }
}

fn node_mut<'g>(graph: &'g mut Graph, name: &str) -> &'g mut Node {
    graph
        .nodes
        .iter_mut()
        .find(|node| node.name == name)
        .unwrap()
}

/// Defines an import in its component's linker, and forgets hints for it.
fn host(graph: &mut Graph, component: &str, import: &Name) {
    let node = node_mut(graph, component);
    node.host.insert(import.to_string());
    node.import_hints
        .retain(|(name, _)| Name::new(name.as_str()).base() != import.base());
}

fn reordered(graph: &Graph, seed: usize) -> Graph {
    let mut graph = graph.clone();
    let turn = seed % graph.nodes.len();
    graph.nodes.rotate_left(turn);
    graph.nodes.reverse();
    graph.export_hints.reverse();
    graph.open_imports.reverse();
    for node in &mut graph.nodes {
        node.import_hints.reverse();
    }
    graph
}

/// Exactly the functions that cannot be called are refused, and none if all are required.
fn check_refused(graph: &Graph, link: &Link, import: &Extern) {
    let crosses = matches!(link.source, Source::Component { .. } | Source::Open { .. });
    let confined = match &import.item {
        Item::Interface(interface) => interface.funcs.contains_key("explain"),
        _ => false,
    };
    let refused: Vec<_> = link.refused.iter().map(|r| r.function.as_deref()).collect();
    match crosses && confined {
        true => assert_eq!(refused, [Some("explain")]),
        false => assert_eq!(refused, []),
    }
    assert!(refused.is_empty() || !graph.requires_all_functions);
}

fn check_invariants(graph: &Graph, plan: &Plan) {
    let nodes: BTreeMap<&str, &Node> = graph.nodes.iter().map(|n| (n.name.as_str(), n)).collect();
    assert_eq!(plan.components.len(), nodes.len());
    for (index, component) in plan.components.iter().enumerate() {
        let node = &nodes[component.name.as_str()];
        let world = &node.world;
        // Every import has one source, in the order of the world.
        let links: Vec<_> = component.links.iter().map(|link| &link.import).collect();
        let imports: Vec<_> = world.imports.iter().map(|import| &import.name).collect();
        assert_eq!(links, imports);
        for (link, import) in component.links.iter().zip(&world.imports) {
            check_refused(graph, link, import);
            match &link.source {
                Source::Component {
                    index: provider,
                    component,
                    export,
                    ..
                } => {
                    // Providers come first, which also excludes oneself.
                    assert!(*provider < index);
                    assert_eq!(plan.components[*provider].name, *component);
                    assert!(
                        nodes[component.as_str()]
                            .world
                            .export(export.as_str())
                            .is_some()
                    );
                    let hints = &node.import_hints;
                    let is_named = hints.iter().any(|(import, to)| {
                        let named = to.export.as_ref();
                        link.import.is_meant_by(import)
                            && named.is_some_and(|named| export.is_meant_by(named))
                    });
                    assert!(is_named || link.import.matches(export).is_some());
                }
                Source::Open { index } => {
                    let open = &plan.open_imports[*index];
                    assert!(open.needed_by.contains(&component.name));
                    assert!(link.import.matches(&open.name).is_some());
                }
                _ => {}
            }
        }
        assert_eq!(component.resources.len(), world.resources.len());
        for identity in &component.resources {
            if let Identity::Component { index, resource } = identity {
                let owner = &plan.components[*index];
                let resource = nodes[owner.name.as_str()].world.resource(*resource);
                assert_eq!(resource.side, composer_plan::Side::Export);
            }
        }
    }
    // Whoever asks for an export gets an answer, and the world is well-formed.
    for export in &plan.exports {
        let _ = plan.export_owner(export.name.as_str());
    }
    let (world, identities) = plan.world_with_identities(graph);
    assert_eq!(world.resources.len(), identities.len());
    let mut outer = component("nested", "");
    outer.world = world.into();
    for import in &plan.open_imports {
        outer.host.insert(import.name.to_string());
    }
    self::plan(&self::graph([outer]));
}

/// The plan of a graph, after all that must hold of it has been checked.
fn check(graph: &Graph, seed: usize) -> Result<Plan, PlanErrors> {
    let outcome = resolve(graph);
    let again = resolve(&reordered(graph, seed));
    match (&outcome, again) {
        (Ok(plan), Ok(again)) => {
            assert_eq!(plan.to_json(), again.to_json());
            check_invariants(graph, plan);
        }
        (Err(errors), Err(again)) => {
            assert!(!errors.errors().is_empty());
            assert_eq!(errors.to_string(), again.to_string());
        }
        _ => panic!("the order of adding decides whether there is a plan"),
    }
    outcome
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    /// Also: who does what the errors say gets a plan in the end.
    #[test]
    fn any_graph(mut graph in graphs(), seed in 0usize..6) {
        let mut rounds = 0;
        while let Err(errors) = check(&graph, seed) {
            prop_assert!(rounds < 50, "{errors}");
            repair(&mut graph, &errors, seed);
            rounds += 1;
        }
    }

    #[test]
    fn any_text_is_a_name(text in ".{0,24}", other in ".{0,24}") {
        let (a, b) = (Name::new(&*text), Name::new(&*other));
        prop_assert_eq!(a.as_str(), &text);
        prop_assert!(text.starts_with(a.base()));
        prop_assert_eq!(a.matches(&b), b.matches(&a));
        prop_assert!(a.matches(&a).is_some());
    }
}
