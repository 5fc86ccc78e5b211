//! What a filter may use: time and memory.
//!
//! A guest that computes is looked at whenever the epoch of its engine goes on,
//! which a thread sees to. There it rests for a moment, if it has computed for
//! long, or traps, if its call has taken too long. Only the pool knows when a call began, so it
//! tells the store by a [`Clock`] that both hold.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Weak};
use std::time::{Duration, Instant};

use composer::Engines;
use composer::wasi::WasiComponent;
use wasmtime::component::Component;
use wasmtime::{Config, StoreLimitsBuilder, Trap, UpdateDeadline};

/// How often guests that compute are looked at.
const TICK: Duration = Duration::from_millis(2);
/// How long a guest that has computed for a tick leaves its thread to others.
const REST: Duration = Duration::from_millis(2);

/// What an instance of a filter may use.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long one call may take.
    pub deadline: Duration,
    /// Bytes of memory.
    pub memory: usize,
}

/// Engines whose guests can be interrupted, and the thread that does it.
pub struct Machine {
    engines: Engines,
    /// The thread ends when this does.
    _alive: Arc<()>,
}

impl Machine {
    /// Makes the engines and starts the thread.
    ///
    /// # Errors
    ///
    /// As [`Engines::with_config`].
    pub fn new() -> Result<Machine, composer::LoadError> {
        let mut config = Config::new();
        config.epoch_interruption(true);
        let engines = Engines::with_config(&config)?;
        let alive = Arc::new(());
        let (watched, ticked) = (Arc::downgrade(&alive), engines.clone());
        std::thread::spawn(move || tick(&watched, &ticked));
        Ok(Machine {
            engines,
            _alive: alive,
        })
    }

    /// The engines.
    pub fn engines(&self) -> &Engines {
        &self.engines
    }
}

fn tick(alive: &Weak<()>, engines: &Engines) {
    while alive.strong_count() > 0 {
        std::thread::sleep(TICK);
        engines.all().for_each(wasmtime::Engine::increment_epoch);
    }
}

tokio::task_local! {
    /// The clock of the instance that is being made: a part's store is made
    /// within the future that composes it, and has no other way to know for whom.
    static CLOCK: Clock;
}

/// A component as a part whose stores have these limits.
pub fn part(component: Component, limits: Limits) -> WasiComponent {
    WasiComponent::new(component).with_store(move |store| {
        let builder = StoreLimitsBuilder::new()
            .memory_size(limits.memory)
            .table_elements(100_000)
            .trap_on_grow_failure(true);
        store.data_mut().limits = builder.build();
        store.limiter(|state| &mut state.limits);

        let clock = CLOCK.try_with(Clone::clone).unwrap_or_default();
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(move |_| match clock.elapsed() {
            elapsed if elapsed > limits.deadline => Err(Trap::Interrupt.into()),
            // The epoch has gone on, but mostly since an earlier call.
            elapsed if elapsed < TICK => Ok(UpdateDeadline::Continue(1)),
            // Merely to yield would not do: a thread with nothing but such guests
            // would hardly look at its sockets and timers.
            _ => Ok(UpdateDeadline::YieldCustom(
                1,
                Box::pin(tokio::time::sleep(REST)),
            )),
        });
    })
}

/// Since when an instance is at work.
#[derive(Clone, Debug, Default)]
pub struct Clock(Arc<Times>);

#[derive(Debug, Default)]
struct Times {
    running: AtomicUsize,
    /// Nanoseconds since [`START`].
    since: AtomicU64,
    /// How often it was looked at while no call ran: destructors run then.
    between: AtomicUsize,
}

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

impl Clock {
    /// Runs what makes an instance, which gets this clock. Making it is the
    /// first thing that it times.
    pub async fn make<F: Future>(&self, instance: F) -> F::Output {
        let _call = self.begin();
        CLOCK.scope(self.clone(), instance).await
    }

    /// Begins a call, which ends when the value is dropped. Of several at once
    /// the instance does one after the other, and each has its time.
    pub fn begin(&self) -> Call<'_> {
        if self.0.running.fetch_add(1, Ordering::AcqRel) == 0 {
            self.restart();
        }
        Call(self)
    }

    fn restart(&self) {
        self.0.between.store(0, Ordering::Release);
        let now = u64::try_from(START.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.0.since.store(now, Ordering::Release);
    }

    /// How long what runs has taken so far.
    fn elapsed(&self) -> Duration {
        if self.0.running.load(Ordering::Acquire) == 0 {
            let ticks = self.0.between.fetch_add(1, Ordering::AcqRel);
            return TICK * u32::try_from(ticks).unwrap_or(u32::MAX);
        }
        let since = Duration::from_nanos(self.0.since.load(Ordering::Acquire));
        START.elapsed().saturating_sub(since)
    }
}

/// A call that goes on.
pub struct Call<'c>(&'c Clock);

impl Drop for Call<'_> {
    fn drop(&mut self) {
        self.0.restart();
        self.0.0.running.fetch_sub(1, Ordering::AcqRel);
    }
}
