//! The status of components.

use std::sync::Arc;

use crate::assembly::PartRunner;
use crate::boundary::isolated::address::ExportRefs;
use crate::composition::RunningPart;
use crate::error::death::Death;
use crate::sync::lock;

/// A component's state and the size of everything it keeps on the host's side.
///
/// For a nested composition, these are the worst state of any of its components and the
/// sums of their figures.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ComponentStatus {
    /// Whether it runs.
    pub state: ComponentState,
    /// Calls that wait in its inbox.
    pub queued: usize,
    /// How many calls of the embedder its inbox holds at most.
    pub inbox_capacity: usize,
    /// Calls that run in it.
    pub in_flight: usize,
    /// Resources of its own that others hold.
    pub resources_given: usize,
    /// Resources of others that it holds.
    pub resources_held: usize,
    /// How often it was [started again](crate::Restart).
    pub restarts: u64,
}

/// Whether a component runs.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ComponentState {
    /// It takes calls.
    Running,
    /// It failed, and is about to be [started again](crate::Restart).
    Restarting(Arc<Death>),
    /// It failed, and takes no more calls.
    Dead(Arc<Death>),
    /// It is a command, and has ended itself with success in `run` of `wasi:cli/run`, by
    /// `exit`. It takes no more calls, and is not started again.
    Finished,
    /// It was stopped with its composition, or [removed](crate::ComponentHandle::remove).
    Stopped,
}

impl ComponentState {
    /// How far it is from running.
    fn rank(&self) -> u8 {
        match self {
            ComponentState::Running => 0,
            ComponentState::Finished | ComponentState::Stopped => 1,
            ComponentState::Restarting(_) => 2,
            ComponentState::Dead(_) => 3,
        }
    }
}

pub(super) fn of(part: &RunningPart) -> ComponentStatus {
    let mut status = ComponentStatus {
        state: ComponentState::Stopped,
        queued: 0,
        inbox_capacity: 0,
        in_flight: 0,
        resources_given: 0,
        resources_held: 0,
        restarts: part.restarts(),
    };
    let down_policy = match part.export_refs() {
        ExportRefs::One(address) => address.may_restart(),
        ExportRefs::Each(_) => false,
    };
    part.with_runner(|runner| match runner {
        None => {}
        Some(PartRunner::Driver {
            incarnation,
            instance,
            ..
        }) => {
            status.state = match incarnation.death() {
                Some(death) if down_policy => ComponentState::Restarting(death),
                Some(death) => ComponentState::Dead(death),
                None if incarnation.is_running() => ComponentState::Running,
                None if incarnation.has_finished() => ComponentState::Finished,
                None => ComponentState::Stopped,
            };
            status.queued = incarnation.queued();
            status.inbox_capacity = incarnation.inbox_capacity();
            let direct = usize::from(incarnation.is_called_directly());
            status.in_flight = lock(&instance.in_flight).len() + direct;
            let tables = lock(&instance.tables);
            status.resources_given = tables.given();
            status.resources_held = tables.held();
        }
        Some(PartRunner::Nested(inner)) => {
            status.state = ComponentState::Running;
            for part in &inner.present().parts {
                let part = of(part);
                if part.state.rank() > status.state.rank() {
                    status.state = part.state;
                }
                status.queued += part.queued;
                status.inbox_capacity += part.inbox_capacity;
                status.in_flight += part.in_flight;
                status.resources_given += part.resources_given;
                status.resources_held += part.resources_held;
                status.restarts += part.restarts;
            }
        }
    });
    status
}
