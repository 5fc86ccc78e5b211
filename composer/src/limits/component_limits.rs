//! Limits on what one instance of a component, and each call of it, may use.

use std::time::Duration;

use crate::limits::stream_limits::StreamLimits;

/// Limits on what one instance of a component, and each call of it, may use.
///
/// Start from a preset and change what does not suit. All limits are enforced: a
/// component that exceeds one ends alone, with a
/// [`LimitExceeded`](crate::LimitExceeded) that says which limit it was, how much was
/// wanted and allowed, and in which call.
///
/// | limit | unit | [`minimal`](Limits::minimal) | [`default`](Limits::default) | [`strict`](Limits::strict) | [`high_performance`](Limits::high_performance) |
/// |---|---|---|---|---|---|
/// | [`memory`](Limits::memory) | bytes of all memories | 4 MiB | 64 MiB | 32 MiB | 1 GiB |
/// | [`memories`](Limits::memories) | | 2 | 8 | 4 | 64 |
/// | [`table_elements`](Limits::table_elements) | of all tables | 5,000 | 100,000 | 20,000 | 1,000,000 |
/// | [`tables`](Limits::tables) | | 4 | 16 | 8 | 64 |
/// | [`core_instances`](Limits::core_instances) | | 16 | 64 | 64 | 1,000 |
/// | [`handles`](Limits::handles) | of resources, streams, futures, … | 100 | 10,000 | 1,000 | 100,000 |
/// | [`value_size`](Limits::value_size) | bytes a crossing | 256 KiB | 32 MiB | 4 MiB | 128 MiB |
/// | [`calls`](Limits::calls) | at once | 4 | 256 | 64 | 4,096 |
/// | [`inbox`](Limits::inbox) | calls that wait | 16 | 64 | 32 | 1,024 |
/// | [`streams`](Limits::streams) | open with others | 16 | 1,000 | 100 | 100,000 |
/// | [`stream_buffer`](Limits::stream_buffer) | bytes a stream | 16 KiB | 256 KiB | 64 KiB | 256 KiB |
/// | [`stream_idle`](Limits::stream_idle) | without a move | 10 s | 10 min | 1 min | none |
/// | [`fuel`](Limits::fuel) | units a call | none | none | 1,000,000,000 | none |
/// | [`time`](Limits::time) | of a processor, a call | 100 ms | 10 s | 1 s | none |
/// | [`start_time`](Limits::start_time) | of a processor, a start | 1 s | 10 s | 5 s | none |
/// | [`destructor_time`](Limits::destructor_time) | of a processor, a destructor | 100 ms | 10 s | 1 s | none |
/// | [`background_time`](Limits::background_time) | of a processor, after a call | 100 ms | 10 s | 1 s | none |
/// | [`deadline`](Limits::deadline) | of waiting, a call | 10 s | 10 min | 1 min | none |
///
/// `minimal` is for a small function in the path of each request, `default` for
/// plugins of people you know, `strict` for those of people you do not, and
/// `high_performance` for code you would link into the program: it keeps only
/// limits that cost nothing until they are reached.
///
/// What toolchains make needs this much to start and answer one call:
///
/// | guest | memory | elements of tables | fits |
/// |---|---|---|---|
/// | C, with wasi-libc | 128 KiB | few | `minimal` |
/// | Rust, with or without its standard library | 1.1 MiB | few | `minimal` |
/// | JavaScript, QuickJS (componentize-qjs 0.4.5, `--opt-size`) | 1.4 MiB | few | `minimal` |
/// | JavaScript, StarlingMonkey (componentize-js 0.23) | 9.1 MiB | 7,688 | `strict` |
/// | Python (componentize-py 0.25.1) | 15.6 MiB | 5,716, and 33 core instances | `strict` |
///
/// `tests/limits/toolchains.rs` measures it.
///
/// Of the limits of a call, time and fuel cost something even when they are not
/// reached, because code is compiled to check them in each loop and function. In
/// `benches/limits.rs` a call from one component to another takes 1.02 times as
/// long with a limit of time, 1.03 times with one of fuel. Code that computes takes
/// 1 to 1.2 times as long with either where it works on integers, and 2.3 times with
/// both; sums of floating-point numbers, which then go through memory, take 5 times as
/// long with a limit of time, 8 times with one of fuel, and 10 times with both.
///
/// ```
/// use std::time::Duration;
/// use composer::runtime::Limits;
///
/// let limits = Limits::strict()
///     .with_memory(8 << 20)
///     .with_time(Some(Duration::from_millis(250)));
/// assert_eq!(limits.memory(), 8 << 20);
/// assert_eq!(limits.calls(), Limits::strict().calls());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    pub(super) memory: usize,
    pub(super) memories: usize,
    pub(super) table_elements: usize,
    pub(super) tables: usize,
    pub(super) core_instances: usize,
    pub(super) handles: usize,
    pub(super) value_size: usize,
    pub(super) calls: usize,
    pub(super) inbox: usize,
    pub(super) streams: StreamLimits,
    pub(super) fuel: Option<u64>,
    pub(super) time: Option<Duration>,
    pub(super) start_time: Option<Duration>,
    pub(super) destructor_time: Option<Duration>,
    pub(super) background_time: Option<Duration>,
    pub(super) deadline: Option<Duration>,
}

impl Limits {
    /// The bytes of linear memory that an instance may have in all its memories
    /// together.
    pub fn memory(&self) -> usize {
        self.memory
    }

    /// Sets [`memory`](Limits::memory), in bytes. A component that asks for more ends;
    /// its request is not merely refused. Few programs can do without the memory they
    /// ask for, and the others would end with whatever trap their language makes of a
    /// refusal.
    #[must_use]
    pub fn with_memory(mut self, bytes: usize) -> Self {
        self.memory = bytes;
        self
    }

    /// The number of linear memories that an instance may have.
    pub fn memories(&self) -> usize {
        self.memories
    }

    /// Sets [`memories`](Limits::memories). A component that declares more is refused
    /// before it runs, with a [`PartError::Limit`](crate::PartError::Limit).
    #[must_use]
    pub fn with_memories(mut self, memories: usize) -> Self {
        self.memories = memories;
        self
    }

    /// The number of elements that the tables of an instance may have together. An
    /// element takes 8 to 16 bytes of the host's memory.
    pub fn table_elements(&self) -> usize {
        self.table_elements
    }

    /// Sets [`table_elements`](Limits::table_elements).
    #[must_use]
    pub fn with_table_elements(mut self, elements: usize) -> Self {
        self.table_elements = elements;
        self
    }

    /// The number of tables that an instance may have.
    pub fn tables(&self) -> usize {
        self.tables
    }

    /// Sets [`tables`](Limits::tables). A component that declares more is refused
    /// before it runs, with a [`PartError::Limit`](crate::PartError::Limit).
    #[must_use]
    pub fn with_tables(mut self, tables: usize) -> Self {
        self.tables = tables;
        self
    }

    /// The number of core instances that a component may consist of. Toolchains make up
    /// to ten.
    pub fn core_instances(&self) -> usize {
        self.core_instances
    }

    /// Sets [`core_instances`](Limits::core_instances).
    #[must_use]
    pub fn with_core_instances(mut self, instances: usize) -> Self {
        self.core_instances = instances;
        self
    }

    /// The number of handles that an instance may have at a time: of resources, its own
    /// and those of others, of the ends of streams and futures, of calls that it has made
    /// and not yet dropped, and of anything else that it holds by a handle. Where the
    /// engine supports concurrency, a running call has one, too. An instance may hold
    /// half as many resources of other components.
    ///
    /// A stream or a future has two ends, so an instance has at most half as many of them
    /// as it may have handles. Those that cross to other stores have limits of their own:
    /// see [`streams`](Limits::streams).
    pub fn handles(&self) -> usize {
        self.handles
    }

    /// Sets [`handles`](Limits::handles).
    #[must_use]
    pub fn with_handles(mut self, handles: usize) -> Self {
        self.handles = handles;
        self
    }

    /// The bytes that the arguments, or the results, of one call may have when they cross
    /// from an instance to another. Values that cross one by one count with what the host
    /// needs for them, which is 40 bytes for each element of a list. How much was wanted
    /// is known only of values that cross in bulk, and only up to the point where they
    /// exceeded the limit.
    pub fn value_size(&self) -> usize {
        self.value_size
    }

    /// Sets [`value_size`](Limits::value_size), in bytes.
    #[must_use]
    pub fn with_value_size(mut self, bytes: usize) -> Self {
        self.value_size = bytes;
        self
    }

    /// The number of calls that run in an instance at once. Further calls wait in its
    /// inbox, or in front of it.
    pub fn calls(&self) -> usize {
        self.calls
    }

    /// Sets [`calls`](Limits::calls); at least 1.
    ///
    /// If all running calls of a component wait for a further call to the same component
    /// (through a function of the embedder), it waits for ever, or until its
    /// [`deadline`](Limits::deadline) is over.
    #[must_use]
    pub fn with_calls(mut self, calls: usize) -> Self {
        self.calls = calls.max(1);
        self
    }

    /// The number of calls from outside the composition that wait in an instance's inbox.
    /// Further calls of the embedder wait for a place. Calls of other components, which
    /// begin in the order in which they were made, always find one: their number is
    /// bounded by the [`handles`](Limits::handles) of each calling component.
    pub fn inbox(&self) -> usize {
        self.inbox
    }

    /// Sets [`inbox`](Limits::inbox); at least 1.
    /// [`ComposableDescriptor::with_inbox_capacity`](crate::ComposableDescriptor::with_inbox_capacity)
    /// takes precedence over it.
    #[must_use]
    pub fn with_inbox(mut self, calls: usize) -> Self {
        self.inbox = calls.max(1);
        self
    }

    /// The fuel that a call may use, if that is limited. A unit is about one instruction
    /// of WebAssembly.
    ///
    /// Fuel belongs to an instance. A plain call has its own, since only one of them runs
    /// in an instance at a time. Calls of `async func`s that run at once share theirs.
    /// The start of a component has the fuel of one call, and so have destructors and
    /// what tasks do after they have returned.
    pub fn fuel(&self) -> Option<u64> {
        self.fuel
    }

    /// Sets [`fuel`](Limits::fuel), in wasmtime's units. The engines have to
    /// count it: see [`RuntimeBuilder::count_fuel`](crate::runtime::RuntimeBuilder::count_fuel).
    #[must_use]
    pub fn with_fuel(mut self, units: Option<u64>) -> Self {
        self.fuel = units;
        self
    }

    /// The processor time that a call may use, if that is limited. An excess is noticed
    /// at the next tick of the clock, which comes within a millisecond if the machine is
    /// not busy.
    ///
    /// Included is what the instance's code computes, and what functions of the host
    /// compute for it before they return or wait. Not included is any waiting: for a
    /// processor, for the host, for the call's turn, for other components, for
    /// compilation. So no component ends because the machine is busy.
    ///
    /// A plain call has an account of its own, since only one of them runs in an
    /// instance at a time. Calls of `async func`s that run at once share one account,
    /// which holds the sum of what each of them may use.
    ///
    /// On Unix the system reports how long a thread has had a processor. Elsewhere the
    /// wall clock counts while code runs.
    ///
    /// A call that computes for longer than a tick continues on threads of composer's
    /// runtime, as many as there are processors, and does not keep tokio's threads from
    /// other tasks. On a tokio runtime of one thread it stays on that thread, and yields
    /// to other tasks at each tick.
    pub fn time(&self) -> Option<Duration> {
        self.time
    }

    /// Sets [`time`](Limits::time). The engines have to interrupt code that
    /// spins: see [`RuntimeBuilder::count_time`](crate::runtime::RuntimeBuilder::count_time).
    #[must_use]
    pub fn with_time(mut self, time: Option<Duration>) -> Self {
        self.time = time;
        self
    }

    /// The processor time that the start of an instance may use, if that is limited.
    pub fn start_time(&self) -> Option<Duration> {
        self.start_time
    }

    /// Sets [`start_time`](Limits::start_time), which is counted as
    /// [`time`](Limits::time) is.
    #[must_use]
    pub fn with_start_time(mut self, time: Option<Duration>) -> Self {
        self.start_time = time;
        self
    }

    /// The processor time that one destructor may use, if that is limited.
    pub fn destructor_time(&self) -> Option<Duration> {
        self.destructor_time
    }

    /// Sets [`destructor_time`](Limits::destructor_time), which is counted as
    /// [`time`](Limits::time) is.
    #[must_use]
    pub fn with_destructor_time(mut self, time: Option<Duration>) -> Self {
        self.destructor_time = time;
        self
    }

    /// The processor time that tasks may use without a break while no call runs: for what
    /// an `async func` does after it has returned, until it waits.
    pub fn background_time(&self) -> Option<Duration> {
        self.background_time
    }

    /// Sets [`background_time`](Limits::background_time), which is counted as
    /// [`time`](Limits::time) is.
    #[must_use]
    pub fn with_background_time(mut self, time: Option<Duration>) -> Self {
        self.background_time = time;
        self
    }

    /// How long an instance may wait while a call runs in it, if that is limited: for
    /// the host (a timer, a socket, an `async` function of the embedder), or for
    /// something inside it that never happens. The start of an instance and each
    /// destructor may wait as long.
    ///
    /// The wait is measured by the wall clock, from when the instance has nothing to do
    /// until something wakes it. What follows (waiting for a thread, computing) does not
    /// count. Nor does the time that it waits in a plain import for a component that has
    /// a deadline itself, or that is being replaced or restarted. So in a chain of calls
    /// the component that causes the wait ends, and its callers end because of it.
    ///
    /// The deadline ends the component; it is not a time-out of one caller. A caller that
    /// only wants to stop waiting drops the future of the call.
    pub fn deadline(&self) -> Option<Duration> {
        self.deadline
    }

    /// Sets [`deadline`](Limits::deadline).
    ///
    /// ```
    /// use std::time::Duration;
    /// use composer::runtime::Limits;
    ///
    /// // 50 ms of computing, and a second of waiting for the host.
    /// let limits = Limits::default()
    ///     .with_time(Some(Duration::from_millis(50)))
    ///     .with_deadline(Some(Duration::from_secs(1)));
    /// # let _ = limits;
    /// ```
    #[must_use]
    pub fn with_deadline(mut self, wait: Option<Duration>) -> Self {
        self.deadline = wait;
        self
    }

    /// Whether any limit requires that code is interrupted at each tick.
    pub(crate) fn limits_time(&self) -> bool {
        let times = [
            self.time,
            self.start_time,
            self.destructor_time,
            self.background_time,
        ];
        times.iter().any(Option::is_some)
    }
}
