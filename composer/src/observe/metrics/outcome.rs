//! How calls end.

/// How a call ended.
#[derive(Clone, Copy)]
pub(crate) enum Outcome {
    Returned,
    Failed,
    Refused,
    Abandoned,
}

impl Outcome {
    #[cfg(feature = "metrics")]
    pub(super) const ALL: [Outcome; 4] = [
        Outcome::Returned,
        Outcome::Failed,
        Outcome::Refused,
        Outcome::Abandoned,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Outcome::Returned => "returned",
            Outcome::Failed => "failed",
            Outcome::Refused => "refused",
            Outcome::Abandoned => "abandoned",
        }
    }
}
