//! The limits that a component can exceed, and the error when it does.

use std::fmt;

use crate::error::Site;

/// A limit of a component. [`Limit::setting`] names the method that sets it, usually one
/// of [`Limits`](crate::runtime::Limits).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Limit {
    /// Bytes of linear memory, all memories of an instance together.
    Memory,
    /// Linear memories.
    Memories,
    /// Elements of tables, all tables of an instance together.
    TableElements,
    /// Tables.
    Tables,
    /// Core instances.
    CoreInstances,
    /// Handles of resources, streams, futures, and of anything else that has handles.
    Handles,
    /// Bytes of the arguments, or of the results, of one call.
    ValueSize,
    /// Streams and futures that are open with other stores.
    Streams,
    /// Bytes of the stack that the component's code runs on.
    Stack,
    /// Fuel in one call.
    Fuel,
    /// Milliseconds of processor time in one call.
    Time,
    /// Milliseconds of processor time at the start of an instance.
    StartTime,
    /// Milliseconds of processor time in one destructor.
    DestructorTime,
    /// Milliseconds of processor time for what a task does after its call has returned.
    BackgroundTime,
    /// Milliseconds of waiting in one call, a start or a destructor.
    Deadline,
}

impl Limit {
    /// The name of the limit, with its unit.
    fn name(self) -> &'static str {
        match self {
            Limit::Memory => "bytes of linear memory",
            Limit::Memories => "linear memories",
            Limit::TableElements => "table elements",
            Limit::Tables => "tables",
            Limit::CoreInstances => "core instances",
            Limit::Handles => "handles",
            Limit::ValueSize => "bytes of values in one call",
            Limit::Streams => "open streams",
            Limit::Stack => "bytes of stack",
            Limit::Fuel => "units of fuel",
            Limit::Time => "milliseconds of a processor",
            Limit::StartTime => "milliseconds of a processor at the start",
            Limit::DestructorTime => "milliseconds of a processor in a destructor",
            Limit::BackgroundTime => "milliseconds of a processor after a call",
            Limit::Deadline => "milliseconds of waiting",
        }
    }

    /// The method that sets the limit.
    pub fn setting(self) -> &'static str {
        match self {
            Limit::Memory => "Limits::with_memory",
            Limit::Memories => "Limits::with_memories",
            Limit::TableElements => "Limits::with_table_elements",
            Limit::Tables => "Limits::with_tables",
            Limit::CoreInstances => "Limits::with_core_instances",
            Limit::Handles => "Limits::with_handles",
            Limit::ValueSize => "Limits::with_value_size",
            Limit::Streams => "Limits::with_streams",
            Limit::Stack => "RuntimeBuilder::stack",
            Limit::Fuel => "Limits::with_fuel",
            Limit::Time => "Limits::with_time",
            Limit::StartTime => "Limits::with_start_time",
            Limit::DestructorTime => "Limits::with_destructor_time",
            Limit::BackgroundTime => "Limits::with_background_time",
            Limit::Deadline => "Limits::with_deadline",
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The error of a component that wanted more than its limits allow.
///
/// [`DeathCause::Limit`](crate::DeathCause::Limit) holds it, and
/// [`Death::limit`](crate::Death::limit) returns it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LimitExceeded {
    /// The limit that was exceeded.
    pub limit: Limit,
    /// The amount that was wanted, where that is known: code that runs out of fuel or
    /// of stack does not say how much more it would have taken, and values that
    /// cross one by one are not measured beforehand.
    pub wanted: Option<u64>,
    /// The amount that is allowed, in the same unit.
    pub allowed: u64,
    /// The call in which the limit was exceeded. `None` outside any call (while the
    /// component started, or in a destructor), and if several calls ran at once.
    pub site: Option<Site>,
}

impl LimitExceeded {
    pub(crate) fn new(limit: Limit, wanted: Option<u64>, allowed: u64) -> Self {
        LimitExceeded {
            limit,
            wanted,
            allowed,
            site: None,
        }
    }

    pub(crate) fn at(mut self, site: Option<Site>) -> Self {
        self.site = site;
        self
    }
}

impl std::error::Error for LimitExceeded {}

impl fmt::Display for LimitExceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LimitExceeded {
            limit,
            wanted,
            allowed,
            site,
        } = self;
        match wanted {
            Some(wanted) => write!(f, "{wanted} {limit} wanted, more")?,
            None => write!(f, "more {limit} wanted")?,
        }
        write!(f, " than the {allowed} allowed")?;
        if let Some(site) = site {
            write!(f, ", in {site}")?;
        }
        write!(f, "; raise it with `{}`", limit.setting())
    }
}
