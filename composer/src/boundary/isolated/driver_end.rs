//! The end of a component's store: its death or its success, and the answers to all callers
//! that wait.

use std::sync::Arc;

use wasmtime::component::Val;

use crate::boundary::isolated::inbox::InboxReceiver;
use crate::boundary::isolated::incarnation::Incarnation;
use crate::boundary::isolated::instance::Instance;
use crate::boundary::transferred_values::TransferredValues;
use crate::error::CallError;
use crate::error::death::{Death, exit_status};
use crate::observe::metrics;
use crate::sync::lock;
use crate::transfer::CallValues;

/// Ends a driver when it is dropped, and answers all callers that wait.
pub(crate) struct DriverEnd {
    pub(crate) instance: Arc<Instance>,
    pub(crate) requests: InboxReceiver,
    /// `None` if the driver was dropped before its own end.
    pub(crate) outcome: Option<wasmtime::Result<()>>,
}

impl Drop for DriverEnd {
    fn drop(&mut self) {
        let incarnation = &self.instance.incarnation;
        let outcome = self.outcome.take().unwrap_or(Ok(()));
        let death = match outcome {
            // The component may have died of a direct call.
            Ok(()) => {
                incarnation.stopped();
                incarnation.death()
            }
            Err(error) => {
                let calls = lock(&self.instance.in_flight);
                let is_command = calls.frames().any(|frame| frame.is_command());
                drop(calls);
                ended(incarnation, is_command, error)
            }
        };
        // From here on the inbox takes nothing; the calls in flight are answered below.
        self.requests.close();
        self.instance.meter.close();
        let calls = lock(&self.instance.in_flight).end_all();
        for (frame, reply) in calls {
            let site = frame.site();
            let answer = match &death {
                Some(death) => Err(CallError::Failed {
                    site,
                    death: death.clone(),
                }),
                None if incarnation.has_finished() && frame.is_command() => Ok(success()),
                None => Err(CallError::Stopped { site }),
            };
            frame.record().ended();
            self.instance.hide(&frame);
            // A caller that has left needs no answer.
            let _ = reply.send(answer);
        }
        // The resources of others that the store held are released outside of the lock.
        let released = lock(&self.instance.tables).clear();
        drop(released);
        #[cfg(feature = "component-model-async")]
        self.instance.abandon_parked();
        let embedders = std::mem::take(&mut *lock(&self.instance.host));
        drop(embedders);
    }
}

/// Notes what ended the store of an incarnation: its death, or the success of a command
/// that ended itself.
pub(crate) fn ended(
    incarnation: &Incarnation,
    is_command: bool,
    error: wasmtime::Error,
) -> Option<Arc<Death>> {
    if is_command && exit_status(&error) == Some(0) {
        incarnation.finish();
        return None;
    }
    Some(died(incarnation, error))
}

/// What `run` of `wasi:cli/run` returns.
pub(crate) fn success() -> TransferredValues {
    TransferredValues {
        values: CallValues::Dynamic(vec![Val::Result(Ok(None))]),
        handles: Vec::new(),
    }
}

/// Notes what ended the store of an incarnation, and reports it to `tracing` and
/// `metrics`.
fn died(incarnation: &Incarnation, error: wasmtime::Error) -> Arc<Death> {
    let death = Death::new(incarnation.name(), incarnation.stderr.lines(), error);
    tracing::warn!(component = incarnation.name(), %death, "a component died");
    metrics::died(&death);
    incarnation.die(death.clone());
    death
}
