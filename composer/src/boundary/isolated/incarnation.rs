//! Incarnations: single runs of components, as the rest of a composition holds them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak};

use composer_plan::{ResourceId, World};
use tokio::sync::Notify;

use crate::boundary::binding::ImportSource;
use crate::boundary::isolated::address::Address;
use crate::boundary::isolated::direct_call::{DirectCall, DirectCalls};
use crate::boundary::isolated::inbox::{Inbox, InboxReceiver};
use crate::boundary::isolated::poll_cell::PollCell;
use crate::boundary::isolated::stderr_tail::StderrTail;
use crate::boundary::outline::{CodeCalls, ComponentOutline, ExportedFunc, ResourceOwner};
use crate::boundary::resources::origin::ResourceOrigin;
use crate::call::chain::CallFrame;
#[cfg(feature = "component-model-async")]
use crate::call::in_flight_count::InFlightGuard;
use crate::error::Site;
use crate::error::death::Death;
use crate::sync::lock;

/// One run of a component at its address.
///
/// An incarnation can be held, queried and called from any task, whatever state its
/// component is in.
pub(crate) struct Incarnation {
    pub(crate) outline: Arc<ComponentOutline>,
    /// The sources of the imports, in the order of the world.
    imports: Vec<ImportSource>,
    pub(crate) inbox: Inbox,
    /// What the component wrote to its standard error, if the host keeps it.
    pub(crate) stderr: StderrTail,
    /// How the store ended, once it has.
    ended: OnceLock<IncarnationEnd>,
    end: Notify,
    /// Whether another run has replaced this one.
    superseded: AtomicBool,
    /// The call that this component's store is frozen in: a sync import
    /// stops everything in a store until it returns.
    frozen: Mutex<Option<Arc<CallFrame>>>,
    /// Its address, once it has one.
    address: OnceLock<Weak<Address>>,
    poll_cell: Arc<PollCell>,
    /// How the component can be called without its driver, if it can.
    direct: OnceLock<DirectCalls>,
}

enum IncarnationEnd {
    Dead(Arc<Death>),
    /// It was a command, and said that it had succeeded.
    Finished,
    Stopped,
}

impl Incarnation {
    pub(crate) fn new(
        outline: Arc<ComponentOutline>,
        imports: Vec<ImportSource>,
    ) -> (Arc<Self>, InboxReceiver) {
        let poll_cell = PollCell::new();
        let inbox = Inbox::new(outline.inbox, poll_cell.clone());
        let incarnation = Incarnation {
            outline,
            imports,
            inbox,
            stderr: StderrTail::default(),
            ended: OnceLock::new(),
            end: Notify::new(),
            superseded: AtomicBool::new(false),
            frozen: Mutex::new(None),
            address: OnceLock::new(),
            poll_cell,
            direct: OnceLock::new(),
        };
        let incarnation = Arc::new(incarnation);
        (incarnation.clone(), InboxReceiver(incarnation))
    }

    pub(crate) fn name(&self) -> &str {
        &self.outline.name
    }

    pub(crate) fn outline(&self) -> &Arc<ComponentOutline> {
        &self.outline
    }

    pub(crate) fn world(&self) -> &Arc<World> {
        &self.outline.world
    }

    #[inline]
    pub(crate) fn funcs(&self) -> &[ExportedFunc] {
        &self.outline.funcs
    }

    /// How many results a function has: none or one.
    #[inline]
    pub(crate) fn count_results(&self, func: usize) -> usize {
        usize::from(self.funcs()[func].ty.result.is_some())
    }

    /// The source of an import, by its index in the world.
    #[inline]
    pub(crate) fn import(&self, index: usize) -> &ImportSource {
        &self.imports[index]
    }

    pub(crate) fn origin(&self, id: ResourceId) -> ResourceOrigin {
        match &self.outline.owners[id.0 as usize] {
            ResourceOwner::Here => ResourceOrigin::Here,
            ResourceOwner::Import(import, name) => self.import(*import).origin(name),
            ResourceOwner::Host(resource) => ResourceOrigin::Host(resource.key),
            ResourceOwner::Unknown => ResourceOrigin::Unknown,
        }
    }

    /// How many requests wait in the inbox.
    #[inline]
    pub(crate) fn queued(&self) -> usize {
        self.inbox.queued()
    }

    /// Notes that a call was abandoned whose request may still be in the inbox.
    pub(crate) fn give_up_request(&self) {
        self.inbox.give_up();
    }

    pub(crate) fn inbox_capacity(&self) -> usize {
        self.inbox.capacity()
    }

    #[inline]
    pub(crate) fn is_running(&self) -> bool {
        self.ended.get().is_none()
    }

    pub(crate) fn death(&self) -> Option<Arc<Death>> {
        match self.ended.get() {
            Some(IncarnationEnd::Dead(death)) => Some(death.clone()),
            _ => None,
        }
    }

    /// Notes that the store is gone because of `death`. The first cause is kept.
    pub(crate) fn die(&self, death: Arc<Death>) {
        self.end_by(IncarnationEnd::Dead(death));
    }

    /// Whether the component was a command, and said that it had succeeded.
    pub(crate) fn has_finished(&self) -> bool {
        matches!(self.ended.get(), Some(IncarnationEnd::Finished))
    }

    /// Notes that the store is gone because a command has ended with success.
    pub(crate) fn finish(&self) {
        self.end_by(IncarnationEnd::Finished);
    }

    /// Notes that the store is gone because the composition ended.
    pub(crate) fn stopped(&self) {
        self.end_by(IncarnationEnd::Stopped);
    }

    fn end_by(&self, end: IncarnationEnd) {
        let _ = self.ended.set(end);
        self.inbox.forget_drops();
        self.end.notify_waiters();
    }

    /// Waits until the store is gone.
    pub(crate) async fn ended(&self) {
        let mut end = std::pin::pin!(self.end.notified());
        end.as_mut().enable();
        if self.is_running() {
            end.await;
        }
    }

    /// Notes that another run has replaced this one.
    pub(crate) fn supersede(&self) {
        self.superseded.store(true, Ordering::Release);
    }

    pub(crate) fn is_superseded(&self) -> bool {
        self.superseded.load(Ordering::Acquire)
    }

    /// Asks the driver to drop its store.
    pub(crate) fn stop(&self) {
        self.poll_cell.end();
    }

    pub(crate) fn set_address(&self, address: Weak<Address>) {
        // An incarnation is installed once.
        let _ = self.address.set(address);
    }

    /// Counts a stream that one end of which is in the store, like a call.
    #[cfg(feature = "component-model-async")]
    pub(crate) fn count_stream(&self) -> Option<InFlightGuard> {
        let address = self.address.get().and_then(Weak::upgrade)?;
        Some(address.count_stream())
    }

    /// Has the destructor of a resource run, behind the calls that were made before.
    pub(crate) fn queue_drop(self: &Arc<Self>, key: u64) {
        let address = self.address.get().and_then(Weak::upgrade);
        if !address.is_some_and(|address| address.queue_drop(self, key)) {
            self.inbox.drop_resource(key);
        }
    }

    /// Where the driver is polled from.
    #[inline]
    pub(crate) fn poll_cell(&self) -> &Arc<PollCell> {
        &self.poll_cell
    }

    /// How the component can be called without its driver, if it can.
    #[inline]
    pub(crate) fn direct(&self) -> Option<DirectCalls> {
        self.direct.get().copied()
    }

    /// Decides whether the component can be called without its driver. `host_waits` says
    /// whether a host function that it calls may wait.
    pub(crate) fn allow_direct_calls(&self, host_waits: impl FnOnce() -> bool) {
        let outline = &self.outline;
        // What a stream carries moves in the event loop of the store, which a direct call
        // does not enter.
        if outline.has_streams {
            return;
        }
        let waits = match outline.calls {
            CodeCalls::Nothing => false,
            CodeCalls::Host => outline.stack.is_none() || host_waits(),
            CodeCalls::Components => return,
        };
        let direct = match outline.stack {
            Some(stack) if !waits => DirectCalls::OnCallersStack(stack),
            // With concurrency support, calls on stacks of their own are tasks of the
            // store.
            _ if outline.is_concurrent() => return,
            _ => DirectCalls::OnOwnStack,
        };
        let _ = self.direct.set(direct);
    }

    /// Whether a call of the component may run host functions.
    #[inline]
    pub(crate) fn calls_host(&self) -> bool {
        self.outline.calls == CodeCalls::Host
    }

    /// The permission to call without the driver; `None` if another caller uses the store
    /// or waits for it.
    #[inline]
    pub(crate) fn direct_call(&self) -> Option<DirectCall<'_>> {
        // Requests in the inbox come first.
        (self.queued() == 0).then_some(())?;
        let poll_guard = self.poll_cell.take_with_store()?;
        Some(DirectCall::new(self, poll_guard))
    }

    /// Whether a caller is making a direct call.
    pub(crate) fn is_called_directly(&self) -> bool {
        self.poll_cell.is_called()
    }

    pub(crate) fn frozen(&self) -> Option<Arc<CallFrame>> {
        lock(&self.frozen).clone()
    }

    pub(crate) fn set_frozen(&self, frame: Option<Arc<CallFrame>>) -> Option<Arc<CallFrame>> {
        std::mem::replace(&mut *lock(&self.frozen), frame)
    }

    pub(crate) fn site(&self, func: usize) -> Site {
        self.outline.site(func)
    }
}
