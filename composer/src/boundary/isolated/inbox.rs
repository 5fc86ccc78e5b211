//! The inbox of a driver: requests and dropped resources, in the order in which they
//! came.
//!
//! Requests and dropped resources wait in one queue, so the calls of a component begin,
//! and its drops take effect, in the order in which it made them. A component's call puts
//! its request here at once: a component that is blocked in a plain call cannot do
//! anything for the calls that it began before.
//!
//! So the queue is bounded differently for two kinds of callers. The embedder's calls
//! wait for room before they put anything into it. A component's requests always have
//! room; there are no more of them than calls that the component waits for, since the
//! requests of abandoned calls are cleared away.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::boundary::isolated::incarnation::Incarnation;
use crate::boundary::isolated::poll_cell::PollCell;
use crate::call::request::CallRequest;
use crate::sync::lock;

pub(crate) struct Inbox {
    queue: Mutex<InboxQueue>,
    capacity: usize,
    /// The room for the embedder's requests.
    room: Arc<Semaphore>,
    /// How many requests wait.
    requests: AtomicUsize,
    /// Whether the next item is a destructor.
    has_drops: AtomicBool,
    #[cfg(feature = "component-model-async")]
    has_signals: AtomicBool,
    poll_cell: Arc<PollCell>,
}

struct InboxQueue {
    items: VecDeque<InboxItem>,
    /// There are at most as many as parked streams.
    #[cfg(feature = "component-model-async")]
    signals: Vec<StreamSignal>,
    /// How many calls were abandoned since their requests were last cleared away.
    given_up: usize,
    /// Whether there is a store to run destructors in.
    runs_destructors: bool,
    is_closed: bool,
}

enum InboxItem {
    Request(Box<CallRequest>),
    /// The key of an own resource that no other store and no embedder holds any more.
    /// There is at most one for each resource that was given out.
    Drop(u64),
}

/// What becomes of a stream or future that is parked under a key.
#[cfg(feature = "component-model-async")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StreamSignal {
    /// A reader reads from it.
    Start(usize),
    /// Its reader is gone.
    Close(usize),
}

/// The room that a request of the embedder occupies in an inbox.
pub(crate) type InboxPermit = OwnedSemaphorePermit;

impl Inbox {
    pub(crate) fn new(capacity: usize, poll_cell: Arc<PollCell>) -> Self {
        let queue = InboxQueue {
            items: VecDeque::new(),
            #[cfg(feature = "component-model-async")]
            signals: Vec::new(),
            given_up: 0,
            runs_destructors: true,
            is_closed: false,
        };
        let capacity = capacity.min(Semaphore::MAX_PERMITS);
        Inbox {
            queue: Mutex::new(queue),
            capacity,
            room: Arc::new(Semaphore::new(capacity)),
            requests: AtomicUsize::new(0),
            has_drops: AtomicBool::new(false),
            #[cfg(feature = "component-model-async")]
            has_signals: AtomicBool::new(false),
            poll_cell,
        }
    }

    pub(crate) fn capacity(&self) -> usize {
        self.capacity
    }

    /// How many requests wait.
    #[inline]
    pub(crate) fn queued(&self) -> usize {
        self.requests.load(Ordering::Acquire)
    }

    /// Waits for room. `None` once the inbox is closed.
    pub(crate) async fn room(&self) -> Option<InboxPermit> {
        self.room.clone().acquire_owned().await.ok()
    }

    /// Puts a request into the queue, or returns it if the inbox is closed.
    pub(crate) fn push(&self, request: Box<CallRequest>) -> Result<(), Box<CallRequest>> {
        let mut queue = lock(&self.queue);
        if queue.is_closed {
            return Err(request);
        }
        queue.items.push_back(InboxItem::Request(request));
        self.requests.fetch_add(1, Ordering::AcqRel);
        drop(queue);
        self.poll_cell.alert();
        Ok(())
    }

    /// Notes that a call was abandoned whose request may still be here.
    pub(crate) fn give_up(&self) {
        let mut queue = lock(&self.queue);
        queue.given_up += 1;
        // The queue is searched so seldom that the cost for each call is negligible.
        if queue.given_up * 2 < queue.items.len() {
            return;
        }
        queue.given_up = 0;
        let (gone, left) = std::mem::take(&mut queue.items).into_iter().partition(
            |item| matches!(item, InboxItem::Request(request) if request.reply.is_closed()),
        );
        queue.items = left;
        let gone: VecDeque<InboxItem> = gone;
        self.requests.fetch_sub(gone.len(), Ordering::AcqRel);
        self.look(&queue);
        drop(queue);
        if self.has_drops() {
            self.poll_cell.alert();
        }
        drop(gone);
    }

    /// Queues the destructor of a resource that no other store and no embedder holds any
    /// more.
    pub(crate) fn drop_resource(&self, key: u64) {
        let mut queue = lock(&self.queue);
        if !queue.runs_destructors || queue.is_closed {
            return;
        }
        queue.items.push_back(InboxItem::Drop(key));
        self.look(&queue);
        drop(queue);
        self.poll_cell.alert();
    }

    /// Has the driver connect a parked stream; `false` if there is no store any more.
    #[cfg(feature = "component-model-async")]
    pub(crate) fn start_stream(&self, key: usize) -> bool {
        self.signal(StreamSignal::Start(key))
    }

    /// Has the driver close a parked stream; `false` if there is no store any more.
    #[cfg(feature = "component-model-async")]
    pub(crate) fn close_stream(&self, key: usize) -> bool {
        self.signal(StreamSignal::Close(key))
    }

    #[cfg(feature = "component-model-async")]
    fn signal(&self, signal: StreamSignal) -> bool {
        let mut queue = lock(&self.queue);
        if queue.is_closed {
            return false;
        }
        queue.signals.push(signal);
        self.has_signals.store(true, Ordering::Release);
        drop(queue);
        self.poll_cell.alert();
        true
    }

    /// Whether parked streams are to be connected or closed.
    #[cfg(feature = "component-model-async")]
    #[inline]
    pub(crate) fn has_signals(&self) -> bool {
        self.has_signals.load(Ordering::Acquire)
    }

    /// Takes out what is to become of parked streams, in the order in which it came.
    #[cfg(feature = "component-model-async")]
    pub(crate) fn take_signals(&self) -> Vec<StreamSignal> {
        let mut queue = lock(&self.queue);
        self.has_signals.store(false, Ordering::Release);
        std::mem::take(&mut queue.signals)
    }

    /// Whether the next item is a destructor.
    #[inline]
    pub(crate) fn has_drops(&self) -> bool {
        self.has_drops.load(Ordering::Acquire)
    }

    /// Takes out the resources whose destructors come next.
    pub(crate) fn take_drops(&self) -> Vec<u64> {
        let mut queue = lock(&self.queue);
        let mut keys = Vec::new();
        while let Some(InboxItem::Drop(key)) = queue.items.front() {
            keys.push(*key);
            queue.items.pop_front();
        }
        self.look(&queue);
        keys
    }

    /// Takes out the next request. `None` if there is none, or if a destructor comes
    /// before it.
    pub(crate) fn take_request(&self) -> Option<Box<CallRequest>> {
        let mut queue = lock(&self.queue);
        match queue.items.pop_front()? {
            InboxItem::Request(mut request) => {
                self.requests.fetch_sub(1, Ordering::AcqRel);
                self.look(&queue);
                drop(queue);
                request.room.take();
                Some(request)
            }
            drop => {
                queue.items.push_front(drop);
                None
            }
        }
    }

    fn look(&self, queue: &InboxQueue) {
        let has_drops = matches!(queue.items.front(), Some(InboxItem::Drop(_)));
        self.has_drops.store(has_drops, Ordering::Release);
    }

    /// Drops the queued destructors, because there is no store left to run them in.
    pub(crate) fn forget_drops(&self) {
        let mut queue = lock(&self.queue);
        queue.runs_destructors = false;
        queue
            .items
            .retain(|item| matches!(item, InboxItem::Request(_)));
        self.look(&queue);
    }

    /// Closes the inbox, and drops what waits in it.
    fn close(&self) {
        self.room.close();
        let mut queue = lock(&self.queue);
        queue.is_closed = true;
        let left = std::mem::take(&mut queue.items);
        self.requests.store(0, Ordering::Release);
        self.look(&queue);
        drop(queue);
        drop(left);
    }
}

/// The driver's end of an inbox, which is closed when this is dropped.
pub(crate) struct InboxReceiver(pub(crate) Arc<Incarnation>);

impl InboxReceiver {
    /// Closes the inbox.
    pub(crate) fn close(&self) {
        self.0.inbox.close();
    }
}

impl Drop for InboxReceiver {
    fn drop(&mut self) {
        self.close();
    }
}
