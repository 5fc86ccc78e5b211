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
/// | [`time`](Limits::time) | a call | 100 ms | 10 s | 1 s | none |
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
    /// [`time`](Limits::time) is spent.
    #[must_use]
    pub fn with_calls(mut self, calls: usize) -> Self {
        self.calls = calls.max(1);
        self
    }

    /// How many calls wait in an instance's inbox. Callers of a full one wait
    /// for a place.
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

    /// How much time a call may take, if that is limited, whether it spins or
    /// waits. It is noticed within some tens of milliseconds.
    ///
    /// A call's time begins when it is its turn: a plain call waits for those
    /// before it. While it stands still in a plain import of another component
    /// whose time is limited too, only that one's is looked at; while it waits in one
    /// for a component that is being replaced or started again, nobody's. The start of a
    /// component, its destructors, and what its tasks do after they returned have this
    /// time too.
    ///
    /// This is the component's end, and not a time-out of one caller: who only
    /// wants to stop waiting drops the future of the call.
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
}
