//! Streams in which nothing moves for too long.

use std::sync::{Arc, Weak};
use std::task::Context;
use std::time::{Duration, Instant};

use crate::boundary::isolated::instance::Instance;
use crate::boundary::streams::pipe::Pipe;
use crate::error::StreamError;
use crate::limits::ticker::{TICK, WaitAlarm};
use crate::sync::lock;

/// With fewer pipes than this, forgetting those that are gone is not worth the effort.
const MIN_CLEANUP: usize = 64;

/// The pipes that an instance writes, if it limits how long they may be idle.
#[derive(Default)]
pub(crate) struct WatchedPipes {
    pipes: Vec<Weak<Pipe>>,
    /// The number of pipes left after the last clean-up.
    cleaned: usize,
    alarm: Arc<WaitAlarm>,
    is_armed: bool,
}

impl Instance {
    fn stream_idle(&self) -> Option<Duration> {
        let rules = self.incarnation.outline.rules.as_ref()?;
        rules.ticker.as_ref()?;
        rules.limits.stream_idle()
    }

    /// Has a pipe that the component writes ended when nothing moves in it for too long.
    pub(super) fn watch(&self, pipe: &Arc<Pipe>) {
        if self.stream_idle().is_none() {
            return;
        }
        let mut watched = lock(&self.watched);
        watched.pipes.push(Arc::downgrade(pipe));
        if watched.pipes.len() > MIN_CLEANUP.max(2 * watched.cleaned) {
            watched.pipes.retain(|pipe| pipe.strong_count() > 0);
            watched.cleaned = watched.pipes.len();
        }
        drop(watched);
        // The driver sets the alarm.
        self.incarnation.poll_cell().look_again();
    }

    /// Ends the pipes that have been idle for too long, and has the driver woken when the
    /// next one may have been.
    pub(crate) fn end_idle_streams(&self, cx: &Context<'_>) {
        let Some(limit) = self.stream_idle() else {
            return;
        };
        let mut watched = lock(&self.watched);
        if watched.pipes.is_empty() {
            return;
        }
        if watched.alarm.has_rung(cx.waker()) {
            watched.is_armed = false;
        }
        if watched.is_armed {
            return;
        }
        let now = Instant::now();
        let mut idle = Vec::new();
        let mut next: Option<Instant> = None;
        watched.pipes.retain(|pipe| {
            let Some(pipe) = pipe.upgrade() else {
                return false;
            };
            let until = match pipe.idle_since() {
                Some(since) => since.checked_add(limit),
                None => return false,
            };
            match until {
                Some(until) if until <= now => {
                    idle.push(pipe);
                    false
                }
                until => {
                    next = next.into_iter().chain(until).min();
                    true
                }
            }
        });
        if let (Some(next), Some(rules)) = (next, &self.incarnation.outline.rules)
            && let Some(ticker) = &rules.ticker
        {
            watched.is_armed = true;
            ticker.ring(&watched.alarm, next.max(now + TICK));
        }
        drop(watched);
        for pipe in idle {
            pipe.cut(StreamError::Idle {
                component: self.incarnation.name().to_owned(),
                limit_ms: u64::try_from(limit.as_millis()).unwrap_or(u64::MAX),
            });
        }
    }
}
