//! Every order in which threads can carry out the calls of a component, and the drops of
//! its resources, while its callee is replaced.
//!
//! The model has a component that makes calls one after another, plain and `async`, and
//! drops resources between them; a thread that holds the callee's gate, waits until no
//! call is in it, and opens the gate again, with the same run of the callee or with a new
//! one; and the callee's driver. Between two steps of a thread any other may go on, as
//! between two uses of the address's lock.
//!
//! The callee must see everything in the order in which the component did it, and all
//! of it. What was done before a replacement and meets the new run is seen behind what
//! the old run saw. Resources die with their run, so their drops are looked at only where
//! the run stays.

use std::collections::{HashSet, VecDeque};

use super::{Waiting, WaitingLine};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    /// The component waits for the answer.
    Plain,
    Async,
    Drop,
}

/// Something that the component does, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Item {
    kind: Kind,
    number: usize,
}

impl Waiting for Item {
    fn is_abandoned(&self) -> bool {
        false
    }
}

/// What the component's thread does next.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum CallerStep {
    /// Begins what has this number.
    Begin(usize),
    /// Puts an admitted item into the inbox.
    Send(Item),
    /// Puts a call into the line.
    Join(Item),
    /// Serves the line, in which it has put a call.
    Serve(Item, ServerStep),
    WaitForAnswer(usize),
}

/// What a thread does next that serves the line.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum ServerStep {
    Enter,
    /// Puts an item that it took out of the line into the inbox.
    LetIn(Item),
    Done,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum KeeperStep {
    Hold,
    WaitUntilIdle,
    Open,
    Serve(ServerStep),
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct OrderModel {
    line: WaitingLine<Item>,
    is_held: bool,
    /// The calls that were admitted and not answered.
    in_flight: usize,
    inbox: VecDeque<Item>,
    /// What the callee has seen.
    seen: Vec<usize>,
    caller: CallerStep,
    keeper: KeeperStep,
}

struct OrderCase<'c> {
    does: &'c [Kind],
}

impl OrderModel {
    fn new() -> Self {
        OrderModel {
            line: WaitingLine::default(),
            is_held: false,
            in_flight: 0,
            inbox: VecDeque::new(),
            seen: Vec::new(),
            caller: CallerStep::Begin(0),
            keeper: KeeperStep::Hold,
        }
    }

    fn steps(&self, case: &OrderCase<'_>) -> Vec<OrderModel> {
        let steps = [self.caller(case), self.keeper(), self.driver()];
        steps.into_iter().flatten().collect()
    }

    /// After an item is on its way.
    fn after(item: Item) -> CallerStep {
        match item.kind {
            Kind::Plain => CallerStep::WaitForAnswer(item.number),
            Kind::Async | Kind::Drop => CallerStep::Begin(item.number + 1),
        }
    }

    fn caller(&self, case: &OrderCase<'_>) -> Option<OrderModel> {
        let mut next = self.clone();
        match self.caller {
            CallerStep::Begin(number) => {
                let kind = *case.does.get(number)?;
                let item = Item { kind, number };
                next.caller = match (kind, next.line.must_wait()) {
                    // Both are one use of the lock.
                    (Kind::Drop, true) => {
                        let _ = next.line.join(item);
                        OrderModel::after(item)
                    }
                    (Kind::Drop, false) => CallerStep::Send(item),
                    (_, must_wait) if must_wait || next.is_held => CallerStep::Join(item),
                    _ => {
                        next.in_flight += 1;
                        CallerStep::Send(item)
                    }
                };
            }
            CallerStep::Send(item) => {
                next.inbox.push_back(item);
                next.caller = OrderModel::after(item);
            }
            CallerStep::Join(item) => {
                let _ = next.line.join(item);
                next.caller = CallerStep::Serve(item, ServerStep::Enter);
            }
            CallerStep::Serve(item, ServerStep::Done) => next.caller = OrderModel::after(item),
            CallerStep::Serve(item, step) => {
                next.caller = CallerStep::Serve(item, next.serve(step));
            }
            CallerStep::WaitForAnswer(number) => {
                if !self.seen.contains(&number) {
                    return None;
                }
                next.caller = CallerStep::Begin(number + 1);
            }
        }
        Some(next)
    }

    fn keeper(&self) -> Option<OrderModel> {
        let mut next = self.clone();
        next.keeper = match self.keeper {
            KeeperStep::Hold => {
                next.is_held = true;
                KeeperStep::WaitUntilIdle
            }
            KeeperStep::WaitUntilIdle if self.in_flight > 0 => return None,
            KeeperStep::WaitUntilIdle => KeeperStep::Open,
            KeeperStep::Open => {
                next.is_held = false;
                KeeperStep::Serve(ServerStep::Enter)
            }
            KeeperStep::Serve(ServerStep::Done) => return None,
            KeeperStep::Serve(step) => KeeperStep::Serve(next.serve(step)),
        };
        Some(next)
    }

    /// A step of `Address::serve_line`: from one use of the lock to the next.
    fn serve(&mut self, step: ServerStep) -> ServerStep {
        match step {
            ServerStep::Enter => {
                if std::mem::replace(&mut self.line.is_served, true) {
                    return ServerStep::Done;
                }
            }
            ServerStep::LetIn(item) => self.inbox.push_back(item),
            ServerStep::Done => return ServerStep::Done,
        }
        if let Some(item) = self.line.next(&mut Vec::new()) {
            if item.kind == Kind::Drop || !self.is_held {
                self.in_flight += usize::from(item.kind != Kind::Drop);
                return ServerStep::LetIn(item);
            }
            self.line.put_back(item);
        }
        self.line.is_served = false;
        ServerStep::Done
    }

    /// The driver takes the next item and answers it.
    fn driver(&self) -> Option<OrderModel> {
        let mut next = self.clone();
        let item = next.inbox.pop_front()?;
        next.in_flight -= usize::from(item.kind != Kind::Drop);
        next.seen.push(item.number);
        Some(next)
    }

    fn is_done(&self, case: &OrderCase<'_>) -> bool {
        self.seen.len() == case.does.len()
    }
}

/// Explores a case, and returns how many states it has.
fn explore(case: &OrderCase<'_>) -> usize {
    let first = OrderModel::new();
    let mut known = HashSet::from([first.clone()]);
    let mut open = vec![first];
    while let Some(model) = open.pop() {
        let in_order = (0..).zip(&model.seen).all(|(number, seen)| number == *seen);
        assert!(in_order, "{:?} of {:?}", model.seen, case.does);
        let steps = model.steps(case);
        assert!(
            model.is_done(case) || !steps.is_empty(),
            "nothing goes on, and the callee saw {:?} of {:?}",
            model.seen,
            case.does
        );
        for next in steps {
            if known.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    known.len()
}

#[test]
fn a_callee_sees_calls_and_drops_in_their_order() {
    let kinds = [Kind::Plain, Kind::Async, Kind::Drop];
    let mut states = 0;
    for length in 1..=5_u32 {
        for mut code in 0..3_usize.pow(length) {
            let does: Vec<Kind> = (0..length)
                .map(|_| {
                    let kind = kinds[code % 3];
                    code /= 3;
                    kind
                })
                .collect();
            states += explore(&OrderCase { does: &does });
        }
    }
    assert!(states > 20_000, "{states}");
}
