//! The engines, and the host functions that suites expect, for all ways to run a file.

use std::future::pending;
use std::sync::LazyLock;

use composer::Engines;
use wasmtime::component::{Linker, Resource, ResourceType};
use wasmtime::{Config, Engine, OptLevel, Store};

/// Engines with all that suites use, but for what needs a garbage collector: the tests
/// are built without. Nothing here runs for long, so compiling takes
/// most of the time.
pub(super) fn engines() -> &'static Engines {
    static ENGINES: LazyLock<Engines> = LazyLock::new(|| {
        let mut config = Config::new();
        config
            .cranelift_opt_level(OptLevel::None)
            .wasm_component_model_async(true)
            .wasm_component_model_more_async_builtins(true)
            .wasm_component_model_async_stackful(true)
            .wasm_component_model_threading(true)
            .wasm_component_model_error_context(true)
            .wasm_component_model_map(true)
            .wasm_component_model_memory64(true)
            .wasm_component_model_fixed_length_lists(true)
            .wasm_component_model_implements(true)
            .wasm_memory64(true)
            .wasm_multi_memory(true);
        // The stacks of the tests: with them calls take every way that there is.
        Engines::with_stack(&config, 512 << 10).unwrap()
    });
    &ENGINES
}

/// The one of them that takes every component.
pub(super) fn engine() -> &'static Engine {
    let mut engines = engines().all();
    engines.find(|e| e.get_concurrency_support()).unwrap()
}

/// The resources of a host: what it was last told to drop, and how often.
#[derive(Default)]
pub(super) struct Host {
    last_drop: u32,
    drops: u32,
}

pub(super) fn store(engine: &Engine) -> Store<Host> {
    Store::new(engine, Host::default())
}

/// Whether an import is one of the host's.
pub(super) fn provides(import: &str) -> bool {
    ["host", "host-echo-u32", "host-return-two"].contains(&import)
}

struct Thing;
struct OtherThing;

/// Defines what wasmtime's own suite imports: see `wasmtime-wast` in its sources.
pub(super) fn define(linker: &mut Linker<Host>) -> wasmtime::Result<()> {
    let has_concurrency = linker.engine().get_concurrency_support();
    let mut root = linker.root();
    root.func_wrap("host-return-two", |_, (): ()| Ok((2_u32,)))?;
    if has_concurrency {
        root.func_wrap_concurrent("host-echo-u32", |_, (n,): (u32,)| {
            Box::pin(async move { Ok((n,)) })
        })?;
    }
    let mut host = root.instance("host")?;
    host.func_wrap("return-three", |_, (): ()| Ok((3_u32,)))?;
    host.func_wrap("return-hi", |_, (): ()| Ok(("hi".to_owned(),)))?;
    host.instance("nested")?
        .func_wrap("return-four", |_, (): ()| Ok((4_u32,)))?;
    for name in ["resource1", "resource1-again"] {
        let thing = ResourceType::host::<Thing>();
        host.resource(name, thing, |mut store, rep| {
            let host: &mut Host = store.data_mut();
            host.last_drop = rep;
            host.drops += 1;
            Ok(())
        })?;
    }
    let other = ResourceType::host::<OtherThing>();
    host.resource("resource2", other, |_, _| Ok(()))?;
    host.func_wrap("[constructor]resource1", |_, (rep,): (u32,)| {
        Ok((Resource::<Thing>::new_own(rep),))
    })?;
    for name in ["[static]resource1.assert", "[method]resource1.simple"] {
        host.func_wrap(name, |_, (thing, rep): (Resource<Thing>, u32)| {
            let found = thing.rep();
            match found == rep {
                true => Ok(()),
                false => Err(wasmtime::Error::msg(format!("{found} should be {rep}"))),
            }
        })?;
    }
    host.func_wrap("[static]resource1.last-drop", |store, (): ()| {
        Ok((store.data().last_drop,))
    })?;
    host.func_wrap("[static]resource1.drops", |store, (): ()| {
        Ok((store.data().drops,))
    })?;
    for name in ["take-own", "take-borrow"] {
        let name = format!("[method]resource1.{name}");
        host.func_wrap(&name, |_, _: (Resource<Thing>, Resource<Thing>)| Ok(()))?;
    }
    if !has_concurrency {
        return Ok(());
    }
    host.func_wrap_concurrent("never-return", |_, (): ()| {
        Box::pin(pending::<wasmtime::Result<()>>())
    })?;
    let never = "[method]resource1.never-return";
    host.func_wrap_concurrent(never, |_, _: (Resource<Thing>,)| {
        Box::pin(pending::<wasmtime::Result<()>>())
    })?;
    host.func_wrap_concurrent("return-two-slowly", |_, (): ()| {
        Box::pin(async {
            tokio::task::yield_now().await;
            Ok((2_i32,))
        })
    })?;
    host.func_wrap_concurrent("echo-slowly", |_, (n,): (u32,)| {
        Box::pin(async move {
            tokio::task::yield_now().await;
            Ok((n,))
        })
    })
}
