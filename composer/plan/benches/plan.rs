//! How long planning takes, and that it grows with the size of a composition
//! and not with its square.

#![allow(clippy::unwrap_used, missing_docs)]

use std::collections::{BTreeMap, BTreeSet};
use std::hint::black_box;
use std::sync::Arc;

use composer_plan::{
    Extern, FuncType, Graph, Interface, Item, Name, Node, Placement, Resource, ResourceId, Side,
    Type, World, resolve,
};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

/// How many interfaces each component exports, and at most imports.
const INTERFACES: usize = 10;

/// The `i`th component: it imports one interface of each of the ten before it,
/// half of them in a version that is only compatible.
fn component(i: usize) -> Node {
    let mut world = World::default();
    for k in 0..INTERFACES.min(i) {
        let version = if k % 2 == 0 { "1.2.0" } else { "1.0.0" };
        let name = format!("bench:c{}/i{k}@{version}", i - 1 - k);
        add(&mut world, Side::Import, name);
    }
    for k in 0..INTERFACES {
        add(&mut world, Side::Export, format!("bench:c{i}/i{k}@1.2.0"));
    }
    Node {
        name: format!("component-{i:04}"),
        world: Arc::new(world),
        host: BTreeSet::new(),
        host_in_other_version: BTreeSet::new(),
        host_lacking: BTreeMap::new(),
        host_types: BTreeMap::new(),
        import_hints: Vec::new(),
        in_list: false,
        placement: Placement::default(),
        fused: None,
    }
}

/// An interface with a resource and three functions.
fn add(world: &mut World, side: Side, name: String) {
    let name = Name::new(name);
    let resource = ResourceId(world.resources.len() as u32);
    world.resources.push(Resource {
        side,
        interface: Some(name.clone()),
        name: "basket".into(),
    });
    let item = Type::Record(
        vec![
            ("name".to_owned(), Type::String),
            ("quantity".to_owned(), Type::U32),
            ("tags".to_owned(), Type::List(Arc::new(Type::String))),
        ]
        .into(),
    );
    let items = Type::List(Arc::new(item));
    let fallible = Type::Result(Arc::new((Some(Type::U64), Some(Type::String))));
    let this = ("self".to_owned(), Type::Borrow(resource));
    let func = |params: Vec<(String, Type)>, result| {
        Arc::new(FuncType {
            is_async: false,
            params,
            result: Some(result),
        })
    };
    let funcs = BTreeMap::from([
        (
            "[constructor]basket".to_owned(),
            func(vec![], Type::Own(resource)),
        ),
        (
            "[method]basket.add".to_owned(),
            func(vec![this, ("items".to_owned(), items.clone())], fallible),
        ),
        (
            "sort".to_owned(),
            func(vec![("items".to_owned(), items.clone())], items),
        ),
    ]);
    let item = Item::Interface(Interface {
        funcs,
        resources: BTreeMap::from([("basket".to_owned(), resource)]),
        ..Interface::default()
    });
    let list = match side {
        Side::Import => &mut world.imports,
        Side::Export => &mut world.exports,
    };
    list.push(Extern {
        name,
        implements: None,
        item,
    });
}

fn planning(c: &mut Criterion) {
    let mut group = c.benchmark_group("plan");
    for size in [10, 100, 1_000] {
        let graph = Graph {
            nodes: (0..size).map(component).collect(),
            ..Graph::default()
        };
        assert_eq!(resolve(&graph).unwrap().components.len(), size);
        group.throughput(Throughput::Elements(size as u64));
        group.bench_with_input(BenchmarkId::from_parameter(size), &graph, |b, graph| {
            b.iter(|| resolve(black_box(graph)).unwrap());
        });
    }
    group.finish();
}

criterion_group!(benches, planning);
criterion_main!(benches);
