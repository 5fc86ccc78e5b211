//! Who answers behind a boundary.

use std::sync::Arc;

use composer_plan::{ResourceId, World};

use crate::boundary::isolated::direct_call::{DirectCall, DirectCalls};
use crate::boundary::isolated::incarnation::Incarnation;
use crate::boundary::outline::{ComponentOutline, ExportedFunc};
use crate::boundary::resources::origin::ResourceOrigin;
use crate::call::chain::CallFrame;
use crate::error::death::Death;
use crate::error::{CallError, Site};

/// The run of a component that answers calls and owns resources, wherever its store is.
///
/// Importers, handles and resources know their provider as this. Who needs to know how it
/// is reached matches on it.
#[derive(Clone)]
pub(crate) enum Endpoint {
    /// It has a store of its own in this process.
    Isolated(Arc<Incarnation>),
}

impl Endpoint {
    pub(crate) fn outline(&self) -> &Arc<ComponentOutline> {
        let Endpoint::Isolated(incarnation) = self;
        incarnation.outline()
    }

    pub(crate) fn name(&self) -> &str {
        &self.outline().name
    }

    pub(crate) fn world(&self) -> &Arc<World> {
        &self.outline().world
    }

    pub(crate) fn is_running(&self) -> bool {
        let Endpoint::Isolated(incarnation) = self;
        incarnation.is_running()
    }

    pub(crate) fn death(&self) -> Option<Arc<Death>> {
        let Endpoint::Isolated(incarnation) = self;
        incarnation.death()
    }

    /// Whether another run has replaced this one.
    pub(crate) fn is_superseded(&self) -> bool {
        let Endpoint::Isolated(incarnation) = self;
        incarnation.is_superseded()
    }

    /// The origin of a resource of its world.
    pub(crate) fn origin(&self, id: ResourceId) -> ResourceOrigin {
        let Endpoint::Isolated(incarnation) = self;
        incarnation.origin(id)
    }

    /// The component that defines a resource of its world, and the resource's id there.
    pub(crate) fn resolve(&self, id: ResourceId) -> Option<(Endpoint, ResourceId)> {
        self.origin(id).resolve(self, id)
    }

    /// Has the destructor of a resource run, behind the calls that were made before.
    pub(crate) fn queue_drop(&self, key: u64) {
        let Endpoint::Isolated(incarnation) = self;
        incarnation.queue_drop(key);
    }

    /// Why `frame` cannot be answered any more.
    pub(crate) fn refusal(&self, frame: &CallFrame) -> CallError {
        let site = frame.site();
        match self.death() {
            Some(death) => CallError::Dead { site, death },
            None => CallError::Stopped { site },
        }
    }

    /// A call was abandoned whose request may still wait.
    pub(crate) fn give_up_request(&self) {
        let Endpoint::Isolated(incarnation) = self;
        incarnation.give_up_request();
    }

    /// The call that its store is frozen in.
    pub(crate) fn frozen(&self) -> Option<Arc<CallFrame>> {
        let Endpoint::Isolated(incarnation) = self;
        incarnation.frozen()
    }

    /// Whether it is this run of a component in this process.
    pub(crate) fn is(&self, other: &Arc<Incarnation>) -> bool {
        let Endpoint::Isolated(incarnation) = self;
        Arc::ptr_eq(incarnation, other)
    }

    /// How it can be called without its driver, if it can.
    #[inline]
    pub(crate) fn direct(&self) -> Option<DirectCalls> {
        let Endpoint::Isolated(incarnation) = self;
        incarnation.direct()
    }

    /// A chance to call without the driver; `None` if its store is in use or calls wait.
    #[inline]
    pub(crate) fn direct_call(&self) -> Option<DirectCall<'_>> {
        let Endpoint::Isolated(incarnation) = self;
        incarnation.direct_call()
    }

    /// Whether functions of the embedder may run in a call of it.
    #[inline]
    pub(crate) fn calls_host(&self) -> bool {
        let Endpoint::Isolated(incarnation) = self;
        incarnation.calls_host()
    }

    /// Whether the current thread is the one on which its driver's task runs.
    pub(crate) fn is_on_this_thread(&self) -> bool {
        let Endpoint::Isolated(incarnation) = self;
        incarnation.poll_cell().is_on_this_thread()
    }
}

impl PartialEq for Endpoint {
    fn eq(&self, other: &Self) -> bool {
        let Endpoint::Isolated(incarnation) = other;
        self.is(incarnation)
    }
}

/// A function of an endpoint.
#[derive(Clone)]
pub(crate) struct Callee {
    pub(crate) endpoint: Endpoint,
    pub(crate) func: usize,
}

impl Callee {
    pub(crate) fn exported(&self) -> &ExportedFunc {
        &self.endpoint.outline().funcs[self.func]
    }

    pub(crate) fn site(&self) -> Site {
        self.endpoint.outline().site(self.func)
    }
}
