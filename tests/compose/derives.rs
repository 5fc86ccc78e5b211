//! Traits that generated types derive because the input says so, and what the WIT says of
//! versions.

use std::collections::HashSet;

composer::compose!({
    inline: r#"
        package test:derives@1.1.0;
        interface prices {
            @since(version = 1.0.0)
            record price { sku: string, amount: u32 }
            enum region { eu, us }
            variant found { nothing, one(price), several(list<price>) }
            @since(version = 1.0.0)
            find: func(region: region) -> found;
            @since(version = 1.0.0)
            @deprecated(version = 1.1.0)
            old: func() -> price;
        }
        world shop { export prices; }
    "#,
    composition: Derived,
    components: { shop: "test:derives/shop" },
    additional_derives: [Hash, std::cmp::PartialOrd, PartialEq],
    exports: ["test:derives/prices"],
});

use derived::test::derives::prices::{Exports, Found, Price};

#[test]
fn they_are_derived() {
    let price = |amount| Price {
        sku: "tea".to_owned(),
        amount,
    };
    let all: HashSet<Found> = [1, 2, 1]
        .into_iter()
        .map(|amount| Found::One(price(amount)))
        .chain([Found::Nothing])
        .collect();
    assert_eq!(all.len(), 3);
    assert!(price(1) < price(2));
}

/// Who calls it is warned, and what is generated around it is not.
#[expect(deprecated)]
#[allow(dead_code)]
async fn old(prices: &Exports) -> Result<Price, composer::CallError> {
    prices.old().await
}
