//! A component's world equals the world of the WIT that it was built from.

use std::collections::BTreeSet;
use std::path::Path;

use composer::{ComposableDescriptor, Composer};
use composer_plan::{Extern, Item, World};
use wasmtime::component::Component;
use wit_parser::Resolve;

use crate::support::{engine, guest};

/// Guests, the worlds they were built for, and the packages that those worlds need.
const WORLDS: [(&str, &str, &[&str]); 22] = [
    ("catalog", "shop:catalog/catalog", &["wit/shop-catalog"]),
    ("tax-eu", "shop:tax/tax", &["wit/shop-tax"]),
    ("tax-us", "shop:tax/tax", &["wit/shop-tax"]),
    (
        "till",
        "shop:till/till",
        &["wit/shop-catalog", "wit/shop-tax", "wit/shop-till"],
    ),
    ("plugin-count", "plugin:host/plugin-guest", &["wit/plugin"]),
    (
        "plugin-wrong",
        "plugin:host/plugin-guest",
        &["tests/guests/plugin-wrong/wit"],
    ),
    ("values", "test:values/values-guest", &["tests/wit/values"]),
    (
        "values-relay",
        "test:values/values-relay",
        &["tests/wit/values"],
    ),
    (
        "counters",
        "test:resources/counters-guest",
        &["tests/wit/resources"],
    ),
    (
        "counters-c",
        "test:resources/counters-guest",
        &["tests/wit/resources"],
    ),
    (
        "counters-user",
        "test:resources/counters-user",
        &["tests/wit/resources"],
    ),
    (
        "counters-relay",
        "test:resources/counters-relay",
        &["tests/wit/resources"],
    ),
    (
        "counters-wrap",
        "test:resources/counters-wrap",
        &["tests/wit/resources"],
    ),
    ("text-base", "test:text/base", &["tests/wit/text"]),
    ("text-upper", "test:text/middleware", &["tests/wit/text"]),
    ("text-exclaim", "test:text/middleware", &["tests/wit/text"]),
    ("steps", "test:flow/steps-guest", &["tests/wit/flow"]),
    ("steps-user", "test:flow/steps-user", &["tests/wit/flow"]),
    ("hostile", "test:hostile/hostile", HOSTILE),
    ("hostile-leak", "test:hostile/hostile-leak", HOSTILE),
    ("hostile-start", "test:hostile/hostile-start", HOSTILE),
    (
        "hostile-start-trap",
        "test:hostile/hostile-start-trap",
        HOSTILE,
    ),
];

const HOSTILE: &[&str] = &["tests/wit/resources", "tests/wit/text", "tests/wit/hostile"];

fn from_wit(world: &str, packages: &[&str]) -> World {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut resolve = Resolve::default();
    let mut ids = Vec::new();
    for package in packages {
        ids.push(resolve.push_path(root.join(package)).unwrap().0);
    }
    let version = resolve.packages.iter().find_map(|(_, package)| {
        let name = format!("{}:{}", package.name.namespace, package.name.name);
        world
            .starts_with(&format!("{name}/"))
            .then(|| package.name.version.clone())
    });
    let world = match version.flatten() {
        Some(version) => format!("{world}@{version}"),
        None => world.to_owned(),
    };
    let world = resolve.select_world(&ids, Some(&world)).unwrap();
    World::from_wit(&resolve, world)
}

/// An item with every resource written out, so that two worlds that number
/// their resources differently can be compared.
fn written(world: &World, item: &Item) -> Vec<String> {
    match item {
        Item::Func(ty) => vec![ty.display(world).to_string()],
        Item::Interface(interface) => {
            let resources = interface.resources.iter().map(|(name, id)| {
                let resource = world.resource(*id);
                format!("{name}: {resource} ({:?})", resource.side)
            });
            let funcs = interface.funcs.iter();
            let funcs = funcs.map(|(name, ty)| format!("{name}: {}", ty.display(world)));
            resources.chain(funcs).collect()
        }
        other => panic!("{other:?}"),
    }
}

fn names(externs: &[Extern]) -> BTreeSet<&str> {
    externs.iter().map(|e| e.name.as_str()).collect()
}

#[test]
fn components_say_what_their_wit_says() {
    for (name, world, packages) in WORLDS {
        let wit = from_wit(world, packages);
        let component = composer::read_world(&guest(name));
        assert_eq!(names(&component.exports), names(&wit.exports), "{name}");
        for export in &component.exports {
            let expected = wit.export(export.name.as_str()).unwrap();
            let expected = written(&wit, &expected.item);
            assert_eq!(
                written(&component, &export.item),
                expected,
                "{name} {}",
                export.name
            );
        }
        // A toolchain leaves out imports that the code does not use.
        for import in &component.imports {
            let declared = wit.import(import.name.as_str()).unwrap();
            let declared = written(&wit, &declared.item);
            for used in written(&component, &import.item) {
                assert!(declared.contains(&used), "{name} {}: {used}", import.name);
            }
        }
    }
}

/// A resource that a world uses is a type there and not an import, and a hint for it changes
/// nothing.
#[test]
fn a_hint_for_a_type() {
    let user = Component::new(
        engine(),
        r#"(component
            (import "test:types/things" (instance $things
                (export "thing" (type (sub resource)))))
            (alias export $things "thing" (type $thing'))
            (import "thing" (type $thing (eq $thing')))
            (import "make" (func (result (own $thing)))))"#,
    );
    let user = ComposableDescriptor::new("user", user.unwrap()).with_import_hint("thing", "maker");
    let mut composer = Composer::new();
    composer.add(user);
    let error = composer.plan().unwrap_err();
    assert_eq!(
        error.to_string(),
        "`.with_import_hint(\"thing\", \"maker\")` on component `user` is about the type \
         `thing`, and a type needs no provider\n  fix: remove the hint"
    );
}
