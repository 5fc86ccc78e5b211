//! The subjects of the comparison: the ways to have one component call another.

pub(crate) mod channel;
pub(crate) mod direct;
pub(crate) mod ours;
pub(crate) mod typed;
pub(crate) mod wac;

use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use tokio::runtime::Runtime;
use wasmtime::component::Val;

use crate::case::Call;

/// The subjects, in the order of the table's columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Subject {
    Direct,
    Wac,
    Fused,
    Inlined,
    Channel,
    Dynamic,
    Typed,
}

impl Subject {
    pub(crate) const ALL: [Subject; 7] = [
        Subject::Direct,
        Subject::Wac,
        Subject::Fused,
        Subject::Inlined,
        Subject::Channel,
        Subject::Dynamic,
        Subject::Typed,
    ];

    pub(crate) fn title(self) -> &'static str {
        match self {
            Subject::Direct => "direct",
            Subject::Wac => "wac",
            Subject::Fused => "fused",
            Subject::Inlined => "fused, inlined",
            Subject::Channel => "channel and `Val`",
            Subject::Dynamic => "isolated, dynamic",
            Subject::Typed => "isolated, typed",
        }
    }
}

/// Runs something the given number of times and returns the time spent.
pub(crate) type Run = Box<dyn FnMut(&Runtime, u32) -> Duration>;

/// Components that are ready for a call from outside.
pub(crate) trait Ready: 'static {
    fn call<'a>(&'a mut self, args: &'a [Val]) -> BoxFuture<'a, Vec<Val>>;
}

/// A run that makes the call of a case.
pub(crate) fn run(mut ready: impl Ready, call: Call) -> Run {
    Box::new(move |runtime, times| {
        let (inside, rounds) = match call.repeats {
            true => (times, 1),
            false => (1, times),
        };
        let args = call.vals(inside);
        runtime.block_on(async {
            let mut results = Vec::new();
            let start = Instant::now();
            for _ in 0..rounds {
                results = ready.call(&args).await;
            }
            let spent = start.elapsed();
            call.check(inside, &results);
            spent
        })
    })
}
