//! The clocks of a component.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant, SystemTime};

use wasmtime::component::{HasData, Linker, Resource, ResourceTable};
use wasmtime_wasi::p2::bindings::clocks::monotonic_clock;
use wasmtime_wasi::p2::{DynPollable, Pollable, subscribe};
use wasmtime_wasi::{HostMonotonicClock, HostWallClock, WasiCtxBuilder, async_trait};

use crate::sync::lock;
use crate::wasi::State;

/// The kind of clocks that a component gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Clocks {
    /// The real time in steps of a millisecond: precise enough for time stamps and
    /// time-outs, and too coarse to find out from durations what else runs on the
    /// machine. This is the default.
    Coarse,
    /// The real time, as precisely as the system reports it.
    Precise,
    /// Always this time. Waits take real time.
    Frozen(SystemTime),
    /// This time at the start of an instance. From then on only the instance advances
    /// the clock: each reading by a microsecond, and each wait by its duration. Waits
    /// take no real time.
    ///
    /// Files and the network still take real time, so a component that waits for
    /// them with a time-out sees the time-out pass at once.
    Virtual(SystemTime),
}

/// The resolution of coarse clocks.
const MILLISECOND: Duration = Duration::from_millis(1);
/// How far each reading advances a virtual clock, in nanoseconds.
const NANOS_PER_READING: u64 = 1_000;

impl Clocks {
    /// Sets these clocks in a context. Returns the clock that waits have to follow if
    /// these clocks are virtual.
    pub(super) fn set(self, ctx: &mut WasiCtxBuilder) -> VirtualClock {
        let since = |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH);
        let clock = VirtualClock::default();
        match self {
            Clocks::Precise => {}
            Clocks::Coarse => {
                ctx.wall_clock(CoarseClock)
                    .monotonic_clock(CoarseSince(Instant::now()));
            }
            Clocks::Frozen(at) => {
                let at = FrozenClock(since(at).unwrap_or_default());
                ctx.wall_clock(at).monotonic_clock(at);
            }
            Clocks::Virtual(start) => {
                let start = since(start).unwrap_or_default();
                let wall = VirtualWall {
                    start,
                    clock: clock.clone(),
                };
                ctx.wall_clock(wall).monotonic_clock(clock.clone());
            }
        }
        clock
    }
}

struct CoarseClock;

fn floor(time: Duration) -> Duration {
    let nanos = time.subsec_nanos();
    Duration::new(time.as_secs(), nanos - nanos % MILLISECOND.subsec_nanos())
}

impl HostWallClock for CoarseClock {
    fn resolution(&self) -> Duration {
        MILLISECOND
    }

    fn now(&self) -> Duration {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        floor(now.unwrap_or_default())
    }
}

struct CoarseSince(Instant);

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

impl HostMonotonicClock for CoarseSince {
    fn resolution(&self) -> u64 {
        nanos(MILLISECOND)
    }

    fn now(&self) -> u64 {
        nanos(floor(self.0.elapsed()))
    }
}

#[derive(Clone, Copy)]
struct FrozenClock(Duration);

impl HostWallClock for FrozenClock {
    fn resolution(&self) -> Duration {
        MILLISECOND
    }

    fn now(&self) -> Duration {
        self.0
    }
}

impl HostMonotonicClock for FrozenClock {
    fn resolution(&self) -> u64 {
        nanos(MILLISECOND)
    }

    fn now(&self) -> u64 {
        0
    }
}

/// A clock that only its instance advances.
#[derive(Clone, Default)]
pub(in crate::runtime) struct VirtualClock {
    time: Arc<Mutex<ClockTime>>,
}

#[derive(Default)]
struct ClockTime {
    /// Nanoseconds since the instance was made.
    now: u64,
    /// The pending waits, by deadline and then by the order in which they began.
    waits: BTreeMap<(u64, u64), Waker>,
    next: u64,
}

impl VirtualClock {
    fn look(&self) -> u64 {
        let mut time = lock(&self.time);
        time.now = time.now.saturating_add(NANOS_PER_READING);
        time.now
    }

    /// Waits until the clock shows `until`. When no earlier wait is pending, the wait
    /// itself advances the clock to that time.
    fn wait(&self, until: u64) -> ClockWait {
        ClockWait {
            clock: self.clone(),
            until,
            place: None,
        }
    }

    fn after(&self, nanos: u64) -> u64 {
        lock(&self.time).now.saturating_add(nanos)
    }
}

impl HostMonotonicClock for VirtualClock {
    fn resolution(&self) -> u64 {
        NANOS_PER_READING
    }

    fn now(&self) -> u64 {
        self.look()
    }
}

struct VirtualWall {
    start: Duration,
    clock: VirtualClock,
}

impl HostWallClock for VirtualWall {
    fn resolution(&self) -> Duration {
        Duration::from_nanos(NANOS_PER_READING)
    }

    fn now(&self) -> Duration {
        self.start
            .saturating_add(Duration::from_nanos(self.clock.look()))
    }
}

struct ClockWait {
    clock: VirtualClock,
    until: u64,
    place: Option<(u64, u64)>,
}

impl Future for ClockWait {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let clock = self.clock.clone();
        let mut time = lock(&clock.time);
        let Some(place) = self.place else {
            // Other waits that begin in the same round are registered before the clock
            // advances.
            let place = (self.until, time.next);
            time.next += 1;
            time.waits.insert(place, cx.waker().clone());
            self.place = Some(place);
            drop(time);
            cx.waker().wake_by_ref();
            return Poll::Pending;
        };
        let is_first = time
            .waits
            .first_key_value()
            .is_some_and(|(first, _)| *first == place);
        if !is_first && self.until > time.now {
            time.waits.insert(place, cx.waker().clone());
            return Poll::Pending;
        }
        time.now = time.now.max(self.until);
        Poll::Ready(())
    }
}

/// Wakes the wait with the next deadline, which may be pending because of this one.
impl Drop for ClockWait {
    fn drop(&mut self) {
        let Some(place) = self.place else {
            return;
        };
        let mut time = lock(&self.clock.time);
        time.waits.remove(&place);
        let next = time.waits.first_key_value().map(|(_, waker)| waker.clone());
        drop(time);
        next.into_iter().for_each(Waker::wake);
    }
}

/// Replaces WASI's waits in a linker with waits for the virtual clock.
pub(super) fn define(linker: &mut Linker<State>, version: WasiVersion) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    match version {
        WasiVersion::P2 => monotonic_clock::add_to_linker::<_, Virtual>(linker, view)?,
        #[cfg(feature = "wasi-p3")]
        WasiVersion::P3 => p3::monotonic_clock::add_to_linker::<_, Virtual>(linker, view)?,
    }
    linker.allow_shadowing(false);
    Ok(())
}

/// A version of WASI.
#[derive(Clone, Copy)]
pub(super) enum WasiVersion {
    P2,
    #[cfg(feature = "wasi-p3")]
    P3,
}

struct Virtual;

impl HasData for Virtual {
    type Data<'a> = ClockView<'a>;
}

struct ClockView<'a> {
    clock: VirtualClock,
    table: &'a mut ResourceTable,
}

fn view(state: &mut State) -> ClockView<'_> {
    let sandbox = state.sandbox();
    ClockView {
        clock: sandbox
            .map(|sandbox| sandbox.clock.clone())
            .unwrap_or_default(),
        table: state.table(),
    }
}

/// The pollable of a component that waits for the virtual clock.
struct ClockDeadline {
    clock: VirtualClock,
    at: u64,
}

#[async_trait]
impl Pollable for ClockDeadline {
    async fn ready(&mut self) {
        self.clock.wait(self.at).await;
    }
}

impl monotonic_clock::Host for ClockView<'_> {
    fn now(&mut self) -> wasmtime::Result<u64> {
        Ok(self.clock.look())
    }

    fn resolution(&mut self) -> wasmtime::Result<u64> {
        Ok(NANOS_PER_READING)
    }

    fn subscribe_instant(&mut self, when: u64) -> wasmtime::Result<Resource<DynPollable>> {
        let deadline = ClockDeadline {
            clock: self.clock.clone(),
            at: when,
        };
        let deadline = self.table.push(deadline)?;
        subscribe(self.table, deadline)
    }

    fn subscribe_duration(&mut self, nanos: u64) -> wasmtime::Result<Resource<DynPollable>> {
        let when = self.clock.after(nanos);
        self.subscribe_instant(when)
    }
}

#[cfg(feature = "wasi-p3")]
mod p3 {
    use wasmtime::component::Accessor;
    pub(super) use wasmtime_wasi::p3::bindings::clocks::monotonic_clock;

    use super::{ClockView, NANOS_PER_READING, Virtual};

    impl monotonic_clock::Host for ClockView<'_> {
        fn now(&mut self) -> wasmtime::Result<u64> {
            Ok(self.clock.look())
        }

        fn get_resolution(&mut self) -> wasmtime::Result<u64> {
            Ok(NANOS_PER_READING)
        }
    }

    impl<T> monotonic_clock::HostWithStore<T> for Virtual {
        async fn wait_until(store: &Accessor<T, Self>, when: u64) -> wasmtime::Result<()> {
            let wait = store.with(|mut view| view.get().clock.wait(when));
            wait.await;
            Ok(())
        }

        async fn wait_for(store: &Accessor<T, Self>, nanos: u64) -> wasmtime::Result<()> {
            let wait = store.with(|mut view| {
                let clock = view.get().clock;
                clock.wait(clock.after(nanos))
            });
            wait.await;
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use futures::future::{join_all, select};
    use wasmtime_wasi::HostMonotonicClock;

    use super::{NANOS_PER_READING, VirtualClock};
    use crate::sync::lock;

    #[tokio::test]
    async fn waits_end_in_the_order_of_their_deadlines() {
        let clock = VirtualClock::default();
        let ended = Mutex::new(Vec::new());
        let wait = |until| {
            let (clock, ended) = (&clock, &ended);
            async move {
                clock.wait(until).await;
                lock(ended).push((until, clock.after(0)));
            }
        };
        join_all([3_000_000, 1_000_000, 2_000_000, 1_000_000].map(wait)).await;
        let order: Vec<_> = lock(&ended).clone();
        let at = |time| (time, time);
        assert_eq!(
            order,
            [at(1_000_000), at(1_000_000), at(2_000_000), at(3_000_000)]
        );
        assert_eq!(
            HostMonotonicClock::now(&clock),
            3_000_000 + NANOS_PER_READING
        );
    }

    /// A wait that is given up delays no other one, and takes no time.
    #[tokio::test]
    async fn a_wait_that_is_given_up() {
        let clock = VirtualClock::default();
        select(clock.wait(5_000_000), clock.wait(2_000_000)).await;
        assert_eq!(clock.after(0), 2_000_000);
        clock.wait(7_000_000).await;
        clock.wait(1).await;
        assert_eq!(clock.after(0), 7_000_000);
        assert!(lock(&clock.time).waits.is_empty());
    }
}
