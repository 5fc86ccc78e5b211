//! What a driver is asked for, in the order in which it was.
//!
//! Requests and dropped resources wait in one queue, so a component
//! finds that its calls begin, and its drops are seen, in the order in which it made
//! them. To make a call is to put its request here there and then: a component that
//! stands still in a plain call cannot do anything for those that it began before.
//!
//! So what bounds the queue is different for two kinds of callers. The embedder's wait
//! for room before they put anything into it. A component's requests always have room;
//! there are no more of them than calls that it waits for, since those that were given
//! up are cleared away.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::boundary::isolated::incarnation::{CallRequest, Incarnation};
use crate::boundary::isolated::poll_cell::PollCell;
use crate::sync::lock;

pub(crate) struct Inbox {
    queue: Mutex<InboxQueue>,
    capacity: usize,
    /// The room for the embedder's requests.
    room: Arc<Semaphore>,
    /// How many requests wait.
    requests: AtomicUsize,
    /// Whether a destructor is what comes next.
    has_drops: AtomicBool,
    poll_cell: Arc<PollCell>,
}

struct InboxQueue {
    items: VecDeque<InboxItem>,
    /// How many calls were given up since those were last cleared away.
    given_up: usize,
    /// Whether there is a store to run destructors in.
    runs_destructors: bool,
    is_closed: bool,
}

enum InboxItem {
    Request(Box<CallRequest>),
    /// An own resource that no other store and no embedder holds any more, by its key.
    /// There is one at most for each resource that was given out.
    Drop(u64),
}

/// The room that a request of the embedder's has in an inbox.
pub(crate) type InboxPermit = OwnedSemaphorePermit;

impl Inbox {
    pub(crate) fn new(capacity: usize, poll_cell: Arc<PollCell>) -> Self {
        let queue = InboxQueue {
            items: VecDeque::new(),
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

    /// Waits for room. `None` once the inbox takes no more.
    pub(crate) async fn room(&self) -> Option<InboxPermit> {
        self.room.clone().acquire_owned().await.ok()
    }

    /// Puts a request into the queue; gives it back if the inbox takes no more.
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

    /// A call was given up whose request may be here.
    pub(crate) fn give_up(&self) {
        let mut queue = lock(&self.queue);
        queue.given_up += 1;
        // Each is looked at so seldom that all of them together cost next to nothing.
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

    /// No other store and no embedder holds a resource any more.
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

    /// Whether destructors are what comes next.
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

    /// Takes out the request that comes next. `None` if there is none, or a destructor
    /// comes before it.
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

    /// There is no store any more to run destructors in.
    pub(crate) fn forget_drops(&self) {
        let mut queue = lock(&self.queue);
        queue.runs_destructors = false;
        queue
            .items
            .retain(|item| matches!(item, InboxItem::Request(_)));
        self.look(&queue);
    }

    /// Takes no more, and lets go of what waits.
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
    /// Takes no more.
    pub(crate) fn close(&self) {
        self.0.inbox.close();
    }
}

impl Drop for InboxReceiver {
    fn drop(&mut self) {
        self.close();
    }
}
