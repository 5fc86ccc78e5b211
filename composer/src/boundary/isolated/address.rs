//! Addresses: the places of components in a running composition.
//!
//! Edges and handles lead to an address, not to an [`Incarnation`]. An incarnation is one
//! run of a component, and its end is final; an address can get another incarnation.

mod export_ref;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, Weak};

use tokio::sync::Notify;

use crate::boundary::binding::{ExportOffer, ExportOffers};
use crate::boundary::endpoint::{Callee, Endpoint};
use crate::boundary::isolated::incarnation::Incarnation;
use crate::boundary::isolated::waiting_line::{LineItem, WaitingLine};
use crate::call::admission::Admission;
use crate::call::in_flight_count::InFlightCount;
#[cfg(feature = "component-model-async")]
use crate::call::in_flight_count::InFlightGuard;
use crate::error::CallError;
use crate::sync::lock;

pub(crate) use export_ref::{ExportRef, ExportRefs};

/// The place of a component in a running composition.
pub(crate) struct Address {
    this: Weak<Address>,
    state: Mutex<AddressState>,
    activity: Arc<InFlightCount>,
    /// Notified when waiting calls of the embedder should try again.
    changed: Notify,
}

struct AddressState {
    incarnation: Arc<Incarnation>,
    /// The incarnation's offers, in the order of the first incarnation's.
    offers: Arc<ExportOffers>,
    gate: Gate,
    /// How calls to a dead incarnation are handled while another one may follow. `None`
    /// once no other one will.
    down_policy: Option<DownPolicy>,
    /// The calls of components that wait to be admitted.
    line: WaitingLine,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Gate {
    Open,
    /// New calls wait.
    Held,
    /// The composition has ended.
    Closed,
}

/// How calls to a component that is about to be started again are handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DownPolicy {
    Wait,
    Fail,
}

impl Address {
    pub(crate) fn new(
        incarnation: Arc<Incarnation>,
        offers: Arc<ExportOffers>,
        down_policy: Option<DownPolicy>,
    ) -> Arc<Self> {
        Arc::new_cyclic(|this| {
            incarnation.set_address(this.clone());
            Address {
                this: this.clone(),
                state: Mutex::new(AddressState {
                    incarnation,
                    offers,
                    gate: Gate::Open,
                    down_policy,
                    line: WaitingLine::default(),
                }),
                activity: Arc::default(),
                changed: Notify::new(),
            }
        })
    }

    /// The incarnation that takes calls now, or took the last ones.
    pub(crate) fn incarnation(&self) -> Arc<Incarnation> {
        lock(&self.state).incarnation.clone()
    }

    /// What the incarnation offers, each export in its place.
    pub(crate) fn offers(&self) -> Arc<ExportOffers> {
        lock(&self.state).offers.clone()
    }

    pub(crate) fn activity(&self) -> &InFlightCount {
        &self.activity
    }

    /// Counts a stream that one end of which is in the component's store.
    #[cfg(feature = "component-model-async")]
    pub(crate) fn count_stream(&self) -> InFlightGuard {
        self.activity.count().leave()
    }

    /// Whether another run may follow if this one dies.
    pub(crate) fn may_restart(&self) -> bool {
        lock(&self.state).down_policy.is_some()
    }

    /// Sets how calls are handled between the death of this run and the next one.
    pub(crate) fn down_policy(&self, down_policy: Option<DownPolicy>) {
        lock(&self.state).down_policy = down_policy;
    }

    /// Notes that no further run follows, so that calls stop waiting for one.
    pub(crate) fn give_up(&self) {
        lock(&self.state).down_policy = None;
        self.look_again();
    }

    /// Admits no more calls until [`Address::release`]; new calls wait.
    pub(crate) fn hold(&self) {
        let mut state = lock(&self.state);
        if state.gate == Gate::Open {
            state.gate = Gate::Held;
        }
    }

    /// Admits calls again, beginning with those that wait.
    pub(crate) fn release(&self) {
        let mut state = lock(&self.state);
        if state.gate == Gate::Held {
            state.gate = Gate::Open;
        }
        drop(state);
        self.look_again();
    }

    /// Refuses all waiting and all new calls.
    pub(crate) fn close(&self) {
        lock(&self.state).gate = Gate::Closed;
        self.look_again();
    }

    /// Installs another run, and admits the calls that wait. Returns `false`, and
    /// installs nothing, once the composition has ended.
    pub(crate) fn install(
        &self,
        incarnation: Arc<Incarnation>,
        offers: Option<Arc<ExportOffers>>,
        down_policy: Option<DownPolicy>,
    ) -> bool {
        let mut state = lock(&self.state);
        if state.gate == Gate::Closed {
            return false;
        }
        incarnation.set_address(self.this.clone());
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
    /// Admits those waiting calls that can be admitted now.
    fn look_again(&self) {
        self.serve_line();
        self.changed.notify_waiters();
    }

    /// Admits calls of components in the order in which they came, until one still has to
    /// wait. Calls that come meanwhile queue behind them.
    fn serve_line(&self) {
        let mut abandoned = Vec::new();
        let mut state = lock(&self.state);
        if std::mem::replace(&mut state.line.is_served, true) {
            return;
        }
        while let Some(item) = state.line.next(&mut abandoned) {
            let waiting = match item {
                LineItem::Call(waiting) => waiting,
                LineItem::Drop { incarnation, key } => {
                    drop(state);
                    incarnation.inbox.drop_resource(key);
                    state = lock(&self.state);
                    continue;
                }
            };
            let of = (waiting.export, &waiting.planned);
            let admitted = match self.try_admit(&state, of, &waiting.name, waiting.func) {
                Ok(None) => {
                    state.line.put_back(LineItem::Call(waiting));
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
        drop(state);
        drop(abandoned);
    }

    /// Queues a resource that was dropped behind the calls that wait. Returns `false` if
    /// none do.
    pub(crate) fn queue_drop(&self, incarnation: &Arc<Incarnation>, key: u64) -> bool {
        let mut state = lock(&self.state);
        if !state.line.must_wait() {
            return false;
        }
        let incarnation = incarnation.clone();
        let abandoned = state.line.join(LineItem::Drop { incarnation, key });
        drop(state);
        drop(abandoned);
        true
    }

    /// Admits a call; `None` if it has to wait.
    fn try_admit(
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
            endpoint: Endpoint::Isolated(incarnation.clone()),
            func,
        };
        // Counted under the lock, so that a later `hold` finds the call counted.
        let counted = self.activity.count();
        Ok(Some(Admission { callee, counted }))
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
