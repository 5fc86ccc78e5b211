//! Groups that a `Runtime` fuses: limits, grants and functions of the program's for the
//! whole, like any component that it loads.

use std::time::Duration;

use composer::fused::{FuseError, FusedComponents, FusedMember};
use composer::runtime::{Grants, Limits, LoadedComponent};
use composer::{
    CallError, ComponentState, ComposableDescriptor, Composer, Composition, Configure, Limit,
    Restart, Runtime, Value,
};

use super::via;
use crate::support::counters::within;
use crate::support::{engine, guest_path};

fn runtime() -> Runtime {
    Runtime::builder()
        .limits(Limits::strict())
        .count_time(true)
        .build()
        .unwrap()
}

async fn member(runtime: &Runtime, name: &str, text: &str) -> FusedMember {
    let bytes = wat::parse_str(text).unwrap();
    runtime.load_member(name, bytes).await.unwrap()
}

async fn guest(runtime: &Runtime, name: &str) -> FusedMember {
    let bytes = std::fs::read(guest_path(name)).unwrap();
    runtime.load_member(name, bytes).await.unwrap()
}

async fn fuse(
    runtime: &Runtime,
    members: impl IntoIterator<Item = FusedMember>,
) -> Result<LoadedComponent, FuseError> {
    let mut group = FusedComponents::bare(engine());
    for member in members {
        group.add(member);
    }
    within(runtime.fuse("group", group)).await
}

async fn compose(part: impl composer::Composable + 'static) -> Composition {
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("group", part));
    composer.compose().await.unwrap()
}

/// Does what its functions say.
const WRONG: &str = r#"(component
    (core module $m
        (memory 1)
        (func (export "spin") (loop $again (br $again)))
        (func (export "grow") (loop $again
            (br_if $again (i32.ge_s (memory.grow (i32.const 64)) (i32.const 0)))))
        (func (export "well")))
    (core instance $i (instantiate $m))
    (func (export "spin") (canon lift (core func $i "spin")))
    (func (export "grow") (canon lift (core func $i "grow")))
    (func (export "well") (canon lift (core func $i "well"))))"#;

#[tokio::test]
async fn limits_hold_for_all_members_together() {
    let runtime = runtime();
    let limits = Limits::strict()
        .with_fuel(None)
        .with_time(Some(Duration::from_millis(100)));
    let group = fuse(
        &runtime,
        [
            member(&runtime, "wrong", WRONG).await,
            member(&runtime, "spins", &via("spin", "spin-for-me")).await,
            member(&runtime, "grows", &via("grow", "grow-for-me")).await,
        ],
    );
    let group = group.await.unwrap();
    for (func, limit) in [
        ("spin-for-me", Limit::Time),
        ("grow-for-me", Limit::Memory),
        ("spin", Limit::Time),
    ] {
        let part = group.part().with_limits(limits.clone());
        let usage = part.usage();
        let composition = compose(part.with_restart(Restart::on_death())).await;
        let func = composition.get_func(None, func).unwrap();
        let called = within(func.call_owned([])).await;
        match (called, limit) {
            // A guest that may not grow is told so.
            (Ok(None), Limit::Memory) => {
                assert!(usage.peak_memory() <= limits.memory() as u64);
            }
            (Err(error @ CallError::Failed { .. }), limit) => {
                let exceeded = error.death().and_then(|death| death.limit().cloned());
                assert_eq!(exceeded.unwrap().limit, limit, "{error}");
                assert!(error.to_string().contains("component `group`"), "{error}");
            }
            (other, _) => panic!("{other:?}"),
        }
        // It is started again as one.
        let well = composition.get_func(None, "well").unwrap();
        within(well.call_owned([])).await.unwrap();
        let status = composition.component("group").unwrap().status();
        assert!(matches!(status.state, ComponentState::Running));
    }
}

#[tokio::test]
async fn its_plan_and_its_functions_are_those_of_a_group() {
    let runtime = runtime();
    let mut members = Vec::new();
    for name in ["catalog", "tax-eu", "till"] {
        members.push(guest(&runtime, name).await);
    }
    let group = fuse(&runtime, members).await.unwrap();
    let composition = compose(group.part()).await;
    let plan = composition.plan().to_string();
    assert!(plan.contains("fused of"), "{plan}");
    assert!(plan.contains("shop:tax/rates@1.0.0 ← tax-eu"), "{plan}");
    let region = composition
        .get_func(Some("shop:tax/rates"), "region")
        .unwrap();
    let region = within(region.call_owned([])).await.unwrap();
    assert_eq!(region, Some(Value::from("EU")));
    assert!(runtime.statistics().components >= 4);
}

/// Filters of members hold, too.
#[tokio::test]
async fn what_members_hide_stays_hidden() {
    let runtime = runtime();
    let wrong = member(&runtime, "wrong", WRONG).await.hiding(&["spin"]);
    let group = fuse(&runtime, [wrong]).await.unwrap();
    let composition = compose(group.part()).await;
    assert!(composition.get_func(None, "spin").is_err());
    within(composition.get_func(None, "well").unwrap().call_owned([]))
        .await
        .unwrap();
}

/// Imports that no member has come from what the part is given.
#[tokio::test]
async fn grants_and_functions_of_the_program() {
    let runtime = runtime();
    let group = fuse(&runtime, [guest(&runtime, "wasi-probe").await]);
    let group = group.await.unwrap();
    let granted = Grants::none().with_env("REGION", "eu");
    let part = group
        .part()
        .with_grants(granted)
        .with_limits(Limits::default());
    let composition = compose(part).await;
    let variables = composition
        .get_func(Some("test:wasi/probe"), "variables")
        .unwrap();
    let variables = within(variables.call_owned([])).await.unwrap().unwrap();
    assert!(variables.to_string().contains("REGION"), "{variables}");

    let mine = fuse(
        &runtime,
        [member(&runtime, "mine", &via("mine", "ask")).await],
    );
    let part = mine.await.unwrap().part().with_linker(|linker| {
        let mut root = linker.root();
        root.func_wrap("mine", |_, (): ()| {
            Err::<(), _>(wasmtime::Error::msg("it was asked"))
        })
    });
    let composition = compose(part).await;
    let ask = composition.get_func(None, "ask").unwrap();
    let error = within(ask.call_owned([])).await.unwrap_err().to_string();
    assert!(error.contains("it was asked"), "{error}");
}

composer::compose!({
    path: "../wit",
    composition: Fused,
    components: { shop: dyn "shop:tax/rates" },
    exports: ["shop:tax/rates"],
});

#[tokio::test]
async fn in_rust_types() {
    let runtime = runtime();
    let group = fuse(&runtime, [guest(&runtime, "tax-eu").await])
        .await
        .unwrap();
    let shop = group.part();
    let fused = Fused::compose(FusedParts { shop }).await.unwrap();
    assert_eq!(fused.rates().region().await.unwrap(), "EU");
}

#[tokio::test]
async fn what_cannot_be_fused() {
    let runtime = Runtime::builder().max_component_size(64).build().unwrap();
    assert_eq!(fuse(&runtime, []).await.unwrap_err(), FuseError::Empty);
    let text = runtime.load_member("text", "(component)").await;
    let text = text.err().unwrap().to_string();
    assert!(text.starts_with("text is WebAssembly text"), "{text}");
    let small = [1, 2, 3, 4].map(|i| format!("(component (core module) (import \"f{i}\" (func)))"));
    let mut members = Vec::new();
    for (name, text) in ["a", "b", "c", "d"].into_iter().zip(&small) {
        members.push(member(&runtime, name, text).await);
    }
    let error = fuse(&runtime, members).await.unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("the component that they become cannot be loaded: group has"),
        "{error}"
    );
}
