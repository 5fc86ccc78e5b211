//! Resources that the embedder defines, which go from one store to another.

mod dynamic;
mod inside;
mod moved;
mod nested;
mod refused;
mod typed;
mod world;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use composer::{ComposableComponent, ComposableDescriptor, Composer, Composition, Value};
use wasmtime::component::{Linker, Resource, ResourceTable, ResourceType};
use wasmtime::{Store, StoreContextMut};

use crate::support::engine;
use crate::support::wat::wat;

const THINGS: &str = "test:host/things@0.1.0";
const GIVER: &str = "test:host/giver@0.1.0";

/// How many things there are.
#[derive(Default)]
struct ThingCount(AtomicUsize);

/// A resource of the embedder's.
struct Thing {
    value: AtomicU32,
    count: Arc<ThingCount>,
}

impl ThingCount {
    fn thing(self: &Arc<Self>, n: u32) -> Arc<Thing> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Arc::new(Thing {
            value: AtomicU32::new(n),
            count: self.clone(),
        })
    }

    fn get(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Thing {
    fn add(&self, by: u32) -> u32 {
        self.value.fetch_add(by, Ordering::SeqCst) + by
    }
}

impl Drop for Thing {
    fn drop(&mut self) {
        self.count.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The data of a store.
struct State {
    table: ResourceTable,
    count: Arc<ThingCount>,
}

type Handle = Resource<Arc<Thing>>;

/// A linker that defines things.
fn linker() -> Linker<State> {
    let mut linker: Linker<State> = Linker::new(engine());
    let mut things = linker.instance(THINGS).unwrap();
    let drop_thing = |mut store: StoreContextMut<'_, State>, rep| {
        store.data_mut().table.delete(Handle::new_own(rep))?;
        Ok(())
    };
    let ty = ResourceType::host::<Arc<Thing>>();
    things.resource("thing", ty, drop_thing).unwrap();
    things
        .func_wrap(
            "[constructor]thing",
            |mut store: StoreContextMut<'_, State>, (n,): (u32,)| {
                let thing = store.data().count.thing(n);
                Ok((store.data_mut().table.push(thing)?,))
            },
        )
        .unwrap();
    things
        .func_wrap(
            "[method]thing.add",
            |mut store: StoreContextMut<'_, State>, (thing, by): (Handle, u32)| {
                Ok((store.data_mut().table.get(&thing)?.add(by),))
            },
        )
        .unwrap();
    linker
}

/// Makes the stores of a part.
fn stores(count: &Arc<ThingCount>) -> impl Fn() -> Store<State> + Send + Sync + use<> {
    let count = count.clone();
    move || {
        let state = State {
            table: ResourceTable::new(),
            count: count.clone(),
        };
        Store::new(engine(), state)
    }
}

/// A component of `tests/wat` that gets things, which stay where they are.
fn confined(name: &str, count: &Arc<ThingCount>) -> ComposableComponent<State> {
    ComposableComponent::new(wat(name), linker(), stores(count))
}

/// The same, with things that can leave the store.
fn part(name: &str, count: &Arc<ThingCount>) -> ComposableComponent<State> {
    confined(name, count).with_host_resource::<Arc<Thing>>(|state| &mut state.table)
}

/// A component that passes things on, and one that uses it.
fn pair(count: &Arc<ThingCount>) -> Composer {
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new(
        "giver",
        part("thing-giver", count),
    ));
    composer.add(ComposableDescriptor::new(
        "taker",
        part("thing-taker", count),
    ));
    composer
}

async fn of_giver(
    composition: &Composition,
    function: &str,
    args: impl IntoIterator<Item = Value>,
) -> Result<Option<Value>, composer::CallError> {
    let func = composition.get_func(Some(GIVER), function).unwrap();
    func.call_owned(args).await
}

async fn of_taker(
    composition: &Composition,
    function: &str,
    args: impl IntoIterator<Item = Value>,
) -> Result<Option<Value>, composer::CallError> {
    let func = composition.get_func(None, function).unwrap();
    func.call_owned(args).await
}
