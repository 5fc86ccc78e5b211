//! The shop's price list.

use exports::shop::catalog::prices::{Guest, Item};

wit_bindgen::generate!({
    path: "../../../wit/shop-catalog",
    world: "shop:catalog/catalog",
});

/// SKU, name, and cents.
const ITEMS: [(&str, &str, u32); 5] = [
    ("apple", "Apple", 120),
    ("bread", "Bread", 350),
    ("cheese", "Cheese", 899),
    ("dates", "Dates", 475),
    ("eggs", "Eggs", 299),
];

struct Catalog;

impl Guest for Catalog {
    fn lookup(sku: String) -> Option<Item> {
        let &(_, name, cents) = ITEMS.iter().find(|item| item.0 == sku)?;
        Some(Item {
            name: name.to_string(),
            cents,
        })
    }
}

export!(Catalog);
