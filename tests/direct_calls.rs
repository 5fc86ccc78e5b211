//! Components that import nothing are called on their caller's stack.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use composer::{
    CallError, ComponentState, ComposableComponent, ComposableDescriptor, Composer, Composition,
    DeathCause, Engines, Restart, Value,
};
use tokio::runtime::Builder;
use wasmtime::component::{Component, Linker};
use wasmtime::{Config, Engine, PoolingAllocationConfig, Store, Trap};

use crate::support::sandbox::loaded;

const STACK: usize = 512 << 10;

fn text(name: &str) -> Vec<u8> {
    let tests = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    std::fs::read(tests.join("wat").join(name).with_extension("wat")).unwrap()
}

fn component(engine: &Engine, name: &str) -> Component {
    Component::new(engine, text(name)).unwrap()
}

/// `sums`, and `adds`, which calls it, as components of this engine.
fn pair(engine: &Engine) -> Composer {
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("sums", component(engine, "sums")));
    composer.add(ComposableDescriptor::new("adds", component(engine, "adds")));
    composer
}

async fn started(engines: &Engines, concurrent: bool) -> Composition {
    let suits = |engine: &&Engine| engine.get_concurrency_support() == concurrent;
    let engine = engines.all().find(suits).unwrap();
    pair(engine).compose().await.unwrap()
}

async fn call(composition: &Composition, name: &str, args: &[u32]) -> Result<u32, CallError> {
    let func = composition.get_func(None, name).unwrap();
    let args = args.iter().map(|arg| Value::U32(*arg));
    match func.call_owned(args).await? {
        Some(Value::U32(answer)) => Ok(answer),
        other => panic!("{other:?}"),
    }
}

/// Engines with a single stack, which the caller occupies.
fn one_stack(with: impl FnOnce(&Config) -> Engines) -> Engines {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_stacks(1)
        .total_memories(4)
        .total_tables(4)
        .max_memory_size(1 << 20);
    let mut config = Config::new();
    config.allocation_strategy(pool).memory_reservation(1 << 20);
    with(&config)
}

#[tokio::test]
async fn a_direct_call_needs_no_stack_of_its_own() {
    let known = one_stack(|config| Engines::with_stack(config, STACK).unwrap());
    for concurrent in [false, true] {
        let composition = started(&known, concurrent).await;
        assert_eq!(call(&composition, "adds", &[100]).await.unwrap(), 300);
    }
    // If the size of the stack is not known, each call needs a stack of its own.
    let unknown = one_stack(|config| Engines::with_config(config).unwrap());
    let composition = started(&unknown, false).await;
    let error = call(&composition, "adds", &[100]).await.unwrap_err();
    assert!(matches!(error, CallError::Failed { .. }), "{error}");
}

/// The code in a store of the embedder's may have to wait.
#[tokio::test]
async fn a_store_of_the_embedders_has_its_own_stack() {
    let engines = one_stack(|config| Engines::with_stack(config, STACK).unwrap());
    let engine = engines.all().next().unwrap().clone();
    let mut composer = Composer::new();
    let sums = ComposableComponent::new(component(&engine, "sums"), Linker::new(&engine), {
        let engine = engine.clone();
        move || Store::new(&engine, ())
    });
    composer.add(ComposableDescriptor::new("sums", sums));
    composer.add(ComposableDescriptor::new(
        "adds",
        component(&engine, "adds"),
    ));
    let composition = composer.compose().await.unwrap();
    assert!(call(&composition, "adds", &[1]).await.is_err());
}

#[tokio::test]
async fn a_trap_ends_the_callee_and_says_where() {
    let engines = Engines::new().unwrap();
    for concurrent in [false, true] {
        let composition = started(&engines, concurrent).await;
        assert_eq!(call(&composition, "adds", &[2]).await.unwrap(), 6);
        let error = call(&composition, "fails", &[]).await.unwrap_err();
        let CallError::Failed { death, .. } = &error else {
            panic!("{error}");
        };
        // The caller gets the error from its import, and dies of it.
        let DeathCause::Import(import) = &death.cause else {
            panic!("{death}");
        };
        let CallError::Failed { site, death } = &**import else {
            panic!("{import}");
        };
        assert_eq!(
            (site.component.as_str(), site.function.as_str()),
            ("sums", "fail")
        );
        assert_eq!(death.trap(), Some(Trap::UnreachableCodeReached));
        assert_eq!(ended(&composition, "sums"), death.trap());
        let sums = composition.component("sums").unwrap();
        let sums = sums.get_func(Some("test:direct/sums"), "add").unwrap();
        let error = sums.call_owned([Value::U32(1), Value::U32(1)]).await;
        assert!(matches!(error, Err(CallError::Dead { .. })), "{error:?}");
    }
}

/// The trap that a component died of, if it did.
fn ended(composition: &Composition, name: &str) -> Option<Trap> {
    match composition.component(name).unwrap().status().state {
        ComponentState::Dead(death) => death.trap(),
        _ => None,
    }
}

/// The component's driver notices the death too, so it restarts the component.
#[tokio::test]
async fn who_died_of_a_direct_call_is_started_again() {
    tokio::time::pause();
    let engines = Engines::new().unwrap();
    let engine = engines.all().next().unwrap();
    let mut composer = Composer::new();
    for name in ["sums", "adds"] {
        let part = ComposableDescriptor::new(name, component(engine, name));
        composer.add(part.with_restart(Restart::on_death()));
    }
    let composition = composer.compose().await.unwrap();
    for _ in 0..3 {
        call(&composition, "fails", &[]).await.unwrap_err();
        assert_eq!(call(&composition, "adds", &[5]).await.unwrap(), 15);
    }
}

/// A full stack of the callee fits on top of a full stack of the caller.
#[tokio::test]
async fn two_full_stacks_fit_onto_one() {
    for stack in [64 << 10, STACK, 1 << 20, 4 << 20] {
        let engines = Engines::with_stack(&Config::new(), stack).unwrap();
        for concurrent in [false, true] {
            // The depth grows until the caller's own stack overflows.
            let mut depth = 1 << 10;
            loop {
                let composition = started(&engines, concurrent).await;
                call(&composition, "dives", &[depth]).await.unwrap_err();
                if ended(&composition, "sums").is_none() {
                    // The caller's own stack overflowed before the callee's.
                    assert_eq!(ended(&composition, "adds"), Some(Trap::StackOverflow));
                    break;
                }
                assert_eq!(ended(&composition, "sums"), Some(Trap::StackOverflow));
                depth += depth / 4;
            }
        }
    }
}

#[test]
fn others_on_the_thread_have_their_turn() {
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let engines = Engines::new().unwrap();
        let composition = started(&engines, false).await;
        let turns = Arc::new(AtomicU64::new(0));
        let counted = turns.clone();
        let other = tokio::spawn(async move {
            loop {
                counted.fetch_add(1, Ordering::Relaxed);
                tokio::task::yield_now().await;
            }
        });
        assert_eq!(call(&composition, "adds", &[10_000]).await.unwrap(), 30_000);
        other.abort();
        assert!(turns.load(Ordering::Relaxed) >= 10);
    });
}

/// A caller that finds the callee busy waits for its turn.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn callers_on_several_threads() {
    const TIMES: u32 = 20_000;
    let engines = Engines::new().unwrap();
    for engine in engines.all() {
        let mut composer = Composer::new();
        composer.add(ComposableDescriptor::new("sums", component(engine, "sums")));
        let names: Vec<_> = (0..4).map(|n| format!("adds{n}")).collect();
        for name in &names {
            composer.add(ComposableDescriptor::new(name, component(engine, "adds")));
        }
        composer.with_export_hint("adds", "adds0");
        composer.with_export_hint("fails", "adds0");
        composer.with_export_hint("dives", "adds0");
        let composition = composer.compose().await.unwrap();
        let calls = names.iter().map(|name| {
            let part = composition.component(name).unwrap();
            let func = part.get_func(None, "adds").unwrap();
            tokio::spawn(async move { func.call_owned([Value::U32(TIMES)]).await })
        });
        let calls: Vec<_> = calls.collect();
        for call in calls {
            assert_eq!(call.await.unwrap().unwrap(), Some(Value::U32(3 * TIMES)));
        }
        composition.shutdown(Duration::from_secs(10)).await;
    }
}

/// Typical guests, with limits: each call has a stack of its own, and the next call of
/// the same function reuses its memory.
#[tokio::test(flavor = "multi_thread")]
async fn functions_are_called_in_turns_on_stacks_of_their_own() {
    let mut composer = Composer::new();
    for name in ["wasi-echo", "wasi-pump"] {
        composer.add(ComposableDescriptor::new(name, loaded(name).await.part()));
    }
    let composition = composer.compose().await.unwrap();
    for size in [1, 3, 100] {
        for func in [
            "adds", "adds", "texts", "adds", "bytes", "records", "records",
        ] {
            let times = 5;
            let sums = if func == "adds" { size * times } else { size };
            let answer = call(&composition, func, &[size, times]).await.unwrap();
            assert_eq!(answer, sums, "{func}");
        }
    }
    composition.shutdown(Duration::from_secs(10)).await;
}
