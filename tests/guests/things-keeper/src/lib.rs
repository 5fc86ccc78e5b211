//! Gets resources of the embedder's within records, variants and lists.

use exports::test::things::keeper::{Event, Guest, Pair, Sight};

wit_bindgen::generate!({
    path: "../../wit/things",
    world: "test:things/keeper-guest",
});

struct Keeper;

impl Guest for Keeper {
    fn end(event: Event) -> u32 {
        match event {
            Event::Given(thing) => thing.add(0),
            Event::Both(Pair { left, right }) => {
                left.add(0) + right.map_or(0, |right| right.add(0))
            }
            Event::Nothing => 0,
        }
    }

    fn look(at: Sight<'_>) -> u32 {
        match at {
            Sight::One(thing) => thing.add(1),
            Sight::Two((left, right)) => left.add(1) + right.add(1),
        }
    }

    fn turn(event: Event) -> Result<Event, String> {
        match event {
            Event::Both(Pair {
                left,
                right: Some(right),
            }) => Ok(Event::Both(Pair {
                left: right,
                right: Some(left),
            })),
            Event::Both(Pair { left, right: None }) => Ok(Event::Given(left)),
            Event::Given(left) => Ok(Event::Both(Pair { left, right: None })),
            Event::Nothing => Err("nothing to turn".to_owned()),
        }
    }
}

export!(Keeper);
