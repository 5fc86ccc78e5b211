//! One part of a running composition, through all its runs.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::assembly::prepared::PreparedPart;
use crate::assembly::{At, Env, Life, Start};
use crate::boundary::binding::{ImportSource, Offers};
use crate::boundary::isolated::address::{Post, Spots, WhileDown};
use crate::composition::restart::{Attempts, Restart};
use crate::composition::{lifecycle, supervisor};
use crate::error::StartError;
use crate::sync::lock;

pub(crate) struct Part {
    name: String,
    spots: Spots,
    /// How often it was started again.
    restarts: AtomicU64,
    /// Where its keeper runs: a replacement can be given up outside of it.
    runtime: Handle,
    state: Mutex<State>,
}

struct State {
    /// Taken by whoever waits for the end.
    life: Option<Life>,
    /// If it is to be started again. It holds what its embedder gave to make it
    /// from, so it is not kept for longer than it is needed.
    again: Option<Again>,
    keeper: Option<JoinHandle<()>>,
}

/// All that it takes to run a part once more.
#[derive(Clone)]
pub(crate) struct Way {
    pub(crate) start: Arc<dyn Start>,
    pub(crate) imports: Vec<ImportSource>,
    pub(crate) restart: Restart,
}

/// How a part is started again, and how often it still may be. It outlives a
/// keeper, which ends for each attempt to replace the part.
struct Again {
    way: Way,
    attempts: Attempts,
}

impl Again {
    fn if_wanted(way: Way) -> Option<Self> {
        let attempts = way.restart.attempts()?;
        Some(Again { way, attempts })
    }
}

/// Why a part was not started again.
pub(crate) enum Down {
    /// Its composition has ended.
    Ended,
    /// It died too often.
    TooOften,
    Start(StartError),
}

impl From<StartError> for Down {
    fn from(error: StartError) -> Self {
        Down::Start(error)
    }
}

impl Part {
    pub(crate) fn new(prepared: &PreparedPart, way: Way, first: Next) -> Arc<Self> {
        let (at, life) = first.into_parts();
        let spots = match at {
            At::Slot(slot) => {
                let down = way.restart.while_down();
                Spots::One(Post::new(slot, prepared.offers.clone(), down))
            }
            At::Spots(spots) => Spots::Each(spots),
        };
        let state = State {
            life,
            again: Again::if_wanted(way),
            keeper: None,
        };
        let part = Arc::new(Part {
            name: prepared.name.clone(),
            spots,
            restarts: AtomicU64::new(0),
            runtime: Handle::current(),
            state: Mutex::new(state),
        });
        part.keep();
        part
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn spots(&self) -> &Spots {
        &self.spots
    }

    pub(crate) fn restarts(&self) -> u64 {
        self.restarts.load(Ordering::Relaxed)
    }

    /// Tells it, and what is nested in it, that it is about to end.
    pub(crate) async fn tell_end(&self) {
        let nested = self.with_life(|life| match life {
            Some(Life::Nested(composition)) => Some(composition.clone()),
            _ => None,
        });
        match (&self.spots, nested) {
            (_, Some(composition)) => Box::pin(composition.tell_end()).await,
            (Spots::One(post), None) => lifecycle::stop(&post.slot()).await,
            _ => {}
        }
    }

    /// Looks at what keeps it running, as long as something does.
    pub(crate) fn with_life<R>(&self, look: impl FnOnce(Option<&Life>) -> R) -> R {
        look(lock(&self.state).life.as_ref())
    }

    /// Sees to it that what dies is started again, if that is its policy.
    pub(crate) fn keep(self: &Arc<Self>) {
        let (Spots::One(post), mut state) = (&self.spots, lock(&self.state)) else {
            return;
        };
        let Some(again) = &state.again else {
            return;
        };
        post.hope(again.way.restart.while_down());
        let keeper = supervisor::keep(self.clone(), post.clone());
        state.keeper = Some(self.runtime.spawn(keeper));
    }

    /// Leaves what dies as it is, from when this returns.
    pub(crate) async fn leave(&self) {
        let keeper = lock(&self.state).keeper.take();
        if let Some(keeper) = keeper {
            keeper.abort();
            let _ = keeper.await;
        }
    }

    /// How long to wait before it is started again.
    pub(crate) fn next_wait(&self) -> Result<Duration, Down> {
        let mut state = lock(&self.state);
        let again = state.again.as_mut().ok_or(Down::Ended)?;
        again.attempts.next(Instant::now()).ok_or(Down::TooOften)
    }

    /// Starts it once more, in place of a run that is dead.
    pub(crate) async fn restart(&self) -> Result<(), Down> {
        let again = |state: &State| state.again.as_ref().map(|again| again.way.clone());
        let way = again(&lock(&self.state)).ok_or(Down::Ended)?;
        let next = Next::start(&way).await;
        if let Some(again) = &mut lock(&self.state).again {
            again.attempts.made();
        }
        let (next, hope) = (next?, way.restart.while_down());
        // Whoever is answered by the new run finds it counted.
        self.restarts.fetch_add(1, Ordering::Relaxed);
        let put = self.put(&mut lock(&self.state), next, hope, None);
        let before = put.map_err(|_| {
            self.restarts.fetch_sub(1, Ordering::Relaxed);
            Down::Ended
        })?;
        before.iter().for_each(Life::stop);
        Ok(())
    }

    /// Puts a run of another part in; gives back what kept the one before
    /// running, or if the composition has ended, the new one.
    pub(crate) fn replace(
        &self,
        next: Next,
        way: Way,
        offers: Arc<Offers>,
    ) -> Result<Option<Life>, Next> {
        let hope = way.restart.while_down();
        let mut again = Again::if_wanted(way);
        let mut state = lock(&self.state);
        let put = self.put(&mut state, next, hope, Some(offers));
        if put.is_ok() {
            std::mem::swap(&mut state.again, &mut again);
        }
        // What embedders gave is dropped when nothing is locked.
        drop(state);
        put
    }

    fn put(
        &self,
        state: &mut State,
        mut next: Next,
        hope: Option<WhileDown>,
        offers: Option<Arc<Offers>>,
    ) -> Result<Option<Life>, Next> {
        match (&self.spots, &next.at) {
            (Spots::One(post), At::Slot(slot)) if post.put(slot.clone(), offers, hope) => {
                Ok(std::mem::replace(&mut state.life, next.life.take()))
            }
            // There is nobody to run for.
            _ => Err(next),
        }
    }

    /// Leaves it dead, for as long as it is not replaced.
    pub(crate) fn give_up(&self) {
        let again = lock(&self.state).again.take();
        if let Spots::One(post) = &self.spots {
            post.give_up();
        }
        drop(again);
    }

    /// Asks for the end, without waiting for it.
    pub(crate) fn stop(&self) {
        if let Spots::One(post) = &self.spots {
            post.close();
        }
        let mut state = lock(&self.state);
        if let Some(keeper) = state.keeper.take() {
            keeper.abort();
        }
        let again = state.again.take();
        if let Some(life) = &state.life {
            life.stop();
        }
        drop(state);
        drop(again);
    }

    /// What to wait for until it has ended.
    pub(crate) fn take_life(&self) -> Option<Life> {
        lock(&self.state).life.take()
    }

    /// Ends it and waits until its store is gone.
    pub(crate) async fn end(&self) {
        self.stop();
        if let Some(life) = self.take_life() {
            life.end().await;
        }
    }
}

/// A run that has begun and is not in its place yet; dropped, it ends.
pub(crate) struct Next {
    at: At,
    life: Option<Life>,
}

impl Next {
    pub(crate) async fn start(way: &Way) -> Result<Next, StartError> {
        let env = Env {
            imports: way.imports.clone(),
        };
        let started = way.start.start(env).await?;
        let next = Next {
            at: started.at,
            life: Some(started.life),
        };
        if let At::Slot(slot) = &next.at {
            lifecycle::start(slot).await?;
        }
        Ok(next)
    }

    /// What it consists of.
    fn into_parts(mut self) -> (At, Option<Life>) {
        let none = At::Spots(Vec::new());
        (std::mem::replace(&mut self.at, none), self.life.take())
    }
}

impl Next {
    /// Whether it is one component.
    pub(crate) fn is_one(&self) -> bool {
        matches!(self.at, At::Slot(_))
    }
}

impl Drop for Next {
    fn drop(&mut self) {
        if let Some(life) = &self.life {
            life.stop();
        }
    }
}
