//! The exports of addresses: where edges and handles lead to.

use std::sync::Arc;

use crate::boundary::binding::ExportOffer;
use crate::boundary::endpoint::Endpoint;
use crate::boundary::isolated::address::Address;
use crate::boundary::isolated::waiting_line::{CallInLine, LineEntry, LineItem};
use crate::call::admission::{Admission, AdmittedCall};
use crate::error::CallError;
use crate::observe::call_record::{CallOrigin, CallerRecord};
use crate::sync::lock;

/// An export of an address, by its index among the first run's offers.
#[derive(Clone)]
pub(crate) struct ExportRef {
    pub(crate) address: Arc<Address>,
    pub(crate) export: usize,
}

impl ExportRef {
    /// What answers now, and its offer for this export. `planned` is the offer for
    /// which the edge was planned; a filter may have reduced it.
    pub(crate) fn present(&self, planned: &Arc<ExportOffer>) -> (Endpoint, Arc<ExportOffer>) {
        let state = lock(&self.address.state);
        (
            Endpoint::Isolated(state.incarnation.clone()),
            state.offer(self.export, planned).clone(),
        )
    }

    /// Admits a call of the function `name` from the embedder, and waits until that is
    /// possible. `func` is the function's index in the planned component, if it is known.
    ///
    /// Dropping the future gives up waiting.
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

    /// Admits the call, unless it has to wait.
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
        let admission = caller_record.check(self.try_admit(planned, name, func, by))?;
        Ok((admission, caller_record))
    }

    /// Admits a call of the embedder that had to wait, once that is possible.
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
            // A change from before `enable` is seen here.
            if let Some(admission) =
                caller_record.check(self.try_admit(planned, name, func, CallOrigin::Host))?
            {
                return Ok(admission.stay(caller_record));
            }
            changed.await;
        }
    }

    /// Queues a call of a component that [could not be admitted](ExportRef::enter_now).
    pub(crate) fn queue_call(
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
        let abandoned = lock(&self.address.state).line.join(LineItem::Call(waiting));
        drop(abandoned);
        // What the call waits for may have happened already.
        self.address.serve_line();
    }

    fn try_admit(
        &self,
        planned: &Arc<ExportOffer>,
        name: &str,
        func: Option<usize>,
        by: CallOrigin<'_>,
    ) -> Result<Option<Admission<'_>>, CallError> {
        let state = lock(&self.address.state);
        if matches!(by, CallOrigin::Import { .. }) && state.line.must_wait() {
            return Ok(None);
        }
        self.address
            .try_admit(&state, (self.export, planned), name, func)
    }
}

/// The export references of a running part.
pub(crate) enum ExportRefs {
    /// All exports belong to one component.
    One(Arc<Address>),
    /// The exports of a nested composition, in the order of its [`ExportOffers`].
    Each(Vec<ExportRef>),
}

impl ExportRefs {
    /// The reference to the export at this index of the offers.
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
