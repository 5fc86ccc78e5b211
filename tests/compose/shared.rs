//! Types that several compositions have in common, and `bindgen!` with them.

use composer::Runtime;

use crate::support::guest_path;

mod first {
    composer::compose!({
        path: "../wit",
        composition: First,
        components: {
            catalog: dyn "shop:catalog/prices",
            tax: dyn "shop:tax/rates",
            till: "shop:till/till",
        },
        exports: ["shop:till/checkout"],
    });
}

use first::first::shop::till::checkout as shared;

composer::compose!({
    path: "../wit",
    composition: Second,
    components: {
        catalog: dyn "shop:catalog/prices",
        tax: dyn "shop:tax/rates",
        till: "shop:till/till",
    },
    with: {
        "shop:till/checkout.line": first::first::shop::till::checkout::Line,
        "shop:till/checkout.receipt": shared::Receipt,
        "shop:till/checkout.problem": shared::Problem,
    },
    exports: ["shop:till/checkout"],
});

mod bound {
    wasmtime::component::bindgen!({
        path: ["../wit/shop-catalog", "../wit/shop-tax", "../wit/shop-till"],
        world: "shop:till/till",
        additional_derives: [PartialEq, composer::Wire],
    });
}

use bound::exports::shop::till::checkout as by_bindgen;
use bound::shop::catalog::prices::Item;

composer::compose!({
    path: "../wit",
    composition: Third,
    components: {
        catalog: dyn "shop:catalog/prices",
        tax: dyn "shop:tax/rates",
        till: "shop:till/till",
    },
    with: {
        "shop:till/checkout.line": by_bindgen::Line,
        "shop:till/checkout.receipt": by_bindgen::Receipt,
        "shop:till/checkout.problem": by_bindgen::Problem,
        "shop:catalog/prices.item": Item,
    },
    exports: ["shop:till/checkout", "shop:catalog/prices"],
});

macro_rules! composed {
    ($composition:ident, $parts:ident) => {{
        let runtime = Runtime::new().unwrap();
        let load = async |name: &str| runtime.load_file(guest_path(name)).await.unwrap().part();
        let parts = $parts {
            catalog: load("catalog").await,
            tax: load("tax-eu").await,
            till: load("till").await,
        };
        $composition::compose(parts).await.unwrap()
    }};
}

#[tokio::test]
async fn one_type_for_two_compositions() {
    use first::{First, FirstParts};

    let (one, two) = (composed!(First, FirstParts), composed!(Second, SecondParts));
    let line = shared::Line {
        sku: "apple".to_owned(),
        quantity: 3,
    };
    let from_one = one.checkout().total([line.clone()]).await.unwrap().unwrap();
    let from_two: shared::Receipt = two.checkout().total([line]).await.unwrap().unwrap();
    assert_eq!(from_one, from_two);
    let problem = two.checkout().total([]).await.unwrap().unwrap_err();
    assert_eq!(problem, shared::Problem::Empty);
}

/// Within components' calls the values cross in these types, too.
#[tokio::test]
async fn types_of_bindgen() {
    let third = composed!(Third, ThirdParts);
    let line = by_bindgen::Line {
        sku: "apple".to_owned(),
        quantity: 3,
    };
    let receipt: by_bindgen::Receipt = third.checkout().total([line]).await.unwrap().unwrap();
    assert_eq!((receipt.total, &*receipt.region), (432, "EU"));
    let unknown = by_bindgen::Line {
        sku: "unicorn".to_owned(),
        quantity: 1,
    };
    let problem = third
        .checkout()
        .total([unknown])
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(
        problem,
        by_bindgen::Problem::UnknownSku("unicorn".to_owned())
    );
    let item: Item = third.prices().lookup("apple").await.unwrap().unwrap();
    assert_eq!(item.name, "Apple");
}
