composer_macros::compose!({
    inline: r#"
        package shop:all@1.0.0;

        interface baskets {
            resource basket { add: func(sku: string); }
            record pair { left: basket, right: basket }
            first: func(pair: pair) -> basket;
        }
        interface shelves {
            resource shelf;
            variant place { nowhere, on(shelf) }
            weigh: func(shelf: borrow<shelf>, place: place) -> u32;
        }
        interface lists {
            resource entry;
            record held { of: list<borrow<entry>> }
            all: func(held: held);
        }

        world shop { import baskets; import shelves; import lists; export run: func(); }
    "#,
    composition: Shop,
    components: { shop: "shop:all/shop" },
    host: ["shop:all/baskets", "shop:all/shelves", "shop:all/lists"],
    with: { "shop:all/lists.entry": u32 },
});

fn main() {}
