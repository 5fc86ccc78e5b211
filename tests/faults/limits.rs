//! Limits that the embedder sets on a store. They end its component, and no other.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use composer::{ComposableComponent, CompositionError, DeathCause, StartError, Value};
use wasmtime::component::Linker;
use wasmtime::{Config, Engine, Store, StoreLimits, StoreLimitsBuilder, Trap};

use crate::support::counters::{until, within};
use crate::support::hostile::Hostile;
use crate::support::{engine, guest, guest_path};

/// `hostile` on an engine of its own.
fn on<T: Send + 'static>(
    engine: &Engine,
    store: impl Fn(&Engine) -> Store<T> + Send + Sync + 'static,
) -> ComposableComponent<T> {
    let linker = Linker::new(engine);
    let engine = engine.clone();
    ComposableComponent::from_file(guest_path("hostile"), linker, move || store(&engine)).unwrap()
}

fn with_limits(limits: StoreLimitsBuilder) -> ComposableComponent<StoreLimits> {
    let limits = limits.build();
    ComposableComponent::new(guest("hostile"), Linker::new(engine()), move || {
        let mut store = Store::new(engine(), limits.clone());
        store.limiter(|limits| limits);
        store
    })
}

const MIB: usize = 1 << 20;

#[tokio::test]
async fn memory_that_the_guest_does_not_get() {
    within(async {
        let limits = StoreLimitsBuilder::new().memory_size(8 * MIB);
        let hostile = Hostile::with(with_limits(limits)).await;
        hostile.call("grow", [10u32.into()]).await.unwrap();
        let error = hostile.call("grow", [1000u32.into()]).await.unwrap_err();
        // The guest aborts.
        let death = hostile.death("grow", &error);
        assert_eq!(death.trap(), Some(Trap::UnreachableCodeReached));
        hostile.assert_dead_alone(&death).await;
    })
    .await;
}

#[tokio::test]
async fn memory_that_must_not_be_asked_for() {
    within(async {
        let limits = StoreLimitsBuilder::new()
            .memory_size(8 * MIB)
            .trap_on_grow_failure(true);
        let hostile = Hostile::with(with_limits(limits)).await;
        let error = hostile.call("grow", [1000u32.into()]).await.unwrap_err();
        let death = hostile.death("grow", &error);
        assert!(matches!(&death.cause, DeathCause::Other(_)), "{error}");
        assert!(!death.backtrace.is_empty());
        hostile.assert_dead_alone(&death).await;
    })
    .await;
}

#[tokio::test]
async fn memory_for_not_even_the_start() {
    within(async {
        let mut composer = composer::Composer::new();
        let limits = StoreLimitsBuilder::new().memory_size(1);
        composer.add(composer::ComposableDescriptor::new(
            "hostile",
            with_limits(limits),
        ));
        match composer.compose().await.err().unwrap() {
            CompositionError::Start(StartError::Instantiate { component, death }) => {
                assert_eq!((&*component, &*death.component), ("hostile", "hostile"));
            }
            other => panic!("{other}"),
        }
    })
    .await;
}

#[tokio::test]
async fn fuel() {
    within(async {
        let mut config = Config::new();
        config.consume_fuel(true).wasm_component_model_async(true);
        let part = on(&Engine::new(&config).unwrap(), |engine| {
            let mut store = Store::new(engine, ());
            store.set_fuel(1_000_000).unwrap();
            store
        });
        let hostile = Hostile::with(part).await;
        assert_eq!(hostile.call("ok", []).await.unwrap(), Some(Value::U32(42)));
        let error = hostile.call("spin", []).await.unwrap_err();
        let death = hostile.death("spin", &error);
        assert_eq!(death.trap(), Some(Trap::OutOfFuel));
        hostile.assert_dead_alone(&death).await;
    })
    .await;
}

/// Advances an engine's epoch until it is dropped.
struct Ticker {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    fn start(engine: &Engine) -> Ticker {
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, engine) = (stop.clone(), engine.clone());
        let thread = std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                engine.increment_epoch();
                std::thread::sleep(Duration::from_millis(5));
            }
        });
        Ticker {
            stop,
            thread: Some(thread),
        }
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn with_epochs() -> Engine {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .wasm_component_model_async(true);
    Engine::new(&config).unwrap()
}

/// A guest that spins never comes back to the runtime, so if an epoch does
/// not end it neither a timeout nor the runtime's end would.
fn without_waiting_for_threads(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let minute = Duration::from_secs(60);
    let done = runtime.block_on(async { tokio::time::timeout(minute, test).await });
    runtime.shutdown_background();
    done.expect("a test should not hang");
}

#[test]
fn an_epoch_deadline() {
    without_waiting_for_threads(async {
        let engine = with_epochs();
        let part = on(&engine, |engine| {
            let mut store = Store::new(engine, ());
            store.set_epoch_deadline(3);
            store
        });
        let hostile = Hostile::with(part).await;
        // Before that the start might not be over in time.
        let _ticker = Ticker::start(&engine);
        let error = hostile.call("spin", []).await.unwrap_err();
        let death = hostile.death("spin", &error);
        assert_eq!(death.trap(), Some(Trap::Interrupt));
        hostile.assert_dead_alone(&death).await;
    });
}

/// A guest that gives way at every epoch holds up nobody, and can be stopped
/// although it never returns.
#[test]
fn an_epoch_to_give_way_at() {
    without_waiting_for_threads(async {
        let engine = with_epochs();
        let _ticker = Ticker::start(&engine);
        let alive = Arc::new(());
        let share = alive.clone();
        let part = on(&engine, move |engine| {
            let mut store = Store::new(engine, share.clone());
            store.set_epoch_deadline(1);
            store.epoch_deadline_async_yield_and_update(1);
            store
        });
        let hostile = Hostile::with(part).await;
        let spin = hostile
            .composition
            .get_func(Some(crate::support::hostile::FAULTS), "spin");
        let spin = spin.unwrap();
        let spinning = tokio::spawn(async move { spin.call_owned([]).await });
        until("it spins", || hostile.status().in_flight == 1).await;

        let bystander = "test:text/transform";
        for _ in 0..10 {
            crate::support::call(&hostile.composition, bystander, "apply", ["x".into()]).await;
        }
        let shutdown = hostile.composition.shutdown(Duration::ZERO).await;
        assert_eq!(shutdown.cut_off, 1);
        // On a busy machine that may take longer than a shutdown waits for.
        until("its store is gone", || Arc::strong_count(&alive) == 1).await;
        let error = spinning.await.unwrap().unwrap_err();
        assert!(
            matches!(error, composer::CallError::Stopped { .. }),
            "{error}"
        );
    });
}
