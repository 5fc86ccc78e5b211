//! Engines that allocate from a pool.

use composer::{
    ComposableDescriptor, Composer, Composition, CompositionError, Engines, PreparedComposition,
    StartError,
};
use tokio::runtime::Handle;
use wasmtime::component::Component;
use wasmtime::{Config, PoolConcurrencyLimitError, PoolingAllocationConfig};

use super::{AMPLE, apply};
use crate::support::counters::{COUNTERS, own, until, within};
use crate::support::{call, guest_path};

/// Components for engines whose pools have room for so many instances.
fn components(room: u32, names: &[&str]) -> Vec<Component> {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(room)
        .total_core_instances(4 * room)
        .total_memories(room)
        .total_tables(4 * room)
        .total_stacks(4 * room)
        .max_memory_size(4 << 20);
    let mut config = Config::new();
    config
        .allocation_strategy(pool)
        .memory_reservation(4 << 20)
        .memory_guard_size(64 << 10);
    let engines = Engines::with_config(&config).unwrap();
    let load = |name: &&str| engines.load_component(guest_path(name)).unwrap();
    names.iter().map(load).collect()
}

fn prepared(room: u32, names: &[&str]) -> PreparedComposition {
    let mut composer = Composer::new();
    for (name, component) in names.iter().zip(components(room, names)) {
        composer.add(ComposableDescriptor::new(*name, component));
    }
    composer.prepare().unwrap()
}

fn tasks() -> usize {
    Handle::current().metrics().num_alive_tasks()
}

#[tokio::test]
async fn a_pool_that_is_used_up() {
    within(async {
        let names = ["text-base", "hostile-start"];
        // Enough for one composition and a half.
        let prepared = prepared(3, &names);
        let first = prepared.compose().await.unwrap();
        // Each failure gives back what it took, so the next is the same.
        for _ in 0..3 {
            let error = prepared.compose().await.err().unwrap();
            assert_eq!(
                error.to_string(),
                "there is no room for component `hostile-start` in its engine's pool: \
                 maximum concurrent limit of 3 for component instances reached"
            );
            let CompositionError::Start(StartError::PoolExhausted { component, error }) = error
            else {
                panic!("{error}");
            };
            assert_eq!(component, "hostile-start");
            assert!(error.is::<PoolConcurrencyLimitError>());
        }
        assert_eq!(apply(&first, " hi ").await.unwrap(), "hi".into());

        // There is room again, whether it was shut down or just dropped.
        first.shutdown(AMPLE).await;
        let before = tasks();
        let second = prepared.compose().await.unwrap();
        drop(second);
        until("its stores are gone", || tasks() == before).await;
        let third = prepared.compose().await.unwrap();
        assert_eq!(apply(&third, " hi ").await.unwrap(), "hi".into());
    })
    .await;
}

async fn makes_its_first(composition: &Composition) {
    assert_eq!(
        call(composition, COUNTERS, "live", []).await,
        0u32.into(),
        "a slot that was used before has the state of a new one"
    );
    let make = call(composition, COUNTERS, "[constructor]counter", [7u32.into()]);
    drop(own(make.await));
    let counters = composition.component("counters").unwrap();
    until("it is destroyed", || counters.status().resources_given == 0).await;
    assert_eq!(
        call(composition, COUNTERS, "dropped", []).await,
        1u32.into()
    );
}

/// The memory of a slot is an image of the component's data, copied when it is
/// written to: whoever has the slot next sees nothing of that.
#[tokio::test]
async fn a_slot_is_new_each_time() {
    within(async {
        let prepared = prepared(1, &["counters"]);
        for _ in 0..5 {
            let composition = prepared.compose().await.unwrap();
            makes_its_first(&composition).await;
            composition.shutdown(AMPLE).await;
        }
    })
    .await;
}
