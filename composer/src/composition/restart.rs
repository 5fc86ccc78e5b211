//! Restart policies of components that die.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use crate::boundary::isolated::address::DownPolicy;
use crate::limits::durations::MAX_TIMEOUT;

/// A policy that says whether a component that died is started again, how soon, and how
/// often.
///
/// A component dies when it traps, runs into a limit of its store, or a call that it
/// makes fails. Its store is gone then, with all its state, and so are its resources that
/// others hold: a call with one of them fails with
/// [`CallError::Stale`](crate::CallError::Stale). Calls that were in it, or on their way,
/// fail with the death. Later calls go to its next run, in a store of its own; handles
/// and links of the composition stay valid.
///
/// Any component can have such a policy, in a [`Composer`](crate::Composer) or in
/// what [`compose!`](crate::compose!) makes: see [`Configure`](crate::Configure).
/// One that can be started [only once](crate::StartError::Once), such as a
/// [`ComposableInstance`](crate::ComposableInstance), is left dead all the same.
///
/// If it dies too often, it is left dead: calls fail with
/// [`CallError::Dead`](crate::CallError::Dead), and
/// [`ComponentState::Dead`](crate::ComponentState::Dead) says why.
///
/// ```
/// use std::time::Duration;
///
/// use composer::{ComposableDescriptor, Restart};
/// # use composer::{Composer, Engines};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), composer::CompositionError> {
/// # let plugin = Engines::new()?.component_from_bytes("plugin.wat", br#"(component)"#)?;
/// let restart = Restart::on_death()
///     .with_backoff(Duration::from_millis(50), Duration::from_secs(5))
///     .with_limit(3, Duration::from_secs(60));
/// let plugin = ComposableDescriptor::new("plugin", plugin).with_restart(restart);
/// # Composer::new().add(plugin);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Restart {
    policy: Option<RestartPolicy>,
}

#[derive(Clone, Debug)]
struct RestartPolicy {
    first: Duration,
    most: Duration,
    restarts: u32,
    within: Duration,
    down: DownPolicy,
}

impl Restart {
    /// A component that died stays dead.
    pub fn never() -> Self {
        Restart { policy: None }
    }

    /// A component that died is started again: at once, then after 100 ms, and
    /// after twice as long each time up to 10 s; 5 times within 60 s at most.
    /// Calls wait meanwhile.
    pub fn on_death() -> Self {
        Restart {
            policy: Some(RestartPolicy {
                first: Duration::from_millis(100),
                most: Duration::from_secs(10),
                restarts: 5,
                within: Duration::from_secs(60),
                down: DownPolicy::Wait,
            }),
        }
    }

    /// Sets the wait before a second restart, and the longest wait. The first restart
    /// within the time of the [limit](Restart::with_limit) comes at once, and each one
    /// after the second waits twice as long as the one before.
    #[must_use]
    pub fn with_backoff(self, first: Duration, most: Duration) -> Self {
        self.with(|policy| (policy.first, policy.most) = (first, most))
    }

    /// Sets how many restarts there may be within a time. After one more death, the
    /// component is left dead.
    #[must_use]
    pub fn with_limit(self, restarts: u32, within: Duration) -> Self {
        self.with(|policy| (policy.restarts, policy.within) = (restarts, within))
    }

    /// Makes calls fail with [`CallError::Restarting`](crate::CallError::Restarting)
    /// while the component is down, instead of waiting.
    #[must_use]
    pub fn with_failing_calls(self) -> Self {
        self.with(|policy| policy.down = DownPolicy::Fail)
    }

    fn with(mut self, change: impl FnOnce(&mut RestartPolicy)) -> Self {
        if let Some(policy) = &mut self.policy {
            change(policy);
        }
        self
    }

    pub(crate) fn while_down(&self) -> Option<DownPolicy> {
        self.policy.as_ref().map(|policy| policy.down)
    }

    /// The restarts of one component, if the policy allows any.
    pub(crate) fn attempts(&self) -> Option<RestartAttempts> {
        Some(RestartAttempts {
            policy: self.policy.clone()?,
            counted: VecDeque::new(),
            is_due: false,
        })
    }
}

/// The restarts of one component.
pub(crate) struct RestartAttempts {
    policy: RestartPolicy,
    /// The times of the restarts that count towards the limit.
    counted: VecDeque<Instant>,
    /// Whether the last of them is still to be made.
    is_due: bool,
}

impl RestartAttempts {
    /// How long to wait before the next restart, or `None` if there have been too many.
    /// Until that restart has been [made](RestartAttempts::made), it remains the next.
    pub(crate) fn next(&mut self, now: Instant) -> Option<Duration> {
        if let Some(due) = self.counted.back().filter(|_| self.is_due) {
            return Some(due.saturating_duration_since(now));
        }
        let RestartPolicy { within, .. } = self.policy;
        while self
            .counted
            .front()
            .is_some_and(|at| now.duration_since(*at) > within)
        {
            self.counted.pop_front();
        }
        if self.counted.len() >= self.policy.restarts as usize {
            return None;
        }
        let wait = match u32::try_from(self.counted.len()) {
            Ok(0) => Duration::ZERO,
            Ok(before) => {
                let times = 2u32.saturating_pow(before - 1);
                self.policy
                    .first
                    .saturating_mul(times)
                    .min(self.policy.most)
            }
            Err(_) => self.policy.most,
        };
        let wait = wait.min(MAX_TIMEOUT);
        self.counted.push_back(now + wait);
        self.is_due = true;
        Some(wait)
    }

    /// Notes that the next restart has been made.
    pub(crate) fn made(&mut self) {
        self.is_due = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempts(restart: Restart) -> RestartAttempts {
        restart.attempts().expect("it has a policy")
    }

    /// Makes the next restart at once.
    fn make(attempts: &mut RestartAttempts, now: Instant) -> Option<Duration> {
        let wait = attempts.next(now);
        attempts.made();
        wait
    }

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn waits_grow_up_to_the_most() {
        let restart = Restart::on_death()
            .with_backoff(100 * MS, 350 * MS)
            .with_limit(5, Duration::from_secs(60));
        let mut attempts = attempts(restart);
        let now = Instant::now();
        let waits: Vec<_> = (0..6).map(|_| make(&mut attempts, now)).collect();
        let expected = [0, 100, 200, 350, 350].map(|ms| Some(ms * MS));
        assert_eq!(waits[..5], expected);
        assert_eq!(waits[5], None);
    }

    #[test]
    fn old_restarts_do_not_count() {
        let restart = Restart::on_death().with_limit(1, Duration::from_secs(1));
        let mut attempts = attempts(restart);
        let now = Instant::now();
        assert_eq!(make(&mut attempts, now), Some(Duration::ZERO));
        assert_eq!(make(&mut attempts, now), None);
        assert_eq!(make(&mut attempts, now + 1001 * MS), Some(Duration::ZERO));
    }

    #[test]
    fn one_that_was_not_made_counts_once() {
        let restart = Restart::on_death()
            .with_backoff(100 * MS, 100 * MS)
            .with_limit(2, Duration::from_secs(60));
        let mut attempts = attempts(restart);
        let now = Instant::now();
        make(&mut attempts, now);
        for (passed, left) in [(0, 100), (30, 70), (100, 0), (200, 0)] {
            assert_eq!(attempts.next(now + passed * MS), Some(left * MS));
        }
        attempts.made();
        assert_eq!(attempts.next(now + 200 * MS), None);
    }

    #[test]
    fn times_can_be_of_any_length() {
        let restart = Restart::on_death()
            .with_backoff(Duration::MAX, Duration::MAX)
            .with_limit(u32::MAX, Duration::MAX);
        let mut attempts = attempts(restart);
        let now = Instant::now();
        assert_eq!(make(&mut attempts, now), Some(Duration::ZERO));
        for _ in 0..3 {
            assert_eq!(make(&mut attempts, now), Some(MAX_TIMEOUT));
        }
    }

    #[test]
    fn without_a_policy_there_are_none() {
        assert!(Restart::never().with_failing_calls().attempts().is_none());
    }
}
