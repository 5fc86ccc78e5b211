//! A place in a running composition, and who is in it.
//!
//! Edges and handles lead to a post and not to a [`Slot`]: a slot is one run of
//! a component, and its end is final. A post can get another one.

use std::sync::{Arc, Mutex};

use tokio::sync::Notify;

use crate::boundary::binding::{Offer, Offers};
use crate::boundary::isolated::incarnation::{Callee, Slot};
use crate::boundary::isolated::waiting_line::{CallInLine, LineEntry, WaitingLine};
use crate::call::in_flight_count::{Activity, Busy, Counted};
use crate::error::CallError;
use crate::observe::call_record::{Asked, By};
use crate::sync::lock;

/// A place in a running composition.
pub(crate) struct Post {
    state: Mutex<State>,
    activity: Arc<Activity>,
    /// Tells the embedder's calls that wait to look again.
    changed: Notify,
}

struct State {
    slot: Arc<Slot>,
    /// What the slot offers, in the order of the first one's offers.
    offers: Arc<Offers>,
    doors: Doors,
    /// What becomes of calls if the slot is dead, as long as there is hope for
    /// another.
    hope: Option<WhileDown>,
    /// The calls of components that wait.
    line: WaitingLine,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Doors {
    Open,
    /// Whoever comes waits.
    Held,
    /// The composition has ended.
    Closed,
}

/// What becomes of calls to a component that is about to be started again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WhileDown {
    Wait,
    Fail,
}

/// A call that has been let in: whom it goes to, that it counts, and who is
/// told of it.
pub(crate) struct Entered {
    pub(crate) callee: Callee,
    pub(crate) busy: Busy,
    pub(crate) asked: Asked,
}

/// A call that has been let in and counts as long as this is kept.
pub(crate) struct Inside<'p> {
    pub(crate) callee: Callee,
    counted: Counted<'p>,
}

impl Inside<'_> {
    /// What counts the call for as long as this is kept.
    pub(crate) fn count_again(&self) -> Busy {
        self.counted.count_again()
    }

    /// Goes on for as long as the call takes.
    pub(crate) fn stay(self, asked: Asked) -> Entered {
        let (callee, busy) = self.leave();
        Entered {
            callee,
            busy,
            asked,
        }
    }

    /// What it is, to be kept apart from the post.
    fn leave(self) -> (Callee, Busy) {
        (self.callee, self.counted.leave())
    }
}

impl Post {
    pub(crate) fn new(slot: Arc<Slot>, offers: Arc<Offers>, hope: Option<WhileDown>) -> Arc<Self> {
        Arc::new(Post {
            state: Mutex::new(State {
                slot,
                offers,
                doors: Doors::Open,
                hope,
                line: WaitingLine::default(),
            }),
            activity: Arc::default(),
            changed: Notify::new(),
        })
    }

    /// The slot that takes calls now, or took the last ones.
    pub(crate) fn slot(&self) -> Arc<Slot> {
        lock(&self.state).slot.clone()
    }

    pub(crate) fn activity(&self) -> &Activity {
        &self.activity
    }

    /// Whether another run may follow one that dies.
    pub(crate) fn has_hope(&self) -> bool {
        lock(&self.state).hope.is_some()
    }

    /// Another run follows if this one dies.
    pub(crate) fn hope(&self, hope: Option<WhileDown>) {
        lock(&self.state).hope = hope;
    }

    /// No further run follows.
    pub(crate) fn give_up(&self) {
        lock(&self.state).hope = None;
        self.look_again();
    }

    /// Lets nobody in any more until [`Post::release`]; whoever comes waits.
    pub(crate) fn hold(&self) {
        let mut state = lock(&self.state);
        if state.doors == Doors::Open {
            state.doors = Doors::Held;
        }
    }

    /// Lets those in who wait.
    pub(crate) fn release(&self) {
        let mut state = lock(&self.state);
        if state.doors == Doors::Held {
            state.doors = Doors::Open;
        }
        drop(state);
        self.look_again();
    }

    /// Refuses all who wait and all who come.
    pub(crate) fn close(&self) {
        lock(&self.state).doors = Doors::Closed;
        self.look_again();
    }

    /// Puts another run in; `false` if the composition has ended, which wants
    /// none. Whoever waits is let in.
    pub(crate) fn put(
        &self,
        slot: Arc<Slot>,
        offers: Option<Arc<Offers>>,
        hope: Option<WhileDown>,
    ) -> bool {
        let mut state = lock(&self.state);
        if state.doors == Doors::Closed {
            return false;
        }
        let before = std::mem::replace(&mut state.slot, slot);
        if let Some(offers) = offers {
            state.offers = offers;
        }
        before.supersede();
        state.doors = Doors::Open;
        state.hope = hope;
        drop(state);
        self.look_again();
        true
    }
}

impl Post {
    /// Lets those in who wait and can be let in.
    fn look_again(&self) {
        self.serve_line();
        self.changed.notify_waiters();
    }

    /// Lets calls of components in, the first first, until one has to go on waiting.
    /// Those that come meanwhile stand behind them.
    fn serve_line(&self) {
        let mut state = lock(&self.state);
        if std::mem::replace(&mut state.line.is_served, true) {
            return;
        }
        while let Some(waiting) = state.line.next() {
            let of = (waiting.export, &waiting.planned);
            let entered = match self.step(&state, of, &waiting.name, waiting.func) {
                Ok(None) => {
                    state.line.put_back(waiting);
                    break;
                }
                Ok(Some(inside)) => Ok(inside.leave()),
                Err(error) => Err(error),
            };
            drop(state);
            waiting.call.let_in(entered);
            state = lock(&self.state);
        }
        state.line.is_served = false;
    }

    /// `None` if the call has to wait.
    fn step(
        &self,
        state: &State,
        (export, planned): (usize, &Arc<Offer>),
        name: &str,
        func: Option<usize>,
    ) -> Result<Option<Inside<'_>>, CallError> {
        let func = match planned.is_of(state.slot.outline()) {
            true => func,
            false => state.offer(export, planned).func(name),
        };
        let func = func.ok_or_else(|| CallError::Unbound {
            import: name.to_owned(),
        })?;
        let slot = &state.slot;
        match (state.doors, state.hope) {
            (Doors::Held, _) => return Ok(None),
            (Doors::Closed, _) => {
                let site = slot.site(func);
                return Err(CallError::Stopped { site });
            }
            (Doors::Open, Some(hope)) => {
                if let Some(death) = slot.death() {
                    let site = slot.site(func);
                    return match hope {
                        WhileDown::Wait => Ok(None),
                        WhileDown::Fail => Err(CallError::Restarting { site, death }),
                    };
                }
            }
            (Doors::Open, None) => {}
        }
        let callee = Callee {
            slot: slot.clone(),
            func,
        };
        // Counted under the lock: who holds the post sees it.
        let counted = self.activity.count();
        Ok(Some(Inside { callee, counted }))
    }
}

/// An export of a post, by its place among the first run's offers.
#[derive(Clone)]
pub(crate) struct Spot {
    pub(crate) post: Arc<Post>,
    pub(crate) export: usize,
}

impl Spot {
    /// The slot that runs now, and what it offers here. `planned` is what was
    /// offered when the edge was decided, and less than that if it is filtered.
    pub(crate) fn present(&self, planned: &Arc<Offer>) -> (Arc<Slot>, Arc<Offer>) {
        let state = lock(&self.post.state);
        (
            state.slot.clone(),
            state.offer(self.export, planned).clone(),
        )
    }

    /// Lets a call of the embedder's of the function `name` in, or waits until
    /// it can be. `func` is its place in the component that was planned for,
    /// where it is known.
    ///
    /// Dropping the future gives the place up.
    pub(crate) async fn enter(
        &self,
        planned: &Arc<Offer>,
        name: &str,
        func: Option<usize>,
    ) -> Result<Entered, CallError> {
        match self.enter_now(planned, name, func, By::Host)? {
            (Some(inside), asked) => Ok(inside.stay(asked)),
            (None, asked) => self.wait(planned, name, func, asked).await,
        }
    }

    /// Lets the call in, if it need not wait.
    pub(crate) fn enter_now(
        &self,
        planned: &Arc<Offer>,
        name: &str,
        func: Option<usize>,
        by: By<'_>,
    ) -> Result<(Option<Inside<'_>>, Asked), CallError> {
        let func = func.or_else(|| planned.func(name));
        let asked = func.map(|func| Asked::new(planned.component(), func, by));
        let asked = asked.unwrap_or_default();
        let inside = asked.check(self.step(planned, name, func, by))?;
        Ok((inside, asked))
    }

    /// Lets a call of the embedder's in that had to wait, once it can be.
    async fn wait(
        &self,
        planned: &Arc<Offer>,
        name: &str,
        func: Option<usize>,
        asked: Asked,
    ) -> Result<Entered, CallError> {
        let func = func.or_else(|| planned.func(name));
        loop {
            let mut changed = std::pin::pin!(self.post.changed.notified());
            changed.as_mut().enable();
            // What changed before `enable` is seen here.
            if let Some(inside) = asked.check(self.step(planned, name, func, By::Host))? {
                return Ok(inside.stay(asked));
            }
            changed.await;
        }
    }

    /// Has a call of a component wait that [could not be let in](Spot::enter_now).
    pub(crate) fn stand_in_line(
        &self,
        planned: &Arc<Offer>,
        name: &str,
        func: Option<usize>,
        call: CallInLine,
    ) {
        let waiting = LineEntry {
            export: self.export,
            planned: planned.clone(),
            name: name.to_owned(),
            func: func.or_else(|| planned.func(name)),
            call,
        };
        lock(&self.post.state).line.join(waiting);
        // What it waits for may have come.
        self.post.serve_line();
    }

    fn step(
        &self,
        planned: &Arc<Offer>,
        name: &str,
        func: Option<usize>,
        by: By<'_>,
    ) -> Result<Option<Inside<'_>>, CallError> {
        let state = lock(&self.post.state);
        if matches!(by, By::Import { .. }) && state.line.is_in_the_way() {
            return Ok(None);
        }
        self.post.step(&state, (self.export, planned), name, func)
    }
}

impl State {
    fn offer<'s>(&'s self, export: usize, planned: &'s Arc<Offer>) -> &'s Arc<Offer> {
        match planned.is_of(self.slot.outline()) {
            true => planned,
            false => self.offers.get(export),
        }
    }
}

/// Where the exports of a running part are.
pub(crate) enum Spots {
    /// All are of one component.
    One(Arc<Post>),
    /// Those of a nested composition, in the order of its [`Offers`].
    Each(Vec<Spot>),
}

impl Spots {
    /// Where the export at this place of the offers runs.
    pub(crate) fn of(&self, export: usize) -> Spot {
        match self {
            Spots::One(post) => Spot {
                post: post.clone(),
                export,
            },
            Spots::Each(spots) => spots[export].clone(),
        }
    }
}
