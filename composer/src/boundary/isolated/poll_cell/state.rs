//! The rules of a poll cell alone, without a lock, a thread or a task.
//!
//! Every transition is one method, and
//! [`PollCell`](crate::boundary::isolated::poll_cell::PollCell) makes each of them under
//! its lock. So threads always make these transitions one after another, and `model.rs`
//! explores every order of them.

/// The state of the poll cell of one driver, which is a `D`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct PollState<D> {
    at: DriverAt<D>,
    /// Something has happened that the driver has not looked at.
    woken: bool,
    /// During a poll: the code in the store has computed for a tick and has given way.
    gave_way: bool,
    /// The driver is to be dropped.
    ending: bool,
    home: HomeTask,
}

/// Where the driver is.
#[derive(Clone, PartialEq, Eq, Hash)]
enum DriverAt<D> {
    /// In its poll cell; no thread polls it.
    Rest(D),
    /// With the thread that polls it.
    Away,
    /// In the queue of the [compute threads](crate::boundary::isolated::compute_threads).
    Queued(D),
    /// The driver has ended, or there was none yet.
    Gone,
}

/// The home task of the driver, as other threads know it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum HomeTask {
    /// It has not run yet, and will begin by looking at everything.
    NotYet,
    Here,
    /// It was dropped, with its runtime.
    Gone,
}

/// What the thread that made a transition has to do once the lock is released.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NextStep {
    Nothing,
    WakeHome,
    /// The driver waits for a compute thread.
    Queue,
}

/// What the home task finds.
pub(super) enum AtHome<D> {
    Poll(D),
    /// The driver is to end.
    Drop(D),
    /// There is nothing to do, or another thread does it and wakes this task if work is
    /// left.
    Wait,
    Ended,
}

/// What becomes of a driver that was polled.
pub(super) enum PutBack<D> {
    /// It was woken meanwhile: the same thread polls it again.
    Again(D),
    Done(NextStep),
    /// The home task is gone, and the driver goes with it.
    Drop(D),
}

/// Where code that has computed for a tick continues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GoesOn {
    /// On a compute thread.
    Elsewhere,
    /// In the home task, after others had their turn.
    AtHome,
}

impl<D> PollState<D> {
    pub(super) fn new() -> Self {
        PollState {
            at: DriverAt::Gone,
            woken: true,
            gave_way: false,
            ending: false,
            home: HomeTask::NotYet,
        }
    }

    pub(super) fn fill(&mut self, driver: D) {
        self.at = DriverAt::Rest(driver);
    }

    /// Notes that the driver has something to do. A thread that polls the driver now sees
    /// this when it puts the driver back, and a compute thread takes a queued driver in
    /// any case.
    pub(super) fn alert(&mut self) -> NextStep {
        if std::mem::replace(&mut self.woken, true) {
            return NextStep::Nothing;
        }
        match self.at {
            DriverAt::Rest(_) => NextStep::WakeHome,
            _ => NextStep::Nothing,
        }
    }

    /// Ends the driver in its home task, wherever it is in its work.
    pub(super) fn end(&mut self) -> NextStep {
        self.ending = true;
        NextStep::WakeHome
    }

    /// Notes that the code in the store has computed for a tick and gives way.
    pub(super) fn give_way(&mut self) {
        self.gave_way = true;
    }

    pub(super) fn gave_way(&self) -> bool {
        self.gave_way
    }

    /// Notes that the driver looks at everything that has happened so far. Returns
    /// whether there was something.
    pub(super) fn look(&mut self) -> bool {
        std::mem::replace(&mut self.woken, false)
    }

    /// Asks for another poll after the present one.
    pub(super) fn look_again(&mut self) {
        self.woken = true;
    }

    /// Whether there is something that the driver has not looked at.
    pub(super) fn is_woken(&self) -> bool {
        self.woken && !matches!(self.at, DriverAt::Gone)
    }

    pub(super) fn home_is_gone(&self) -> bool {
        self.home == HomeTask::Gone
    }

    /// Notes that the home task runs.
    pub(super) fn at_home(&mut self) {
        self.home = HomeTask::Here;
    }

    /// Whether a home task is there to be woken.
    pub(super) fn has_home(&self) -> bool {
        self.home == HomeTask::Here
    }

    /// Takes the driver for a caller, if no thread polls it. A driver whose code computes
    /// for long is left to the compute threads.
    pub(super) fn take_for_caller(&mut self) -> Option<D> {
        if self.ending || self.home_is_gone() {
            return None;
        }
        match std::mem::replace(&mut self.at, DriverAt::Away) {
            DriverAt::Rest(driver) => Some(driver),
            other => {
                self.at = other;
                None
            }
        }
    }

    /// Takes the driver for its home task.
    pub(super) fn take_for_home(&mut self) -> AtHome<D> {
        match std::mem::replace(&mut self.at, DriverAt::Away) {
            DriverAt::Gone => {
                self.at = DriverAt::Gone;
                AtHome::Ended
            }
            DriverAt::Rest(driver) | DriverAt::Queued(driver) if self.ending => {
                AtHome::Drop(driver)
            }
            DriverAt::Rest(driver) if self.look() => AtHome::Poll(driver),
            other => {
                self.at = other;
                AtHome::Wait
            }
        }
    }

    /// Takes the driver for a compute thread that found the poll cell in its queue.
    pub(super) fn take_from_queue(&mut self) -> Option<D> {
        if self.ending {
            // The home task was woken for the end.
            return None;
        }
        match std::mem::replace(&mut self.at, DriverAt::Away) {
            DriverAt::Queued(driver) => {
                self.look();
                Some(driver)
            }
            other => {
                self.at = other;
                None
            }
        }
    }

    /// Leaves the queue, because no compute thread is available.
    pub(super) fn leave_queue(&mut self) -> NextStep {
        match std::mem::replace(&mut self.at, DriverAt::Away) {
            DriverAt::Queued(driver) => {
                self.at = DriverAt::Rest(driver);
                self.woken = true;
                NextStep::WakeHome
            }
            other => {
                self.at = other;
                NextStep::Nothing
            }
        }
    }

    /// Puts back a driver that has been polled, or returns it for another poll if it was
    /// woken and the thread has polls `left`.
    pub(super) fn put_back(&mut self, driver: D, left: bool, goes_on: GoesOn) -> PutBack<D> {
        let gave_way = std::mem::replace(&mut self.gave_way, false);
        if self.home_is_gone() {
            self.at = DriverAt::Gone;
            return PutBack::Drop(driver);
        }
        if self.ending {
            self.at = DriverAt::Rest(driver);
            return PutBack::Done(NextStep::WakeHome);
        }
        if gave_way && goes_on == GoesOn::Elsewhere {
            self.at = DriverAt::Queued(driver);
            return PutBack::Done(NextStep::Queue);
        }
        if gave_way {
            self.woken = true;
        } else if left && self.look() {
            return PutBack::Again(driver);
        }
        self.at = DriverAt::Rest(driver);
        PutBack::Done(match self.woken {
            true => NextStep::WakeHome,
            false => NextStep::Nothing,
        })
    }

    /// Notes that the driver has ended.
    pub(super) fn gone(&mut self) -> NextStep {
        self.at = DriverAt::Gone;
        NextStep::WakeHome
    }

    /// Notes that the home task is dropped, and returns the driver to be dropped with it.
    /// If another thread polls the driver at this moment, that thread drops it.
    pub(super) fn home_dropped(&mut self) -> Option<D> {
        self.home = HomeTask::Gone;
        match std::mem::replace(&mut self.at, DriverAt::Gone) {
            DriverAt::Rest(driver) | DriverAt::Queued(driver) => Some(driver),
            DriverAt::Away => {
                self.at = DriverAt::Away;
                None
            }
            DriverAt::Gone => None,
        }
    }
}
