//! Call chains, and the detection of calls that would wait for themselves.

use std::sync::Arc;

use crate::boundary::endpoint::{Callee, Endpoint};
use crate::boundary::isolated::incarnation::Incarnation;
use crate::error::{CallError, Site};
use crate::observe::call_record::CallRecord;

/// How many calls a chain may have. It bounds the memory that the host needs for
/// components that call each other without end.
pub(crate) const MAX_DEPTH: u32 = 1024;

/// A call, from the caller's side: its callee, and the call on whose behalf it is made.
pub(crate) struct CallFrame {
    callee: Callee,
    parent: Option<Arc<CallFrame>>,
    depth: u32,
    record: CallRecord,
}

impl CallFrame {
    /// A call of `callee` made by the call `parent`, or by the embedder, with
    /// `depth` calls above it.
    pub(crate) fn new(
        callee: Callee,
        parent: Option<Arc<CallFrame>>,
        depth: u32,
        record: CallRecord,
    ) -> Result<Arc<Self>, CallError> {
        let frame = CallFrame {
            callee,
            parent,
            depth,
            record,
        };
        if depth >= MAX_DEPTH {
            return Err(CallError::TooDeep {
                site: frame.site(),
                limit: MAX_DEPTH,
            });
        }
        Ok(Arc::new(frame))
    }

    /// A call, already begun, of a component that calls no other one. If one of its host
    /// functions makes the chain too long, the call of that function is refused.
    pub(crate) fn begun(
        callee: Callee,
        parent: Option<Arc<CallFrame>>,
        record: CallRecord,
    ) -> Arc<Self> {
        let depth = parent.as_ref().map_or(0, |parent| parent.depth() + 1);
        Arc::new(CallFrame {
            callee,
            parent,
            depth,
            record,
        })
    }

    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.callee.endpoint
    }

    pub(crate) fn func(&self) -> usize {
        self.callee.func
    }

    /// Whether it is a call of `run` of `wasi:cli/run`.
    pub(crate) fn is_command(&self) -> bool {
        self.callee.exported().is_command()
    }

    /// Whether it is a call of an `async func`.
    #[cfg(feature = "component-model-async")]
    pub(crate) fn is_async(&self) -> bool {
        self.callee.exported().ty.is_async
    }

    /// The record of the call for `tracing` and `metrics`.
    pub(crate) fn record(&self) -> &CallRecord {
        &self.record
    }

    pub(crate) fn depth(&self) -> u32 {
        self.depth
    }

    pub(crate) fn site(&self) -> Site {
        self.callee.site()
    }

    fn ancestors(self: &Arc<Self>) -> impl Iterator<Item = &Arc<CallFrame>> {
        std::iter::successors(Some(self), |frame| frame.parent.as_ref())
    }
}

/// Keeps a store marked as frozen while it waits in a sync import.
pub(crate) struct FreezeGuard {
    incarnation: Arc<Incarnation>,
    before: Option<Arc<CallFrame>>,
}

impl FreezeGuard {
    /// Marks `caller` as frozen until `frame` has returned.
    ///
    /// This comes before [`check_cycle`], so that of two stores that freeze
    /// towards each other at the same moment at least one sees the other.
    pub(crate) fn new(caller: &Arc<Incarnation>, frame: &Arc<CallFrame>) -> Self {
        FreezeGuard {
            before: caller.set_frozen(Some(frame.clone())),
            incarnation: caller.clone(),
        }
    }
}

impl Drop for FreezeGuard {
    fn drop(&mut self) {
        self.incarnation.set_frozen(self.before.take());
    }
}

/// Refuses a call that could never be answered.
///
/// A frozen store waits for exactly one call, so the frozen stores form paths.
/// `frame` waits for ever if the path from its callee leads to a store that
/// waits for `frame`: because `frame` itself freezes it (`caller`), or because
/// the call that freezes it is one that `frame` works for.
pub(crate) fn check_cycle(
    frame: &Arc<CallFrame>,
    caller: Option<&Arc<Incarnation>>,
) -> Result<(), CallError> {
    let is_caller = |at: &Endpoint| caller.is_some_and(|caller| at.is(caller));
    let mut at = frame.endpoint().clone();
    let mut path = Vec::new();
    // A path longer than this runs in a circle that was refused elsewhere.
    for _ in 0..MAX_DEPTH {
        if is_caller(&at) {
            let endpoints = [&at].into_iter().chain(&path).chain([&at]);
            let names = endpoints.map(|endpoint| endpoint.name().to_owned());
            return Err(cycle(frame, names.collect()));
        }
        let Some(blocking) = at.frozen() else {
            return Ok(());
        };
        if Arc::ptr_eq(&blocking, frame) {
            return Ok(());
        }
        if frame.ancestors().skip(1).any(|f| Arc::ptr_eq(f, &blocking)) {
            return Err(cycle(frame, chain_from(frame, &blocking, &at)));
        }
        path.push(std::mem::replace(&mut at, blocking.endpoint().clone()));
    }
    Ok(())
}

/// The components from `blocking`'s caller down the chain to `frame`'s callee.
fn chain_from(
    frame: &Arc<CallFrame>,
    blocking: &Arc<CallFrame>,
    blocked: &Endpoint,
) -> Vec<String> {
    let mut path: Vec<_> = frame
        .ancestors()
        .scan(false, |done, f| {
            if *done {
                return None;
            }
            *done = Arc::ptr_eq(f, blocking);
            Some(f.endpoint().name().to_owned())
        })
        .collect();
    path.push(blocked.name().to_owned());
    path.reverse();
    path
}

fn cycle(frame: &CallFrame, path: Vec<String>) -> CallError {
    CallError::Cycle {
        site: frame.site(),
        path,
    }
}
