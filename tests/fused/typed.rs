//! A group as a part that `compose!` declares.

use composer::{CompositionError, PartError};

use super::{group, member, named};
use crate::support::counters::{OWNERS, within};
use crate::support::part;

composer::compose!({
    path: "../wit",
    inline: r#"
        package test:fused;

        /// A till and a catalog.
        world counter-and-shelf {
            import shop:tax/rates@1.0.0;
            export shop:till/checkout@1.0.0;
        }
    "#,
    composition: Corner,
    components: { corner: "test:fused/counter-and-shelf", tax: "shop:tax/tax" },
    exports: ["shop:till/checkout"],
});

use corner::shop::till::checkout::Line;

fn apples() -> [Line; 1] {
    [Line {
        sku: "apple".to_owned(),
        quantity: 3,
    }]
}

#[tokio::test]
async fn a_group_of_a_declared_world() {
    let parts = CornerParts {
        corner: group([member("till"), member("catalog")]),
        tax: part("tax-eu"),
    };
    let corner = Corner::compose(parts).await.unwrap();
    let receipt = corner.checkout().total(apples()).await.unwrap().unwrap();
    assert_eq!((receipt.total, &*receipt.region), (432, "EU"));
}

#[tokio::test]
async fn a_group_that_is_not_what_was_declared() {
    let parts = CornerParts {
        corner: group([member("till")]),
        tax: part("tax-eu"),
    };
    let Err(CompositionError::Parts(errors)) = Corner::compose(parts).await else {
        panic!("no catalog was declared");
    };
    let [PartError::Misfit { component, .. }] = errors.errors() else {
        panic!("{errors}");
    };
    assert_eq!(component, "corner");
}

composer::compose!({
    path: "../wit",
    inline: r#"
        package test:fused;

        /// A till and a catalog.
        world counter-and-shelf {
            import shop:tax/rates@1.0.0;
            export shop:till/checkout@1.0.0;
        }
    "#,
    composition: Stall,
    components: { stall: "test:fused/counter-and-shelf" },
    host: ["shop:tax/rates"],
    exports: ["shop:till/checkout"],
});

struct NoTax;

impl stall::shop::tax::rates::Host for NoTax {
    fn region(&self) -> String {
        "Utopia".to_owned()
    }

    fn rate(&self, _sku: String) -> u32 {
        0
    }
}

#[tokio::test]
async fn what_the_program_implements_reaches_members() {
    let parts = StallParts {
        stall: group([member("till"), member("catalog")]),
    };
    let stall = Stall::compose(parts, NoTax).await.unwrap();
    let basket = [stall::shop::till::checkout::Line {
        sku: "apple".to_owned(),
        quantity: 3,
    }];
    let receipt = stall.checkout().total(basket).await.unwrap().unwrap();
    assert_eq!((receipt.tax, &*receipt.region), (0, "Utopia"));
}

composer::compose!({
    path: "wit/resources",
    inline: r#"
        package test:fused;

        /// Counters and one that uses them.
        world counting {
            export test:resources/counters@0.1.0;
            export test:resources/inspect@0.1.0;
            export test:resources/user@0.1.0;
        }
    "#,
    composition: Counting,
    components: { both: "test:fused/counting", relay: "test:resources/counters-relay" },
    exports: [
        "test:resources/counters",
        "test:resources/user",
        "test:resources/relay",
    ],
});

#[tokio::test]
async fn typed_resources_of_a_group() {
    for owner in OWNERS {
        within(async {
            let parts = CountingParts {
                both: group([named("owner", owner), member("counters-user")]),
                relay: part("counters-relay"),
            };
            let counting = Counting::compose(parts).await.unwrap();
            let counters = counting.counters();
            let one = counters.counter(1).await.unwrap();
            assert_eq!(counting.user().borrow_through(&one).await.unwrap(), 2);
            let one = counting.user().own_through(one).await.unwrap();
            let one = counting.relay().pass_own(one).await.unwrap();
            assert_eq!(one.value().await.unwrap(), 3);
            assert_eq!(counters.live().await.unwrap(), 1);
        })
        .await;
    }
}
