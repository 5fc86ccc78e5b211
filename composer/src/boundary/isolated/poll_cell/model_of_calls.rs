//! A model of every order in which threads can carry out calls between components.
//!
//! The model has three components with a poll cell each, calls from outside, and as many
//! threads as a case says: some that run home tasks, and some that compute. A thread does
//! one step at a time of the poll it is in; a caller either takes its callee's poll cell
//! and does the callee's steps on the same thread, or sends a request and ends its poll.
//! Code may give way anywhere before it returns.
//!
//! The invariant is that a caller that waits for a callee holds nothing that the callee
//! could need: from every reachable state there is a path to one in which all calls have
//! been answered, and only in such a state is nothing left to do.

use std::collections::{HashMap, VecDeque};

use crate::boundary::isolated::poll_cell::state::{AtHome, GoesOn, NextStep, PollState, PutBack};

const PARTS: usize = 3;

/// The caller of a call.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum CalledBy {
    Outside,
    Component(usize),
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Stage {
    /// It may give way, or continue.
    Computes,
    Waits {
        answered: bool,
    },
    Returns,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct RunningCall {
    caller: CalledBy,
    stage: Stage,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct ModelComponent {
    poll_cell: PollState<()>,
    home_woken: bool,
    /// Requests, in the order in which they came.
    inbox: VecDeque<CalledBy>,
    /// The call that runs in the store.
    now: Option<RunningCall>,
    /// How often its code may still give way.
    gives_way: u8,
}

/// A thread that polls a driver, on whose stack callers may wait for their callees.
#[derive(Clone, PartialEq, Eq, Hash)]
struct ModelThread {
    computes: bool,
    polls: Vec<DriverPoll>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct DriverPoll {
    part: usize,
    /// The caller makes the call without the driver, and leaves it to the driver if it
    /// waits.
    direct: bool,
}

#[derive(Clone, Copy)]
struct ModelCase {
    /// The component that each one calls.
    calls: [Option<usize>; PARTS],
    /// The calls from outside.
    outside: [u8; PARTS],
    homes: usize,
    computing: usize,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct CallsModel {
    parts: Vec<ModelComponent>,
    threads: Vec<ModelThread>,
    /// Drivers that wait for a compute thread.
    queue: VecDeque<usize>,
    /// Calls from outside that have not been made.
    outside: [u8; PARTS],
    open: u8,
}

impl CallsModel {
    fn new(case: &ModelCase) -> CallsModel {
        let part = || {
            let mut poll_cell = PollState::new();
            poll_cell.fill(());
            ModelComponent {
                poll_cell,
                // A spawned task is polled once.
                home_woken: true,
                inbox: VecDeque::new(),
                now: None,
                gives_way: 1,
            }
        };
        let thread = |computes| ModelThread {
            computes,
            polls: Vec::new(),
        };
        let homes = (0..case.homes).map(|_| thread(false));
        let computing = (0..case.computing).map(|_| thread(true));
        CallsModel {
            parts: (0..PARTS).map(|_| part()).collect(),
            threads: homes.chain(computing).collect(),
            queue: VecDeque::new(),
            outside: case.outside,
            open: case.outside.iter().sum(),
        }
    }

    fn follow(&mut self, part: usize, next: NextStep) {
        match next {
            NextStep::Nothing => {}
            NextStep::WakeHome => {
                let part = &mut self.parts[part];
                part.home_woken |= part.poll_cell.has_home();
            }
            NextStep::Queue => self.queue.push_back(part),
        }
    }

    fn alert(&mut self, part: usize) {
        let next = self.parts[part].poll_cell.alert();
        self.follow(part, next);
    }

    /// Ends the last poll on a thread's stack.
    fn put_back(&mut self, case: &ModelCase, thread: usize) {
        let Some(DriverPoll { part, .. }) = self.threads[thread].polls.pop() else {
            return;
        };
        let goes_on = match case.computing {
            0 => GoesOn::AtHome,
            _ => GoesOn::Elsewhere,
        };
        match self.parts[part].poll_cell.put_back((), false, goes_on) {
            PutBack::Done(next) => self.follow(part, next),
            PutBack::Again(()) | PutBack::Drop(()) => panic!("no poll is left, no task dropped"),
        }
    }

    fn steps(&self, case: &ModelCase) -> Vec<CallsModel> {
        let mut steps = Vec::new();
        for part in 0..PARTS {
            if self.outside[part] > 0 {
                let mut next = self.clone();
                next.outside[part] -= 1;
                next.parts[part].inbox.push_back(CalledBy::Outside);
                next.alert(part);
                steps.push(next);
            }
        }
        for thread in 0..self.threads.len() {
            match self.threads[thread].polls.last() {
                Some(poll) => self.steps_of(case, thread, *poll, &mut steps),
                None if self.threads[thread].computes => {
                    self.steps_of_computing(thread, &mut steps)
                }
                None => self.steps_of_homes(thread, &mut steps),
            }
        }
        steps
    }

    /// A thread without work takes the next driver of the queue.
    fn steps_of_computing(&self, thread: usize, steps: &mut Vec<CallsModel>) {
        let mut next = self.clone();
        if let Some(part) = next.queue.pop_front() {
            if next.parts[part].poll_cell.take_from_queue().is_some() {
                next.drive(thread, part);
            }
            steps.push(next);
        }
    }

    /// A thread without work runs any home task that was woken.
    fn steps_of_homes(&self, thread: usize, steps: &mut Vec<CallsModel>) {
        for part in 0..PARTS {
            if !self.parts[part].home_woken {
                continue;
            }
            let mut next = self.clone();
            next.parts[part].home_woken = false;
            next.parts[part].poll_cell.at_home();
            match next.parts[part].poll_cell.take_for_home() {
                AtHome::Poll(()) => next.drive(thread, part),
                AtHome::Wait => {}
                AtHome::Drop(()) | AtHome::Ended => panic!("no driver ends here"),
            }
            steps.push(next);
        }
    }

    /// The next steps of the code that a thread runs.
    fn steps_of(
        &self,
        case: &ModelCase,
        thread: usize,
        poll: DriverPoll,
        steps: &mut Vec<CallsModel>,
    ) {
        let part = poll.part;
        let mut next = self.clone();
        let Some(call) = self.parts[part].now else {
            // The driver looks for work, and a direct caller returns to its own code.
            next.parts[part].poll_cell.look();
            match next.parts[part].inbox.pop_front() {
                Some(caller) if !poll.direct => next.begin(part, caller),
                Some(caller) => {
                    next.parts[part].inbox.push_front(caller);
                    next.parts[part].poll_cell.look_again();
                    next.put_back(case, thread);
                }
                None => next.put_back(case, thread),
            }
            steps.push(next);
            return;
        };
        match call.stage {
            Stage::Computes => {
                if self.parts[part].gives_way > 0 {
                    let mut next = self.clone();
                    next.parts[part].gives_way -= 1;
                    next.parts[part].poll_cell.give_way();
                    next.alert(part);
                    next.put_back(case, thread);
                    steps.push(next);
                }
                match case.calls[part] {
                    None => {
                        next.set(part, Stage::Returns);
                        steps.push(next);
                    }
                    Some(callee) => next.call(thread, part, callee, steps),
                }
            }
            Stage::Waits { answered: false } => {
                next.put_back(case, thread);
                steps.push(next);
            }
            Stage::Waits { answered: true } => {
                next.set(part, Stage::Returns);
                steps.push(next);
            }
            Stage::Returns => {
                next.parts[part].now = None;
                match call.caller {
                    CalledBy::Outside => next.open -= 1,
                    CalledBy::Component(caller) => {
                        next.set(caller, Stage::Waits { answered: true });
                        next.alert(caller);
                    }
                }
                steps.push(next);
            }
        }
    }

    /// The thread begins to poll a driver.
    fn drive(&mut self, thread: usize, part: usize) {
        let poll = DriverPoll {
            part,
            direct: false,
        };
        self.threads[thread].polls.push(poll);
    }

    fn begin(&mut self, part: usize, caller: CalledBy) {
        let stage = Stage::Computes;
        self.parts[part].now = Some(RunningCall { caller, stage });
    }

    fn set(&mut self, part: usize, stage: Stage) {
        if let Some(call) = &mut self.parts[part].now {
            call.stage = stage;
        }
    }

    /// The code of `part` makes its call: on this thread, if the callee's poll cell is
    /// free, or by a request. Where both are possible, both are explored.
    fn call(mut self, thread: usize, part: usize, callee: usize, steps: &mut Vec<CallsModel>) {
        self.set(part, Stage::Waits { answered: false });
        let caller = CalledBy::Component(part);

        let mut direct = self.clone();
        let rests = direct.parts[callee].now.is_none();
        if rests && direct.parts[callee].poll_cell.take_for_caller().is_some() {
            // A request that is there already comes first.
            if direct.parts[callee].inbox.is_empty() {
                let mut direct = direct.clone();
                direct.begin(callee, caller);
                let poll = DriverPoll {
                    part: callee,
                    direct: true,
                };
                direct.threads[thread].polls.push(poll);
                steps.push(direct);
            }
            // The caller sends a request and polls the driver itself.
            let mut driven = direct;
            driven.parts[callee].inbox.push_back(caller);
            driven.drive(thread, callee);
            steps.push(driven);
        }

        self.parts[callee].inbox.push_back(caller);
        self.alert(callee);
        steps.push(self);
    }

    fn is_done(&self) -> bool {
        self.open == 0
    }

    fn check(&self) {
        for thread in &self.threads {
            for pair in thread.polls.windows(2) {
                let [below, above] = pair else { continue };
                let waits = self.parts[below.part].now.map(|call| call.stage);
                assert!(
                    matches!(waits, Some(Stage::Waits { .. })),
                    "the code below on a stack waits for the code above it"
                );
                assert!(above.part != below.part, "no store is entered twice");
            }
        }
        for part in 0..PARTS {
            let polls = self.threads.iter().flat_map(|thread| &thread.polls);
            let polls = polls.filter(|poll| poll.part == part).count();
            assert!(polls <= 1, "one thread has a store");
        }
    }
}

/// Explores a case, and returns the number of its states.
fn explore(case: &ModelCase) -> usize {
    let first = CallsModel::new(case);
    let mut numbers = HashMap::from([(first.clone(), 0)]);
    let mut open = vec![first];
    let mut before: Vec<Vec<usize>> = vec![Vec::new()];
    let mut done = Vec::new();
    while let Some(model) = open.pop() {
        model.check();
        let number = numbers[&model];
        let steps = model.steps(case);
        if model.is_done() {
            done.push(number);
        }
        assert!(
            model.is_done() || !steps.is_empty(),
            "calls are open, and no thread can go on"
        );
        for next in steps {
            let count = numbers.len();
            let nth = *numbers.entry(next.clone()).or_insert(count);
            if nth == count {
                before.push(Vec::new());
                open.push(next);
            }
            before[nth].push(number);
        }
    }
    // The states from which the end can be reached.
    let mut ends = vec![false; numbers.len()];
    while let Some(number) = done.pop() {
        if !std::mem::replace(&mut ends[number], true) {
            done.extend(&before[number]);
        }
    }
    assert!(
        ends.iter().all(|ends| *ends),
        "calls are open that no order of steps can end"
    );
    numbers.len()
}

#[test]
fn whoever_waits_holds_nothing_that_another_one_needs() {
    let chain = [Some(1), Some(2), None];
    let shared = [Some(2), Some(2), None];
    for (calls, outside) in [(chain, [1, 0, 1]), (chain, [1, 1, 0]), (shared, [1, 1, 0])] {
        for (homes, computing) in [(1, 0), (1, 1), (2, 1), (1, 2)] {
            let states = explore(&ModelCase {
                calls,
                outside,
                homes,
                computing,
            });
            assert!(states > 500, "{states}");
        }
    }
}
