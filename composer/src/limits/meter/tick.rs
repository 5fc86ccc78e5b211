//! The epoch callback. When the clock ticks, code ends if it has exceeded a limit;
//! otherwise it yields once it has computed for a tick.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use wasmtime::UpdateDeadline;

use crate::boundary::isolated::instance::Instance;
use crate::error::{Limit, LimitExceeded};
use crate::limits::meter::processor::WallTime;
use crate::limits::meter::state::{BackgroundWork, MeterState, WorkKind};
use crate::limits::meter::{millis, millis_rounded_up};
use crate::limits::ticker::TICK;

impl Instance {
    /// Decides what code does when its engine's clock has ticked.
    pub(crate) fn at_tick() -> wasmtime::Result<UpdateDeadline> {
        let Some(instance) = Instance::current() else {
            let way = Box::pin(tokio::task::yield_now());
            return Ok(UpdateDeadline::YieldCustom(1, way));
        };
        let meter = &instance.meter;
        meter.works();
        let computed = meter.processor.tick(WallTime::read());
        let mut state = meter.state();
        let spent = meter.charge(&mut state);
        meter.add(spent);
        if state.aside.is_none() && state.turns() == 0 {
            // A task continues after it has returned.
            let before = state.used();
            let work = WorkKind::Background;
            state.aside = Some(BackgroundWork { work, before });
            meter.has_aside();
        }
        if let Some(exceeded) = instance.overdrawn(&state) {
            return Err(exceeded.into());
        }
        let starts = matches!(&state.aside, Some(aside) if aside.work == WorkKind::Start);
        drop(state);
        // Most ticks meet a call that has only just begun.
        if computed < TICK * 3 / 4 {
            return Ok(UpdateDeadline::Continue(1));
        }
        Ok(match starts {
            // There is no driver yet: the task that starts the component polls it.
            true => UpdateDeadline::YieldCustom(1, Box::pin(yield_in_task(instance))),
            false => UpdateDeadline::YieldCustom(1, Box::pin(give_way(instance))),
        })
    }

    /// The limit of processor time that the current work has exceeded, if any.
    fn overdrawn(&self, state: &MeterState) -> Option<LimitExceeded> {
        let limits = &self.meter.rules.as_ref()?.limits;
        if let Some(aside) = &state.aside {
            let (limit, allowed) = match aside.work {
                WorkKind::Start => (Limit::StartTime, limits.start_time()),
                WorkKind::Destructor => (Limit::DestructorTime, limits.destructor_time()),
                WorkKind::Background => (Limit::BackgroundTime, limits.background_time()),
            };
            let allowed = allowed?;
            let used = state.time.used.saturating_sub(aside.before.time);
            let used = Duration::from_nanos(used);
            return (used > allowed).then(|| {
                LimitExceeded::new(limit, Some(millis_rounded_up(used)), millis(allowed))
            });
        }
        let allowed = limits.time()?.saturating_mul(state.turns());
        let over = state.time.overdrawn;
        if over == 0 {
            return None;
        }
        let wanted = millis_rounded_up(allowed.saturating_add(Duration::from_nanos(over)));
        let exceeded = LimitExceeded::new(Limit::Time, Some(wanted), millis(allowed));
        Some(exceeded.at(state.only().map(|func| self.incarnation.site(func))))
    }
}

/// Lets the other tasks of the thread run.
async fn yield_in_task(instance: Arc<Instance>) {
    tokio::task::yield_now().await;
    instance.meter.works();
}

/// Ends the current poll of the driver, so that its poll cell can have the next one made
/// elsewhere.
async fn give_way(instance: Arc<Instance>) {
    let mut gave_way = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut gave_way, true) {
            instance.meter.works();
            return Poll::Ready(());
        }
        instance.incarnation.poll_cell().give_way();
        // The wake makes every future between this one and the driver poll again.
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
