//! Every order in which threads can make the transitions of a seat.
//!
//! The model has the home task, compute threads, callers that poll the driver in
//! their own polls, and whatever wakes the driver, gives way in it, ends it or drops
//! its task. Since each transition is made under the seat's lock, exploring every order
//! of them explores everything that threads can do to a seat.
//!
//! What must hold in each state is the invariant that nothing waits while it holds:
//! if the driver has something to do, then a thread has it, or a thread will come for
//! it, and that thread waits for nothing but its own turn.

use std::collections::HashSet;

use crate::boundary::isolated::poll_cell::state::{AtHome, GoesOn, Next, PutBack, SeatState};

/// Who polls the driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Poller {
    Home,
    Caller { left: bool },
    Compute,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Model {
    seat: SeatState<()>,
    /// Whether the home task has been woken and not run since.
    home_woken: bool,
    home_alive: bool,
    /// Whether the home task lets others have their turn, and then comes back.
    home_yields: bool,
    /// How often the seat is in the queue of the compute threads.
    queued: u8,
    poller: Option<Poller>,
    /// Whether there are compute threads at all.
    goes_on: Elsewhere,
    alerts_left: u8,
    gives_way_left: u8,
    end_left: bool,
    drop_left: bool,
    /// The driver has come to its end, or was dropped.
    over: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Elsewhere {
    Threads,
    NoThread,
    OneThread,
}

impl Model {
    fn new(goes_on: Elsewhere) -> Model {
        let mut seat = SeatState::new();
        seat.fill(());
        Model {
            seat,
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

    fn follow(&mut self, next: Next) {
        match next {
            Next::Nothing => {}
            Next::WakeHome => self.home_woken |= self.home_alive && self.seat.has_home(),
            Next::Queue if self.goes_on == Elsewhere::Threads => self.queued += 1,
            Next::Queue => {
                let next = self.seat.leave_queue();
                assert_ne!(next, Next::Queue);
                self.follow(next);
            }
        }
    }

    fn goes_on(&self) -> GoesOn {
        match self.goes_on {
            Elsewhere::OneThread => GoesOn::AtHome,
            _ => GoesOn::Elsewhere,
        }
    }

    /// The poll of the driver ends, and it waits for something.
    fn put_back(&mut self, poller: Poller) {
        let yields =
            poller == Poller::Home && self.seat.gave_way() && self.goes_on() == GoesOn::AtHome;
        let left = poller == Poller::Caller { left: true };
        let goes_on = self.goes_on();
        match self.seat.put_back((), left, goes_on) {
            PutBack::Again(()) => self.poller = Some(Poller::Caller { left: false }),
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
    fn steps(&self) -> Vec<Model> {
        let mut steps = Vec::new();
        let mut step = |possible: bool, make: &dyn Fn(&mut Model)| {
            if possible {
                let mut next = self.clone();
                make(&mut next);
                steps.push(next);
            }
        };
        step(self.alerts_left > 0, &|m| {
            m.alerts_left -= 1;
            let next = m.seat.alert();
            m.follow(next);
        });
        step(self.end_left && !self.over, &|m| {
            m.end_left = false;
            let next = m.seat.end();
            m.follow(next);
        });
        step(
            self.drop_left && self.home_alive && self.poller != Some(Poller::Home),
            &|m| {
                m.drop_left = false;
                (m.home_alive, m.home_woken, m.home_yields) = (false, false, false);
                m.over |= m.seat.home_dropped().is_some();
            },
        );
        step(self.home_yields, &|m| {
            m.home_yields = false;
            m.home_woken = true;
        });
        let home_runs = self.home_alive && self.home_woken && !self.home_yields;
        step(home_runs && self.poller != Some(Poller::Home), &|m| {
            m.home_woken = false;
            m.seat.at_home();
            match m.seat.take_for_home() {
                AtHome::Poll(()) => m.poller = Some(Poller::Home),
                AtHome::Drop(()) => {
                    m.over = true;
                    let next = m.seat.gone();
                    m.follow(next);
                    m.home_alive = false;
                }
                AtHome::Ended => m.home_alive = false,
                AtHome::Wait => {}
            }
        });
        step(self.queued > 0, &|m| {
            m.queued -= 1;
            if m.seat.take_from_queue().is_some() {
                m.poller = Some(Poller::Compute);
            }
        });
        step(self.poller.is_none() && self.alerts_left > 0, &|m| {
            if m.seat.take_for_caller().is_some() {
                // The call that it makes is something to do.
                m.alerts_left -= 1;
                m.seat.look_again();
                m.seat.look();
                m.poller = Some(Poller::Caller { left: true });
            }
        });
        if let Some(poller) = self.poller {
            step(self.gives_way_left > 0 && !self.seat.gave_way(), &|m| {
                m.gives_way_left -= 1;
                m.seat.give_way();
                // As its waker does.
                let next = m.seat.alert();
                m.follow(next);
            });
            step(true, &|m| m.put_back(poller));
            step(true, &|m| {
                m.poller = None;
                m.over = true;
                let next = m.seat.gone();
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
        if self.seat.is_woken() || !self.end_left {
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
        Elsewhere::Threads,
        Elsewhere::NoThread,
        Elsewhere::OneThread,
    ] {
        let first = Model::new(goes_on);
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
