//! How calls end.

/// How a call ended.
#[derive(Clone, Copy)]
pub(crate) enum CallOutcome {
    Returned,
    Failed,
    Refused,
    Abandoned,
}

impl CallOutcome {
    #[cfg(feature = "metrics")]
    pub(super) const ALL: [CallOutcome; 4] = [
        CallOutcome::Returned,
        CallOutcome::Failed,
        CallOutcome::Refused,
        CallOutcome::Abandoned,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            CallOutcome::Returned => "returned",
            CallOutcome::Failed => "failed",
            CallOutcome::Refused => "refused",
            CallOutcome::Abandoned => "abandoned",
        }
    }
}
