//! Helpers that the tests share: engines, guests, and parts made of them.

pub(crate) mod alone;
pub(crate) mod arbitrary;
pub(crate) mod chain;
pub(crate) mod counters;
pub(crate) mod edge;
pub(crate) mod events;
pub(crate) mod failing;
pub(crate) mod figures;
pub(crate) mod flow;
pub(crate) mod gated;
pub(crate) mod hostile;
pub(crate) mod property;
pub(crate) mod sandbox;
pub(crate) mod wac;
pub(crate) mod wasi;
pub(crate) mod wat;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{LazyLock, Mutex, OnceLock};

use composer::{ComposableComponent, ComposableDescriptor, Composer, Composition, Engines, Value};
use wasmtime::component::{Component, Linker};
use wasmtime::{Config, Engine, Store};

/// The engine of most tests.
pub(crate) fn engine() -> &'static Engine {
    static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
        let mut config = Config::new();
        config.wasm_component_model_async(true);
        config.wasm_component_model_map(true);
        config.wasm_component_model_implements(true);
        config.wasm_component_model_fixed_length_lists(true);
        let engines = Engines::with_stack(&config, 512 << 10).unwrap();
        let mut engines = engines.all().cloned();
        engines.find(Engine::get_concurrency_support).unwrap()
    });
    &ENGINE
}

/// The path of a guest's component.
pub(crate) fn guest_path(name: &str) -> PathBuf {
    let tests = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    tests.join("guests").join(name).join(format!("{name}.wasm"))
}

/// A guest, compiled once for [`engine`].
pub(crate) fn guest(name: &str) -> Component {
    static COMPILED: OnceLock<Mutex<HashMap<String, Component>>> = OnceLock::new();
    let mut compiled = COMPILED.get_or_init(Mutex::default).lock().unwrap();
    let compile = || composer::load_component(engine(), guest_path(name)).unwrap();
    compiled
        .entry(name.to_owned())
        .or_insert_with(compile)
        .clone()
}

/// A guest as a part, with an empty linker and a plain store.
pub(crate) fn part(name: &str) -> ComposableComponent<()> {
    guest(name).into()
}

/// A guest as a part with host functions.
pub(crate) fn part_with(
    name: &str,
    define: impl FnOnce(&mut Linker<()>),
) -> ComposableComponent<()> {
    let mut linker = Linker::new(engine());
    define(&mut linker);
    ComposableComponent::new(guest(name), linker, || Store::new(engine(), ()))
}

/// A composition of guests, each under its own name.
pub(crate) async fn compose(names: &[&str]) -> Composition {
    let mut composer = Composer::new();
    for name in names {
        composer.add(ComposableDescriptor::new(*name, part(name)));
    }
    composer.compose().await.unwrap()
}

/// Calls a function of an interface and returns its result.
pub(crate) async fn call(
    composition: &Composition,
    interface: &str,
    name: &str,
    args: impl IntoIterator<Item = Value>,
) -> Value {
    let func = composition.get_func(Some(interface), name).unwrap();
    func.call_owned(args)
        .await
        .unwrap()
        .unwrap_or(Value::Tuple(Vec::new()))
}

/// A guest as a part, in a store that `set` prepares.
pub(crate) fn part_in(
    name: &str,
    set: impl Fn(&mut Store<()>) + Send + Sync + 'static,
) -> ComposableComponent<()> {
    ComposableComponent::new(guest(name), Linker::new(engine()), move || {
        let mut store = Store::new(engine(), ());
        set(&mut store);
        store
    })
}
