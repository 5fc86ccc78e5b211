//! A place in a running composition, and who is in it.
//!
//! Edges and handles lead to an address and not to a [`Incarnation`]: an incarnation is one run of
//! a component, and its end is final. An address can get another one.

use std::sync::{Arc, Mutex};

use tokio::sync::Notify;

use crate::boundary::binding::{ExportOffer, ExportOffers};
use crate::boundary::isolated::incarnation::{Callee, Incarnation};
use crate::boundary::isolated::waiting_line::{CallInLine, LineEntry, WaitingLine};
use crate::call::in_flight_count::{BorrowedInFlightGuard, InFlightCount, InFlightGuard};
use crate::error::CallError;
use crate::observe::call_record::{CallOrigin, CallerRecord};
use crate::sync::lock;

/// A place in a running composition.
pub(crate) struct Address {
    state: Mutex<AddressState>,
    activity: Arc<InFlightCount>,
    /// Tells the embedder's calls that wait to look again.
    changed: Notify,
}

struct AddressState {
    incarnation: Arc<Incarnation>,
    /// What the incarnation offers, in the order of the first one's offers.
    offers: Arc<ExportOffers>,
    gate: Gate,
    /// What becomes of calls if the incarnation is dead, as long as there is hope for
    /// another.
    down_policy: Option<DownPolicy>,
    /// The calls of components that wait.
    line: WaitingLine,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Gate {
    Open,
    /// Whoever comes waits.
    Held,
    /// The composition has ended.
    Closed,
}

/// What becomes of calls to a component that is about to be started again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DownPolicy {
    Wait,
    Fail,
}

/// A call that has been let in: whom it goes to, that it counts, and who is
/// told of it.
pub(crate) struct AdmittedCall {
    pub(crate) callee: Callee,
    pub(crate) guard: InFlightGuard,
    pub(crate) caller_record: CallerRecord,
}

/// A call that has been let in and counts as long as this is kept.
pub(crate) struct Admission<'p> {
    pub(crate) callee: Callee,
    counted: BorrowedInFlightGuard<'p>,
}

impl Admission<'_> {
    /// What counts the call for as long as this is kept.
    pub(crate) fn count_again(&self) -> InFlightGuard {
        self.counted.count_again()
    }

    /// Goes on for as long as the call takes.
    pub(crate) fn stay(self, caller_record: CallerRecord) -> AdmittedCall {
        let (callee, guard) = self.leave();
        AdmittedCall {
            callee,
            guard,
            caller_record,
        }
    }

    /// What it is, to be kept apart from the address.
    fn leave(self) -> (Callee, InFlightGuard) {
        (self.callee, self.counted.leave())
    }
}

impl Address {
    pub(crate) fn new(
        incarnation: Arc<Incarnation>,
        offers: Arc<ExportOffers>,
        down_policy: Option<DownPolicy>,
    ) -> Arc<Self> {
        Arc::new(Address {
            state: Mutex::new(AddressState {
                incarnation,
                offers,
                gate: Gate::Open,
                down_policy,
                line: WaitingLine::default(),
            }),
            activity: Arc::default(),
            changed: Notify::new(),
        })
    }

    /// The incarnation that takes calls now, or took the last ones.
    pub(crate) fn incarnation(&self) -> Arc<Incarnation> {
        lock(&self.state).incarnation.clone()
    }

    pub(crate) fn activity(&self) -> &InFlightCount {
        &self.activity
    }

    /// Whether another run may follow one that dies.
    pub(crate) fn may_restart(&self) -> bool {
        lock(&self.state).down_policy.is_some()
    }

    /// Another run follows if this one dies.
    pub(crate) fn down_policy(&self, down_policy: Option<DownPolicy>) {
        lock(&self.state).down_policy = down_policy;
    }

    /// No further run follows.
    pub(crate) fn give_up(&self) {
        lock(&self.state).down_policy = None;
        self.look_again();
    }

    /// Lets nobody in any more until [`Address::release`]; whoever comes waits.
    pub(crate) fn hold(&self) {
        let mut state = lock(&self.state);
        if state.gate == Gate::Open {
            state.gate = Gate::Held;
        }
    }

    /// Lets those in who wait.
    pub(crate) fn release(&self) {
        let mut state = lock(&self.state);
        if state.gate == Gate::Held {
            state.gate = Gate::Open;
        }
        drop(state);
        self.look_again();
    }

    /// Refuses all who wait and all who come.
    pub(crate) fn close(&self) {
        lock(&self.state).gate = Gate::Closed;
        self.look_again();
    }

    /// Puts another run in; `false` if the composition has ended, which wants
    /// none. Whoever waits is let in.
    pub(crate) fn put(
        &self,
        incarnation: Arc<Incarnation>,
        offers: Option<Arc<ExportOffers>>,
        down_policy: Option<DownPolicy>,
    ) -> bool {
        let mut state = lock(&self.state);
        if state.gate == Gate::Closed {
            return false;
        }
        let before = std::mem::replace(&mut state.incarnation, incarnation);
        if let Some(offers) = offers {
            state.offers = offers;
        }
        before.supersede();
        state.gate = Gate::Open;
        state.down_policy = down_policy;
        drop(state);
        self.look_again();
        true
    }
}

impl Address {
    /// Lets those in who wait and can be let in.
    fn look_again(&self) {
        self.serve_line();
        self.changed.notify_waiters();
    }

    /// Lets calls of components in, the first first, until one has to go on waiting.
    /// Those that come meanwhile stand behind them.
    fn serve_line(&self) {
        let mut state = lock(&self.state);
        if std::mem::replace(&mut state.line.is_served, true) {
            return;
        }
        while let Some(waiting) = state.line.next() {
            let of = (waiting.export, &waiting.planned);
            let admitted = match self.step(&state, of, &waiting.name, waiting.func) {
                Ok(None) => {
                    state.line.put_back(waiting);
                    break;
                }
                Ok(Some(admission)) => Ok(admission.leave()),
                Err(error) => Err(error),
            };
            drop(state);
            waiting.call.let_in(admitted);
            state = lock(&self.state);
        }
        state.line.is_served = false;
    }

    /// `None` if the call has to wait.
    fn step(
        &self,
        state: &AddressState,
        (export, planned): (usize, &Arc<ExportOffer>),
        name: &str,
        func: Option<usize>,
    ) -> Result<Option<Admission<'_>>, CallError> {
        let func = match planned.is_of(state.incarnation.outline()) {
            true => func,
            false => state.offer(export, planned).func(name),
        };
        let func = func.ok_or_else(|| CallError::Unbound {
            import: name.to_owned(),
        })?;
        let incarnation = &state.incarnation;
        match (state.gate, state.down_policy) {
            (Gate::Held, _) => return Ok(None),
            (Gate::Closed, _) => {
                let site = incarnation.site(func);
                return Err(CallError::Stopped { site });
            }
            (Gate::Open, Some(down_policy)) => {
                if let Some(death) = incarnation.death() {
                    let site = incarnation.site(func);
                    return match down_policy {
                        DownPolicy::Wait => Ok(None),
                        DownPolicy::Fail => Err(CallError::Restarting { site, death }),
                    };
                }
            }
            (Gate::Open, None) => {}
        }
        let callee = Callee {
            incarnation: incarnation.clone(),
            func,
        };
        // Counted under the lock: who holds the address sees it.
        let counted = self.activity.count();
        Ok(Some(Admission { callee, counted }))
    }
}

/// An export of an address, by its place among the first run's offers.
#[derive(Clone)]
pub(crate) struct ExportRef {
    pub(crate) address: Arc<Address>,
    pub(crate) export: usize,
}

impl ExportRef {
    /// The incarnation that runs now, and what it offers here. `planned` is what was
    /// offered when the edge was decided, and less than that if it is filtered.
    pub(crate) fn present(
        &self,
        planned: &Arc<ExportOffer>,
    ) -> (Arc<Incarnation>, Arc<ExportOffer>) {
        let state = lock(&self.address.state);
        (
            state.incarnation.clone(),
            state.offer(self.export, planned).clone(),
        )
    }

    /// Lets a call of the embedder's of the function `name` in, or waits until
    /// it can be. `func` is its place in the component that was planned for,
    /// where it is known.
    ///
    /// Dropping the future gives the place up.
    pub(crate) async fn enter(
        &self,
        planned: &Arc<ExportOffer>,
        name: &str,
        func: Option<usize>,
    ) -> Result<AdmittedCall, CallError> {
        match self.enter_now(planned, name, func, CallOrigin::Host)? {
            (Some(admission), caller_record) => Ok(admission.stay(caller_record)),
            (None, caller_record) => self.wait(planned, name, func, caller_record).await,
        }
    }

    /// Lets the call in, if it need not wait.
    pub(crate) fn enter_now(
        &self,
        planned: &Arc<ExportOffer>,
        name: &str,
        func: Option<usize>,
        by: CallOrigin<'_>,
    ) -> Result<(Option<Admission<'_>>, CallerRecord), CallError> {
        let func = func.or_else(|| planned.func(name));
        let caller_record = func.map(|func| CallerRecord::new(planned.component(), func, by));
        let caller_record = caller_record.unwrap_or_default();
        let admission = caller_record.check(self.step(planned, name, func, by))?;
        Ok((admission, caller_record))
    }

    /// Lets a call of the embedder's in that had to wait, once it can be.
    async fn wait(
        &self,
        planned: &Arc<ExportOffer>,
        name: &str,
        func: Option<usize>,
        caller_record: CallerRecord,
    ) -> Result<AdmittedCall, CallError> {
        let func = func.or_else(|| planned.func(name));
        loop {
            let mut changed = std::pin::pin!(self.address.changed.notified());
            changed.as_mut().enable();
            // What changed before `enable` is seen here.
            if let Some(admission) =
                caller_record.check(self.step(planned, name, func, CallOrigin::Host))?
            {
                return Ok(admission.stay(caller_record));
            }
            changed.await;
        }
    }

    /// Has a call of a component wait that [could not be let in](ExportRef::enter_now).
    pub(crate) fn stand_in_line(
        &self,
        planned: &Arc<ExportOffer>,
        name: &str,
        func: Option<usize>,
        call: CallInLine,
    ) {
        let waiting = LineEntry {
            export: self.export,
            planned: planned.clone(),
            name: name.to_owned(),
            func: func.or_else(|| planned.func(name)),
            call,
        };
        lock(&self.address.state).line.join(waiting);
        // What it waits for may have come.
        self.address.serve_line();
    }

    fn step(
        &self,
        planned: &Arc<ExportOffer>,
        name: &str,
        func: Option<usize>,
        by: CallOrigin<'_>,
    ) -> Result<Option<Admission<'_>>, CallError> {
        let state = lock(&self.address.state);
        if matches!(by, CallOrigin::Import { .. }) && state.line.is_in_the_way() {
            return Ok(None);
        }
        self.address
            .step(&state, (self.export, planned), name, func)
    }
}

impl AddressState {
    fn offer<'s>(&'s self, export: usize, planned: &'s Arc<ExportOffer>) -> &'s Arc<ExportOffer> {
        match planned.is_of(self.incarnation.outline()) {
            true => planned,
            false => self.offers.get(export),
        }
    }
}

/// Where the exports of a running part are.
pub(crate) enum ExportRefs {
    /// All are of one component.
    One(Arc<Address>),
    /// Those of a nested composition, in the order of its [`ExportOffers`].
    Each(Vec<ExportRef>),
}

impl ExportRefs {
    /// Where the export at this place of the offers runs.
    pub(crate) fn of(&self, export: usize) -> ExportRef {
        match self {
            ExportRefs::One(address) => ExportRef {
                address: address.clone(),
                export,
            },
            ExportRefs::Each(export_refs) => export_refs[export].clone(),
        }
    }
}
