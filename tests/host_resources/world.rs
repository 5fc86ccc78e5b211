//! Resources that a world itself has, and that the program implements.

use std::sync::Arc;

use composer::ResourceHandle;

use super::{Thing, ThingCount};
use crate::support::guest;
use crate::support::wat::wat;

composer::compose!({
    path: "host_resources/world.wit",
    composition: Rooted,
    components: { maker: "test:root/maker", taker: "test:root/taker" },
    host: ["thing", "sum"],
    with: { "thing": Thing },
    exports: ["run", "make", "peek", "relay"],
});

/// The program, which makes things.
struct Program(Arc<ThingCount>);

impl rooted::test::root::maker::Host for Program {
    fn thing(&self, n: u32) -> Arc<Thing> {
        self.0.thing(n)
    }

    fn thing_add(&self, thing: &Thing, by: u32) -> u32 {
        thing.add(by)
    }

    fn thing_twice(&self, n: u32) -> Arc<Thing> {
        self.0.thing(2 * n)
    }

    fn sum(&self, things: Vec<Arc<Thing>>, more: Option<Arc<Thing>>) -> u32 {
        things.iter().chain(&more).map(|thing| thing.add(0)).sum()
    }
}

impl rooted::test::root::taker::Host for Program {
    fn thing_add(&self, thing: &Thing, by: u64) -> u64 {
        thing.add(by.try_into().unwrap()).into()
    }
}

#[tokio::test]
async fn of_the_programs_type() {
    let count: Arc<ThingCount> = Arc::default();
    let parts = RootedParts {
        maker: wat("root-maker"),
        taker: wat("root-taker"),
    };
    let rooted = Rooted::compose(parts, Program(count.clone()));
    let rooted = rooted.await.unwrap();
    assert_eq!(rooted.run(5).await.unwrap(), 5 + 10 + 10 + 5);
    assert_eq!(rooted.relay(5).await.unwrap(), 5 + 1 + 10);
    let made: Arc<Thing> = rooted.make(3).await.unwrap();
    assert_eq!(rooted.peek(&made).await.unwrap(), 4);
    assert_eq!(made.add(0), 4);
    drop(made);
    assert_eq!(count.get(), 0);
}

mod told {
    use super::Badge;

    composer::compose!({
        path: "wit/things",
        composition: Checked,
        components: { checker: "test:things/badge-guest" },
        host: ["badge"],
        with: { "badge": Badge },
        exports: ["check", "keep", "give-back"],
    });
}

composer::compose!({
    path: "wit/things",
    composition: Untold,
    components: { checker: "test:things/badge-guest" },
    host: ["badge"],
    exports: ["check"],
});

mod passing {
    use super::{Badge, Thing};

    composer::compose!({
        path: "host_resources/world.wit",
        composition: Passing,
        components: { passes: "test:root/passes" },
        host: ["test:root/tickets", "token"],
        with: { "test:root/tickets.ticket": Badge, "token": Thing },
        exports: ["pass"],
    });
}

struct Badge(u32);

struct Badges;

impl told::checked::test::things::badge_guest::Host for Badges {
    fn badge_number(&self, badge: &Badge) -> u32 {
        badge.0
    }
}

impl untold::test::things::badge_guest::Host for Badges {
    type Badge = Badge;

    fn badge_number(&self, badge: &Badge) -> u32 {
        badge.0
    }
}

#[tokio::test]
async fn given_to_a_component_and_got_back() {
    let parts = told::CheckedParts {
        checker: guest("badge-checker"),
    };
    let checked = told::Checked::compose(parts, Badges).await.unwrap();
    let badge = Arc::new(Badge(7));
    assert_eq!(checked.check(&badge).await.unwrap(), 7);
    checked.keep(badge.clone()).await.unwrap();
    assert_eq!(Arc::strong_count(&badge), 2);
    let back = checked.give_back().await.unwrap().unwrap();
    assert!(Arc::ptr_eq(&back, &badge));
}

#[tokio::test]
async fn of_a_type_that_only_the_trait_knows() {
    let parts = UntoldParts {
        checker: guest("badge-checker"),
    };
    let untold = Untold::compose(parts, Badges).await.unwrap();
    let badge = ResourceHandle::from_host(Arc::new(Badge(8)));
    assert_eq!(untold.check(&badge).await.unwrap(), 8);
}

/// There is nothing that the program would have to implement.
#[tokio::test]
async fn without_functions() {
    let count: Arc<ThingCount> = Arc::default();
    let parts = passing::PassingParts {
        passes: wat("root-passes"),
    };
    let passing = passing::Passing::compose(parts).await.unwrap();
    let (token, ticket) = (count.thing(1), Arc::new(Badge(2)));
    let back = passing.pass(token.clone(), ticket.clone()).await.unwrap();
    assert!(Arc::ptr_eq(&back.0, &ticket));
    assert!(Arc::ptr_eq(&back.1, &token));
    drop((back, token));
    assert_eq!(count.get(), 0);
}
