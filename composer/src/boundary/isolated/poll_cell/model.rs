//! A model of every order in which threads can make the transitions of a poll cell.
//!
//! The model has the home task, compute threads, callers that poll the driver in their
//! own polls, and everything that wakes the driver, gives way in it, ends it or drops its
//! task. Since each transition is made under the poll cell's lock, exploring every order
//! of them explores everything that threads can do to a poll cell.
//!
//! Each state must satisfy the invariant that nothing waits while it holds what another
//! needs: if the driver has something to do, then a thread polls it, or a thread will
//! take it, and that thread waits for nothing but its own turn.

use std::collections::HashSet;

use crate::boundary::isolated::poll_cell::state::{AtHome, GoesOn, NextStep, PollState, PutBack};

/// The thread that polls the driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum ModelPoller {
    Home,
    Caller { left: bool },
    Compute,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct PollModel {
    poll_cell: PollState<()>,
    /// Whether the home task has been woken and not run since.
    home_woken: bool,
    home_alive: bool,
    /// Whether the home task has yielded to others, and will run again.
    home_yields: bool,
    /// How often the poll cell is in the queue of the compute threads.
    queued: u8,
    poller: Option<ModelPoller>,
    /// Whether there are compute threads at all.
    goes_on: ModelThreads,
    alerts_left: u8,
    gives_way_left: u8,
    end_left: bool,
    drop_left: bool,
    /// The driver has ended, or was dropped.
    over: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum ModelThreads {
    Threads,
    NoThread,
    OneThread,
}

impl PollModel {
    fn new(goes_on: ModelThreads) -> PollModel {
        let mut poll_cell = PollState::new();
        poll_cell.fill(());
        PollModel {
            poll_cell,
            // A spawned task is polled once.
            home_woken: true,
            home_alive: true,
            home_yields: false,
            queued: 0,
            poller: None,
            goes_on,
            alerts_left: 3,
            gives_way_left: 2,
            end_left: true,
            drop_left: true,
            over: false,
        }
    }

    fn follow(&mut self, next: NextStep) {
        match next {
            NextStep::Nothing => {}
            NextStep::WakeHome => self.home_woken |= self.home_alive && self.poll_cell.has_home(),
            NextStep::Queue if self.goes_on == ModelThreads::Threads => self.queued += 1,
            NextStep::Queue => {
                let next = self.poll_cell.leave_queue();
                assert_ne!(next, NextStep::Queue);
                self.follow(next);
            }
        }
    }

    fn goes_on(&self) -> GoesOn {
        match self.goes_on {
            ModelThreads::OneThread => GoesOn::AtHome,
            _ => GoesOn::Elsewhere,
        }
    }

    /// Ends a poll in which the driver has not ended.
    fn put_back(&mut self, poller: ModelPoller) {
        let yields = poller == ModelPoller::Home
            && self.poll_cell.gave_way()
            && self.goes_on() == GoesOn::AtHome;
        let left = poller == ModelPoller::Caller { left: true };
        let goes_on = self.goes_on();
        match self.poll_cell.put_back((), left, goes_on) {
            PutBack::Again(()) => self.poller = Some(ModelPoller::Caller { left: false }),
            PutBack::Done(_) if yields => {
                self.poller = None;
                self.home_yields = true;
            }
            PutBack::Done(next) => {
                self.poller = None;
                self.follow(next);
            }
            PutBack::Drop(()) => {
                self.poller = None;
                self.over = true;
            }
        }
    }

    /// All states that one step of one thread leads to.
    fn steps(&self) -> Vec<PollModel> {
        let mut steps = Vec::new();
        let mut step = |possible: bool, make: &dyn Fn(&mut PollModel)| {
            if possible {
                let mut next = self.clone();
                make(&mut next);
                steps.push(next);
            }
        };
        step(self.alerts_left > 0, &|m| {
            m.alerts_left -= 1;
            let next = m.poll_cell.alert();
            m.follow(next);
        });
        step(self.end_left && !self.over, &|m| {
            m.end_left = false;
            let next = m.poll_cell.end();
            m.follow(next);
        });
        step(
            self.drop_left && self.home_alive && self.poller != Some(ModelPoller::Home),
            &|m| {
                m.drop_left = false;
                (m.home_alive, m.home_woken, m.home_yields) = (false, false, false);
                m.over |= m.poll_cell.home_dropped().is_some();
            },
        );
        step(self.home_yields, &|m| {
            m.home_yields = false;
            m.home_woken = true;
        });
        let home_runs = self.home_alive && self.home_woken && !self.home_yields;
        step(home_runs && self.poller != Some(ModelPoller::Home), &|m| {
            m.home_woken = false;
            m.poll_cell.at_home();
            match m.poll_cell.take_for_home() {
                AtHome::Poll(()) => m.poller = Some(ModelPoller::Home),
                AtHome::Drop(()) => {
                    m.over = true;
                    let next = m.poll_cell.gone();
                    m.follow(next);
                    m.home_alive = false;
                }
                AtHome::Ended => m.home_alive = false,
                AtHome::Wait => {}
            }
        });
        step(self.queued > 0, &|m| {
            m.queued -= 1;
            if m.poll_cell.take_from_queue().is_some() {
                m.poller = Some(ModelPoller::Compute);
            }
        });
        step(self.poller.is_none() && self.alerts_left > 0, &|m| {
            if m.poll_cell.take_for_caller().is_some() {
                // The caller's request is something to do.
                m.alerts_left -= 1;
                m.poll_cell.look_again();
                m.poll_cell.look();
                m.poller = Some(ModelPoller::Caller { left: true });
            }
        });
        if let Some(poller) = self.poller {
            step(
                self.gives_way_left > 0 && !self.poll_cell.gave_way(),
                &|m| {
                    m.gives_way_left -= 1;
                    m.poll_cell.give_way();
                    // As its waker does.
                    let next = m.poll_cell.alert();
                    m.follow(next);
                },
            );
            step(true, &|m| m.put_back(poller));
            step(true, &|m| {
                m.poller = None;
                m.over = true;
                let next = m.poll_cell.gone();
                m.follow(next);
            });
        }
        steps
    }

    fn check(&self) {
        assert!(self.queued <= 1, "a driver is in the queue once");
        let comes = self.home_woken || self.home_yields || self.queued > 0;
        if self.over || self.poller.is_some() {
            return;
        }
        assert!(self.home_alive, "no driver outlives its task");
        if self.poll_cell.is_woken() || !self.end_left {
            assert!(
                comes,
                "the driver has something to do, and no thread comes for it"
            );
        }
    }
}

#[test]
fn a_driver_that_has_something_to_do_is_polled() {
    for goes_on in [
        ModelThreads::Threads,
        ModelThreads::NoThread,
        ModelThreads::OneThread,
    ] {
        let first = PollModel::new(goes_on);
        let mut seen = HashSet::from([first.clone()]);
        let mut open = vec![first];
        while let Some(model) = open.pop() {
            model.check();
            for next in model.steps() {
                if seen.insert(next.clone()) {
                    open.push(next);
                }
            }
        }
        assert!(seen.len() > 500, "{}", seen.len());
    }
}
