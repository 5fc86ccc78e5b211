//! How much a component may have.

use std::time::Duration;

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

/// What one instance of a component, and each call of it, may take.
///
/// Start from a preset and change what does not suit. All limits are enforced:
/// whoever runs into one ends, alone, with a
/// [`LimitExceeded`](crate::LimitExceeded) that says which it was, how much was
/// wanted and allowed, and in which call.
///
/// | limit | unit | [`minimal`](Limits::minimal) | [`default`](Limits::default) | [`strict`](Limits::strict) | [`high_performance`](Limits::high_performance) |
/// |---|---|---|---|---|---|
/// | [`memory`](Limits::memory) | bytes of all memories | 4 MiB | 64 MiB | 16 MiB | 1 GiB |
/// | [`memories`](Limits::memories) | | 2 | 8 | 4 | 64 |
/// | [`table_elements`](Limits::table_elements) | of all tables | 5,000 | 100,000 | 20,000 | 1,000,000 |
/// | [`tables`](Limits::tables) | | 4 | 16 | 8 | 64 |
/// | [`core_instances`](Limits::core_instances) | | 16 | 64 | 32 | 1,000 |
/// | [`handles`](Limits::handles) | of resources, streams, futures, … | 100 | 10,000 | 1,000 | 100,000 |
/// | [`value_size`](Limits::value_size) | bytes a crossing | 256 KiB | 32 MiB | 4 MiB | 128 MiB |
/// | [`calls`](Limits::calls) | at once | 4 | 256 | 64 | 4,096 |
/// | [`inbox`](Limits::inbox) | calls that wait | 16 | 64 | 32 | 1,024 |
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
/// limits that cost nothing while they are not reached.
///
/// Of the limits of a call, time and fuel cost something although they are not
/// reached, because code is compiled to look at them in each loop and function. In
/// `benches/limits.rs` a call from one component to another takes 1.02 times as
/// long with a limit of time, 1.03 times with one of fuel. Code that computes takes
/// 1 to 1.2 times as long with either where it works on integers, and 2.3 times with
/// both; sums of floating-point numbers, which then go through memory, take 5 and 8
/// times as long, and 10 times with both.
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
    memory: usize,
    memories: usize,
    table_elements: usize,
    tables: usize,
    core_instances: usize,
    handles: usize,
    value_size: usize,
    calls: usize,
    inbox: usize,
    fuel: Option<u64>,
    time: Option<Duration>,
    start_time: Option<Duration>,
    destructor_time: Option<Duration>,
    background_time: Option<Duration>,
    deadline: Option<Duration>,
}

impl Default for Limits {
    /// For plugins of people you know: see [`Limits`] for the figures.
    fn default() -> Self {
        Limits {
            memory: 64 * MIB,
            memories: 8,
            table_elements: 100_000,
            tables: 16,
            core_instances: 64,
            handles: 10_000,
            value_size: 32 * MIB,
            calls: 256,
            inbox: 64,
            fuel: None,
            time: Some(Duration::from_secs(10)),
            start_time: Some(Duration::from_secs(10)),
            destructor_time: Some(Duration::from_secs(10)),
            background_time: Some(Duration::from_secs(10)),
            deadline: Some(Duration::from_secs(10 * 60)),
        }
    }
}

impl Limits {
    /// For a small function in the path of each request: see [`Limits`] for the
    /// figures.
    pub fn minimal() -> Self {
        Limits {
            memory: 4 * MIB,
            memories: 2,
            table_elements: 5_000,
            tables: 4,
            core_instances: 16,
            handles: 100,
            value_size: 256 * KIB,
            calls: 4,
            inbox: 16,
            fuel: None,
            time: Some(Duration::from_millis(100)),
            start_time: Some(Duration::from_secs(1)),
            destructor_time: Some(Duration::from_millis(100)),
            background_time: Some(Duration::from_millis(100)),
            deadline: Some(Duration::from_secs(10)),
        }
    }

    /// For plugins of people you do not know: see [`Limits`] for the figures.
    pub fn strict() -> Self {
        Limits {
            memory: 16 * MIB,
            memories: 4,
            table_elements: 20_000,
            tables: 8,
            core_instances: 32,
            handles: 1_000,
            value_size: 4 * MIB,
            calls: 64,
            inbox: 32,
            fuel: Some(1_000_000_000),
            time: Some(Duration::from_secs(1)),
            start_time: Some(Duration::from_secs(5)),
            destructor_time: Some(Duration::from_secs(1)),
            background_time: Some(Duration::from_secs(1)),
            deadline: Some(Duration::from_secs(60)),
        }
    }

    /// For code that is trusted: see [`Limits`] for the figures.
    pub fn high_performance() -> Self {
        Limits {
            memory: 1024 * MIB,
            memories: 64,
            table_elements: 1_000_000,
            tables: 64,
            core_instances: 1_000,
            handles: 100_000,
            value_size: 128 * MIB,
            calls: 4_096,
            inbox: 1_024,
            fuel: None,
            time: None,
            start_time: None,
            destructor_time: None,
            background_time: None,
            deadline: None,
        }
    }

    /// How many bytes of linear memory an instance may have, in all its
    /// memories together.
    pub fn memory(&self) -> usize {
        self.memory
    }

    /// Sets [`memory`](Limits::memory), in bytes. A component that asks for more
    /// ends, rather than being told that there is none: few programs get by
    /// without the memory they ask for, and those that do not would end with
    /// whatever trap their language makes of it.
    #[must_use]
    pub fn with_memory(mut self, bytes: usize) -> Self {
        self.memory = bytes;
        self
    }

    /// How many linear memories an instance may have.
    pub fn memories(&self) -> usize {
        self.memories
    }

    /// Sets [`memories`](Limits::memories). Whether a component keeps to it
    /// shows before it runs, as a [`PartError::Limit`](crate::PartError::Limit).
    #[must_use]
    pub fn with_memories(mut self, memories: usize) -> Self {
        self.memories = memories;
        self
    }

    /// How many elements the tables of an instance may have together. An element
    /// takes the host 8 to 16 bytes.
    pub fn table_elements(&self) -> usize {
        self.table_elements
    }

    /// Sets [`table_elements`](Limits::table_elements).
    #[must_use]
    pub fn with_table_elements(mut self, elements: usize) -> Self {
        self.table_elements = elements;
        self
    }

    /// How many tables an instance may have.
    pub fn tables(&self) -> usize {
        self.tables
    }

    /// Sets [`tables`](Limits::tables). Whether a component keeps to it shows
    /// before it runs, as a [`PartError::Limit`](crate::PartError::Limit).
    #[must_use]
    pub fn with_tables(mut self, tables: usize) -> Self {
        self.tables = tables;
        self
    }

    /// Of how many core instances a component may consist. Toolchains make up to
    /// ten.
    pub fn core_instances(&self) -> usize {
        self.core_instances
    }

    /// Sets [`core_instances`](Limits::core_instances).
    #[must_use]
    pub fn with_core_instances(mut self, instances: usize) -> Self {
        self.core_instances = instances;
        self
    }

    /// How many handles an instance may have at a time: of resources, its own
    /// and those of others, of the ends of streams and futures, of calls that it
    /// has made and not yet dropped, and of whatever else it holds by a handle.
    /// Where the engine supports concurrency, a call that runs has one, too.
    /// Of the resources of other components it may hold half as many.
    ///
    /// This is what bounds streams and futures. Each has two ends, so an instance
    /// has at most half as many of them. They stay within their component, and
    /// hold nothing: who writes waits for who reads.
    pub fn handles(&self) -> usize {
        self.handles
    }

    /// Sets [`handles`](Limits::handles).
    #[must_use]
    pub fn with_handles(mut self, handles: usize) -> Self {
        self.handles = handles;
        self
    }

    /// How many bytes the arguments, or the results, of one call may have that
    /// cross from an instance to others. Values that cross one by one count as
    /// what the host needs for them, which is 40 bytes for each element of a
    /// list. How much was wanted is known only of values that cross in bulk, and
    /// then up to where they became too many.
    pub fn value_size(&self) -> usize {
        self.value_size
    }

    /// Sets [`value_size`](Limits::value_size), in bytes.
    #[must_use]
    pub fn with_value_size(mut self, bytes: usize) -> Self {
        self.value_size = bytes;
        self
    }

    /// How many calls run in an instance at once. Further ones wait in its
    /// inbox, and in front of it.
    pub fn calls(&self) -> usize {
        self.calls
    }

    /// Sets [`calls`](Limits::calls); at least 1.
    ///
    /// A component whose calls all wait for a further call of its own (through a
    /// function of the embedder) waits for ever, or until its
    /// [`deadline`](Limits::deadline) is over.
    #[must_use]
    pub fn with_calls(mut self, calls: usize) -> Self {
        self.calls = calls.max(1);
        self
    }

    /// How many calls from outside of the composition wait in an instance's inbox. The
    /// embedder's further calls wait for a place. Calls of other components, which begin
    /// in the order in which they were made, find one always: how many calls a component
    /// can wait for is a matter of its own [`handles`](Limits::handles).
    pub fn inbox(&self) -> usize {
        self.inbox
    }

    /// Sets [`inbox`](Limits::inbox); at least 1. What
    /// [`ComposableDescriptor::with_inbox_capacity`](crate::ComposableDescriptor::with_inbox_capacity)
    /// says comes before it.
    #[must_use]
    pub fn with_inbox(mut self, calls: usize) -> Self {
        self.inbox = calls.max(1);
        self
    }

    /// How much fuel a call may use, if that is limited. A unit is about one
    /// instruction of WebAssembly.
    ///
    /// Fuel is an instance's. A plain call has its own, since only one of them
    /// runs in an instance at a time. Calls of `async func`s that run at once
    /// have theirs together. So has the start of a component, and so have
    /// destructors and what tasks do after they have returned.
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

    /// How much processor time a call may use, if that is limited. It is noticed at
    /// the next tick of the clock, which is a millisecond if the machine is not busy.
    ///
    /// What counts is what the instance's code computes, and what functions of the
    /// host compute for it before they return or wait. What does not count is any
    /// waiting: for a processor, for the host, for the call's turn, for other
    /// components, for compilation. So a busy machine ends no component.
    ///
    /// A plain call has an account of its own, since only one of them runs in an
    /// instance at a time. Calls of `async func`s that run at once have one together,
    /// which holds what each of them may use.
    ///
    /// On Unix the system tells how long a thread has had a processor. Elsewhere the
    /// wall clock counts while code runs.
    ///
    /// A call that computes for longer than a tick goes on on threads of the
    /// runtime's, as many as there are processors, and keeps none of tokio's from its
    /// other tasks. On a tokio runtime of one thread it stays there, and lets others
    /// have their turn at each tick.
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

    /// How much processor time the start of an instance may use, if that is limited.
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

    /// How much processor time one destructor may use, if that is limited.
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

    /// How much processor time tasks may use in one go while no call runs: what an
    /// `async func` does after it has returned, until it waits.
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
    /// the host (a timer, a socket, an `async` function of the embedder's), or for
    /// something in it that never happens. The start of an instance and destructors
    /// may wait as long.
    ///
    /// It is the wall clock's time from where the instance has nothing to do until
    /// something wakes it. What comes then (waiting for a thread, computing) does not
    /// count. Nor does what it waits in a plain import for a component that has a
    /// deadline itself, or that is being replaced or started again. So of a chain of
    /// calls it is the component that waits that ends, and its callers because of it.
    ///
    /// This is the component's end, and not a time-out of one caller: who only
    /// wants to stop waiting drops the future of the call.
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

    /// Whether any limit needs code that is interrupted at each tick.
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
