//! Who polls a driver next: the rules alone, without a lock, a thread or a task.
//!
//! Every transition is one method, and [`Seat`](crate::boundary::isolated::poll_cell::PollCell) makes each of them
//! under its lock. So whatever threads do, they do these transitions one after
//! another, and `model.rs` explores every order of them.

/// The poll cell of one driver, which is a `D`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct PollState<D> {
    at: DriverAt<D>,
    /// Something has happened that the driver has not looked at.
    woken: bool,
    /// During a poll: the code in the store has computed for a tick, and gave way.
    gave_way: bool,
    /// The driver is to be dropped.
    ending: bool,
    home: HomeTask,
}

/// Where the driver is.
#[derive(Clone, PartialEq, Eq, Hash)]
enum DriverAt<D> {
    /// In its poll cell, and nobody polls it.
    Rest(D),
    /// With the thread that polls it.
    Away,
    /// In the queue of the [compute threads](crate::boundary::isolated::ComputeThreads).
    Queued(D),
    /// It came to its end, or there was none yet.
    Gone,
}

/// The driver's own task, as others know it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum HomeTask {
    /// It begins by looking at everything.
    NotYet,
    Here,
    /// It was dropped, with its runtime.
    Gone,
}

/// What a transition asks of the thread that made it, once the lock is released.
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
    /// There is nothing to do, or another thread does it and tells.
    Wait,
    Ended,
}

/// What becomes of a driver that was polled.
pub(super) enum PutBack<D> {
    /// It was woken meanwhile: the same thread polls it again.
    Again(D),
    Done(NextStep),
    /// Its home is gone, and it with that.
    Drop(D),
}

/// Where code goes on that has computed for a tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GoesOn {
    /// On a compute thread.
    Elsewhere,
    /// In the driver's own task, when others had their turn.
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

    /// There is something for the driver to do. Whoever has it now sees that when it
    /// is put back, and a compute thread comes to it in any case.
    pub(super) fn alert(&mut self) -> NextStep {
        if std::mem::replace(&mut self.woken, true) {
            return NextStep::Nothing;
        }
        match self.at {
            DriverAt::Rest(_) => NextStep::WakeHome,
            _ => NextStep::Nothing,
        }
    }

    /// The driver ends, wherever it is in its work, in its own task.
    pub(super) fn end(&mut self) -> NextStep {
        self.ending = true;
        NextStep::WakeHome
    }

    /// The code in the store has computed for a tick and gives way.
    #[cfg(any(feature = "runtime", test))]
    pub(super) fn give_way(&mut self) {
        self.gave_way = true;
    }

    pub(super) fn gave_way(&self) -> bool {
        self.gave_way
    }

    /// What has happened so far is looked at from here on. Says whether there was
    /// something.
    pub(super) fn look(&mut self) -> bool {
        std::mem::replace(&mut self.woken, false)
    }

    /// Asks for another poll after the present one.
    pub(super) fn look_again(&mut self) {
        self.woken = true;
    }

    /// Whether there is something that the driver has not looked at.
    #[cfg(any(feature = "runtime", test))]
    pub(super) fn is_woken(&self) -> bool {
        self.woken && !matches!(self.at, DriverAt::Gone)
    }

    pub(super) fn home_is_gone(&self) -> bool {
        self.home == HomeTask::Gone
    }

    /// The home task shows itself.
    pub(super) fn at_home(&mut self) {
        self.home = HomeTask::Here;
    }

    /// Whether a home task is there to be woken.
    pub(super) fn has_home(&self) -> bool {
        self.home == HomeTask::Here
    }

    /// For a caller, if nobody else polls the driver. What computes for long is left
    /// to the compute threads.
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

    /// For the driver's own task.
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

    /// For a compute thread that found the poll cell in its queue.
    #[cfg(any(feature = "runtime", test))]
    pub(super) fn take_from_queue(&mut self) -> Option<D> {
        if self.ending {
            // Its home was woken for it.
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

    /// No compute thread can be had.
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

    /// Puts a driver back that has been polled, or gives it out again if it was woken
    /// and the thread has polls `left`.
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

    /// The driver has come to its end.
    pub(super) fn gone(&mut self) -> NextStep {
        self.at = DriverAt::Gone;
        NextStep::WakeHome
    }

    /// The home task is dropped, and the driver with it, unless another thread polls
    /// it at this moment: that thread drops it.
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
