//! Threads for code that computes for longer than a tick.
//!
//! Such code would keep a thread of the embedder's runtime from its other tasks. So when
//! such code has computed for a tick, its driver leaves that thread and waits here, in
//! one queue. A compute thread takes the first driver and polls it once: until the next
//! tick, or until the code waits for something. Then it puts the driver back at the end
//! of the queue or returns it to its home task. A thread never holds a driver that waits,
//! so no call here can block another one.
//!
//! There are at most as many threads as processors. They start when they are needed and
//! end when nothing has computed for a while. On Linux they have a lower priority than
//! others, so that on a busy machine the system prefers threads that serve many tasks.

use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::boundary::isolated::poll_cell::{ComputeQueue, PollCell};
use crate::sync::lock;

/// How long a thread waits for something to compute before it ends.
const KEPT: Duration = Duration::from_secs(5);

/// How much lower the priority of these threads is, in steps of `nice`. Beside threads
/// that want a whole processor, a compute thread gets a quarter of it; alone, it gets all
/// of it.
#[cfg(target_os = "linux")]
const NICE: i32 = 5;

/// The queue of drivers whose code computes, and the threads that poll them. The
/// threads end when this is dropped.
pub(crate) struct ComputeThreads(Arc<ComputeShared>);

struct ComputeShared {
    state: Mutex<ComputeState>,
    changed: Condvar,
    most: usize,
}

#[derive(Default)]
struct ComputeState {
    /// Each driver is here at most once, so there are no more than components.
    queue: VecDeque<Arc<PollCell>>,
    threads: usize,
    idle: usize,
    closed: bool,
}

thread_local! {
    /// On a compute thread, the queue that it works for.
    static COMPUTES: Cell<usize> = const { Cell::new(0) };
}

impl ComputeThreads {
    /// Starts no thread yet.
    pub(crate) fn new() -> Self {
        let most = std::thread::available_parallelism().map_or(1, |count| count.get());
        ComputeThreads(Arc::new(ComputeShared {
            state: Mutex::default(),
            changed: Condvar::new(),
            most,
        }))
    }
}

impl ComputeQueue for ComputeThreads {
    fn push(&self, poll_cell: Arc<PollCell>) -> bool {
        let shared = &self.0;
        let mut state = lock(&shared.state);
        if state.queue.is_empty() && COMPUTES.get() == Arc::as_ptr(shared).addr() {
            // The current thread takes it next.
            state.queue.push_back(poll_cell);
            return true;
        }
        let wants_thread = state.queue.len() >= state.idle && state.threads < shared.most;
        if wants_thread {
            let running = shared.clone();
            let thread = std::thread::Builder::new().name("composer-compute".to_owned());
            match thread.spawn(move || running.run()) {
                Ok(_) => state.threads += 1,
                Err(_) if state.threads == 0 => return false,
                Err(_) => {}
            }
        }
        state.queue.push_back(poll_cell);
        drop(state);
        shared.changed.notify_one();
        true
    }
}

impl Drop for ComputeThreads {
    fn drop(&mut self) {
        lock(&self.0.state).closed = true;
        self.0.changed.notify_all();
    }
}

impl ComputeShared {
    fn run(self: &Arc<Self>) {
        lower_priority();
        COMPUTES.set(Arc::as_ptr(self).addr());
        let mut state = lock(&self.state);
        loop {
            if let Some(poll_cell) = state.queue.pop_front() {
                drop(state);
                poll_cell.poll_elsewhere();
                drop(poll_cell);
                state = lock(&self.state);
                continue;
            }
            if state.closed {
                break;
            }
            state.idle += 1;
            let waited = self.changed.wait_timeout(state, KEPT);
            let (woken, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            state = woken;
            state.idle -= 1;
            if timeout.timed_out() && state.queue.is_empty() {
                break;
            }
        }
        state.threads -= 1;
    }
}

/// Lowers the priority of the current thread, where the system has a priority for each
/// thread. If the system refuses, the thread keeps its priority.
fn lower_priority() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::nice(NICE);
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::ComputeThreads;
    use crate::boundary::isolated::poll_cell::ComputeQueue;
    use crate::boundary::isolated::poll_cell::PollCell;

    /// The threads share the state of their queue, and release it when the queue ends.
    #[test]
    fn the_threads_end_with_their_queue() {
        let threads = ComputeThreads::new();
        let shared = Arc::downgrade(&threads.0);
        // A poll cell without a driver is skipped.
        for _ in 0..100 {
            assert!(threads.push(PollCell::new()));
        }
        drop(threads);
        while shared.strong_count() > 0 {
            std::thread::yield_now();
        }
    }
}
